// The queue from the desk's stream: first the whole queue, then changes.
import { readCard } from "../shared/contract-types.js";
import { EventStream } from "../shared/event-stream.js";
import { PresenceSigns } from "../shared/presence-signs.js";
import { DeskClock } from "./due-clock.js";

/** @import { Account, Card, Colleague, HeardCard, InBoth, Mention, QueueChange, QueuePicture } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { StreamSettings } from "../shared/event-stream.js" */

const POLL_MS = 3_000;
// The desk sends changes of the first page only. Further pages on the screen are read again after a change, at most one
// page in this time.
const REREAD_MS = 5_000;
/** @type {Record<string, number>} */
const RANK = { urgent: 0, high: 1, normal: 2 };

/** A lane comes before every priority. @param {Card} card */
const rankOf = (card) => (card.lane ? -1 : (RANK[card.priority ?? ""] ?? 3));

/** @param {string | null | undefined} time */
const timeOf = (time) => Date.parse(time ?? "");

/**
 * The desk's order of waiting conversations: lane and priority, then time, then id.
 * @param {Card} a
 * @param {Card} b
 */
export function before(a, b) {
  const rank = rankOf(a) - rankOf(b);
  if (rank) return rank;
  const time = timeOf(a.queued_at) - timeOf(b.queued_at);
  return time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Emits "change", "reconnected" (the session may have changed) and "expired". */
export class QueueFeed extends EventTarget {
  /** Waiting conversations in the desk's order, from the pages that were read. @type {HeardCard[]} */
  waiting = [];
  /** @type {HeardCard[]} */
  mine = [];
  /** @type {HeardCard[]} */
  others = [];
  /** @type {Colleague[]} */
  agents = [];
  /** Notes that mention this agent and that they have not opened. @type {Mention[]} */
  mentions = [];
  /** Why this agent can claim nothing now. @type {InBoth | null} */
  claimRefusal = null;
  /** The desk's time. */
  clock = new DeskClock();
  waitingTotal = 0; // conversations, not cards: some cards stand for several
  hasMore = false;
  /** @type {"open" | "reconnecting"} */
  connection = "open";
  loaded = false;
  /** Why this account may not see the queue, as text. @type {string | null} */
  problem = null;
  #api;
  #login;
  /** The first page of waiting conversations, kept current by the stream. @type {HeardCard[]} */
  #first = [];
  /** Further pages, as they were when they were read. @type {HeardCard[]} */
  #rest = [];
  /** The cursor behind the first page. @type {string | null} */
  #afterFirst = null;
  /** @type {string | null} */
  #afterRest = null;
  #pages = 0; // further pages that are shown
  #reading = Promise.resolve(); // pages are read one after another
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rereading;
  #asked = 0; // calls of more() that are not answered yet
  #stream;

  /**
   * @param {DeskApi} api
   * @param {Pick<Account, "login">} me
   * @param {(settings: StreamSettings) => Pick<EventStream, "close">} [follow]  opens the stream
   */
  constructor(api, me, follow = (settings) => new EventStream(settings)) {
    super();
    this.#api = api;
    this.#login = me.login;
    this.signs = new PresenceSigns(api);
    this.#stream = follow({
      api,
      path: () => "/api/queue",
      onFrame: ({ type, data }) => {
        if (type === "queue") this.#whole(data);
        if (type === "queue_changed") this.#part(data);
      },
      onState: (connection) => {
        if (connection === "open") this.signs.heard();
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
    this.signs.end();
    clearTimeout(this.#rereading);
  }

  /** The card of a conversation, null when it is in no group. @param {string} id */
  card(id) {
    for (const group of [this.mine, this.waiting, this.others]) {
      const card = group.find((each) => each.id === id);
      if (card) return card;
    }
    return null;
  }

  /** The agent's own entry. */
  get self() {
    return this.agents.find(({ login }) => login === this.#login);
  }

  /** The agent has opened a conversation: its mentions are settled. Returns whether there were any. @param {string} id */
  seeMentions(id) {
    const left = this.mentions.filter((mention) => mention.conversation_id !== id);
    const hadSome = left.length < this.mentions.length;
    this.mentions = left;
    return hadSome;
  }

  /** Reads the next page of waiting conversations; rejects with a DeskError. */
  more() {
    this.#asked += 1;
    const next = async () => {
      const cursor = this.#pages ? this.#afterRest : this.#afterFirst;
      if (cursor === null) return;
      const page = await this.#page(cursor);
      this.#show([...this.#rest, ...page.cards], this.#pages + 1, page.next);
    };
    return this.#inTurn(next).finally(() => {
      this.#asked -= 1;
    });
  }

  /** Reads the further pages on the screen again; a call of more() goes first. */
  #readAgain() {
    return this.#inTurn(async () => {
      /** @type {HeardCard[]} */
      let cards = [];
      let pages = 0;
      let cursor = this.#afterFirst;
      for (; pages < this.#pages && cursor !== null; pages += 1) {
        if (this.#asked) {
          this.#planReading();
          return;
        }
        const page = await this.#page(cursor);
        cards = [...cards, ...page.cards];
        cursor = page.next;
      }
      this.#show(cards, pages, cursor);
    });
  }

  #planReading() {
    if (!this.#pages || this.#rereading) return;
    this.#rereading = setTimeout(() => {
      this.#rereading = undefined;
      this.#readAgain().catch(() => {}); // the next change plans it again
    }, REREAD_MS * this.#pages);
  }

  /** @param {() => Promise<void>} read @returns {Promise<void>} */
  #inTurn(read) {
    const reading = this.#reading.then(read);
    this.#reading = reading.catch(() => {}); // the caller gets the error; the next read starts anew
    return reading;
  }

  /** @param {string} cursor @returns {Promise<{cards: HeardCard[], next: string | null}>} */
  async #page(cursor) {
    const { waiting, next = null } = await this.#api.get(`/api/queue?after=${encodeURIComponent(cursor)}`);
    return { cards: cardsOf(waiting), next };
  }

  /** @param {HeardCard[]} cards @param {number} pages @param {string | null} next */
  #show(cards, pages, next) {
    this.#rest = cards;
    this.#pages = pages;
    this.#afterRest = next;
    this.#join();
    this.#changed();
  }

  /** @param {QueuePicture} picture */
  #whole({ waiting = [], mine = [], others = [], agents = [], mentions = [], ...rest }) {
    const { waiting_total: total, next = null, claim_refusal: refusal = null } = rest;
    this.#first = cardsOf(waiting);
    this.clock.hear(this.#first[0]);
    this.mine = cardsOf(mine);
    this.others = cardsOf(others);
    this.agents = agents;
    this.mentions = mentions;
    this.claimRefusal = refusal;
    this.waitingTotal = total ?? waiting.length;
    this.loaded = true;
    this.#turn(next);
  }

  /** @param {QueueChange} change */
  #part({
    changed = [],
    gone = [],
    waiting_total: total,
    next = this.#afterFirst,
    agents,
    mentions,
    claim_refusal: refusal,
  }) {
    const moved = new Set([...gone, ...changed.map((card) => card.id)]);
    const stays = (/** @type {Card} */ card) => !moved.has(card.id);
    const left = this.#first.filter((card) => gone.includes(card.id));
    this.#first = this.#first.filter(stays);
    this.#rest = this.#rest.filter(stays);
    if (!this.mine.every(stays)) this.mine = this.mine.filter(stays);
    if (!this.others.every(stays)) this.others = this.others.filter(stays);
    const cards = cardsOf(changed);
    this.clock.hear(cards.find((card) => card.status === "queued"));
    for (const card of cards) {
      if (card.status === "queued") this.#first.push(card);
      else if (card.status === "assigned") (card.agent === this.#login ? this.mine : this.others).push(card);
    }
    this.#first.sort(before);
    // A card that left the first page at its end still waits: it moves to the next page on the screen.
    const last = this.#first.at(-1);
    if (this.#pages && last) this.#rest.unshift(...left.filter((card) => before(last, card) < 0));
    this.waitingTotal = total ?? this.waitingTotal;
    if (agents) this.agents = agents;
    if (mentions) this.mentions = mentions;
    if (refusal !== undefined) this.claimRefusal = refusal;
    this.#turn(next);
  }

  /** The first page has changed, so the further pages may have changed too. */
  /** @param {string | null} next */
  #turn(next) {
    this.#afterFirst = next;
    if (next === null) {
      this.#rest = [];
      this.#pages = 0;
      this.#afterRest = null;
    }
    this.#join();
    this.#changed();
    this.#planReading();
  }

  #join() {
    const first = new Set(this.#first.map((card) => card.id));
    this.waiting = this.#rest.length
      ? [...this.#first, ...this.#rest.filter((card) => !first.has(card.id))]
      : this.#first;
    this.hasMore = (this.#pages ? this.#afterRest : this.#afterFirst) !== null;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Cards from JSON. `waiting_seconds` is valid at the time `heardAt`.
 * @param {unknown[]} cards
 * @returns {HeardCard[]}
 */
const cardsOf = (cards) => cards.map((card) => ({ ...readCard(card), heardAt: Date.now() }));
