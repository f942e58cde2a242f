// The queue as the desk last told it: one whole picture first, then what has changed in it.
import { EventStream } from "../shared/event-stream.js";

const POLL_MS = 3_000;
// The desk tells what changes on the first page only. Further pages that are shown are read again after a change,
// at most one page in this time.
const REREAD_MS = 5_000;
const RANK = { urgent: 0, high: 1, normal: 2 };

/** A lane comes before every priority. */
const rankOf = (card) => (card.lane ? -1 : (RANK[card.priority] ?? 3));

/** The desk's order of those who wait: by lane and priority, then by time. */
function before(a, b) {
  const rank = rankOf(a) - rankOf(b);
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
  waitingTotal = 0; // conversations, not cards: some cards stand for several
  hasMore = false;
  connection = "open";
  loaded = false;
  problem = null; // why this account may not see the queue, in words
  #api;
  #login;
  #first = []; // the first page of those who wait, kept live by the desk
  #rest = []; // further pages, as they were when they were read
  #afterFirst = null; // cursors
  #afterRest = null;
  #pages = 0; // further pages that are shown
  #reading = Promise.resolve(); // pages are read one after another
  #rereading = null;
  #asked = 0; // calls of more() that are not answered yet
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
    clearTimeout(this.#rereading);
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

  /** Reads the further pages again that are shown; the agent who asks for one more goes first. */
  #readAgain() {
    return this.#inTurn(async () => {
      let [cards, pages, cursor] = [[], 0, this.#afterFirst];
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
      this.#rereading = null;
      this.#readAgain().catch(() => {}); // after the next change again
    }, REREAD_MS * this.#pages);
  }

  #inTurn(read) {
    const reading = this.#reading.then(read);
    this.#reading = reading.catch(() => {}); // whoever asked is told; the next one tries again
    return reading;
  }

  async #page(cursor) {
    const { waiting, next = null } = await this.#api.get(`/api/queue?after=${encodeURIComponent(cursor)}`);
    return { cards: waiting.map(heard), next };
  }

  #show(cards, pages, next) {
    this.#rest = cards;
    this.#pages = pages;
    this.#afterRest = next;
    this.#join();
    this.#changed();
  }

  #whole({ waiting = [], mine = [], others = [], agents = [], waiting_total: total, next = null }) {
    this.#first = waiting.map(heard);
    Object.assign(this, { mine: mine.map(heard), others: others.map(heard), agents });
    this.waitingTotal = total ?? waiting.length;
    this.loaded = true;
    this.#turn(next);
  }

  #part({ changed = [], gone = [], waiting_total: total, next = this.#afterFirst, agents }) {
    const moved = new Set([...gone, ...changed.map((card) => card.id)]);
    const stays = (card) => !moved.has(card.id);
    const left = this.#first.filter((card) => gone.includes(card.id));
    this.#first = this.#first.filter(stays);
    this.#rest = this.#rest.filter(stays);
    for (const group of ["mine", "others"]) if (!this[group].every(stays)) this[group] = this[group].filter(stays);
    for (const card of changed.map(heard)) {
      if (card.status === "queued") this.#first.push(card);
      else if (card.status === "assigned") this[card.agent === this.#login ? "mine" : "others"].push(card);
    }
    this.#first.sort(before);
    // What left the first page at its end still waits, but further back: on a page that is shown, it stays.
    const last = this.#first.at(-1);
    if (this.#pages && last) this.#rest.unshift(...left.filter((card) => before(last, card) < 0));
    this.waitingTotal = total ?? this.waitingTotal;
    if (agents) this.agents = agents;
    this.#turn(next);
  }

  /** The first page has changed; what comes after it may have, too. */
  #turn(next) {
    this.#afterFirst = next;
    if (next === null) [this.#rest, this.#pages, this.#afterRest] = [[], 0, null];
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

/** waiting_seconds counts from the moment in which the card came. */
const heard = (card) => ({ ...card, heardAt: Date.now() });
