// The left pane: the agent's own conversations, offers, and below them the list of the chosen view. Arrows and j/k move through
// all of them.
import { el, setText } from "../shared/dom.js";
import { DueTip } from "./due-tip.js";
import { ColleagueRow, EndedRow } from "./list-rows.js";
import { MineSlots } from "./mine-slots.js";
import { OfferRows, offersTo } from "./offer-rows.js";
import { QueueCard } from "./queue-card.js";
import { ALL, COLLEAGUES, chosen, countOf, countsOf, ENDED, isOfWaiting, needsWholeQueue } from "./queue-views.js";
import { SelectingBar } from "./selecting-bar.js";
import { ViewBar } from "./view-bar.js";
import { WindowedList } from "./windowed-list.js";

/** @import { Account, Card, Colleague, HeardCard } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */
/** @import { Found } from "./list-rows.js" */
/** @import { QueueFeed } from "./queue-feed.js" */
/** @import { SavedViews } from "./queue-views.js" */
/** @import { Entry } from "./windowed-list.js" */

/**
 * @typedef {{kind: "card", card: HeardCard, isAlike: boolean, isOthers: boolean}
 *   | {kind: "agent", agent: Colleague}
 *   | {kind: "ended", found: Found}} Item
 */
/**
 * @typedef {object} QueueListOptions
 * @property {Say} say
 * @property {Names} names
 * @property {Account} me
 * @property {SavedViews} saved
 * @property {() => number} now  the desk's time in ms
 * @property {(id: string) => boolean} hasUnsent
 * @property {(card: HeardCard) => boolean} isUnread
 * @property {(id: string) => void} onOpen
 * @property {() => Promise<unknown>} onMore  resolves when the next page is there
 * @property {(id: string) => Promise<Card[] | null>} onCollapsed  resolves to the cards from the same address
 * @property {(isAgain: boolean) => Promise<Found[] | null>} onEnded  resolves to the ended conversations; null: keep the last
 * @property {(id: string) => void} onAccept
 * @property {(id: string) => void} onDecline
 * @property {(view: string) => void} onView  the agent has chosen a view
 * @property {((cards: Card[]) => void) | null} [onResolve]  null for those who may not
 */

/** How often an open view of ended conversations is read again. */
const ENDED_MS = 5000;
const ROW_PX = 56; // as in queue-list.css

export class QueueList {
  /** @type {string | null} */
  #openId = null;
  /** @type {QueueFeed | null} */
  #feed = null;
  /** The cards of the view, without those behind other cards. @type {HeardCard[]} */
  #cards = [];
  /** The cards behind an unfolded one, by its id. @type {Map<string, HeardCard[]>} */
  #alike = new Map();
  /** @type {Found[] | null} */
  #ended = null;
  #endedAt = 0;
  /** @type {HTMLElement | null} */
  #tabStop = null;
  #isReading = false;
  #hasFailed = false; // the next page could not be read: only a change or a click tries again
  #options;

  /** @param {QueueListOptions} options */
  constructor(options) {
    this.#options = options;
    const { say, names, now, onOpen, onAccept, onDecline, onResolve = null } = options;
    this.slots = new MineSlots({ say, names, now, onOpen });
    this.offers = new OfferRows({ say, names, now, onAccept, onDecline });
    this.selecting = onResolve
      ? new SelectingBar({
          say,
          onAll: () => this.#cards.map(({ id }) => id),
          onResolve: () => onResolve(this.#selectedCards()),
          onChange: () => this.#redraw(),
        })
      : null;
    this.views = new ViewBar({
      say,
      names,
      saved: options.saved,
      begin: this.selecting?.begin ?? null,
      onChange: ({ view }) => {
        options.onView(view);
        this.#viewChanged();
      },
    });
    /** @type {WindowedList<Item>} */
    this.rows = new WindowedList({
      height: ROW_PX,
      create: (entry) => this.#newRow(entry),
      draw: (row, item) => this.#drawRow(row, item),
      onNearEnd: () => this.#readMore(false),
    });
    this.rows.list.setAttribute("aria-label", say("queue.waiting"));
    this.empty = el("p", { class: "group-empty", hidden: true });
    this.more = el("button", {
      type: "button",
      class: "more quiet",
      testid: "queue-more",
      hidden: true,
      on: { click: () => this.#readMore(true) },
    });
    this.section = el(
      "section",
      { class: "group listed", data: { group: "waiting" } },
      this.selecting?.node,
      this.rows.node,
      this.empty,
      this.more,
    );
    this.tip = new DueTip((node) => this.slots.rowOf(node) ?? this.rows.rowOf(node));
    this.node = el(
      "div",
      { class: "queue", on: { keydown: (event) => this.#keydown(event) } },
      this.slots.node,
      this.offers.node,
      this.views.node,
      this.section,
      this.tip.node,
    );
    this.tip.watch(this.node);
    this.timer = setInterval(() => this.#tick(), 1_000);
  }

  close() {
    clearInterval(this.timer);
    this.rows.close();
  }

  /** The view that is shown. */
  get view() {
    return this.views.choice.view;
  }

  /** Follows the address. @param {string} view */
  showView(view) {
    if (view === this.view) return;
    this.views.view = view;
    this.#viewChanged();
  }

  /** @param {QueueFeed} feed @param {string | null} openId */
  draw(feed, openId) {
    this.#feed = feed;
    this.#openId = openId;
    const { me, isUnread, hasUnsent } = this.#options;
    const self = feed.agents.find(({ login }) => login === me.login);
    this.slots.draw(feed.mine, self, feed.loaded, (card) => ({
      isOpen: card.id === openId,
      isUnread: isUnread(card),
      isUnsent: hasUnsent(card.id),
    }));
    const offers = offersTo(feed.waiting, me.login);
    this.offers.draw(offers);
    this.views.draw(this.#counts(feed), feed.waiting);
    const offered = new Set(offers.map(({ id }) => id));
    this.#cards = chosen(feed.waiting, this.views.choice).filter(({ id }) => !offered.has(id));
    for (const id of this.#alike.keys()) if (!this.#cards.some((card) => card.id === id)) this.#alike.delete(id);
    this.selecting?.draw(countOf(this.#selectedCards()), this.#cards.length > 0);
    const entries = this.#entries(feed);
    this.rows.show(entries);
    this.section.dataset.group = isOfWaiting(this.view) ? "waiting" : this.view;
    this.#drawEmpty(feed, entries.length + offers.length);
    this.#keepOneTabStop();
    if (feed.hasMore && needsWholeQueue(this.views.choice)) this.#readMore(false);
  }

  /**
   * Moves the focus by `step` rows; from outside the list to the open conversation, or the first row.
   * @param {number} step
   */
  move(step) {
    const keys = this.#keys();
    if (!keys.length) return;
    const focused = this.#focusedKey();
    const open = keys.indexOf(this.#openId ?? "");
    const next =
      focused === null ? Math.max(open, 0) : Math.min(Math.max(keys.indexOf(focused) + step, 0), keys.length - 1);
    this.#focus(this.#reach(keys[next]));
  }

  /**
   * Puts the focus on the row of `id`, or else on the first.
   * @param {string | null} id
   */
  focus(id) {
    this.#focus(this.#reach(id ?? "") ?? this.#reach(this.#keys()[0] ?? ""));
  }

  get focusedId() {
    const focused = document.activeElement;
    const card =
      focused instanceof Element && this.node.contains(focused) ? focused.closest(".card-item, .card") : null;
    const id = card?.querySelector("[data-id]") ?? card;
    return id instanceof HTMLElement ? (id.dataset.id ?? null) : null;
  }

  /** Ends the selecting, after what was selected has been resolved. */
  endSelecting() {
    this.selecting?.select(null);
  }

  #keys() {
    return [...this.slots.keys, ...this.offers.keys, ...this.rows.keys];
  }

  /** @param {string} key */
  #reach(key) {
    return this.slots.reach(key) ?? this.offers.reach(key) ?? this.rows.reach(key);
  }

  /** The key of the row that has the focus. @returns {string | null} */
  #focusedKey() {
    const focused = document.activeElement;
    if (!(focused instanceof HTMLElement) || !this.node.contains(focused)) return null;
    return focused.dataset.key ?? focused.dataset.id ?? null;
  }

  /** @param {HTMLElement | null} node */
  #focus(node) {
    if (!node) return;
    this.#tabStop?.setAttribute("tabindex", "-1");
    this.#tabStop = node;
    node.tabIndex = 0;
    node.focus();
  }

  #keepOneTabStop() {
    if (this.#tabStop?.isConnected) return;
    this.#tabStop = /** @type {HTMLElement | null} */ (this.node.querySelector(".card"));
    if (this.#tabStop) this.#tabStop.tabIndex = 0;
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    const { target } = event;
    if (!(target instanceof HTMLElement) || !target.matches(".card")) return;
    const id = target.dataset.id ?? "";
    if (event.key === "x" && this.selecting?.ids && this.#cards.some((card) => card.id === id)) {
      event.preventDefault();
      event.stopPropagation();
      this.selecting.toggle(id);
    } else if (event.key === "Enter" || event.key === " ") {
      event.stopPropagation(); // the button's own
    }
  }

  #viewChanged() {
    this.#ended = null;
    this.#hasFailed = false;
    this.rows.toTop();
    this.#redraw();
    if (this.view === ENDED) this.#readEnded(false);
  }

  #redraw() {
    if (this.#feed) this.draw(this.#feed, this.#openId);
  }

  // --- what the list holds --------------------------------------------------------------------------------------

  /** @param {QueueFeed} feed @returns {Record<string, number | string>} */
  #counts(feed) {
    const counts = countsOf(feed.waiting);
    /** @type {Record<string, number | string>} */
    const shown = { ...counts, [ALL]: feed.waitingTotal, [COLLEAGUES]: feed.others.length };
    // Only the first pages are here: the other views may have more.
    if (feed.hasMore) for (const view of Object.keys(counts)) if (view !== ALL) shown[view] = `${counts[view]}+`;
    return shown;
  }

  /** @param {QueueFeed} feed @returns {Entry<Item>[]} */
  #entries(feed) {
    if (this.view === ENDED)
      return (this.#ended ?? []).map((found) => ({
        key: `ended:${found.conversation_id}`,
        item: { kind: "ended", found },
      }));
    if (this.view === COLLEAGUES) {
      const agents = this.#options.me.role === "supervisor" ? feed.agents : [];
      return [
        ...agents.map((agent) => ({
          key: `agent:${agent.login}`,
          item: /** @type {Item} */ ({ kind: "agent", agent }),
        })),
        ...feed.others.map((card) => entryOf(card, { isOthers: true })),
      ];
    }
    return this.#cards.flatMap((card) => [
      entryOf(card),
      ...(this.#alike.get(card.id) ?? []).map((alike) => entryOf(alike, { isAlike: true })),
    ]);
  }

  /** @param {Entry<Item>} entry */
  #newRow({ key, item }) {
    const { say, names, now, onOpen } = this.#options;
    const row = this.#makeRow(item, { say, names, now, onOpen });
    row.button.dataset.key = key;
    return row;
  }

  /** @param {Item} item @param {Pick<QueueListOptions, "say" | "names" | "now" | "onOpen">} parts */
  #makeRow(item, { say, names, now, onOpen }) {
    if (item.kind === "agent") return new ColleagueRow({ say, now });
    if (item.kind === "ended") return new EndedRow({ id: item.found.conversation_id, say, names, onOpen });
    const { id } = item.card;
    return new QueueCard({
      id,
      say,
      names,
      now,
      onClick: (event) => {
        if (this.selecting?.ids && event.shiftKey) this.selecting.toggle(id);
        else onOpen(id);
      },
      onCheck: () => this.selecting?.toggle(id),
      onFold: () => this.#fold(id),
    });
  }

  /** @param {import("./windowed-list.js").Row} row @param {Item} item */
  #drawRow(row, item) {
    if (row instanceof ColleagueRow && item.kind === "agent") row.draw(item.agent);
    if (row instanceof EndedRow && item.kind === "ended") {
      row.draw(item.found, item.found.conversation_id === this.#openId);
    }
    if (!(row instanceof QueueCard) || item.kind !== "card") return;
    const { card, isAlike, isOthers } = item;
    row.draw(card, {
      isAlike,
      isOthers,
      isOpen: card.id === this.#openId,
      isUnsent: this.#options.hasUnsent(card.id),
      selected: this.selecting?.ids && !isAlike && !isOthers ? this.selecting.ids.has(card.id) : null,
      isUnfolded: (card.same_address ?? 1) > 1 && !isAlike ? this.#alike.has(card.id) : null,
    });
  }

  /** @param {QueueFeed} feed @param {number} count */
  #drawEmpty(feed, count) {
    const { say } = this.#options;
    const isFound = this.view !== ENDED || this.#ended !== null;
    this.empty.hidden = !feed.loaded || count > 0 || !isFound || this.#isReading;
    const none = this.view === ALL ? "queue.waiting.none" : "view.none";
    setText(this.empty, say(this.view === COLLEAGUES ? "queue.others.none" : none));
    // The list reads on by itself; the button is for when that has failed.
    this.more.hidden = !(feed.hasMore && this.#hasFailed && isOfWaiting(this.view));
    setText(this.more, say("queue.more", feed.waitingTotal - countOf(feed.waiting)));
  }

  /** Shows or hides the cards behind one card. @param {string} id */
  async #fold(id) {
    if (this.#alike.delete(id)) {
      this.#redraw();
      return;
    }
    const cards = await this.#options.onCollapsed(id); // read at each opening: the conversations change
    const alike = (cards ?? []).filter((card) => card.id !== id);
    this.#alike.set(
      id,
      alike.map((card) => ({ ...card, heardAt: Date.now() })),
    );
    this.#redraw();
  }

  /** @param {boolean} isAsked  by the agent, after a failure */
  async #readMore(isAsked) {
    if (!this.#feed?.hasMore || !isOfWaiting(this.view) || this.#isReading || (this.#hasFailed && !isAsked)) return;
    this.#isReading = true;
    this.#hasFailed = !(await this.#options.onMore());
    this.#isReading = false;
    this.#redraw(); // and reads the next page while the view needs it
  }

  /** The desk indexes what has just ended some seconds later, so an open view is read again. @param {boolean} isAgain */
  async #readEnded(isAgain) {
    this.#endedAt = Date.now();
    const ended = await this.#options.onEnded(isAgain);
    if (this.view !== ENDED || !ended) return;
    this.#ended = ended;
    this.#redraw();
  }

  /** The selected cards that still wait. */
  #selectedCards() {
    return this.#cards.filter((card) => this.selecting?.ids?.has(card.id));
  }

  #tick() {
    if (this.view === ENDED && Date.now() - this.#endedAt > ENDED_MS) this.#readEnded(true);
    this.slots.tick();
    this.offers.tick();
    this.rows.tick();
    this.tip.update();
  }
}

/** @param {HeardCard} card @param {{isAlike?: boolean, isOthers?: boolean}} [more] @returns {Entry<Item>} */
const entryOf = (card, { isAlike = false, isOthers = false } = {}) => ({
  key: card.id,
  item: { kind: "card", card, isAlike, isOthers },
});
