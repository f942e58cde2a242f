// The left pane: what is mine, who waits (in the desk's order), what colleagues have. Arrows and j/k walk
// through all of it. A card is drawn again only when the desk has sent it again.
import { el, setText, syncChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import {
  amountWords,
  customerWords,
  durationWords,
  earlierWords,
  languageWords,
  previewWords,
} from "./display-names.js";
import { withoutControls } from "./shown-text.js";

/** @import { Card, HeardCard, LogEvent } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */
/** @import { QueueFeed } from "./queue-feed.js" */

/** @typedef {"mine" | "waiting" | "others"} GroupName */
/**
 * A card on the page.
 * @typedef {object} CardEntry
 * @property {HTMLElement} node
 * @property {CardParts} parts
 * @property {HeardCard | null} card
 * @property {string | null} drawn  what it was drawn from
 * @property {GroupName} [group]
 * @property {boolean} [isUnsent]
 * @property {HTMLInputElement | null} [check]
 * @property {HTMLDetailsElement | null} [collapsed]
 */
/** @typedef {{priority: HTMLElement, reason: HTMLElement, wait: HTMLElement, preview: HTMLElement, foot: HTMLElement, button: HTMLButtonElement}} CardParts */
/** @typedef {{begin: HTMLButtonElement, words: HTMLElement, resolve: HTMLButtonElement, bar: HTMLElement}} Selecting */
/** @typedef {{node: HTMLElement, count: HTMLElement, heading: HTMLElement, empty: HTMLElement, list: HTMLElement}} Group */

/** @type {Record<string, import("../shared/icons.js").IconName>} */
const PRIORITY_ICON = { urgent: "alert", high: "up", normal: "dot" };
const LANES = ["money_moving"]; // a lane that this page does not know is shown as the priority
/** @type {readonly GroupName[]} */
const GROUPS = ["mine", "waiting", "others"];

/**
 * How urgent a card or an event is, as text: its lane, or else its priority.
 * @param {Pick<Card | LogEvent, "priority" | "lane">} card
 * @param {Say} say
 */
export function urgencyWords({ priority, lane }, say) {
  if (isLane(lane)) return say(`lane.${lane}`);
  return priority ? say(`priority.${priority}`) : "";
}

/** @param {string | null | undefined} lane */
function isLane(lane) {
  return LANES.includes(lane ?? "");
}

/**
 * Fills the badge with a card's urgency.
 * @param {HTMLElement} badge
 * @param {Card} card
 * @param {Say} say
 */
export function drawUrgency(badge, card, say) {
  const words = urgencyWords(card, say);
  badge.dataset.priority = card.priority ?? "";
  badge.toggleAttribute("data-lane", isLane(card.lane));
  if (badge.textContent !== words)
    badge.replaceChildren(icon(PRIORITY_ICON[card.priority ?? ""] ?? "dot", { size: 16 }), words);
}

/** How many conversations some cards stand for. @param {readonly Card[]} cards */
const countOf = (cards) => cards.reduce((sum, card) => sum + (card.same_address ?? 1), 0);

export class QueueList {
  /** By the conversation's id. @type {Map<string, CardEntry>} */
  #cards = new Map();
  /** @type {string | null} */
  #openId = null;
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
    /** @type {Map<string, CardEntry>} */
    const present = new Map();
    for (const group of GROUPS) {
      const { count, empty, list } = this.groups[group];
      const cards = feed[group];
      setText(count, String(group === "waiting" ? feed.waitingTotal : cards.length));
      empty.hidden = !feed.loaded || cards.length > 0;
      const entries = cards.map((card) => {
        const entry = this.#cards.get(card.id) ?? this.#entry(card.id);
        this.#drawCard(entry, card, group);
        present.set(card.id, entry);
        return entry;
      });
      syncChildren(
        list,
        entries.map((entry) => entry.node),
      );
    }
    this.#cards = present;
    this.more.hidden = !feed.hasMore;
    setText(this.more, this.say("queue.more", feed.waitingTotal - countOf(feed.waiting)));
    if (this.#selecting) this.#drawSelecting(this.#selecting);
    this.#keepOneTabStop();
    this.#tick();
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
    this.#focus(this.#cards.get(id ?? "")?.parts.button ?? this.#nodes()[0]);
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

  /** @param {string} id @returns {CardEntry} */
  #entry(id) {
    const fields = {
      priority: el("span", { class: "priority" }),
      reason: el("span", { class: "card-reason" }),
      wait: el("span", { class: "card-wait" }),
      preview: el("bdi", { class: "card-preview" }),
      foot: el("span", { class: "card-foot" }),
    };
    const button = el(
      "button",
      {
        type: "button",
        class: "card",
        tabindex: -1,
        testid: "queue-card",
        data: { id },
        on: {
          click: (event) => (this.#selected && event.shiftKey ? this.#toggle(this.#selected, id) : this.#onOpen(id)),
        },
      },
      el("span", { class: "card-head" }, fields.priority, fields.reason, fields.wait),
      fields.preview,
      fields.foot,
    );
    return { node: el("li", { class: "card-item" }, button), parts: { ...fields, button }, card: null, drawn: null };
  }

  /** @param {CardEntry} entry @param {HeardCard} card @param {GroupName} group */
  #drawCard(entry, card, group) {
    const { say, names } = this;
    const { button } = entry.parts;
    const isOpen = card.id === this.#openId;
    if (isOpen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    const isUnsent = this.hasUnsent(card.id);
    if (this.#selecting) this.#drawCheck(entry, card, group);
    if (entry.card === card && entry.group === group && entry.isUnsent === isUnsent) return;
    Object.assign(entry, { card, group, isUnsent });
    const drawn = JSON.stringify([
      card.priority,
      card.lane,
      card.reason,
      card.preview,
      card.preview_by,
      card.intent,
      card.amount_cny,
      card.agent_name,
      card.unanswered,
      card.locale,
      card.episode,
      card.same_address,
      card.earlier,
      group,
      isUnsent,
    ]);
    if (drawn === entry.drawn) return;
    entry.drawn = drawn;
    const { node, parts } = entry;
    button.dataset.priority = card.priority ?? "";
    drawUrgency(parts.priority, card, say);
    setText(parts.reason, names.reason(card.reason));
    setText(parts.preview, previewWords(card, say));
    const agent = group === "others" && card.agent_name ? withoutControls(card.agent_name) : null;
    parts.foot.replaceChildren(
      ...[
        isUnsent ? el("span", { class: "unsent" }, say("queue.unsent")) : null,
        card.unanswered && group !== "waiting" ? el("span", { class: "unanswered" }, say("queue.unanswered")) : null,
        card.intent ? el("span", {}, names.intent(card.intent)) : null,
        card.amount_cny != null ? el("span", {}, amountWords(card.amount_cny, say)) : null,
        card.locale === "en" ? el("span", {}, "EN") : null,
        card.locale && !["zh", "en"].includes(card.locale)
          ? el("span", {}, languageWords(card.locale, say, names))
          : null,
        (card.episode ?? 1) > 1 ? el("span", {}, say("queue.episode", card.episode)) : null,
        card.earlier ? el("bdi", { class: "earlier" }, earlierWords(card.earlier, say, names)) : null,
        agent ? el("bdi", { class: "card-agent" }, agent) : null,
      ].filter((child) => child !== null),
    );
    const wasOpen = entry.collapsed?.open;
    entry.collapsed?.remove();
    entry.collapsed = (card.same_address ?? 1) > 1 ? this.#collapsed(card) : null;
    if (!entry.collapsed) return;
    node.append(entry.collapsed);
    entry.collapsed.open = Boolean(wasOpen);
  }

  /**
   * The other conversations that came from the same address and are not shown as cards of their own.
   * @param {Card} card
   */
  #collapsed(card) {
    const { say } = this;
    const list = el("ul", {});
    const read = async () => {
      if (!details.open) return;
      const cards = await this.#onCollapsed(card.id); // read each time it opens: others come and go
      list.replaceChildren(
        ...(cards ?? []).filter((each) => each.id !== card.id).map((each) => this.#collapsedOne(each)),
      );
    };
    /** @type {HTMLDetailsElement} */
    const details = el(
      "details",
      { class: "collapsed", testid: "collapsed", on: { toggle: read } },
      el("summary", {}, say("queue.collapsed", card.same_address)),
      list,
    );
    return details;
  }

  /** @param {Card} card */
  #collapsedOne(card) {
    const click = () => this.#onOpen(card.id);
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "collapsed-one", testid: "collapsed-card", on: { click } },
        el("span", {}, customerWords(card.id, this.say)),
        el("bdi", {}, previewWords(card, this.say)),
      ),
    );
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

  /** @param {CardEntry} entry @param {Card} card @param {GroupName} group */
  #drawCheck(entry, card, group) {
    const selected = group === "waiting" ? this.#selected : null;
    if (!selected) {
      entry.check?.remove();
      entry.check = null;
      return;
    }
    if (!entry.check) {
      entry.check = el("input", {
        type: "checkbox",
        class: "card-check",
        testid: "card-check",
        "aria-label": this.say("bulk.select.one", customerWords(card.id, this.say)),
        on: { change: () => this.#selected && this.#toggle(this.#selected, card.id) },
      });
      entry.node.prepend(entry.check);
    }
    entry.check.checked = selected.has(card.id);
  }

  #tick() {
    const now = Date.now();
    for (const { card, parts } of this.#cards.values()) {
      if (!card) continue;
      const still = card.status === "queued" || card.unanswered ? (now - card.heardAt) / 1_000 : 0; // nobody waits for the customer's own turn
      setText(parts.wait, card.waiting_seconds == null ? "" : durationWords(card.waiting_seconds + still, this.say));
    }
  }
}
