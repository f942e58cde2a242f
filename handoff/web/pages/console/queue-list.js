// The left pane: who waits (in the desk's order), what is mine, what colleagues have. One listbox, so
// that arrows and j/k walk through all of it.
import { el, setText, syncChildren } from "../dom.js";
import { icon } from "../icons.js";
import { amountWords, durationWords } from "./display-names.js";

export const PRIORITY_ICON = { urgent: "alert", high: "up", normal: "dot" };
const GROUPS = ["waiting", "mine", "others"];

export class QueueList {
  #cards = new Map(); // id -> {node, parts, card, group}
  #openId = null;

  /** onOpen(id) */
  constructor({ say, names, onOpen }) {
    this.say = say;
    this.names = names;
    this.onOpen = onOpen;
    this.groups = Object.fromEntries(
      GROUPS.map((name) => {
        const count = el("span", { class: "count" });
        const heading = el(
          "div",
          { class: "group-heading", id: `group-${name}`, role: "presentation" },
          say(`queue.${name}`),
          count,
        );
        const empty = el("div", { class: "group-empty", role: "presentation" }, say(`queue.${name}.none`));
        const list = el("div", { class: "group-cards", role: "presentation" });
        const node = el(
          "div",
          { class: "group", role: "group", "aria-labelledby": `group-${name}` },
          heading,
          list,
          empty,
        );
        return [name, { node, count, empty, list }];
      }),
    );
    this.node = el(
      "div",
      {
        class: "queue",
        role: "listbox",
        "aria-label": say("queue.title"),
        on: { keydown: (event) => this.#keydown(event) },
      },
      GROUPS.map((name) => this.groups[name].node),
    );
    this.timer = setInterval(() => this.#tick(), 1_000);
  }

  close() {
    clearInterval(this.timer);
  }

  draw({ queue, heardAt, loaded }, openId) {
    this.#openId = openId;
    this.heardAt = heardAt;
    const present = new Map();
    for (const group of GROUPS) {
      const { count, empty, list } = this.groups[group];
      setText(count, String(queue[group].length));
      empty.hidden = !loaded || queue[group].length > 0;
      const entries = queue[group].map((card) => {
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
    const nodes = this.#nodes();
    this.#focus(nodes.find((node) => node.dataset.id === id) ?? nodes[0]);
  }

  get focusedId() {
    return this.node.contains(document.activeElement) ? (document.activeElement.dataset.id ?? null) : null;
  }

  #nodes() {
    return [...this.node.querySelectorAll("[role=option]")];
  }

  #focus(node) {
    if (!node) return;
    for (const other of this.#nodes()) other.tabIndex = other === node ? 0 : -1;
    node.focus();
    node.scrollIntoView({ block: "nearest" });
  }

  #keepOneTabStop() {
    const nodes = this.#nodes();
    if (nodes.length && !nodes.some((node) => node.tabIndex === 0)) nodes[0].tabIndex = 0;
  }

  #keydown(event) {
    const node = event.target.closest("[role=option]");
    if (node && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      event.stopPropagation();
      this.onOpen(node.dataset.id);
    }
  }

  #entry(id) {
    const parts = {
      priority: el("span", { class: "priority" }),
      reason: el("span", { class: "card-reason" }),
      wait: el("span", { class: "card-wait" }),
      preview: el("div", { class: "card-preview" }),
      foot: el("div", { class: "card-foot" }),
    };
    const node = el(
      "div",
      {
        class: "card",
        role: "option",
        tabindex: -1,
        testid: "queue-card",
        data: { id },
        "aria-selected": false,
        on: { click: () => this.onOpen(id) },
      },
      el("div", { class: "card-head" }, parts.priority, parts.reason, parts.wait),
      parts.preview,
      parts.foot,
    );
    return { node, parts, drawn: null };
  }

  #drawCard(entry, card, group) {
    const { say, names } = this;
    entry.card = card;
    entry.node.setAttribute("aria-selected", String(card.id === this.#openId));
    const drawn = JSON.stringify([
      card.priority,
      card.reason,
      card.preview,
      card.intent,
      card.amount_cny,
      card.agent_name,
      card.unanswered,
      card.locale,
      card.episode,
      group,
    ]);
    if (drawn === entry.drawn) return;
    entry.drawn = drawn;
    const { node, parts } = entry;
    node.dataset.priority = card.priority;
    parts.priority.dataset.priority = card.priority;
    parts.priority.replaceChildren(
      icon(PRIORITY_ICON[card.priority] ?? "dot", { size: 16 }),
      card.priority ? say(`priority.${card.priority}`) : "",
    );
    setText(parts.reason, names.reason(card.reason));
    setText(parts.preview, card.preview ?? "");
    parts.foot.replaceChildren(
      ...[
        card.unanswered && group !== "waiting" ? el("span", { class: "unanswered" }, say("queue.unanswered")) : null,
        card.intent ? el("span", {}, names.intent(card.intent)) : null,
        card.amount_cny != null ? el("span", {}, amountWords(card.amount_cny, say)) : null,
        card.locale === "en" ? el("span", {}, "EN") : null,
        card.episode > 1 ? el("span", {}, say("queue.episode", card.episode)) : null,
        group === "others" && card.agent_name ? el("span", { class: "card-agent" }, card.agent_name) : null,
      ].filter(Boolean),
    );
  }

  #tick() {
    const passed = (Date.now() - (this.heardAt ?? Date.now())) / 1_000;
    for (const { card, parts } of this.#cards.values()) {
      const still = card.status === "queued" || card.unanswered ? passed : 0; // nobody waits for the customer's own turn
      setText(parts.wait, card.waiting_seconds == null ? "" : durationWords(card.waiting_seconds + still, this.say));
    }
  }
}
