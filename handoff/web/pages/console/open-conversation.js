// The conversation an agent has open: its card, its log, replies on their way, and what can be done with it.
import { EventStream } from "../event-stream.js";
import { Outbox } from "../outbox.js";

const POLL_MS = 2_000;

/** Emits "change" and, when the sign-in has run out, "expired". */
export class OpenConversation extends EventTarget {
  card = null;
  loaded = false;
  heardAt = Date.now();
  problem = null; // DeskError when it cannot be read at all
  #api;
  #me;
  #events = new Map();
  #stream = null;
  #closed = new AbortController();

  constructor({ api, store, id, me, card }) {
    super();
    this.id = id;
    this.card = card;
    this.#api = api;
    this.#me = me;
    this.outbox = new Outbox({ store, key: `reply.${me.login}.${id}`, send: (item) => this.#deliver(item) });
    this.outbox.addEventListener("change", () => {
      // The event may have been faster than the answer that names its number.
      const arrived = this.outbox.items.find((item) => this.#events.has(item.seq));
      if (arrived) this.outbox.settle(arrived.client_message_id);
      else this.#changed();
    });
    this.#load();
  }

  close() {
    this.#closed.abort();
    this.#stream?.close();
    this.outbox.close();
  }

  get isMine() {
    return this.card?.status === "assigned" && this.card.agent === this.#me.login;
  }

  get isWaiting() {
    return this.card?.status === "queued";
  }

  get events() {
    return [...this.#events.values()].sort((a, b) => a.seq - b.seq);
  }

  /** Replies not yet in the log. The event may overtake the answer that names its number, so words count too. */
  get pending() {
    return this.outbox.items.filter(
      (item) =>
        !this.events.some(
          (event) =>
            event.type === "message" &&
            event.by.kind === "agent" &&
            event.text === item.text &&
            new Date(event.at) >= new Date(item.at) - 2_000 &&
            !event.client_message_id,
        ),
    );
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
  giveBack(note) {
    return this.#act("return", note ? { note } : {});
  }
  resolve(note) {
    return this.#act("resolve", note ? { note } : {});
  }
  note(text) {
    return this.#api.post(this.#path("/notes"), { text });
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

  #deliver({ client_message_id, text }) {
    return this.#api.post(this.#path("/messages"), { client_message_id, text });
  }

  async #load() {
    try {
      await this.#read(0);
      this.outbox.flush();
    } catch (error) {
      if (this.#closed.signal.aborted) return;
      if (error.status === 401) {
        this.dispatchEvent(new Event("expired"));
        return;
      }
      if (!error.isPassing) {
        this.problem = error;
        this.#changed();
        return;
      }
    }
    if (this.#closed.signal.aborted) return;
    this.#stream = new EventStream({
      api: this.#api,
      lastId: this.events.at(-1)?.seq ?? 0,
      path: (after) => this.#path(`/log?after=${after}`),
      onFrame: ({ type, data }) => {
        if (type === "event") this.#add(data);
        if (type === "conversation") this.#setCard(data);
      },
      onState: () => {}, // the queue's line tells whether we are connected
      poll: async (after) => {
        const last = await this.#read(after);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        return last;
      },
      onRefused: (error) => {
        this.problem = error;
        if (error.status === 401) this.dispatchEvent(new Event("expired"));
        else this.#changed();
      },
    });
  }

  /** Asks for what came after `after`; returns the last seq. */
  async #read(after) {
    const { conversation, events } = await this.#api.get(this.#path(`/log?after=${after}`), {
      signal: this.#closed.signal,
    });
    for (const event of events) this.#events.set(event.seq, event);
    for (const event of events) this.outbox.settleSeq(event.seq);
    this.#setCard(conversation);
    return events.at(-1)?.seq ?? after;
  }

  #add(event) {
    this.loaded = true;
    this.#events.set(event.seq, event);
    if (event.client_message_id) this.outbox.settle(event.client_message_id);
    this.outbox.settleSeq(event.seq);
    this.#changed();
  }

  #setCard(card) {
    this.loaded ||= card.created_at !== undefined;
    this.card = { ...this.card, ...card };
    this.heardAt = Date.now();
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
