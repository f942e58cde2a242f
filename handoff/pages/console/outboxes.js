// One outbox for each conversation with unsent replies. An outbox stays while the agent looks at another conversation, and
// unsent replies of the last visit are sent when the page opens.
import { DeskError } from "../shared/desk-api.js";
import { Outbox } from "../shared/outbox.js";

/** @import { BrowserStore } from "../shared/browser-store.js" */
/** @import { Account } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { OutboxItem } from "../shared/outbox.js" */

/**
 * Whether the agent has to sign in after this error: no session, or an account that may not have conversations.
 * @param {DeskError} error
 */
export function isSignedOut(error) {
  return error.status === 401 || (error.status === 403 && error.code === "not_permitted");
}

/** Emits "change" and "expired". */
export class Outboxes extends EventTarget {
  /** By the conversation's id. @type {Map<string, Outbox>} */
  #boxes = new Map();
  #api;
  #store;
  #prefix;

  /** @param {{api: DeskApi, store: BrowserStore, me: Account}} options */
  constructor({ api, store, me }) {
    super();
    this.#api = api;
    this.#store = store;
    this.#prefix = `reply.${me.login}.`;
    const waiting = new Set(store.keys(this.#prefix).map((key) => key.slice(this.#prefix.length).split(".")[0]));
    for (const id of waiting) this.of(id).flush();
  }

  /**
   * The outbox of a conversation.
   * @param {string} id
   */
  of(id) {
    const known = this.#boxes.get(id);
    if (known) return known;
    const box = new Outbox({
      store: this.#store,
      key: this.#prefix + id,
      send: (item) => this.#deliver(id, item),
      keepRefused: true, // an agent's text is never lost
    });
    box.addEventListener("change", () => this.dispatchEvent(new Event("change")));
    this.#boxes.set(id, box);
    return box;
  }

  /**
   * Whether the conversation has replies that failed or were refused.
   * @param {string} id
   */
  hasUnsent(id) {
    return (this.#boxes.get(id)?.items ?? []).some((item) => item.state === "failed" || item.state === "refused");
  }

  close() {
    for (const box of this.#boxes.values()) box.close();
  }

  /** @param {string} id @param {OutboxItem} item @returns {Promise<{seq: number}>} */
  async #deliver(id, { client_message_id, text, seen_seq }) {
    try {
      const body = { client_message_id, text, ...(seen_seq !== undefined && { seen_seq }) };
      return await this.#api.post(`/api/conversations/${encodeURIComponent(id)}/messages`, body);
    } catch (error) {
      const failure = DeskError.of(error);
      if (!isSignedOut(failure)) throw error;
      this.dispatchEvent(new Event("expired"));
      // A passing failure: the reply stays in the store and is sent after the agent has signed in.
      throw new DeskError(0, failure.code, failure.message);
    }
  }
}
