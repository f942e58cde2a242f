// Conversations that the desk offers to this agent: on top of the queue, with the time that is left to accept.

import { icon } from "../shared/desk-icons.js";
import { el, setText, syncChildren } from "../shared/dom.js";
import { amountWords } from "./display-names.js";
import { countdownWords } from "./due-clock.js";
import { lastWords, topicWords } from "./queue-card.js";
import { drawUrgency } from "./urgency.js";

/** @import { HeardCard } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */

/**
 * @typedef {object} OfferOptions
 * @property {Say} say
 * @property {Names} names
 * @property {() => number} now  the desk's time in ms
 * @property {(id: string) => void} onAccept
 * @property {(id: string) => void} onDecline
 */

/** Seconds in which an offer can still be accepted, 0 when it is over. @param {HeardCard} card @param {number} now */
export function offerSeconds(card, now) {
  const until = Date.parse(card.offer?.until ?? "");
  return Number.isNaN(until) ? 0 : Math.max(0, Math.ceil((until - now) / 1_000));
}

/** The waiting conversations that are offered to an agent. @param {readonly HeardCard[]} waiting @param {string} login */
export const offersTo = (waiting, login) => waiting.filter((card) => card.offer?.login === login);

class OfferRow {
  /** @type {HeardCard | null} */
  #card = null;
  #options;

  /** @param {string} id @param {OfferOptions} options */
  constructor(id, options) {
    this.#options = options;
    const { say } = options;
    this.priority = el("span", { class: "sign" });
    this.topic = el("span", { class: "card-reason" });
    this.amount = el("span", { class: "card-amount" });
    this.left = el("span", { class: "card-wait" });
    this.preview = el("bdi", { class: "card-preview" });
    this.button = el(
      "button",
      {
        type: "button",
        class: "card offer-accept",
        tabindex: -1,
        testid: "offer-accept",
        "aria-keyshortcuts": "c",
        data: { id },
        on: { click: () => options.onAccept(id) },
      },
      el("span", { class: "card-head" }, this.priority, this.topic, this.amount, this.left),
      el(
        "span",
        { class: "card-line" },
        this.preview,
        el("span", { class: "offer-do" }, say("offer.accept"), el("kbd", {}, "c")),
      ),
    );
    this.decline = el(
      "button",
      {
        type: "button",
        class: "icon-button offer-decline",
        testid: "offer-decline",
        "aria-label": say("offer.decline"),
        "aria-keyshortcuts": "x",
        title: `${say("offer.decline")} (x)`,
        on: { click: () => options.onDecline(id) },
      },
      icon("close", { size: 18 }),
    );
    this.node = el("li", { class: "offer-item", testid: "offer" }, this.button, this.decline);
  }

  /** @param {HeardCard} card */
  draw(card) {
    const { say, names } = this.#options;
    this.#card = card;
    this.button.toggleAttribute("data-lane", card.lane === "money_moving");
    drawUrgency(this.priority, card, say, { isShort: true });
    setText(this.topic, topicWords(card, names));
    setText(this.amount, card.amount_cny == null ? "" : amountWords(card.amount_cny, say));
    setText(this.preview, lastWords(card, say));
    this.tick();
  }

  tick() {
    if (!this.#card) return;
    setText(this.left, countdownWords(offerSeconds(this.#card, this.#options.now()), this.#options.say));
  }
}

export class OfferRows {
  /** By the conversation's id. @type {Map<string, OfferRow>} */
  #rows = new Map();
  #options;

  /** @param {OfferOptions} options */
  constructor(options) {
    this.#options = options;
    this.list = el("ul", { role: "list", "aria-labelledby": "group-offers" });
    this.node = el(
      "section",
      { class: "group offers", data: { group: "offers" }, hidden: true },
      el("h2", { class: "group-heading", id: "group-offers" }, options.say("offer.title")),
      this.list,
    );
  }

  /** @param {readonly HeardCard[]} offers */
  draw(offers) {
    /** @type {Map<string, OfferRow>} */
    const rows = new Map();
    for (const card of offers) {
      const row = this.#rows.get(card.id) ?? new OfferRow(card.id, this.#options);
      row.draw(card);
      rows.set(card.id, row);
    }
    this.#rows = rows;
    this.node.hidden = rows.size === 0;
    syncChildren(
      this.list,
      [...rows.values()].map((row) => row.node),
    );
  }

  tick() {
    for (const row of this.#rows.values()) row.tick();
  }

  get keys() {
    return [...this.#rows.keys()];
  }

  /** What takes the focus for an offered conversation; null when it is not offered. @param {string} id */
  reach(id) {
    return this.#rows.get(id)?.button ?? null;
  }
}
