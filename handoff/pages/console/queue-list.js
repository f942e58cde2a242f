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

const PRIORITY_ICON = { urgent: "alert", high: "up", normal: "dot" };
const LANES = ["money_moving"]; // a lane that this page does not know is shown as the priority
const GROUPS = ["mine", "waiting", "others"];

/** How urgent a card or an event is, in words: its lane, or else its priority. */
export function urgencyWords({ priority, lane }, say) {
  if (LANES.includes(lane)) return say(`lane.${lane}`);
  return priority ? say(`priority.${priority}`) : "";
}

/** Fills the badge with a card's urgency. */
export function drawUrgency(badge, card, say) {
  const words = urgencyWords(card, say);
  badge.dataset.priority = card.priority ?? "";
  badge.toggleAttribute("data-lane", LANES.includes(card.lane));
  if (badge.textContent !== words)
    badge.replaceChildren(icon(PRIORITY_ICON[card.priority] ?? "dot", { size: 16 }), words);
}

/** How many conversations some cards stand for. */
const countOf = (cards) => cards.reduce((sum, card) => sum + (card.same_address ?? 1), 0);

export class QueueList {
  #cards = new Map(); // id -> {node, parts, card, group}
  #openId = null;
  #selected = null; // ids, while a supervisor selects; else null

  /**
   * onOpen(id); onMore() resolves when the next page is there; onCollapsed(id) to the cards from the same address, or null;
   * onResolve(cards): null for those who may not.
   */
  constructor({ say, names, hasUnsent, onOpen, onMore, onCollapsed, onResolve = null }) {
    Object.assign(this, { say, names, hasUnsent, onOpen, onMore, onCollapsed, onResolve });
    this.groups = Object.fromEntries(GROUPS.map((name) => [name, this.#group(name)]));
    this.more = el("button", {
      type: "button",
      class: "more quiet",
      testid: "queue-more",
      hidden: true,
      on: { click: () => this.#readMore() },
    });
    this.groups.waiting.node.append(this.more);
    if (onResolve) this.#makeSelecting();
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

  draw(feed, openId) {
    this.feed = feed;
    this.#openId = openId;
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
    if (this.onResolve) this.#drawSelecting();
    this.#keepOneTabStop();
    this.#tick();
  }

  /** Moves the focus by `step` cards; from outside the list to the open card, or the first. */
  move(step) {
    const nodes = this.#nodes();
    if (!nodes.length) return;
    const at = nodes.indexOf(document.activeElement);
    const open = nodes.findIndex((node) => node.dataset.id === this.#openId);
    const next = at < 0 ? Math.max(open, 0) : Math.min(Math.max(at + step, 0), nodes.length - 1);
    this.#focus(nodes[next]);
  }

  /** Puts the focus on the card of `id`, or else on the first. */
  focus(id) {
    this.#focus(this.#cards.get(id)?.parts.button ?? this.#nodes()[0]);
  }

  get focusedId() {
    return this.node.contains(document.activeElement) ? (document.activeElement.dataset.id ?? null) : null;
  }

  /** Ends the selecting, after what was selected has been resolved. */
  endSelecting() {
    this.#select(null);
  }

  #nodes() {
    return [...this.node.querySelectorAll(".card")];
  }

  #focus(node) {
    if (!node) return;
    this.tabStop?.setAttribute("tabindex", "-1");
    this.tabStop = node;
    node.tabIndex = 0;
    node.focus();
    node.scrollIntoView({ block: "nearest" });
  }

  #keepOneTabStop() {
    if (this.tabStop?.isConnected) return;
    this.tabStop = this.node.querySelector(".card");
    if (this.tabStop) this.tabStop.tabIndex = 0;
  }

  #keydown(event) {
    if (!event.target.matches(".card")) return;
    if (event.key === "x" && this.#selected && this.feed.waiting.some((card) => card.id === event.target.dataset.id)) {
      event.preventDefault();
      event.stopPropagation();
      this.#toggle(event.target.dataset.id);
    } else if (event.key === "Enter" || event.key === " ") {
      event.stopPropagation(); // the button's own
    }
  }

  async #readMore() {
    this.more.disabled = true;
    const last = this.feed.waiting.at(-1)?.id;
    try {
      await this.onMore();
      const next = this.feed.waiting[this.feed.waiting.findIndex((card) => card.id === last) + 1];
      if (next) this.focus(next.id);
    } finally {
      this.more.disabled = false;
    }
  }

  #group(name) {
    const { say } = this;
    const count = el("span", { class: "count" });
    const heading = el("h2", { class: "group-heading", id: `group-${name}` }, say(`queue.${name}`), count);
    const empty = el("p", { class: "group-empty" }, say(`queue.${name}.none`));
    const list = el("ul", { class: "group-cards", role: "list", "aria-labelledby": `group-${name}` });
    const node = el("section", { class: "group", data: { group: name } }, heading, list, empty);
    return { node, count, heading, empty, list };
  }

  #entry(id) {
    const parts = {
      priority: el("span", { class: "priority" }),
      reason: el("span", { class: "card-reason" }),
      wait: el("span", { class: "card-wait" }),
      preview: el("bdi", { class: "card-preview" }),
      foot: el("span", { class: "card-foot" }),
    };
    parts.button = el(
      "button",
      {
        type: "button",
        class: "card",
        tabindex: -1,
        testid: "queue-card",
        data: { id },
        on: { click: (event) => (this.#selected && event.shiftKey ? this.#toggle(id) : this.onOpen(id)) },
      },
      el("span", { class: "card-head" }, parts.priority, parts.reason, parts.wait),
      parts.preview,
      parts.foot,
    );
    return { node: el("li", { class: "card-item" }, parts.button), parts, card: null, drawn: null };
  }

  #drawCard(entry, card, group) {
    const { say, names } = this;
    const { button } = entry.parts;
    const isOpen = card.id === this.#openId;
    if (isOpen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    const isUnsent = this.hasUnsent(card.id);
    if (this.onResolve) this.#drawCheck(entry, card, group);
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
    button.dataset.priority = card.priority;
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
        card.episode > 1 ? el("span", {}, say("queue.episode", card.episode)) : null,
        card.earlier ? el("bdi", { class: "earlier" }, earlierWords(card.earlier, say, names)) : null,
        agent ? el("bdi", { class: "card-agent" }, agent) : null,
      ].filter(Boolean),
    );
    const wasOpen = entry.collapsed?.open;
    entry.collapsed?.remove();
    entry.collapsed = card.same_address > 1 ? this.#collapsed(card) : null;
    if (!entry.collapsed) return;
    node.append(entry.collapsed);
    entry.collapsed.open = Boolean(wasOpen);
  }

  /** The other conversations that came from the same address and are not shown as cards of their own. */
  #collapsed(card) {
    const { say } = this;
    const list = el("ul", {});
    const read = async () => {
      if (!details.open) return;
      const cards = await this.onCollapsed(card.id); // read each time it opens: others come and go
      list.replaceChildren(
        ...(cards ?? []).filter((each) => each.id !== card.id).map((each) => this.#collapsedOne(each)),
      );
    };
    const details = el(
      "details",
      { class: "collapsed", testid: "collapsed", on: { toggle: read } },
      el("summary", {}, say("queue.collapsed", card.same_address)),
      list,
    );
    return details;
  }

  #collapsedOne(card) {
    const click = () => this.onOpen(card.id);
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

  #makeSelecting() {
    const { say } = this;
    const button = (key, testid, click, kind = "quiet") =>
      el("button", { type: "button", class: kind, testid, on: { click } }, say(key));
    this.selectButton = button("bulk.select", "select", () => this.#select(new Set()));
    this.selectedWords = el("span", { role: "status" });
    this.resolveButton = button(
      "bulk.resolve",
      "resolve-selected",
      () => this.onResolve(this.#selectedCards()),
      "primary",
    );
    this.selecting = el(
      "div",
      { class: "selecting", hidden: true },
      this.selectedWords,
      button("bulk.all", "select-all", () => this.#select(new Set(this.feed.waiting.map((card) => card.id)))),
      button("bulk.none", "select-end", () => this.#select(null)),
      this.resolveButton,
    );
    this.groups.waiting.heading.append(this.selectButton);
    this.groups.waiting.heading.after(this.selecting);
  }

  #selectedCards() {
    return this.feed.waiting.filter((card) => this.#selected.has(card.id));
  }

  #select(ids) {
    this.#selected = ids;
    this.draw(this.feed, this.#openId);
  }

  #toggle(id) {
    if (!this.#selected.delete(id)) this.#selected.add(id);
    this.#select(this.#selected);
  }

  #drawSelecting() {
    const cards = this.#selected ? this.#selectedCards() : []; // who has left the queue is not selected any more
    this.selecting.hidden = !this.#selected;
    this.selectButton.hidden = Boolean(this.#selected) || !this.feed.waiting.length;
    setText(this.selectedWords, this.say("bulk.selected", countOf(cards)));
    this.resolveButton.disabled = !cards.length;
  }

  #drawCheck(entry, card, group) {
    const isWanted = Boolean(this.#selected) && group === "waiting";
    if (!isWanted) {
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
        on: { change: () => this.#toggle(card.id) },
      });
      entry.node.prepend(entry.check);
    }
    entry.check.checked = this.#selected.has(card.id);
  }

  #tick() {
    const now = Date.now();
    for (const { card, parts } of this.#cards.values()) {
      const still = card.status === "queued" || card.unanswered ? (now - card.heardAt) / 1_000 : 0; // nobody waits for the customer's own turn
      setText(parts.wait, card.waiting_seconds == null ? "" : durationWords(card.waiting_seconds + still, this.say));
    }
  }
}
