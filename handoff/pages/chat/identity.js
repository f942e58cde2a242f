// Which customer of the wallet is at this page, as the site's app signed it (a JWT). The page reads only whom it names and when it
// expires; whether it is genuine the desk alone decides.

/** @typedef {() => string | null | Promise<string | null>} GetIdentity */

// A proof is renewed so long before it expires.
const AHEAD_MS = 60_000;
const SHORTEST_MS = 5_000;
const LONGEST_MS = 2 ** 31 - 1; // of setTimeout

/**
 * Whom a proof names, and when it expires in ms; null for a text that is no JWT.
 * @param {string} proof
 * @returns {{subject: string, expiresAt: number} | null}
 */
export function claimsOf(proof) {
  try {
    const bytes = Uint8Array.from(atob(proof.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) =>
      c.charCodeAt(0),
    );
    const { sub, exp } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof sub === "string" && sub ? { subject: sub, expiresAt: Number(exp) * 1_000 || 0 } : null;
  } catch {
    return null; // not of the form: the site made a mistake, and the customer stays anonymous
  }
}

/** Emits "change" when the proof is another one. */
export class CustomerIdentity extends EventTarget {
  /** @type {string | null} */
  proof = null;
  /** The customer's id in the wallet; null for an anonymous customer. @type {string | null} */
  subject = null;
  /** Asks the site for a fresh proof. @type {GetIdentity | null} */
  #ask = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string | null} proof  null: signed out */
  set(proof) {
    const claims = proof ? claimsOf(proof) : null;
    const next = claims ? proof : null;
    if (next === this.proof) return;
    this.proof = next;
    this.subject = claims?.subject ?? null;
    clearTimeout(this.#timer);
    if (claims?.expiresAt) {
      const wait = Math.max(claims.expiresAt - Date.now() - AHEAD_MS, SHORTEST_MS);
      if (this.#ask) this.#timer = setTimeout(() => this.renew(), Math.min(wait, LONGEST_MS));
    }
    this.dispatchEvent(new Event("change"));
  }

  /** @param {GetIdentity | null} ask */
  set source(ask) {
    this.#ask = ask;
    if (ask) this.renew();
  }

  get source() {
    return this.#ask;
  }

  /** Asks the site for a fresh proof; without an answer the present one stays. */
  async renew() {
    if (!this.#ask) return;
    try {
      const proof = await this.#ask();
      if (typeof proof === "string" || proof === null) this.set(proof);
    } catch {
      // The site has none now. The desk still knows the customer by the conversation's own token.
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.renew(), AHEAD_MS);
    }
  }

  close() {
    clearTimeout(this.#timer);
  }
}
