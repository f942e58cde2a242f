// Messages on their way to the desk. Each has an id of its own and is sent again under the same id
// until the desk has acknowledged it, so a lost answer neither loses nor doubles it. They are sent one
// after another, because two sentences in the wrong order are two different sentences.

const FIRST_WAIT_MS = 800;
const LONGEST_WAIT_MS = 20_000;
const FIRST_PAUSE_S = 5; // when the desk says "too many" without saying for how long
const WAITING = new Set(["sending", "failed", "held"]);

/** crypto.randomUUID exists on secure origins only; a desk tried out on http://192.168... has none. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * Emits "change". An item: {client_message_id, text, choice, at, state, seq, error, code, pause}
 * state: sending | failed (will be tried again by itself, or by hand) | held (the desk asks for a pause of `pause`
 * seconds, then it is sent by itself) | refused (never will be; `code` and `error` say why) | sent (seq is known).
 */
export class Outbox extends EventTarget {
  items = [];
  #store;
  #key;
  #send;
  #keepRefused;
  #busy = false;
  #failures = 0;
  #timer = null;
  #notBefore = 0; // ms of Date.now(): until then the desk wants to hear nothing
  #closed = false;
  #online = () => this.retry();

  /**
   * send(item) resolves to {seq} or rejects with a DeskError. Unsent items outlive a reload in `store`,
   * one key per item, so that two tabs cannot overwrite each other's. keepRefused: refused items do so, too,
   * until they are withdrawn.
   */
  constructor({ store, key, send, keepRefused = false }) {
    super();
    this.#store = store;
    this.#key = `${key}.`;
    this.#send = send;
    this.#keepRefused = keepRefused;
    this.items = store
      .keys(this.#key)
      .map((name) => store.get(name))
      .filter(Boolean)
      .sort((a, b) => a.at.localeCompare(b.at))
      .map((item) => ({ ...item, state: item.state === "refused" ? "refused" : "sending" }));
    window.addEventListener("online", this.#online);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    window.removeEventListener("online", this.#online);
  }

  /** content: {text} or {choice, text}, where text is then the button's label. */
  add(content) {
    const item = { client_message_id: newId(), at: new Date().toISOString(), ...content, state: "sending" };
    this.#store.set(this.#key + item.client_message_id, item);
    this.items.push(item);
    this.#changed();
    this.flush();
    return item;
  }

  /** Sends what waits, now. */
  retry() {
    clearTimeout(this.#timer);
    for (const item of this.items) if (item.state === "failed") item.state = "sending";
    this.#changed();
    this.flush();
  }

  /** Takes an item back, so that its text can be edited; returns it. */
  withdraw(id) {
    const item = this.items.find((each) => each.client_message_id === id);
    this.settle(id);
    return item;
  }

  /** The message has appeared in the log (or was withdrawn): the outbox is done with it. */
  settle(id) {
    const before = this.items.length;
    this.items = this.items.filter((item) => item.client_message_id !== id);
    this.#store.remove(this.#key + id);
    if (this.items.length !== before) this.#changed();
  }

  /** Items whose event came without a client_message_id are known by their sequence number. */
  settleSeq(seq) {
    const item = this.items.find((each) => each.seq === seq);
    if (item) this.settle(item.client_message_id);
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
          if (!error.isPassing) {
            item.state = "refused";
            item.code = error.code;
            item.error = error.message;
            if (this.#keepRefused) this.#store.set(this.#key + item.client_message_id, item);
            else this.#store.remove(this.#key + item.client_message_id);
          } else {
            this.#failed(error);
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

  #failed(error) {
    if (error.isTooMany) {
      // One second more, and chance: the customers behind one address must not all come back in the same moment.
      this.#notBefore = Date.now() + ((error.retryAfter ?? FIRST_PAUSE_S) + Math.random()) * 1_000;
      this.#hold();
      return;
    }
    this.#failures += 1;
    // One hiccup is nobody's business; from the second on the customer is told.
    if (this.#failures > 1) {
      for (const item of this.items) if (item.state === "sending") item.state = "failed";
    }
    const backoff = Math.min(FIRST_WAIT_MS * 2 ** (this.#failures - 1), LONGEST_WAIT_MS);
    const wait = Math.max(backoff * (0.75 + Math.random() / 2), (error.retryAfter ?? 0) * 1_000);
    this.#timer = setTimeout(() => this.flush(), wait);
    this.#changed();
  }

  /** Everything that waits is sent when the pause is over, in its order; more words in between do not ask again. */
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
