// Which conversation this browser has, and whose it is. A conversation of a signed-in customer is never shown to another one, nor
// to somebody who is not signed in: browsers are shared.

/** @import { BrowserStore } from "../shared/browser-store.js" */
/** @import { Credentials } from "../shared/contract-types.js" */
/** @import { CustomerIdentity } from "./identity.js" */

const CREDENTIALS = "conversation";
// A site may name its customer a moment after the chat has appeared. Later what is kept of a signed-in customer is removed.
const GRACE_MS = 10_000;

export class Session {
  #store;
  #identity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #grace;
  #unwatch;

  /**
   * @param {object} options
   * @param {BrowserStore} options.store
   * @param {CustomerIdentity} options.identity
   * @param {(found: Credentials | null) => void} options.onOtherTab  another tab has another conversation now, or none
   */
  constructor({ store, identity, onOtherTab }) {
    this.#store = store;
    this.#identity = identity;
    this.#unwatch = store.watchEnd(CREDENTIALS, onOtherTab);
  }

  close() {
    clearTimeout(this.#grace);
    this.#unwatch();
  }

  /** The kept conversation, unless it is another customer's. @returns {Credentials | null} */
  find() {
    clearTimeout(this.#grace);
    /** @type {Credentials | null} */
    const kept = this.#store.get(CREDENTIALS);
    if (!kept?.id || !kept.token) return null;
    if (this.isOurs(kept)) return kept;
    if (this.#identity.subject) this.#store.clear();
    else this.#grace = setTimeout(() => !this.#identity.subject && this.#store.clear(), GRACE_MS);
    return null;
  }

  /** Whether the customer of this page may see a conversation. @param {Credentials} credentials */
  isOurs({ subject = null }) {
    return subject === null || subject === this.#identity.subject;
  }

  /** @param {Credentials} credentials */
  keep(credentials) {
    clearTimeout(this.#grace);
    /** @type {Credentials | null} */
    const before = this.#store.get(CREDENTIALS);
    if (before?.subject && before.subject !== credentials.subject) this.#store.clear();
    this.#store.set(CREDENTIALS, credentials);
  }

  /** Forgets a conversation that the desk does not know; what another tab has kept meanwhile stays. @param {string | undefined} id */
  drop(id) {
    if (this.#store.get(CREDENTIALS)?.id === id) this.#store.remove(CREDENTIALS);
  }

  /** Removes everything of a customer who is not at this page any more. */
  clear() {
    this.#store.clear();
  }

  /** @param {() => Promise<void>} work  runs in one tab at a time */
  exclusively(work) {
    return this.#store.exclusively(CREDENTIALS, work);
  }
}
