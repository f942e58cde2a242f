// Text that an agent has typed and not sent. It is stored at each keystroke under the agent's login, so that
// it outlives a reload, another language and an ended session, and is shown to nobody else.

const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

export class Drafts {
  #store;
  #prefix;

  /** store: BrowserStore. Drafts older than a week are removed, whoever's they are. */
  constructor(store, login) {
    this.#store = store;
    this.#prefix = `draft.${login}.`;
    for (const key of store.keys("draft.")) if (!(Date.now() - store.get(key)?.at < KEPT_MS)) store.remove(key);
  }

  /** kind: "reply", "note" or the name of a dialog. */
  get(kind, id) {
    return this.#store.get(`${this.#prefix}${kind}.${id}`)?.text ?? "";
  }

  set(kind, id, text) {
    const key = `${this.#prefix}${kind}.${id}`;
    if (text) this.#store.set(key, { text, at: Date.now() });
    else this.#store.remove(key);
  }
}
