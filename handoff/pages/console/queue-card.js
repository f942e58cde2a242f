// One row of the queue, 56 px high. It is drawn again only when the desk has sent its card again.
import { el, setText } from "../shared/dom.js";
import {
  amountWords,
  customerWords,
  durationWords,
  earlierWords,
  languageWords,
  previewWords,
} from "./display-names.js";
import { dueWords, explanationOf, secondsLeft } from "./due-clock.js";
import { isKnown } from "./queue-views.js";
import { withoutControls } from "./shown-text.js";
import { drawUrgency } from "./urgency.js";

/** @import { Card, HeardCard } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */

/**
 * @typedef {object} CardState
 * @property {boolean} isOpen
 * @property {boolean} isUnsent  a reply failed or was refused
 * @property {boolean | null} selected  null: the card cannot be selected now
 * @property {boolean | null} isUnfolded  whether the other cases of its address are shown; null: it stands for itself only
 * @property {boolean} isOthers  a colleague has it
 * @property {boolean} isAlike  one of the cases behind the card above it
 */
/**
 * @typedef {object} CardOptions
 * @property {string} id
 * @property {Say} say
 * @property {Names} names
 * @property {() => number} now  the desk's time in ms
 * @property {(event: MouseEvent) => void} onClick
 * @property {() => void} onCheck
 * @property {() => void} onFold
 */

/** What is written where a clock stands: the deadline, or else how long the customer waits. @param {HeardCard} card @param {number} now @param {Say} say */
export function clockWords(card, now, say) {
  const due = dueWords(card.due, now, say);
  if (due || card.waiting_seconds == null) return due;
  // The clock stands still while the customer has to write.
  const passed = card.status === "queued" || card.unanswered ? (Date.now() - card.heardAt) / 1_000 : 0;
  return durationWords(card.waiting_seconds + passed, say);
}

/** Small marks before the last words. @param {Card} card @param {Say} say @param {Names} names */
export function marksOf(card, say, names) {
  return [
    (card.additions ?? 0) > 0 && card.status === "queued"
      ? el("span", { class: "mark additions" }, say("queue.additions", card.additions))
      : null,
    card.locale === "en" ? el("span", { class: "mark" }, "EN") : null,
    card.locale && !["zh", "en"].includes(card.locale)
      ? el("span", { class: "mark" }, languageWords(card.locale, say, names))
      : null,
    isKnown(card) ? el("span", { class: "mark", title: knownWords(card, say, names) }, say("queue.known")) : null,
  ].filter((mark) => mark !== null);
}

/** Who knew this customer, and how the last time ended. @param {Card} card @param {Say} say @param {Names} names */
function knownWords(card, say, names) {
  return [
    card.known_by ? say("queue.known.by", withoutControls(card.known_by.name)) : "",
    (card.episode ?? 1) > 1 ? say("queue.episode", card.episode) : "",
    card.earlier ? earlierWords(card.earlier, say, names) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** The last words on a row: those of anybody but the customer say whose they are. @param {Card} card @param {Say} say */
export function lastWords(card, say) {
  const isOthers = card.preview_by && card.preview_by !== "customer";
  return isOthers ? previewWords(card, say) : withoutControls(card.preview ?? "");
}

/** What a case is about: the topic, or else the reason. @param {Card} card @param {Names} names */
export const topicWords = (card, names) => (card.intent ? names.intent(card.intent) : names.reason(card.reason));

export class QueueCard {
  /** @type {HeardCard | null} */
  #card = null;
  /** What the card was drawn from. @type {string | null} */
  #drawn = null;
  /** @type {HTMLInputElement | null} */
  #check = null;
  /** @type {HTMLButtonElement | null} */
  #fold = null;
  /** @type {CardState | null} */
  #state = null;
  #options;

  /** @param {CardOptions} options */
  constructor(options) {
    this.#options = options;
    this.priority = el("span", { class: "sign" });
    this.reason = el("span", { class: "card-reason" });
    this.amount = el("span", { class: "card-amount" });
    this.wait = el("span", { class: "card-wait" });
    this.marks = el("span", { class: "card-marks" });
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
      el("span", { class: "card-head" }, this.priority, this.reason, this.amount, this.wait),
      el("span", { class: "card-line" }, this.marks, this.preview, this.foot),
    );
    this.node = el("li", { class: "card-item" }, this.button);
  }

  /** @param {HeardCard} card @param {CardState} state */
  draw(card, state) {
    const before = this.#state;
    this.#state = state;
    const isSame = this.#card === card && before?.isUnsent === state.isUnsent && before.isOthers === state.isOthers;
    // A long queue has few cards that change: the others must cost no more than this comparison.
    if (isSame && before.isOpen === state.isOpen && before.selected === state.selected) {
      if (before.isUnfolded !== state.isUnfolded) this.#drawFold(card, state.isUnfolded);
      return;
    }
    if (state.isOpen) this.button.setAttribute("aria-current", "true");
    else this.button.removeAttribute("aria-current");
    this.#drawCheck(state.selected);
    this.#drawFold(card, state.isUnfolded);
    if (isSame) return;
    this.#card = card;
    this.node.classList.toggle("alike", state.isAlike);
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
      card.earlier,
      card.known_by,
      card.additions,
      card.offer?.login,
      card.offer?.name,
      state.isOthers,
      state.isUnsent,
    ]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#drawContent(card, state);
  }

  /** Updates the clock. */
  tick() {
    if (!this.#card) return;
    const { now, say } = this.#options;
    const at = now();
    setText(this.wait, clockWords(this.#card, at, say));
    const left = secondsLeft(this.#card.due, at);
    this.wait.classList.toggle("over", left !== null && left < 0);
  }

  /** Why the deadline is then, "" without one. */
  get explanation() {
    return explanationOf(this.#card?.due, this.#options.say);
  }

  /** @param {HeardCard} card @param {CardState} state */
  #drawContent(card, { isOthers, isUnsent }) {
    const { say, names } = this.#options;
    this.button.dataset.priority = card.priority ?? "";
    this.button.toggleAttribute("data-lane", card.lane === "money_moving");
    drawUrgency(this.priority, card, say, { isShort: true });
    setText(this.reason, topicWords(card, names));
    this.reason.title = names.reason(card.reason);
    setText(this.amount, card.amount_cny == null ? "" : amountWords(card.amount_cny, say));
    setText(this.preview, lastWords(card, say));
    this.marks.replaceChildren(...marksOf(card, say, names));
    const agent = isOthers && card.agent_name ? withoutControls(card.agent_name) : null;
    this.foot.replaceChildren(
      ...[
        isUnsent ? el("span", { class: "unsent" }, say("queue.unsent")) : null,
        card.offer ? el("bdi", { class: "offered" }, say("queue.offered", withoutControls(card.offer.name))) : null,
        card.unanswered && isOthers ? el("span", { class: "unanswered" }, say("queue.unanswered")) : null,
        agent ? el("bdi", { class: "card-agent" }, agent) : null,
      ].filter((child) => child !== null),
    );
  }

  /** The button that shows the other cases of the same address. @param {HeardCard} card @param {boolean | null} isUnfolded */
  #drawFold(card, isUnfolded) {
    const { say, onFold } = this.#options;
    if (isUnfolded === null) {
      this.#fold?.remove();
      this.#fold = null;
      return;
    }
    if (!this.#fold) {
      this.#fold = el("button", { type: "button", class: "fold", testid: "collapsed", on: { click: onFold } });
      this.node.append(this.#fold);
    }
    this.#fold.setAttribute("aria-expanded", String(isUnfolded));
    setText(this.#fold, say("queue.collapsed", card.same_address));
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
