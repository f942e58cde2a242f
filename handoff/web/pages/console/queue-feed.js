// The queue as the desk last told it: one whole picture first, then what has changed in it.
import { EventStream } from "../event-stream.js";

const POLL_MS = 3_000;
const RANK = { urgent: 0, high: 1, normal: 2 };
// With fewer cards than this on the page and more at the desk, the next page is asked for without a click.
const FEW = 30;

/** The desk's order of those who wait: by priority, then by time. */
function before(a, b) {
  const rank = (RANK[a.priority] ?? 3) - (RANK[b.priority] ?? 3);
  if (rank) return rank;
  const time = new Date(a.queued_at) - new Date(b.queued_at);
  return time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Emits "change", "reconnected" (who is signed in may have changed) and "expired". */
export class QueueFeed extends EventTarget {
  waiting = []; // cards in the desk's order, those of the pages that were read
  mine = [];
  others = [];
  agents = [];
  waitingTotal = 0;
  hasMore = false;
  connection = "open";
  loaded = false;
  problem = null; // why this account may not see the queue, in words
  #api;
  #login;
  #next = null; // cursor of the next page of those who wait
  #reading = null;
  #stream;

  constructor(api, me) {
    super();
    this.#api = api;
    this.#login = me.login;
    this.#stream = new EventStream({
      api,
      path: () => "/api/queue",
      onFrame: ({ type, data }) => {
        if (type === "queue") this.#whole(data);
        if (type === "queue_changed") this.#part(data);
      },
      onState: (connection) => {
        if (connection === this.connection) return;
        this.connection = connection;
        this.#changed();
        if (connection === "open") this.dispatchEvent(new Event("reconnected"));
      },
      poll: async (after, signal) => {
        this.#whole(await api.get("/api/queue", { signal }));
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        return after;
      },
      onRefused: (error) => {
        this.problem = error.message;
        this.dispatchEvent(new Event("expired"));
      },
    });
  }

  close() {
    this.#stream.close();
  }

  card(id) {
    for (const group of [this.mine, this.waiting, this.others]) {
      const card = group.find((each) => each.id === id);
      if (card) return card;
    }
    return null;
  }

  /** Reads the next page of those who wait; rejects with a DeskError. */
  more() {
    this.#reading ??= this.#readPage().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readPage() {
    if (this.#next === null) return;
    const cursor = this.#next;
    const { waiting, next = null } = await this.#api.get(`/api/queue?after=${encodeURIComponent(cursor)}`);
    if (cursor !== this.#next) return; // a whole picture came meanwhile
    this.#setNext(next);
    for (const card of waiting) this.#place(card, true);
    this.#changed();
  }

  #setNext(next) {
    this.#next = next;
    this.hasMore = next !== null;
  }

  #whole({ waiting = [], mine = [], others = [], agents = [], waiting_total: total, next = null }) {
    const heard = (cards) => cards.map((card) => ({ ...card, heardAt: Date.now() }));
    Object.assign(this, { waiting: heard(waiting), mine: heard(mine), others: heard(others), agents });
    this.waitingTotal = total ?? waiting.length;
    this.#setNext(next);
    this.loaded = true;
    this.#changed();
  }

  #part({ changed = [], gone = [], waiting_total: total, agents }) {
    this.#remove(new Set([...gone, ...changed.map((card) => card.id)]));
    for (const card of changed) this.#place(card);
    this.waitingTotal = total ?? this.waiting.length;
    if (agents) this.agents = agents;
    this.#changed();
    if (this.hasMore && this.waiting.length < FEW) this.more().catch(() => {}); // the button stays for another try
  }

  #remove(ids) {
    const stays = (card) => !ids.has(card.id);
    for (const group of ["waiting", "mine", "others"])
      if (this[group].some((card) => ids.has(card.id))) this[group] = this[group].filter(stays);
  }

  /** Puts a card where it belongs. One that waits behind the pages that were read comes with its own page. */
  #place(card, ofPage = false) {
    const heard = { ...card, heardAt: Date.now() };
    if (card.status === "assigned") {
      const group = card.agent === this.#login ? this.mine : this.others;
      const at = group.findIndex((other) => new Date(other.assigned_at) > new Date(card.assigned_at));
      group.splice(at < 0 ? group.length : at, 0, heard);
      return;
    }
    if (card.status !== "queued" || this.waiting.some((other) => other.id === card.id)) return;
    let [from, to] = [0, this.waiting.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (before(this.waiting[middle], card) < 0) from = middle + 1;
      else to = middle;
    }
    if (from === this.waiting.length && this.hasMore && !ofPage) return;
    this.waiting.splice(from, 0, heard);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
