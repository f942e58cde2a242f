// Messages on their way to the desk. Each message has its own id and is sent again under this id until the desk
// acknowledges it, so a lost answer does not lose or double the message. Messages are sent one after another, so that
// they arrive in the order in which they were written.
import { DeskError } from "./desk-api.js";

/** @import { BrowserStore } from "./browser-store.js" */

const FIRST_WAIT_MS = 800;
const LONGEST_WAIT_MS = 20_000;
const FIRST_PAUSE_S = 5; // when the desk answers "too many" without a Retry-After
const WAITING = new Set(["sending", "failed", "held"]);

/** A new random id. crypto.randomUUID exists on secure origins only; a desk at http://192.168... is not one. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * What is sent: a text, or the choice of a button with the label `text`. suggested: the text was written by the page; seen_seq:
 * up to where an agent had read.
 * @typedef {{text: string, choice?: string, suggested?: boolean, seen_seq?: number}} OutboxContent
 */

/**
 * A message on its way.
 * @typedef {object} ItemState
 * @property {string} client_message_id
 * @property {string} at  ISO 8601
 * @property {"sending" | "failed" | "held" | "refused" | "sent"} state  failed: will be tried again by itself, or by hand; held:
 *   the desk asks for a pause, then it is sent by itself; refused: it never will be; sent: it has a place in the log
 * @property {number} [seq]  sent
 * @property {string} [code]  refused: the desk's code
 * @property {string} [error]  refused: the desk's words
 * @property {number} [pause]  held: seconds
 */
/** @typedef {OutboxContent & ItemState} OutboxItem */

/** Emits "change". */
export class Outbox extends EventTarget {
  /** @type {OutboxItem[]} */
  items = [];
  #store;
  #key;
  #send;
  #keepRefused;
  #busy = false;
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #notBefore = 0; // ms of Date.now(): nothing is sent before
  #closed = false;
  #online = () => this.retry();

  /**
   * @param {object} options
   * @param {Pick<BrowserStore, "keys" | "get" | "set" | "remove">} options.store  where unsent items outlive a reload, each
   *   under a key of its own, so that two tabs cannot overwrite each other's
   * @param {string} options.key  the beginning of these keys
   * @param {(item: OutboxItem) => Promise<{seq: number}>} options.send  rejects with a DeskError
   * @param {boolean} [options.keepRefused]  refused items outlive a reload, too, until they are withdrawn
   */
  constructor({ store, key, send, keepRefused = false }) {
    super();
    this.#store = store;
    this.#key = `${key}.`;
    this.#send = send;
    this.#keepRefused = keepRefused;
    this.items = store
      .keys(this.#key)
      .map((name) => /** @type {OutboxItem | null} */ (store.get(name)))
      .filter((item) => item !== null)
      .sort((a, b) => a.at.localeCompare(b.at))
      .map((item) => ({ ...item, state: item.state === "refused" ? "refused" : "sending" }));
    window.addEventListener("online", this.#online);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    window.removeEventListener("online", this.#online);
  }

  /** @param {OutboxContent} content */
  add(content) {
    /** @type {OutboxItem} */
    const item = { client_message_id: newId(), at: new Date().toISOString(), ...content, state: "sending" };
    this.#store.set(this.#key + item.client_message_id, item);
    this.items.push(item);
    this.#changed();
    this.flush();
    return item;
  }

  /** Sends all waiting messages now. */
  retry() {
    clearTimeout(this.#timer);
    for (const item of this.items) if (item.state === "failed") item.state = "sending";
    this.#changed();
    this.flush();
  }

  /**
   * Takes an item back, so that its text can be edited; returns it.
   * @param {string} id
   */
  withdraw(id) {
    const item = this.items.find((each) => each.client_message_id === id);
    this.settle(id);
    return item;
  }

  /**
   * Removes a message that is in the log now, or that was withdrawn.
   * @param {string} id
   */
  settle(id) {
    const before = this.items.length;
    this.items = this.items.filter((item) => item.client_message_id !== id);
    this.#store.remove(this.#key + id);
    if (this.items.length !== before) this.#changed();
  }

  /** Withdraws everything: somebody else is at the page. */
  clear() {
    for (const { client_message_id } of this.items) this.#store.remove(this.#key + client_message_id);
    this.items = [];
    this.#changed();
  }

  async flush() {
    if (this.#busy || this.#closed) return;
    if (Date.now() < this.#notBefore) {
      this.#hold();
      return;
    }
    this.#busy = true;
    clearTimeout(this.#timer);
    try {
      for (let item = this.#next(); item && !this.#closed; item = this.#next()) {
        try {
          const { seq } = await this.#send(item);
          this.#failures = 0;
          item.seq = seq;
          item.state = "sent";
          this.#store.remove(this.#key + item.client_message_id);
        } catch (error) {
          const failure = DeskError.of(error);
          if (!failure.isPassing) {
            item.state = "refused";
            item.code = failure.code;
            item.error = failure.message;
            if (this.#keepRefused) this.#store.set(this.#key + item.client_message_id, item);
            else this.#store.remove(this.#key + item.client_message_id);
          } else {
            this.#failed(failure);
            return;
          }
        }
        this.#changed();
      }
    } finally {
      this.#busy = false;
    }
  }

  #next() {
    return this.items.find((item) => WAITING.has(item.state));
  }

  /** @param {DeskError} error */
  #failed(error) {
    if (error.isTooMany) {
      // One second more, and a random part: customers with the same address must not all retry at the same moment.
      this.#notBefore = Date.now() + ((error.retryAfter ?? FIRST_PAUSE_S) + Math.random()) * 1_000;
      this.#hold();
      return;
    }
    this.#failures += 1;
    // The first failure is not shown; the second one is.
    if (this.#failures > 1) {
      for (const item of this.items) if (item.state === "sending") item.state = "failed";
    }
    const backoff = Math.min(FIRST_WAIT_MS * 2 ** (this.#failures - 1), LONGEST_WAIT_MS);
    const wait = Math.max(backoff * (0.75 + Math.random() / 2), (error.retryAfter ?? 0) * 1_000);
    this.#timer = setTimeout(() => this.flush(), wait);
    this.#changed();
  }

  /** Holds all waiting messages until the pause is over; new messages in between do not start a request. */
  #hold() {
    const rest = Math.max(0, this.#notBefore - Date.now());
    for (const item of this.items) {
      if (!WAITING.has(item.state)) continue;
      item.state = "held";
      item.pause = Math.ceil(rest / 1_000);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const item of this.items) if (item.state === "held") item.state = "sending";
      this.#changed();
      this.flush();
    }, rest);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
