// The customer's side of one conversation: who we are to the desk, the log as we know it, the state it
// is in and what is still on its way. Everything the view shows is here; the view only draws it.
import { DeskError } from "../shared/desk-api.js";
import { EventStream } from "../shared/event-stream.js";
import { Outbox } from "../shared/outbox.js";
import { languageOfStart } from "../words/strings.js";

const CREDENTIALS = "conversation";
const RATING_DISMISSED = "rating-dismissed";
const LONG_POLL_S = 20;
const TRIES = 3;
// A pause that the desk asks for is waited out if it is this short; a longer one is told to the customer.
const SHORT_PAUSE_S = 3;
// After one of these it is settled whose turn it is.
const TURNS = new Set(["message", "cancelled", "cancel_undone", "returned", "resolved"]);
// A desk that refuses even a fresh conversation must not be asked for a new one in a loop.
const START_OVER_PAUSE_MS = 10_000;
// The desk gives the old place back for 10 s; the button goes a little earlier, so that a press arrives in time.
const UNDO_MS = 9_500;

export class Conversation extends EventTarget {
  status = null; // the desk's status object
  connection = "open"; // open | reconnecting
  startedOver = false;
  synced = false; // history has arrived: from here on, messages are news
  events = []; // what the customer may see, in order of seq; to be read only
  lastCustomerSeq = 0; // seq of the customer's last message, 0 without one
  ratingDraft = { score: 0, comment: "" }; // what was chosen but not sent; outlives a change of language
  #seqs = new Set();
  #lastTurn = null; // the last event of TURNS
  #end = null; // the end that can be rated: {seq, byAgent, isRated, isPast}
  #undo = null; // {until}: when a cancelled wait can no longer be taken back, in ms of Date.now()
  #api;
  #store;
  #credentials = null;
  #creating = null;
  #stream = null;
  #startedOverAt = 0;
  #announced = false;
  #unwatch;

  /**
   * Emits "change", once for all that one piece of the stream brought, and "reached" when the desk answers
   * again after the connection was away.
   */
  constructor({ api, store }) {
    super();
    this.#api = api;
    this.#store = store;
    this.outbox = new Outbox({ store, key: "outbox", send: (item) => this.#deliver(item) });
    this.outbox.addEventListener("change", () => {
      const arrived = this.outbox.items.find((item) => this.#seqs.has(item.seq)); // before its acknowledgement
      if (arrived) this.outbox.settle(arrived.client_message_id);
      else this.#changed();
    });
    // Two tabs of one site show one conversation, whichever of them began it.
    this.#unwatch = store.watch(CREDENTIALS, (found) => this.#follow(found));
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
    this.#unwatch();
  }

  set locale(locale) {
    this.#api.locale = locale;
  }

  get state() {
    return this.status?.status ?? "with_bot";
  }

  /** Somebody has to answer: the customer wrote last and the bot has the conversation. */
  get awaitsBot() {
    if (this.state === "queued" || this.state === "assigned") return false;
    if (this.outbox.items.some((item) => item.state === "sending" || item.state === "sent")) return true;
    const last = this.#lastTurn;
    return this.state === "with_bot" && last?.type === "message" && last.by.kind === "customer";
  }

  /**
   * The end that the customer may rate now, {seq}, or null. Thanks to the agent who closed the case open the conversation
   * again; the desk takes a rating of that case all the same, until something new comes up.
   */
  get rateable() {
    const end = this.#end;
    if (!end || end.isRated || end.isPast || this.status?.rating != null) return null;
    if (this.state !== "resolved" && !(end.byAgent && this.state === "with_bot")) return null;
    return this.#store.get(RATING_DISMISSED) === end.seq ? null : end;
  }

  /** Until when the cancelled wait can be taken back, in ms of Date.now(); null when there is nothing to take back. */
  get undoUntil() {
    return this.state === "with_bot" && this.#undo && this.#undo.until > Date.now() ? this.#undo.until : null;
  }

  /** suggested: the words are the page's; they do not change the conversation's language. */
  send(text, { suggested = false } = {}) {
    this.outbox.add(suggested ? { text, suggested } : { text });
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

  /** Gives up the wait. Rejects with code "confirm_needed" while the case is grave and `confirm` is false. */
  async cancelQueue({ confirm = false } = {}) {
    this.#setStatus(await this.#insist("/cancel", confirm ? { confirm } : {}));
  }

  /** Takes the cancelled wait back, at the old place. Rejects with code "undo_expired" when it is too late. */
  async undoCancel() {
    try {
      this.#setStatus(await this.#insist("/cancel/undo"));
    } finally {
      this.#undo = null;
      this.#changed();
    }
  }

  /** Rejects with code "not_resolved" when the desk takes no rating any more; then there is nothing to rate. */
  async rate(score, comment) {
    try {
      await this.#insist("/rating", comment ? { score, comment } : { score });
    } catch (error) {
      if (error.code === "not_resolved" && this.#end) this.#end.isPast = true;
      throw error;
    }
    this.ratingDraft = { score: 0, comment: "" };
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
        const pause = error.retryAfter ?? 0;
        if (!error.isPassing || tried === TRIES || pause > SHORT_PAUSE_S) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.max(600 * 2 ** tried, pause * 1_000)));
      }
    }
  }

  async #deliver(item) {
    const { client_message_id, choice, text, suggested } = item;
    await this.#ensure();
    try {
      return await this.#api.post(
        this.#path("/messages"),
        choice ? { client_message_id, choice } : { client_message_id, text, suggested },
      );
    } catch (error) {
      if (!error.isUnknownCaller || !this.#startOver()) throw error;
      // A button belongs to the conversation it was offered in; in a new one only its words mean something.
      await this.#ensure();
      const isPages = suggested || Boolean(choice);
      return this.#api.post(this.#path("/messages"), { client_message_id, text, suggested: isPages });
    }
  }

  /** Creates the conversation unless there is one, also one that another tab has just created. */
  async #ensure() {
    if (this.#credentials) return;
    this.#creating ??= this.#store
      .exclusively(CREDENTIALS, () => this.#create())
      .finally(() => {
        this.#creating = null;
      });
    await this.#creating;
  }

  async #create() {
    this.#adopt(this.#store.get(CREDENTIALS));
    if (this.#credentials) return;
    const opened = await this.#api.post("/api/conversations", {
      locale: languageOfStart(this.#api.locale),
      channel: "web",
    });
    if (this.#credentials) return; // another tab's was followed meanwhile
    const credentials = { id: opened.id, token: opened.token };
    this.#store.set(CREDENTIALS, credentials);
    this.#adopt(credentials);
  }

  /** Another tab began a conversation: it is ours too, unless we are in the middle of one. */
  #follow(found) {
    if (!found?.id || found.id === this.#credentials?.id || this.events.length) return;
    this.#stream?.close();
    this.#forget();
    this.#adopt(found);
    this.#changed();
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
    } else if (type === "event" && !this.#seqs.has(data.seq)) {
      this.#seqs.add(data.seq);
      this.#add(data);
      if (data.client_message_id) this.outbox.settle(data.client_message_id);
      this.outbox.settleSeq(data.seq);
      this.#changed();
    }
  }

  /** The desk sends events in order, so this appends; what the getters need is kept up, not searched for. */
  #add(event) {
    let at = this.events.length;
    while (at && this.events[at - 1].seq > event.seq) at -= 1;
    this.events.splice(at, 0, event);
    const isNewer = (known) => !known || known.seq < event.seq;
    if (TURNS.has(event.type) && isNewer(this.#lastTurn)) this.#lastTurn = event;
    if (event.type === "message" && event.by.kind === "customer")
      this.lastCustomerSeq = Math.max(this.lastCustomerSeq, event.seq);
    this.#noteCancel(event);
    this.#noteEnd(event);
  }

  #noteEnd(event) {
    const { type, seq } = event;
    const end = this.#end;
    if (type === "resolved") {
      // "closed" after a person's end: the customer said thanks. It is still the person's work that is rated.
      const isSameCase = event.resolution === "closed" && end?.byAgent && !end.isPast;
      if (!isSameCase) this.#end = { seq, byAgent: event.resolution === "agent", isRated: false, isPast: false };
    } else if (end && type === "rated") {
      end.isRated = true;
    } else if (end && (type === "handoff_requested" || (type === "message" && event.article))) {
      end.isPast = true;
    }
  }

  #noteCancel(event) {
    const { type, kind } = event;
    if (type === "cancelled" || (type === "message" && kind === "cancelled")) {
      // In old news only the desk's own time says how long ago it was; clocks may differ, so never longer than live.
      const passed = this.synced ? 0 : Math.max(0, Date.now() - new Date(event.at));
      this.#undo = { until: Date.now() + UNDO_MS - passed };
    } else if (type === "cancel_undone" || type === "handoff_requested" || type === "resolved") {
      this.#undo = null;
    }
  }

  #forget() {
    this.#credentials = null;
    this.#api.token = null;
    this.#seqs.clear();
    this.events = [];
    this.lastCustomerSeq = 0;
    this.#lastTurn = this.#end = this.#undo = null;
    this.status = null;
    this.connection = "open";
  }

  /** The desk does not know our conversation any more. False when that was tried a moment ago. */
  #startOver() {
    if (Date.now() - this.#startedOverAt < START_OVER_PAUSE_MS) return false;
    this.#startedOverAt = Date.now();
    this.#stream?.close();
    const kept = this.#store.get(CREDENTIALS);
    const isOurs = kept?.id === this.#credentials?.id;
    if (isOurs) this.#store.remove(CREDENTIALS);
    this.#forget();
    this.synced = true;
    this.startedOver = true;
    if (!isOurs) this.#adopt(kept); // another tab noticed first, and has begun a new one
    this.#changed();
    return true;
  }

  #setStatus(status) {
    if (!status) throw new DeskError(0, "empty", "the desk sent no status");
    this.status = { ...this.status, ...status };
    this.#changed();
  }

  #setConnection(connection) {
    if (connection === "open") this.dispatchEvent(new Event("reached"));
    if (this.connection === connection) return;
    this.connection = connection;
    this.#changed();
  }

  #changed() {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}
