// The conversation that an agent has open: its card, its log and its actions.
import { readCard, readEvent, readEvents } from "../shared/contract-types.js";
import { ConversationLog } from "../shared/conversation-log.js";
import { DeskError } from "../shared/desk-api.js";
import { EventStream } from "../shared/event-stream.js";
import { isSignedOut } from "./outboxes.js";

/** @import { Account, Card, LogEvent } from "../shared/contract-types.js" */
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
    outbox.addEventListener("change", this.#settle);
    this.#load();
  }

  close() {
    this.#closed.abort();
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

  /** @param {string} text */
  reply(text) {
    this.outbox.add({ text });
  }

  claim() {
    return this.#act("claim");
  }
  /** @param {string | null} to  a colleague's login; null: the queue. @param {string} note */
  transfer(to, note) {
    return this.#act("transfer", { ...(to && { to }), ...(note && { note }) });
  }
  /**
   * The desk refuses (409 `unread`) when the customer has written after `seenSeq`.
   * @param {string} note
   * @param {number} seenSeq
   */
  giveBack(note, seenSeq) {
    return this.#act("return", { seen_seq: seenSeq, ...(note && { note }) });
  }
  /** As giveBack(). @param {string} note @param {number} seenSeq */
  resolve(note, seenSeq) {
    return this.#act("resolve", { seen_seq: seenSeq, ...(note && { note }) });
  }
  /** @param {string} text */
  note(text) {
    return this.#api.post(this.#path("/notes"), { text });
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
    if (!card || card.last_seq < (this.card?.last_seq ?? 0)) return;
    this.#setCard(card);
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
    this.#changed();
    this.#stream = new EventStream({
      api: this.#api,
      lastId: this.log.lastSeq,
      path: (after) => this.#path(`/log?after=${after}`),
      onFrame: ({ type, data }) => {
        if (type === "event") this.#take([readEvent(data)]);
        this.loaded ||= this.log.events.length > 0;
        if (type === "conversation") this.#setCard(readCard(data));
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
    const { conversation, events } = await this.#api.get(this.#path(`/log?after=${after}`), {
      signal: this.#closed.signal,
    });
    const card = readCard(conversation);
    this.#take(readEvents(events));
    this.#setCard(card);
    return events.length > 0 && this.log.lastSeq < card.last_seq;
  }

  /**
   * Clears the log: the desk refuses to show it.
   * @param {DeskError} error
   */
  #refused(error) {
    this.#stream?.close();
    this.log.clear();
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

  /** @param {Card} card */
  #setCard(card) {
    this.card = { ...this.card, ...card };
    this.heardAt = Date.now();
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
