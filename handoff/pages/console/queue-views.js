// Which waiting conversations the list shows, and in which order: views, filters, sorting, and views that an agent has saved.

/** @import { Card, HeardCard } from "../shared/contract-types.js" */
/** @import { BrowserStore } from "../shared/browser-store.js" */

/** @typedef {"lane" | "due" | "amount"} Sort  lane: the desk's order */
/** @typedef {{queue?: string, reason?: string, language?: string}} Filters  ids; a missing one lets everything through */
/** @typedef {{name: string, view: string, filters: Filters, sort: Sort}} SavedView */

export const ALL = "all";
/** The agent's own conversations: a pane of its own on a phone, the slots on top elsewhere. */
export const MINE = "mine";
export const COLLEAGUES = "colleagues";
export const ENDED = "ended";
/** @type {readonly Sort[]} */
export const SORTS = ["lane", "due", "amount"];
const SAVED_LIMIT = 12;
const NAME_LIMIT = 20;

/** Views of waiting conversations. */
const WAITING_VIEWS = new Map(
  /** @type {[string, (card: Card) => boolean][]} */ ([
    [ALL, () => true],
    ["money_moving", (card) => card.lane === "money_moving"],
    ["dispute", (card) => card.reason === "dispute"],
    ["english", (card) => card.locale === "en"],
    ["known", (card) => isKnown(card)],
  ]),
);
/** All views in the order of their buttons. */
export const VIEWS = [...WAITING_VIEWS.keys(), COLLEAGUES, ENDED];

/** Whether this customer has been here before: with another agent than now, or in an earlier episode. @param {Card} card */
export function isKnown(card) {
  return (
    Boolean(card.known_by && card.known_by.login !== card.agent) || Boolean(card.earlier) || (card.episode ?? 1) > 1
  );
}

/** Whether a view shows waiting conversations. @param {string} view */
export const isOfWaiting = (view) => WAITING_VIEWS.has(view);

/** How many conversations some cards stand for. @param {readonly Card[]} cards */
export const countOf = (cards) => cards.reduce((sum, card) => sum + (card.same_address ?? 1), 0);

/**
 * How many waiting conversations each view has, by the view's id.
 * @param {readonly Card[]} waiting
 * @returns {Record<string, number>}
 */
export function countsOf(waiting) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const view of WAITING_VIEWS.keys()) counts[view] = 0;
  for (const card of waiting)
    for (const [view, includes] of WAITING_VIEWS) if (includes(card)) counts[view] += card.same_address ?? 1;
  return counts;
}

/** @param {Card} card @param {Filters} filters */
function passes(card, { queue, reason, language }) {
  return (
    (!queue || card.queue === queue) && (!reason || card.reason === reason) && (!language || card.locale === language)
  );
}

/** @param {number | null | undefined} one @param {number | null | undefined} other */
const compare = (one, other) => (one === other ? 0 : one == null ? 1 : other == null ? -1 : one - other);

/** @param {Card} card */
function dueAt({ due }) {
  const at = Date.parse(due?.at ?? "");
  return !due || due.is_paused || Number.isNaN(at) ? null : at;
}

/** @type {Record<Sort, ((a: Card, b: Card) => number) | null>} */
const ORDERS = {
  lane: null, // as they come: equal cards of the other orders keep this one
  due: (a, b) => compare(dueAt(a), dueAt(b)),
  amount: (a, b) => compare(a.amount_cny == null ? null : -a.amount_cny, b.amount_cny == null ? null : -b.amount_cny),
};

/**
 * The waiting cards of a view, filtered and in order.
 * @param {readonly HeardCard[]} waiting  in the desk's order
 * @param {{view: string, filters: Filters, sort: Sort}} choice
 */
export function chosen(waiting, { view, filters, sort }) {
  const includes = WAITING_VIEWS.get(view) ?? (() => false);
  const cards = waiting.filter((card) => includes(card) && passes(card, filters));
  const order = ORDERS[sort];
  return order ? cards.sort(order) : cards;
}

/** Whether a choice needs cards beyond the first pages: its rows stand anywhere in the queue. @param {{view: string, filters: Filters, sort: Sort}} choice */
export function needsWholeQueue({ view, filters, sort }) {
  return isOfWaiting(view) && (view !== ALL || sort !== "lane" || Object.values(filters).some(Boolean));
}

/** The views that one agent has saved, in this browser. */
export class SavedViews {
  #store;
  #key;

  /** @param {Pick<BrowserStore, "get" | "set">} store @param {string} login */
  constructor(store, login) {
    this.#store = store;
    this.#key = `views.${login}`;
  }

  /** @returns {SavedView[]} */
  get all() {
    const found = this.#store.get(this.#key);
    if (!Array.isArray(found)) return [];
    return found.filter((one) => typeof one?.name === "string" && isOfWaiting(one.view) && SORTS.includes(one.sort)); // an older page's views
  }

  /** Saves under a name, in place of the view of the same name; the oldest goes when there are too many. @param {SavedView} view */
  save(view) {
    const name = view.name.trim().slice(0, NAME_LIMIT);
    if (!name) return;
    const others = this.all.filter((one) => one.name !== name);
    this.#store.set(this.#key, [...others, { ...view, name }].slice(-SAVED_LIMIT));
  }

  /** @param {string} name */
  remove(name) {
    this.#store.set(
      this.#key,
      this.all.filter((one) => one.name !== name),
    );
  }
}
