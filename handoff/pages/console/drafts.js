// Text that an agent has typed and not sent. It is stored at each keystroke under the agent's login, so that it survives a
// reload, a change of language and an ended session, and other accounts do not see it.

const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

/** @import { BrowserStore } from "../shared/browser-store.js" */

export class Drafts {
  /** @type {BrowserStore} */
  #store;
  #prefix;

  /**
   * Removes drafts older than a week, of all agents.
   * @param {BrowserStore} store
   * @param {string} login
   */
  constructor(store, login) {
    this.#store = store;
    this.#prefix = `draft.${login}.`;
    for (const key of store.keys("draft.")) if (!(Date.now() - store.get(key)?.at < KEPT_MS)) store.remove(key);
  }

  /**
   * @param {string} kind  "reply", "note" or the name of a dialog
   * @param {string} id  of a conversation
   * @returns {string}
   */
  get(kind, id) {
    return this.#store.get(`${this.#prefix}${kind}.${id}`)?.text ?? "";
  }

  /** As get(); an empty text ends the draft. @param {string} kind @param {string} id @param {string} text */
  set(kind, id, text) {
    const key = `${this.#prefix}${kind}.${id}`;
    if (text) this.#store.set(key, { text, at: Date.now() });
    else this.#store.remove(key);
  }

  /**
   * Calls onChange(text) when another tab of this browser changes or ends the draft; returns a function that stops watching.
   * @param {string} kind
   * @param {string} id
   * @param {(text: string) => void} onChange
   */
  watch(kind, id, onChange) {
    return this.#store.watchEnd(`${this.#prefix}${kind}.${id}`, (value) => onChange(value?.text ?? ""));
  }
}
