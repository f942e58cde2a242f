// The conversation that an agent has open: its card, its log and its actions.
import { isRecord, readCard, readEvent, readEvents } from "../shared/contract-types.js";
import { ConversationLog } from "../shared/conversation-log.js";
import { DeskError } from "../shared/desk-api.js";
import { EventStream } from "../shared/event-stream.js";
import { Looking } from "./looking.js";
import { isSignedOut } from "./outboxes.js";

/** @import { Account, Card, CustomerSigns, LogEvent, Looker, Suggested } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Outbox } from "../shared/outbox.js" */

const POLL_MS = 2_000;
const REASON_NEEDED = "reason_needed";

/** Emits "change", at most once for all events that arrive together, and "expired". */
export class OpenConversation extends EventTarget {
  /** @type {Card | null} */
  card = null;
  loaded = false;
  heardAt = Date.now();
  /** Why it cannot be read at all. @type {DeskError | null} */
  problem = null;
  needsReason = false; // a colleague's conversation: the desk requires a reason first
  /** Colleagues who have it on the screen. @type {Looker[]} */
  lookers = [];
  /** Whether the customer types, and up to where they have read. @type {CustomerSigns} */
  signs = { is_typing: false, read_seq: 0 };
  #api;
  #me;
  /** @type {EventStream | null} */
  #stream = null;
  #closed = new AbortController();
  #isTelling = false;
  #settle = () => {
    if (!this.log.settleArrived()) this.#changed();
  };

  /** @param {{api: DeskApi, id: string, me: Account, card: Card | null, outbox: Outbox}} options  card: as the queue shows it */
  constructor({ api, id, me, card, outbox }) {
    super();
    this.id = id;
    this.card = card;
    this.outbox = outbox;
    this.log = new ConversationLog(outbox);
    this.#api = api;
    this.#me = me;
    this.looking = new Looking((body) => api.post(this.#path("/looking"), body));
    outbox.addEventListener("change", this.#settle);
    this.#load();
  }

  close() {
    this.#closed.abort();
    this.looking.close();
    this.#stream?.close();
    this.outbox.removeEventListener("change", this.#settle);
  }

  get isMine() {
    return this.card?.status === "assigned" && this.card.agent === this.#me.login;
  }

  get isWaiting() {
    return this.card?.status === "queued";
  }

  /** A supervisor may transfer and resolve colleagues' conversations. */
  get canMove() {
    return this.isMine || (this.#me.role === "supervisor" && this.card?.status === "assigned");
  }

  get canResolve() {
    return this.canMove || (this.#me.role === "supervisor" && this.isWaiting);
  }

  /** This agent's own offer. */
  get isOffered() {
    return this.isWaiting && this.card?.offer?.login === this.#me.login;
  }

  /** A supervisor gives a colleague's or a waiting conversation to somebody, also above the capacity. */
  get canAssign() {
    return this.#me.role === "supervisor" && (this.isWaiting || (this.card?.status === "assigned" && !this.isMine));
  }

  /** A reply that a colleague's message overtakes is refused: the agent has not read that message. @param {string} text */
  reply(text) {
    this.looking.rested();
    this.outbox.add({ text, seen_seq: this.log.seenSeq });
  }

  claim() {
    return this.#act("claim");
  }
  /** `of`: who had it on the screen, "" for nobody. @param {{to: string, of: string, over_capacity: boolean, note?: string}} body */
  assign(body) {
    return this.#act("assign", body);
  }
  /** @param {{to?: string, queue?: string, skill?: string}} where  nothing: back to the queue. @param {string} note */
  transfer(where, note) {
    return this.#act("transfer", { ...where, ...(note && { note }) });
  }
  /**
   * The desk refuses (409 `unread`) when the customer has written after `seenSeq`.
   * @param {string} note
   * @param {number} seenSeq
   */
  giveBack(note, seenSeq) {
    return this.#act("return", { seen_seq: seenSeq, ...(note && { note }) });
  }
  /** As giveBack(). @param {{note: string, outcome: string | null}} how @param {number} seenSeq */
  resolve({ note, outcome }, seenSeq) {
    return this.#act("resolve", { seen_seq: seenSeq, ...(outcome && { outcome }), ...(note && { note }) });
  }
  undoResolution() {
    return this.#act("resolve/undo");
  }
  /** A repeated request with the same `client_note_id` changes nothing. @param {{client_note_id: string, text: string, mentions: string[], whisper: boolean}} note */
  note(note) {
    return this.#api.post(this.#path("/notes"), note);
  }
  /** @param {{mark: string, is_set: boolean, about_seq?: number}} mark */
  mark(mark) {
    return this.#api.post(this.#path("/marks"), mark);
  }
  /** @param {string} other  another conversation of the same customer */
  link(other) {
    return this.#act("links", { other });
  }
  /** @param {string} other */
  async unlink(other) {
    this.#setCard(readCard(await this.#api.delete(this.#path(`/links/${encodeURIComponent(other)}`))));
  }
  /** What fits the customer's last message. @returns {Promise<Suggested>} */
  suggestions() {
    return this.#api.get(this.#path("/suggestions"), { signal: this.#closed.signal });
  }

  /**
   * Records the reason for reading a colleague's conversation, and reads it.
   * @param {string} reason
   */
  async giveReason(reason) {
    await this.#api.post(this.#path("/access"), { reason });
    this.needsReason = false;
    this.#changed();
    await this.#load();
  }

  /**
   * Takes the card from the queue, which is often newer.
   * @param {Card | null} card
   */
  heard(card) {
    if (card) this.#setCard(card);
  }

  /** @param {string} rest */
  #path(rest) {
    return `/api/conversations/${encodeURIComponent(this.id)}${rest}`;
  }

  /** @param {string} what @param {object} [body] */
  async #act(what, body = {}) {
    this.#setCard(readCard(await this.#api.post(this.#path(`/${what}`), body)));
  }

  async #load() {
    try {
      while (await this.#read(this.log.lastSeq)); // one answer contains a part of a long log
    } catch (error) {
      if (this.#closed.signal.aborted) return;
      const failure = DeskError.of(error);
      if (!failure.isPassing) {
        this.#refused(failure);
        return;
      }
    }
    if (this.#closed.signal.aborted) return;
    this.loaded ||= this.log.events.length > 0;
    this.looking.start();
    this.#changed();
    this.#stream = new EventStream({
      api: this.#api,
      lastId: this.log.lastSeq,
      path: (after) => this.#path(`/log?after=${after}`),
      onFrame: ({ type, data }) => {
        if (type === "event") this.#take([readEvent(data)]);
        this.loaded ||= this.log.events.length > 0;
        if (type === "conversation") this.#setCard(readCard(data));
        if (type === "lookers") this.#setLookers(data.lookers);
        if (type === "signs") this.#setSigns(data);
      },
      onState: () => {}, // the queue's connection is shown instead
      poll: async () => {
        while (await this.#read(this.log.lastSeq));
        this.loaded = true;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        return this.log.lastSeq;
      },
      onRefused: (error) => this.#refused(error),
    });
  }

  /**
   * Reads events after `after`; returns whether there are more.
   * @param {number} after
   */
  async #read(after) {
    const { conversation, events, lookers, signs } = await this.#api.get(this.#path(`/log?after=${after}`), {
      signal: this.#closed.signal,
    });
    const card = readCard(conversation);
    this.#take(readEvents(events));
    this.#setCard(card);
    this.#setLookers(lookers);
    this.#setSigns(signs);
    return events.length > 0 && this.log.lastSeq < card.last_seq;
  }

  /**
   * Clears the log: the desk refuses to show it.
   * @param {DeskError} error
   */
  #refused(error) {
    this.#stream?.close();
    this.looking.close();
    this.log.clear();
    this.lookers = [];
    this.loaded = false;
    if (isSignedOut(error)) {
      this.dispatchEvent(new Event("expired"));
      return;
    }
    this.needsReason = error.code === REASON_NEEDED;
    this.problem = this.needsReason ? null : error;
    this.#changed();
  }

  /** @param {LogEvent[]} events */
  #take(events) {
    for (const event of events) this.log.add(event);
    this.#changed();
  }

  /** @param {unknown} lookers */
  #setLookers(lookers) {
    if (!Array.isArray(lookers)) return; // a desk without this frame
    this.lookers = lookers;
    this.#changed();
  }

  /** @param {unknown} signs */
  #setSigns(signs) {
    if (!isRecord(signs)) return; // a desk without this field
    this.signs = { is_typing: signs.is_typing === true, read_seq: Number(signs.read_seq) || 0 };
    this.#changed();
  }

  /**
   * Takes a card, unless it was read before the one that is known. The log, its stream, the queue and each action bring cards,
   * in any order: an older one would take the reply box from an agent who has just claimed.
   * @param {Card} card
   */
  #setCard(card) {
    if (card.last_seq < (this.card?.last_seq ?? 0)) return;
    this.card = { ...this.card, ...card };
    this.heardAt = Date.now();
    if (this.needsReason && (this.isMine || this.isWaiting)) {
      this.needsReason = false; // it came back from the colleague
      this.#load();
    }
    this.#changed();
  }

  #changed() {
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      if (!this.#closed.signal.aborted) this.dispatchEvent(new Event("change"));
    });
  }
}
