// What an editor has typed and not saved, in this browser, by account: it survives a reload, a change of language and an ended
// session.

/** @import { BrowserStore } from "../shared/browser-store.js" */

const KEPT_MS = 30 * 24 * 60 * 60 * 1_000;
const START = "unsaved.";

/**
 * @template Value
 * @typedef {{base: Value, value: Value, revision: string, at: number}} Unsaved
 *   base: the saved text from which it was written, with its revision
 */

export class UnsavedTexts {
  /** @type {Pick<BrowserStore, "get" | "set" | "remove" | "keys">} */
  #store;
  #prefix;

  /**
   * Removes what is older than a month, of all accounts.
   * @param {Pick<BrowserStore, "get" | "set" | "remove" | "keys">} store
   * @param {string} login
   */
  constructor(store, login) {
    this.#store = store;
    this.#prefix = `${START}${login}.`;
    for (const key of store.keys(START)) if (!(Date.now() - store.get(key)?.at < KEPT_MS)) store.remove(key);
  }

  /** @template Value @param {string} id  "article.fees.zh" @returns {Unsaved<Value> | null} */
  get(id) {
    const found = this.#store.get(this.#prefix + id);
    return found && typeof found === "object" && "value" in found ? found : null;
  }

  /** @template Value @param {string} id @param {Value} base @param {Value} value @param {string} revision */
  set(id, base, value, revision) {
    this.#store.set(this.#prefix + id, { base, value, revision, at: Date.now() });
  }

  /** @param {string} id */
  remove(id) {
    this.#store.remove(this.#prefix + id);
  }

  /** The ids that begin with `start`. @param {string} [start] */
  ids(start = "") {
    return this.#store.keys(this.#prefix + start).map((key) => key.slice(this.#prefix.length));
  }
}
