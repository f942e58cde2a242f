// The conversation an agent has open: its card, its log, and what can be done with it.
import { EventStream } from "../shared/event-stream.js";
import { isSignedOut } from "./outboxes.js";

const POLL_MS = 2_000;
const REASON_NEEDED = "reason_needed";

/** Emits "change", at most once for all events that arrive together, and "expired". */
export class OpenConversation extends EventTarget {
  card = null;
  events = []; // in order of seq; only ever appended to, and replaced by another array when they may not be read any more
  loaded = false;
  heardAt = Date.now();
  problem = null; // DeskError when it cannot be read at all
  needsReason = false; // a colleague's conversation: the desk wants a reason first
  seenSeq = 0; // the last event that the agent's page has shown
  #api;
  #me;
  #stream = null;
  #closed = new AbortController();
  #isTelling = false;
  #settle = () => {
    // The event may have been faster than the answer that names its number.
    const arrived = this.outbox.items.find((item) => item.seq && item.seq <= this.lastSeq);
    if (arrived) this.outbox.settle(arrived.client_message_id);
    else this.#changed();
  };

  constructor({ api, id, me, card, outbox }) {
    super();
    this.id = id;
    this.card = card;
    this.outbox = outbox;
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

  get lastSeq() {
    return this.events.at(-1)?.seq ?? 0;
  }

  get isMine() {
    return this.card?.status === "assigned" && this.card.agent === this.#me.login;
  }

  get isWaiting() {
    return this.card?.status === "queued";
  }

  /** A supervisor may move and end what colleagues have. */
  get canMove() {
    return this.isMine || (this.#me.role === "supervisor" && this.card?.status === "assigned");
  }

  get canResolve() {
    return this.canMove || (this.#me.role === "supervisor" && this.isWaiting);
  }

  /** Replies that are not in the log yet. */
  get pending() {
    return this.outbox.items;
  }

  reply(text) {
    this.outbox.add({ text });
  }

  claim() {
    return this.#act("claim");
  }
  transfer(to, note) {
    return this.#act("transfer", { ...(to && { to }), ...(note && { note }) });
  }
  /** seenSeq: the desk refuses (409 `unread`) when the customer has written after it. */
  giveBack(note, seenSeq) {
    return this.#act("return", { seen_seq: seenSeq, ...(note && { note }) });
  }
  resolve(note, seenSeq) {
    return this.#act("resolve", { seen_seq: seenSeq, ...(note && { note }) });
  }
  note(text) {
    return this.#api.post(this.#path("/notes"), { text });
  }

  /** Says why a colleague's conversation is read, and reads it. */
  async giveReason(reason) {
    await this.#api.post(this.#path("/access"), { reason });
    this.needsReason = false;
    this.#changed();
    await this.#load();
  }

  /** The queue knows about it, too, and often first. */
  heard(card) {
    if (!card || card.last_seq < (this.card?.last_seq ?? 0)) return;
    this.#setCard(card);
  }

  #path(rest) {
    return `/api/conversations/${encodeURIComponent(this.id)}${rest}`;
  }

  async #act(what, body = {}) {
    this.#setCard(await this.#api.post(this.#path(`/${what}`), body));
  }

  async #load() {
    try {
      while (await this.#read(this.lastSeq)); // one answer holds a part of a long log
    } catch (error) {
      if (this.#closed.signal.aborted) return;
      if (!error.isPassing) {
        this.#refused(error);
        return;
      }
    }
    if (this.#closed.signal.aborted) return;
    this.loaded ||= this.events.length > 0;
    this.#changed();
    this.#stream = new EventStream({
      api: this.#api,
      lastId: this.lastSeq,
      path: (after) => this.#path(`/log?after=${after}`),
      onFrame: ({ type, data }) => {
        if (type === "event") this.#append([data]);
        this.loaded ||= this.events.length > 0;
        if (type === "conversation") this.#setCard(data);
      },
      onState: () => {}, // the queue's line tells whether we are connected
      poll: async () => {
        while (await this.#read(this.lastSeq));
        this.loaded = true;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        return this.lastSeq;
      },
      onRefused: (error) => this.#refused(error),
    });
  }

  /** Asks for what came after `after`; whether there is more. */
  async #read(after) {
    const { conversation, events } = await this.#api.get(this.#path(`/log?after=${after}`), {
      signal: this.#closed.signal,
    });
    this.#append(events);
    this.#setCard(conversation);
    return events.length > 0 && this.lastSeq < conversation.last_seq;
  }

  /** What was read may not be shown any longer, whatever the reason. */
  #refused(error) {
    this.#stream?.close();
    this.events = [];
    this.loaded = false;
    if (isSignedOut(error)) {
      this.dispatchEvent(new Event("expired"));
      return;
    }
    this.needsReason = error.code === REASON_NEEDED;
    this.problem = this.needsReason ? null : error;
    this.#changed();
  }

  #append(events) {
    for (const event of events) {
      if (event.seq <= this.lastSeq) continue; // sent twice
      this.events.push(event);
      if (!this.outbox.items.length) continue;
      if (event.client_message_id) this.outbox.settle(event.client_message_id);
      this.outbox.settleSeq(event.seq);
    }
    this.#changed();
  }

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
