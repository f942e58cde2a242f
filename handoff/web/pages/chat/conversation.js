// The customer's side of one conversation: who we are to the desk, the log as we know it, the state it
// is in and what is still on its way. Everything the view shows is here; the view only draws it.
import { DeskError } from "../desk-api.js";
import { EventStream } from "../event-stream.js";
import { Outbox } from "../outbox.js";

const CREDENTIALS = "conversation";
const RATING_DISMISSED = "rating-dismissed";
const LONG_POLL_S = 20;
const TRIES = 3;
// After one of these it is settled whose turn it is.
const TURNS = new Set(["message", "cancelled", "returned", "resolved"]);
// A desk that refuses even a fresh conversation must not be asked for a new one in a loop.
const START_OVER_PAUSE_MS = 10_000;

export class Conversation extends EventTarget {
  status = null; // the desk's status object
  connection = "open"; // open | reconnecting
  startedOver = false;
  synced = false; // history has arrived: from here on, messages are news
  #events = new Map();
  #api;
  #store;
  #credentials = null;
  #creating = null;
  #stream = null;
  #startedOverAt = 0;

  /** Emits "change". */
  constructor({ api, store }) {
    super();
    this.#api = api;
    this.#store = store;
    this.outbox = new Outbox({ store, key: "outbox", send: (item) => this.#deliver(item) });
    this.outbox.addEventListener("change", () => {
      const arrived = this.outbox.items.find((item) => this.#events.has(item.seq)); // before its acknowledgement
      if (arrived) this.outbox.settle(arrived.client_message_id);
      else this.#changed();
    });
  }

  /** Picks up the conversation of an earlier visit, if there was one. */
  resume() {
    this.#adopt(this.#store.get(CREDENTIALS));
    if (!this.#credentials) this.synced = true;
    this.outbox.flush();
    this.#changed();
  }

  close() {
    this.#stream?.close();
    this.outbox.close();
  }

  set locale(locale) {
    this.#api.locale = locale;
  }

  get state() {
    return this.status?.status ?? "with_bot";
  }

  /** Events the customer may see, in order of seq. */
  get events() {
    return [...this.#events.values()].sort((a, b) => a.seq - b.seq);
  }

  /** Somebody has to answer: the customer wrote last and the bot has the conversation. */
  get awaitsBot() {
    if (this.state === "queued" || this.state === "assigned") return false;
    if (this.outbox.items.some((item) => item.state === "sending" || item.state === "sent")) return true;
    const last = this.events.filter((event) => TURNS.has(event.type)).at(-1);
    return this.state === "with_bot" && last?.type === "message" && last.by.kind === "customer";
  }

  /** The event that the customer may rate now, or null. */
  get rateable() {
    if (this.state !== "resolved" || this.status.rating != null || this.outbox.items.length) return null;
    const resolved = this.events.filter((event) => event.type === "resolved").at(-1);
    if (!resolved || this.#store.get(RATING_DISMISSED) === resolved.seq) return null;
    return resolved;
  }

  send(text) {
    this.outbox.add({ text });
  }

  choose(choice, label) {
    this.outbox.add({ choice, text: label });
  }

  async askForPerson() {
    await this.#ensure();
    const status = await this.#insist("/handoff").catch(async (error) => {
      if (!error.isUnknownCaller) throw error;
      await this.#ensure(); // the stored conversation was stale: a new one gets the person
      return this.#insist("/handoff");
    });
    this.#setStatus(status);
  }

  async cancelQueue() {
    this.#setStatus(await this.#insist("/cancel"));
  }

  async rate(score, comment) {
    await this.#insist("/rating", comment ? { score, comment } : { score });
    this.#setStatus({ ...this.status, rating: score });
  }

  dismissRating() {
    this.#store.set(RATING_DISMISSED, this.rateable?.seq ?? null);
    this.#changed();
  }

  #path(rest = "") {
    return `/api/conversations/${encodeURIComponent(this.#credentials.id)}${rest}`;
  }

  /** These calls change nothing when they are repeated, so a lost answer is simply asked for again. */
  async #insist(rest, body = {}) {
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.#api.post(this.#path(rest), body);
      } catch (error) {
        if (error.isUnknownCaller) this.#startOver();
        if (!error.isPassing || tried === TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, 600 * 2 ** tried));
      }
    }
  }

  async #deliver(item) {
    const { client_message_id, choice, text } = item;
    await this.#ensure();
    try {
      return await this.#api.post(
        this.#path("/messages"),
        choice ? { client_message_id, choice } : { client_message_id, text },
      );
    } catch (error) {
      if (!error.isUnknownCaller || !this.#startOver()) throw error;
      // A button belongs to the conversation it was offered in; in a new one only its words mean something.
      await this.#ensure();
      return this.#api.post(this.#path("/messages"), { client_message_id, text });
    }
  }

  /** Creates the conversation unless there is one, also one that another tab has just created. */
  async #ensure() {
    if (this.#credentials) return;
    this.#adopt(this.#store.get(CREDENTIALS));
    if (this.#credentials) return;
    this.#creating ??= this.#create().finally(() => {
      this.#creating = null;
    });
    await this.#creating;
  }

  async #create() {
    const { id, token } = await this.#api.post("/api/conversations", { locale: this.#api.locale, channel: "web" });
    this.#store.set(CREDENTIALS, { id, token });
    this.#adopt({ id, token });
  }

  #adopt(credentials) {
    if (!credentials?.id || !credentials.token) return;
    this.#credentials = credentials;
    this.#api.token = credentials.token;
    this.#stream = new EventStream({
      api: this.#api,
      path: (after) => this.#path(`/events?after=${after}`),
      onFrame: ({ type, data }) => this.#frame(type, data),
      onState: (state) => this.#setConnection(state),
      poll: (after, signal) => this.#poll(after, signal),
      onRefused: () => this.#startOver(),
    });
  }

  async #poll(after, signal) {
    const wait = this.status ? LONG_POLL_S : 0; // the first answer is wanted at once
    const { events } = await this.#api.get(this.#path(`/events?after=${after}&wait=${wait}`), {
      signal,
      timeout: (LONG_POLL_S + 10) * 1_000,
    });
    for (const event of events) this.#frame("event", event);
    this.#frame("status", await this.#api.get(this.#path(), { signal }));
    return events.at(-1)?.seq ?? after;
  }

  #frame(type, data) {
    if (type === "status") {
      this.synced = true;
      this.#setStatus(data);
    } else if (type === "event" && !this.#events.has(data.seq)) {
      this.#events.set(data.seq, data);
      if (data.client_message_id) this.outbox.settle(data.client_message_id);
      this.outbox.settleSeq(data.seq);
      this.#changed();
    }
  }

  /** The desk does not know our conversation any more. False when that was tried a moment ago. */
  #startOver() {
    if (Date.now() - this.#startedOverAt < START_OVER_PAUSE_MS) return false;
    this.#startedOverAt = Date.now();
    this.#stream?.close();
    this.#store.remove(CREDENTIALS);
    this.#credentials = null;
    this.#api.token = null;
    this.#events.clear();
    this.status = null;
    this.connection = "open";
    this.synced = true;
    this.startedOver = true;
    this.#changed();
    return true;
  }

  #setStatus(status) {
    if (!status) throw new DeskError(0, "empty", "the desk sent no status");
    this.status = { ...this.status, ...status };
    this.#changed();
  }

  #setConnection(connection) {
    if (this.connection === connection) return;
    this.connection = connection;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
