// One card of the queue. It is drawn again only when the desk has sent it again.
import { el, setText } from "../shared/dom.js";
import {
  amountWords,
  customerWords,
  durationWords,
  earlierWords,
  languageWords,
  previewWords,
} from "./display-names.js";
import { withoutControls } from "./shown-text.js";
import { drawUrgency } from "./urgency.js";

/** @import { Card, HeardCard } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */

/** @typedef {"mine" | "waiting" | "others"} GroupName */
/**
 * @typedef {object} CardState
 * @property {GroupName} group
 * @property {boolean} isOpen
 * @property {boolean} isUnsent  a reply failed or was refused
 * @property {boolean | null} selected  null: the card cannot be selected now
 */
/**
 * @typedef {object} CardOptions
 * @property {string} id
 * @property {Say} say
 * @property {Names} names
 * @property {(event: MouseEvent) => void} onClick
 * @property {() => void} onCheck
 * @property {(id: string) => void} onOpen  another conversation of the same address
 * @property {(id: string) => Promise<Card[] | null>} onCollapsed  resolves to the cards from the same address
 */

export class QueueCard {
  /** @type {HeardCard | null} */
  #card = null;
  /** What the card was drawn from. @type {string | null} */
  #drawn = null;
  /** @type {HTMLInputElement | null} */
  #check = null;
  /** @type {HTMLDetailsElement | null} */
  #collapsed = null;
  /** @type {CardState | null} */
  #state = null;
  #options;

  /** @param {CardOptions} options */
  constructor(options) {
    this.#options = options;
    this.priority = el("span", { class: "priority" });
    this.reason = el("span", { class: "card-reason" });
    this.wait = el("span", { class: "card-wait" });
    this.preview = el("bdi", { class: "card-preview" });
    this.foot = el("span", { class: "card-foot" });
    this.button = el(
      "button",
      {
        type: "button",
        class: "card",
        tabindex: -1,
        testid: "queue-card",
        data: { id: options.id },
        on: { click: options.onClick },
      },
      el("span", { class: "card-head" }, this.priority, this.reason, this.wait),
      this.preview,
      this.foot,
    );
    this.node = el("li", { class: "card-item" }, this.button);
  }

  /** @param {HeardCard} card @param {CardState} state */
  draw(card, state) {
    const before = this.#state;
    this.#state = state;
    const isSame = this.#card === card && before?.group === state.group && before.isUnsent === state.isUnsent;
    // A long queue has few cards that change: the others must cost no more than this comparison.
    if (isSame && before.isOpen === state.isOpen && before.selected === state.selected) return;
    if (state.isOpen) this.button.setAttribute("aria-current", "true");
    else this.button.removeAttribute("aria-current");
    this.#drawCheck(state.selected);
    if (isSame) return;
    this.#card = card;
    this.tick();
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
      state.group,
      state.isUnsent,
    ]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#drawContent(card, state);
  }

  /** Updates the clock. */
  tick() {
    if (!this.#card) return;
    const { status, unanswered, heardAt, waiting_seconds: seconds } = this.#card;
    // The clock stands still while the customer has to write.
    const passed = status === "queued" || unanswered ? (Date.now() - heardAt) / 1_000 : 0;
    setText(this.wait, seconds == null ? "" : durationWords(seconds + passed, this.#options.say));
  }

  /** @param {HeardCard} card @param {CardState} state */
  #drawContent(card, { group, isUnsent }) {
    const { say, names } = this.#options;
    this.button.dataset.priority = card.priority ?? "";
    drawUrgency(this.priority, card, say);
    setText(this.reason, names.reason(card.reason));
    setText(this.preview, previewWords(card, say));
    const agent = group === "others" && card.agent_name ? withoutControls(card.agent_name) : null;
    this.foot.replaceChildren(
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
    const wasOpen = this.#collapsed?.open;
    this.#collapsed?.remove();
    this.#collapsed = (card.same_address ?? 1) > 1 ? this.#collapsedCards(card) : null;
    if (!this.#collapsed) return;
    this.node.append(this.#collapsed);
    this.#collapsed.open = Boolean(wasOpen);
  }

  /**
   * The other conversations from the same address, which have no cards of their own.
   * @param {Card} card
   */
  #collapsedCards(card) {
    const { say, onCollapsed } = this.#options;
    const list = el("ul", {});
    const read = async () => {
      if (!details.open) return;
      const cards = await onCollapsed(card.id); // read at each opening: the conversations change
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
    const { say, onOpen } = this.#options;
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "collapsed-one", testid: "collapsed-card", on: { click: () => onOpen(card.id) } },
        el("span", {}, customerWords(card.id, say)),
        el("bdi", {}, previewWords(card, say)),
      ),
    );
  }

  /** @param {boolean | null} selected */
  #drawCheck(selected) {
    const { id, say, onCheck } = this.#options;
    if (selected === null) {
      this.#check?.remove();
      this.#check = null;
      return;
    }
    if (!this.#check) {
      this.#check = el("input", {
        type: "checkbox",
        class: "card-check",
        testid: "card-check",
        "aria-label": say("bulk.select.one", customerWords(id, say)),
        on: { change: onCheck },
      });
      this.node.prepend(this.#check);
    }
    this.#check.checked = selected;
  }
}
