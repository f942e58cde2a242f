// Up to where an agent has read each conversation, kept in the browser: a line in the transcript says what is new.

const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

/** @import { BrowserStore } from "../shared/browser-store.js" */

export class ReadingPlaces {
  #store;
  #prefix;

  /**
   * Removes places older than a week, of all agents.
   * @param {Pick<BrowserStore, "keys" | "get" | "set" | "remove">} store
   * @param {string} login
   */
  constructor(store, login) {
    this.#store = store;
    this.#prefix = `place.${login}.`;
    for (const key of store.keys("place.")) if (!(Date.now() - store.get(key)?.at < KEPT_MS)) store.remove(key);
  }

  /** `seq` of the last event that was read; 0 for none. @param {string} id @returns {number} */
  get(id) {
    const seq = this.#store.get(this.#prefix + id)?.seq;
    return Number.isInteger(seq) ? seq : 0;
  }

  /** @param {string} id @param {number} seq */
  set(id, seq) {
    if (seq > this.get(id)) this.#store.set(this.#prefix + id, { seq, at: Date.now() });
  }
}
