// The left pane: the agent's own conversations, the waiting ones in the desk's order, those of colleagues. Arrows and j/k
// move through all of them.
import { el, setText, syncChildren } from "../shared/dom.js";
import { QueueCard } from "./queue-card.js";

/** @import { Card } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */
/** @import { QueueFeed } from "./queue-feed.js" */
/** @import { GroupName } from "./queue-card.js" */

/** @typedef {{begin: HTMLButtonElement, words: HTMLElement, resolve: HTMLButtonElement, bar: HTMLElement}} Selecting */
/** @typedef {{node: HTMLElement, count: HTMLElement, heading: HTMLElement, empty: HTMLElement, list: HTMLElement}} Group */

/** @type {readonly GroupName[]} */
const GROUPS = ["mine", "waiting", "others"];

/** How many conversations some cards stand for. @param {readonly Card[]} cards */
const countOf = (cards) => cards.reduce((sum, card) => sum + (card.same_address ?? 1), 0);

export class QueueList {
  /** By the conversation's id. @type {Map<string, QueueCard>} */
  #cards = new Map();
  /** @type {string | null} */
  #openId = null;
  /** The cards on the screen: only their clocks run, whatever the length of the queue. @type {Set<QueueCard>} */
  #seen = new Set();
  /** The selected ids while a supervisor selects. @type {Set<string> | null} */
  #selected = null;
  /** @type {QueueFeed | null} */
  #feed = null;
  /** @type {Selecting | null} */
  #selecting = null;
  /** @type {HTMLElement | null} */
  #tabStop = null;
  #onOpen;
  #onMore;
  #onCollapsed;

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {Names} options.names
   * @param {(id: string) => boolean} options.hasUnsent
   * @param {(id: string) => void} options.onOpen
   * @param {() => Promise<unknown>} options.onMore  resolves when the next page is there
   * @param {(id: string) => Promise<Card[] | null>} options.onCollapsed  resolves to the cards from the same address
   * @param {((cards: Card[]) => void) | null} [options.onResolve]  null for those who may not
   */
  constructor({ say, names, hasUnsent, onOpen, onMore, onCollapsed, onResolve = null }) {
    this.say = say;
    this.names = names;
    this.hasUnsent = hasUnsent;
    this.#onOpen = onOpen;
    this.#onMore = onMore;
    this.#onCollapsed = onCollapsed;
    this.groups = { mine: this.#group("mine"), waiting: this.#group("waiting"), others: this.#group("others") };
    this.more = el("button", {
      type: "button",
      class: "more quiet",
      testid: "queue-more",
      hidden: true,
      on: { click: () => this.#readMore() },
    });
    this.groups.waiting.node.append(this.more);
    if (onResolve) this.#selecting = this.#makeSelecting(onResolve);
    this.node = el(
      "div",
      { class: "queue", on: { keydown: (event) => this.#keydown(event) } },
      GROUPS.map((name) => this.groups[name].node),
    );
    this.timer = setInterval(() => this.#tick(), 1_000);
  }

  close() {
    clearInterval(this.timer);
  }

  /** @param {QueueFeed} feed @param {string | null} openId */
  draw(feed, openId) {
    this.#feed = feed;
    this.#openId = openId;
    /** @type {Map<string, QueueCard>} */
    const present = new Map();
    for (const group of GROUPS) {
      const { count, empty, list } = this.groups[group];
      const cards = feed[group];
      setText(count, String(group === "waiting" ? feed.waitingTotal : cards.length));
      empty.hidden = !feed.loaded || cards.length > 0;
      const entries = cards.map((card) => {
        const entry = this.#cards.get(card.id) ?? this.#newCard(card.id);
        const selected = this.#selected && group === "waiting" ? this.#selected.has(card.id) : null;
        entry.draw(card, { group, isOpen: card.id === openId, isUnsent: this.hasUnsent(card.id), selected });
        present.set(card.id, entry);
        return entry;
      });
      syncChildren(
        list,
        entries.map((entry) => entry.node),
      );
    }
    for (const [id, card] of this.#cards) if (!present.has(id)) this.#seen.delete(card);
    this.#cards = present;
    this.more.hidden = !feed.hasMore;
    setText(this.more, this.say("queue.more", feed.waitingTotal - countOf(feed.waiting)));
    if (this.#selecting) this.#drawSelecting(this.#selecting);
    this.#keepOneTabStop();
  }

  /**
   * Moves the focus by `step` cards; from outside the list to the open card, or the first.
   * @param {number} step
   */
  move(step) {
    const nodes = this.#nodes();
    if (!nodes.length) return;
    const at = nodes.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const open = nodes.findIndex((node) => node.dataset.id === this.#openId);
    const next = at < 0 ? Math.max(open, 0) : Math.min(Math.max(at + step, 0), nodes.length - 1);
    this.#focus(nodes[next]);
  }

  /**
   * Puts the focus on the card of `id`, or else on the first.
   * @param {string | null} id
   */
  focus(id) {
    this.#focus(this.#cards.get(id ?? "")?.button ?? this.#nodes()[0]);
  }

  get focusedId() {
    const focused = document.activeElement;
    return focused instanceof HTMLElement && this.node.contains(focused) ? (focused.dataset.id ?? null) : null;
  }

  /** Ends the selecting, after what was selected has been resolved. */
  endSelecting() {
    this.#select(null);
  }

  #nodes() {
    return /** @type {HTMLElement[]} */ ([...this.node.querySelectorAll(".card")]);
  }

  /** @param {HTMLElement | undefined} node */
  #focus(node) {
    if (!node) return;
    this.#tabStop?.setAttribute("tabindex", "-1");
    this.#tabStop = node;
    node.tabIndex = 0;
    node.focus();
    node.scrollIntoView({ block: "nearest" });
  }

  #keepOneTabStop() {
    if (this.#tabStop?.isConnected) return;
    this.#tabStop = this.#nodes()[0] ?? null;
    if (this.#tabStop) this.#tabStop.tabIndex = 0;
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    const { target } = event;
    if (!(target instanceof HTMLElement) || !target.matches(".card")) return;
    const id = target.dataset.id ?? "";
    if (event.key === "x" && this.#selected && this.#feed?.waiting.some((card) => card.id === id)) {
      event.preventDefault();
      event.stopPropagation();
      this.#toggle(this.#selected, id);
    } else if (event.key === "Enter" || event.key === " ") {
      event.stopPropagation(); // the button's own
    }
  }

  async #readMore() {
    this.more.disabled = true;
    const last = this.#feed?.waiting.at(-1)?.id;
    try {
      await this.#onMore();
      const waiting = this.#feed?.waiting ?? [];
      const next = waiting[waiting.findIndex((card) => card.id === last) + 1];
      if (next) this.focus(next.id);
    } finally {
      this.more.disabled = false;
    }
  }

  /** @param {GroupName} name @returns {Group} */
  #group(name) {
    const { say } = this;
    const count = el("span", { class: "count" });
    const heading = el("h2", { class: "group-heading", id: `group-${name}` }, say(`queue.${name}`), count);
    const empty = el("p", { class: "group-empty" }, say(`queue.${name}.none`));
    const list = el("ul", { class: "group-cards", role: "list", "aria-labelledby": `group-${name}` });
    const node = el("section", { class: "group", data: { group: name } }, heading, list, empty);
    return { node, count, heading, empty, list };
  }

  /** @param {string} id */
  #newCard(id) {
    const card = new QueueCard({
      id,
      say: this.say,
      names: this.names,
      onClick: (event) => {
        if (this.#selected && event.shiftKey) this.#toggle(this.#selected, id);
        else this.#onOpen(id);
      },
      onCheck: () => this.#selected && this.#toggle(this.#selected, id),
      onOpen: this.#onOpen,
      onCollapsed: this.#onCollapsed,
    });
    // `content-visibility: auto` tells which cards are near the screen. Without the event all clocks run.
    if ("oncontentvisibilityautostatechange" in card.node) {
      card.node.addEventListener("contentvisibilityautostatechange", (event) => this.#noteSeen(card, event));
    } else this.#seen.add(card);
    return card;
  }

  /** @param {QueueCard} card @param {Event & {skipped?: boolean}} event */
  #noteSeen(card, { skipped }) {
    if (skipped) this.#seen.delete(card);
    else if (!this.#seen.has(card)) {
      this.#seen.add(card);
      card.tick(); // its clock stood still off the screen
    }
  }

  // --- selecting, for supervisors -------------------------------------------------------------------------------

  /** @param {(cards: Card[]) => void} onResolve @returns {Selecting} */
  #makeSelecting(onResolve) {
    const { say } = this;
    /** @param {string} key @param {string} testid @param {() => void} click @param {string} [kind] */
    const button = (key, testid, click, kind = "quiet") =>
      el("button", { type: "button", class: kind, testid, on: { click } }, say(key));
    const begin = button("bulk.select", "select", () => this.#select(new Set()));
    const words = el("span", { role: "status" });
    const resolve = button("bulk.resolve", "resolve-selected", () => onResolve(this.#selectedCards()), "primary");
    const all = () => this.#select(new Set(this.#feed?.waiting.map((card) => card.id)));
    const bar = el(
      "div",
      { class: "selecting", hidden: true },
      words,
      button("bulk.all", "select-all", all),
      button("bulk.none", "select-end", () => this.#select(null)),
      resolve,
    );
    this.groups.waiting.heading.append(begin);
    this.groups.waiting.heading.after(bar);
    return { begin, words, resolve, bar };
  }

  /** The selected cards that still wait. */
  #selectedCards() {
    return this.#feed?.waiting.filter((card) => this.#selected?.has(card.id)) ?? [];
  }

  /** @param {Set<string> | null} ids */
  #select(ids) {
    this.#selected = ids;
    if (this.#feed) this.draw(this.#feed, this.#openId);
  }

  /** @param {Set<string>} selected @param {string} id */
  #toggle(selected, id) {
    if (!selected.delete(id)) selected.add(id);
    this.#select(selected);
  }

  /** @param {Selecting} selecting */
  #drawSelecting({ begin, words, resolve, bar }) {
    const cards = this.#selectedCards();
    bar.hidden = !this.#selected;
    begin.hidden = this.#selected !== null || !this.#feed?.waiting.length;
    setText(words, this.say("bulk.selected", countOf(cards)));
    resolve.disabled = !cards.length;
  }

  #tick() {
    for (const card of this.#seen) card.tick();
  }
}
