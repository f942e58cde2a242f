// The customer's side of one conversation: its credentials, its log, its state and the messages on their way.
// The view draws what is here.
import { readEvent, readEvents, readStatus } from "../shared/contract-types.js";
import { ConversationLog } from "../shared/conversation-log.js";
import { DeskError } from "../shared/desk-api.js";
import { EventStream } from "../shared/event-stream.js";
import { Outbox } from "../shared/outbox.js";
import { languageOfStart } from "../words/locales.js";
import { Episode } from "./episode.js";
import { CustomerHistory } from "./history.js";
import { Session } from "./session.js";

/** @import { BrowserStore } from "../shared/browser-store.js" */
/** @import { Credentials, Json, LogEvent, State, Status, Words } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { OutboxItem } from "../shared/outbox.js" */
/** @import { CustomerIdentity } from "./identity.js" */

const RATING_DISMISSED = "rating-dismissed";
const LONG_POLL_S = 20;
const TRIES = 3;
// A pause that the desk asks for is waited for up to this length; a longer pause is shown to the customer.
const SHORT_PAUSE_S = 3;
// A desk that refuses a new conversation must not be asked for another one in a loop.
const START_OVER_PAUSE_MS = 10_000;

export class Conversation extends EventTarget {
  /** @type {Status | null} */
  status = null;
  /** @type {"open" | "reconnecting"} */
  connection = "open";
  startedOver = false;
  isShown = false; // the panel is open
  synced = false; // the history has arrived; later messages are new
  ratingDraft = { score: 0, comment: "" }; // input that is not sent yet; kept when the language changes
  #episode = new Episode();
  #api;
  #store;
  /** @type {Credentials | null} */
  #credentials = null;
  /** @type {Promise<void> | null} */
  #creating = null;
  /** @type {EventStream | null} */
  #stream = null;
  #startedOverAt = 0;
  #announced = false;
  #session;
  #identity;

  /**
   * Emits "change", once for all events of one piece of the stream, and "reached" when the desk answers again after a
   * lost connection.
   * @param {{api: DeskApi, store: BrowserStore, identity: CustomerIdentity}} options
   */
  constructor({ api, store, identity }) {
    super();
    this.#api = api;
    this.#store = store;
    this.#identity = identity;
    this.history = new CustomerHistory(api, identity);
    this.outbox = new Outbox({ store, key: "outbox", send: (item) => this.#deliver(item) });
    this.log = new ConversationLog(this.outbox);
    this.outbox.addEventListener("change", () => {
      if (!this.log.settleArrived()) this.#changed();
    });
    // All tabs of a site show the same conversation.
    this.#session = new Session({ store, identity, onOtherTab: (found) => this.#follow(found) });
    identity.addEventListener("change", this.#identityChanged);
  }

  /** Resumes the conversation of an earlier visit, if there was one; of a signed-in customer also from another device. */
  resume() {
    this.#adopt(this.#session.find());
    if (!this.#credentials) this.synced = true;
    else if (this.#identity.proof) this.#join();
    if (this.#identity.proof) this.#readHistory();
    this.outbox.flush();
    this.#changed();
  }

  close() {
    this.#stream?.close();
    this.outbox.close();
    this.#session.close();
    this.#identity.removeEventListener("change", this.#identityChanged);
  }

  /** The id of the conversation; null before the first message. */
  get id() {
    return this.#credentials?.id ?? null;
  }

  /** The name of the kept value `key` of this conversation. @param {string} key */
  keyOf(key) {
    return `${key}.${this.id}`;
  }

  get store() {
    return this.#store;
  }

  get api() {
    return this.#api;
  }

  get isSignedIn() {
    return this.#identity.subject !== null;
  }

  /** @param {string} locale */
  set locale(locale) {
    this.#api.locale = locale;
  }

  /** @returns {State} */
  get state() {
    return this.status?.status ?? "with_bot";
  }

  /** The bot has to answer: the customer wrote last and the bot has the conversation. */
  get awaitsBot() {
    if (this.state === "queued" || this.state === "assigned") return false;
    if (this.outbox.items.some((item) => item.state === "sending" || item.state === "sent")) return true;
    return this.state === "with_bot" && this.#episode.awaitsAnswer;
  }

  /**
   * The end that the customer may rate now, or null. A customer's thanks after an agent's end reopen the conversation; the
   * desk still accepts a rating of that case until a new matter begins.
   */
  get rateable() {
    const { end } = this.#episode;
    if (!end || end.isRated || end.isPast || this.status?.rating != null) return null;
    if (this.state !== "resolved" && !(end.byAgent && this.state === "with_bot")) return null;
    return this.#store.get(RATING_DISMISSED) === end.seq ? null : end;
  }

  /** Until when a cancelled wait can be undone, in ms of Date.now(); null when there is none. */
  get undoUntil() {
    const { undoUntil } = this.#episode;
    return this.state === "with_bot" && undoUntil !== null && undoUntil > Date.now() ? undoUntil : null;
  }

  /**
   * suggested: the text was written by the page, so it does not change the conversation's language.
   * @param {string} text
   * @param {{suggested?: boolean}} [options]
   */
  send(text, { suggested = false } = {}) {
    this.outbox.add(suggested ? { text, suggested } : { text });
  }

  /** @param {string} choice @param {string} label */
  choose(choice, label) {
    this.outbox.add({ choice, text: label });
  }

  /** Goes on in `language`; before the first message nothing has to be told. @param {string} language */
  async chooseLanguage(language) {
    if (!this.#credentials || this.status?.locale === language) return;
    this.#setStatus(readStatus(await this.#api.put(this.path("/locale"), { locale: language })));
  }

  /** Goes on with an earlier conversation of this signed-in customer. @param {string} id */
  async openEarlier(id) {
    const token = await this.history.tokenOf(id);
    this.#switchTo({ id, token, subject: this.#identity.subject });
  }

  /** Goes on with the conversation that a code stands for. @param {string} code */
  async returnBy(code) {
    const { id, token } = await this.#api.post("/api/conversations/return", { code });
    this.#switchTo({ id, token });
  }

  /** Posts to this conversation; repeats after a passing failure, so the call must be idempotent. @param {string} rest @param {object} [body] */
  post(rest, body) {
    return this.#insist(rest, body);
  }

  /** The desk's answer to an order of first aid; the stream brings the whole state. @param {string} action @param {string} state @param {Words | null} why */
  noteFirstAid(action, state, why) {
    const list = (this.status?.first_aid ?? []).map((each) =>
      each.action === action ? { ...each, state, why } : each,
    );
    this.#setStatus({ status: this.state, first_aid: list });
  }

  /** Opens the conversation if there is none yet. */
  begin() {
    return this.#ensure();
  }

  async askForPerson() {
    await this.#ensure();
    const status = await this.#insist("/handoff").catch(async (error) => {
      if (!DeskError.of(error).isUnknownCaller) throw error;
      await this.#ensure(); // the stored conversation is unknown to the desk: ask in a new one
      return this.#insist("/handoff");
    });
    this.#setStatus(readStatus(status));
  }

  /** Leaves the queue. Rejects with code "confirm_needed" for a grave case without `confirm`. */
  async cancelQueue({ confirm = false } = {}) {
    this.#setStatus(readStatus(await this.#insist("/cancel", confirm ? { confirm } : {})));
  }

  /** Undoes the cancelling, at the old place. Rejects with code "undo_expired" when it is too late. */
  async undoCancel() {
    try {
      this.#setStatus(readStatus(await this.#insist("/cancel/undo")));
    } finally {
      this.#episode.forgetUndo();
      this.#changed();
    }
  }

  /**
   * Rejects with code "not_resolved" when the desk accepts no rating any more.
   * @param {number} score
   * @param {string} comment
   */
  async rate(score, comment) {
    try {
      await this.#insist("/rating", comment ? { score, comment } : { score });
    } catch (error) {
      if (DeskError.of(error).code === "not_resolved" && this.#episode.end) this.#episode.end.isPast = true;
      throw error;
    }
    this.ratingDraft = { score: 0, comment: "" };
    this.#setStatus({ status: this.state, rating: score });
  }

  dismissRating() {
    this.#store.set(RATING_DISMISSED, this.rateable?.seq ?? null);
    this.#changed();
  }

  /** An address of this conversation. */
  path(rest = "") {
    return `/api/conversations/${encodeURIComponent(this.#credentials?.id ?? "")}${rest}`;
  }

  /**
   * Posts, and repeats after a passing failure: these calls are idempotent.
   * @param {string} rest
   * @param {object} body
   * @returns {Promise<Json>}
   */
  async #insist(rest, body = {}) {
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.#api.post(this.path(rest), body);
      } catch (error) {
        const { isUnknownCaller, isPassing, retryAfter } = DeskError.of(error);
        if (isUnknownCaller) this.#startOver();
        const pause = retryAfter ?? 0;
        if (!isPassing || tried === TRIES || pause > SHORT_PAUSE_S) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.max(600 * 2 ** tried, pause * 1_000)));
      }
    }
  }

  /** @param {OutboxItem} item @returns {Promise<{seq: number}>} */
  async #deliver(item) {
    const { client_message_id, choice, text, suggested } = item;
    await this.#ensure();
    try {
      return await this.#api.post(
        this.path("/messages"),
        choice ? { client_message_id, choice } : { client_message_id, text, suggested },
      );
    } catch (error) {
      if (!DeskError.of(error).isUnknownCaller || !this.#startOver()) throw error;
      // A button belongs to the conversation that offered it; in a new one its label is sent as a text.
      await this.#ensure();
      const isPages = suggested || Boolean(choice);
      return this.#api.post(this.path("/messages"), { client_message_id, text, suggested: isPages });
    }
  }

  /** Creates the conversation, unless this tab or another one has created it. */
  async #ensure() {
    if (this.#credentials) return;
    this.#creating ??= this.#session
      .exclusively(() => this.#create())
      .finally(() => {
        this.#creating = null;
      });
    await this.#creating;
  }

  async #create() {
    this.#adopt(this.#session.find());
    if (this.#credentials) return;
    const { proof, subject } = this.#identity;
    const opened = await this.#open(proof);
    if (this.#credentials) return; // another tab created one meanwhile
    const credentials = { id: opened.id, token: opened.token, subject: opened.identity ? subject : null };
    this.#session.keep(credentials);
    this.#adopt(credentials);
  }

  /** A proof that the desk refuses must not keep a customer out: they go on without it. @param {string | null} proof @returns {Promise<Json>} */
  async #open(proof) {
    const body = { locale: languageOfStart(this.#api.locale), channel: "web" };
    try {
      return await this.#api.post("/api/conversations", proof ? { ...body, identity: proof } : body);
    } catch (error) {
      const { status, code } = DeskError.of(error);
      if (!proof || (status !== 401 && code !== "identity_unavailable")) throw error;
      return this.#api.post("/api/conversations", body);
    }
  }

  /** Somebody signed in or out, or the proof was renewed. */
  #identityChanged = () => {
    const { subject } = this.#identity;
    const own = this.#credentials?.subject ?? null;
    if (own !== null && own !== subject) {
      this.#session.clear();
      this.#tearDown();
    }
    if (!this.#credentials) this.resume();
    else if (subject) {
      this.#join();
      this.#readHistory();
    }
  };

  /** Binds the conversation to the signed-in customer, or renews the proof. */
  async #join() {
    const credentials = this.#credentials;
    const { proof, subject } = this.#identity;
    try {
      await this.#insist("/identity", { identity: proof });
      if (this.#credentials !== credentials || !credentials || this.#identity.subject !== subject) return;
      credentials.subject = subject;
      this.#session.keep(credentials);
    } catch (error) {
      if (DeskError.of(error).code !== "identity_mismatch" || this.#credentials !== credentials) return;
      this.#session.clear();
      this.#tearDown(); // the conversation of another customer
    }
  }

  async #readHistory() {
    try {
      await this.history.load();
    } catch {
      return; // the list is left out until the next visit; the conversation itself works
    }
    const { running } = this.history;
    if (running && !this.#credentials && !this.outbox.items.length) await this.openEarlier(running.id).catch(() => {});
    this.#changed();
  }

  /** @param {Credentials} credentials */
  #switchTo(credentials) {
    this.#tearDown();
    this.#session.keep(credentials);
    this.synced = false;
    this.#adopt(credentials);
    this.#changed();
  }

  /** Ends this conversation on the page; emits "ended". */
  #tearDown() {
    this.#stream?.close();
    this.#stream = null;
    this.outbox.clear();
    this.#forget();
    this.synced = true;
    this.startedOver = false;
    this.dispatchEvent(new Event("ended"));
    this.#changed();
  }

  /**
   * Another tab has another conversation: this one follows, unless it has events. Of another customer's it shows nothing.
   * @param {Credentials | null} found
   */
  #follow(found) {
    const own = this.#credentials;
    if (found?.id ? !this.#session.isOurs(found) : own?.subject) {
      this.#tearDown();
      return;
    }
    if (!found?.id || found.id === own?.id || this.log.events.length) return;
    this.#stream?.close();
    this.#forget();
    this.#adopt(found);
    this.#changed();
  }

  /** @param {Credentials | null} credentials */
  #adopt(credentials) {
    if (!credentials?.id || !credentials.token) return;
    this.#credentials = credentials;
    this.#api.token = credentials.token;
    this.#stream = new EventStream({
      api: this.#api,
      path: (after) => this.path(`/events?after=${after}`),
      onFrame: ({ type, data }) => this.#frame(type, data),
      onState: (state) => this.#setConnection(state),
      poll: (after, signal) => this.#poll(after, signal),
      onRefused: () => this.#startOver(),
    });
  }

  /** @param {number} after @param {AbortSignal} signal */
  async #poll(after, signal) {
    const wait = this.status ? LONG_POLL_S : 0; // the first request must not wait
    const { events } = await this.#api.get(this.path(`/events?after=${after}&wait=${wait}`), {
      signal,
      timeout: (LONG_POLL_S + 10) * 1_000,
    });
    for (const event of readEvents(events)) this.#take(event);
    this.#frame("status", await this.#api.get(this.path(), { signal }));
    return this.log.lastSeq || after;
  }

  /** @param {string} type @param {Json} data */
  #frame(type, data) {
    if (type === "status") {
      this.synced = true;
      this.#setStatus(readStatus(data));
    } else if (type === "event") {
      this.#take(readEvent(data));
    }
  }

  /** @param {LogEvent} event */
  #take(event) {
    if (!this.log.add(event)) return;
    this.#episode.take(event, { isNews: this.synced, now: Date.now() });
    this.#changed();
  }

  #forget() {
    this.#credentials = null;
    this.#api.token = null;
    this.log.clear();
    this.#episode = new Episode();
    this.status = null;
    this.connection = "open";
  }

  /** Forgets a conversation that the desk does not know. False when that happened a moment ago. */
  #startOver() {
    if (Date.now() - this.#startedOverAt < START_OVER_PAUSE_MS) return false;
    this.#startedOverAt = Date.now();
    this.#stream?.close();
    this.#session.drop(this.#credentials?.id);
    this.#forget();
    this.synced = true;
    this.startedOver = true;
    this.#adopt(this.#session.find()); // another tab has already begun a new one
    this.#changed();
    return true;
  }

  /** @param {Status} status */
  #setStatus(status) {
    this.status = { ...this.status, ...status };
    this.#changed();
  }

  /** @param {"open" | "reconnecting"} connection */
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
