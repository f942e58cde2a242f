// The agent's own conversations: compact slots with the keys 1 to 5, above the queue.
import { el, setText, syncChildren } from "../shared/dom.js";
import { customerWords } from "./display-names.js";
import { dueWords, explanationOf, secondsLeft } from "./due-clock.js";
import { clockWords, lastWords, marksOf, topicWords } from "./queue-card.js";
import { KEYED, SlotPlaces } from "./slot-places.js";

/** @import { Colleague, HeardCard } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */

/** @typedef {{isOpen: boolean, isUnread: boolean, isUnsent: boolean}} SlotState */
/**
 * @typedef {object} SlotsOptions
 * @property {Say} say
 * @property {Names} names
 * @property {() => number} now  the desk's time in ms
 * @property {(id: string) => void} onOpen
 */

class Slot {
  /** @type {HeardCard | null} */
  #card = null;
  /** @type {string | null} */
  #drawn = null;
  #options;

  /** @param {string} id @param {SlotsOptions} options */
  constructor(id, options) {
    this.#options = options;
    this.key = el("kbd", {});
    this.name = el("bdi", { class: "slot-name" });
    this.topic = el("span", { class: "slot-topic" });
    this.wait = el("span", { class: "card-wait" });
    this.dot = el("span", { class: "slot-dot", hidden: true }, el("span", { class: "off-screen" }));
    this.marks = el("span", { class: "card-marks" });
    this.preview = el("bdi", { class: "card-preview" });
    this.button = el(
      "button",
      {
        type: "button",
        class: "card slot",
        tabindex: -1,
        testid: "queue-card",
        data: { id },
        on: { click: () => options.onOpen(id) },
      },
      this.key,
      el("span", { class: "card-head" }, this.name, this.topic, this.dot, this.wait),
      el("span", { class: "card-line" }, this.marks, this.preview),
    );
    this.node = el("li", { class: "slot-item" }, this.button);
  }

  /** @param {HeardCard} card @param {number} place @param {SlotState} state */
  draw(card, place, { isOpen, isUnread, isUnsent }) {
    const { say, names } = this.#options;
    this.#card = card;
    if (isOpen) this.button.setAttribute("aria-current", "true");
    else this.button.removeAttribute("aria-current");
    this.dot.hidden = !isUnread;
    this.button.classList.toggle("owes", Boolean(card.unanswered));
    this.tick();
    const drawn = JSON.stringify([
      card.preview,
      card.preview_by,
      card.intent,
      card.reason,
      card.priority,
      card.lane,
      card.locale,
      card.known_by,
      card.earlier,
      card.episode,
      place,
      isUnsent,
    ]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.button.dataset.priority = card.priority ?? "";
    this.button.toggleAttribute("data-lane", card.lane === "money_moving");
    const hasKey = place <= KEYED;
    setText(this.key, hasKey ? String(place) : "");
    if (hasKey) this.button.setAttribute("aria-keyshortcuts", String(place));
    else this.button.removeAttribute("aria-keyshortcuts");
    setText(this.name, customerWords(card.id, say));
    setText(this.topic, topicWords(card, names));
    setText(/** @type {Element} */ (this.dot.firstElementChild), say("queue.unread"));
    this.marks.replaceChildren(
      ...(isUnsent ? [el("span", { class: "unsent" }, say("queue.unsent"))] : []),
      ...marksOf(card, say, names),
    );
    setText(this.preview, lastWords(card, say));
  }

  /** Shows how long the customer waits for an answer, nothing while the customer has to write. */
  tick() {
    if (!this.#card) return;
    const { now, say } = this.#options;
    const at = now();
    const { unanswered, due } = this.#card;
    setText(this.wait, unanswered ? clockWords(this.#card, at, say) : dueWords(due, at, say));
    const left = secondsLeft(due, at);
    this.wait.classList.toggle("over", left !== null && left < 0);
  }

  get explanation() {
    return explanationOf(this.#card?.due, this.#options.say);
  }
}

export class MineSlots {
  /** By the conversation's id, in the order of the numbers. @type {Map<string, Slot>} */
  #slots = new Map();
  #places = new SlotPlaces();
  #options;

  /** @param {SlotsOptions} options */
  constructor(options) {
    this.#options = options;
    const { say } = options;
    this.count = el("span", { class: "count" });
    this.empty = el("p", { class: "group-empty" }, say("queue.mine.none"));
    this.list = el("ul", { class: "slots", role: "list", "aria-labelledby": "group-mine" });
    this.node = el(
      "section",
      { class: "group mine", data: { group: "mine" } },
      el("h2", { class: "group-heading", id: "group-mine" }, say("queue.mine")),
      this.count,
      this.list,
      this.empty,
    );
  }

  /**
   * @param {readonly HeardCard[]} mine
   * @param {Colleague | undefined} self
   * @param {boolean} loaded
   * @param {(card: HeardCard) => SlotState} stateOf
   */
  draw(mine, self, loaded, stateOf) {
    /** @type {Map<string, Slot>} */
    const slots = new Map();
    for (const { place, card } of this.#places.place(mine)) {
      const slot = this.#slots.get(card.id) ?? new Slot(card.id, this.#options);
      slot.draw(card, place, stateOf(card));
      slots.set(card.id, slot);
    }
    this.#slots = slots;
    syncChildren(
      this.list,
      [...slots.values()].map((slot) => slot.node),
    );
    this.empty.hidden = !loaded || slots.size > 0;
    setText(this.count, self ? `${mine.length}/${self.capacity}` : String(mine.length));
  }

  tick() {
    for (const slot of this.#slots.values()) slot.tick();
  }

  get keys() {
    return [...this.#slots.keys()];
  }

  /** What takes the focus for a conversation, null when it is not the agent's. @param {string} id */
  reach(id) {
    return this.#slots.get(id)?.button ?? null;
  }

  /** @param {Node} node */
  rowOf(node) {
    for (const slot of this.#slots.values()) if (slot.node.contains(node)) return slot;
    return null;
  }

  /** The conversation with a number, null when there is none. @param {number} place */
  at(place) {
    return this.#places.at(place);
  }
}
