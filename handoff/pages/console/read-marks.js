// Up to where an agent has read each of their conversations, in this browser: what came after is unread.

/** @import { Card } from "../shared/contract-types.js" */
/** @import { BrowserStore } from "../shared/browser-store.js" */

export class ReadMarks {
  /** The last number that was on the screen, by conversation. @type {Map<string, number>} */
  #seen;
  #store;
  #key;

  /** @param {Pick<BrowserStore, "get" | "set">} store @param {string} login */
  constructor(store, login) {
    this.#store = store;
    this.#key = `read.${login}`;
    const stored = Object.entries(store.get(this.#key) ?? {});
    this.#seen = new Map(stored.filter((entry) => typeof entry[1] === "number"));
  }

  /** @param {string} id @param {number} seq */
  note(id, seq) {
    if (seq <= (this.#seen.get(id) ?? 0)) return;
    this.#seen.set(id, seq);
    this.#store.set(this.#key, Object.fromEntries(this.#seen));
  }

  /** Whether the customer has written something that was not on the screen. @param {Card} card */
  isUnread(card) {
    return Boolean(card.unanswered) && card.last_seq > (this.#seen.get(card.id) ?? 0);
  }

  /** Forgets the conversations that the agent does not have any more. @param {readonly Card[]} mine */
  keepOnly(mine) {
    const ids = new Set(mine.map(({ id }) => id));
    const gone = [...this.#seen.keys()].filter((id) => !ids.has(id));
    if (!gone.length) return;
    for (const id of gone) this.#seen.delete(id);
    this.#store.set(this.#key, Object.fromEntries(this.#seen));
  }
}
