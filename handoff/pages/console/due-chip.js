// "最急 0:42" in the top bar: the nearest deadline of all conversations that wait or are the agent's.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
import { dueWords, explanationOf, nearestDue, secondsLeft } from "./due-clock.js";
import { isUrgent } from "./news.js";

/** @import { HeardCard } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { QueueFeed } from "./queue-feed.js" */

const SOON_S = 60;

export class DueChip {
  /** @type {HeardCard | null} */
  #card = null;
  #say;
  #now;

  /** @param {{say: Say, now: () => number, onGo: (id: string) => void}} options  now: the desk's time in ms */
  constructor({ say, now, onGo }) {
    this.#say = say;
    this.#now = now;
    this.words = el("span", {});
    this.node = el(
      "button",
      {
        type: "button",
        class: "due-chip",
        testid: "due-chip",
        hidden: true,
        on: { click: () => this.#card && onGo(this.#card.id) },
      },
      icon("clock", { size: 18 }),
      this.words,
    );
    this.timer = setInterval(() => this.#tick(), 1_000);
  }

  close() {
    clearInterval(this.timer);
  }

  /** @param {QueueFeed} feed */
  update({ waiting, mine }) {
    // Without deadlines the first urgent conversation is the most pressing one.
    this.#card = nearestDue([...mine, ...waiting]) ?? waiting.find(isUrgent) ?? null;
    this.#tick();
  }

  #tick() {
    this.node.hidden = !this.#card;
    if (!this.#card) return;
    const now = this.#now();
    const { due } = this.#card;
    const left = secondsLeft(due, now);
    setText(
      this.words,
      left === null ? this.#say("due.urgent") : this.#say("due.nearest", dueWords(due, now, this.#say)),
    );
    this.node.title = explanationOf(due, this.#say);
    this.node.classList.toggle("soon", left !== null && left < SOON_S);
  }
}
