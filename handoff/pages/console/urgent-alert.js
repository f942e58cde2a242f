// Alerts to urgent conversations without a sound: a count in the title, a badge in the bar, and a line for screen readers
// for each new one.
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */
/** @import { QueueFeed } from "./queue-feed.js" */

export class UrgentAlert {
  /** Ids seen; null before the first queue, which is not news. @type {Set<string> | null} */
  #known = null;
  /** The id of the urgent conversation that waits longest. @type {string | null} */
  #first = null;

  /** @param {{say: Say, names: Names, onGo: (id: string) => void}} options  onGo: to the urgent conversation that waits longest */
  constructor({ say, names, onGo }) {
    this.say = say;
    this.names = names;
    this.words = el("span", {});
    this.badge = el(
      "button",
      {
        type: "button",
        class: "urgent-badge",
        testid: "urgent",
        hidden: true,
        on: { click: () => this.#first && onGo(this.#first) },
      },
      icon("alert", { size: 18 }),
      this.words,
    );
    this.spoken = el("div", { class: "off-screen", role: "alert" });
    this.node = el("span", {}, this.badge, this.spoken);
  }

  close() {
    document.title = this.say("console.title");
  }

  /**
   * Urgent conversations stand first, so only a page that is full of them may hide more.
   * @param {QueueFeed} feed
   */
  update({ waiting, waitingTotal, hasMore, mine }) {
    const { say } = this;
    const urgent = waiting.filter((card) => card.priority === "urgent");
    const count = hasMore && urgent.length === waiting.length ? `${urgent.length}+` : urgent.length;
    const toAnswer = mine.filter((card) => card.unanswered).length;
    this.#first = urgent[0]?.id ?? null;
    this.badge.hidden = urgent.length === 0;
    setText(this.words, say("queue.urgent", count));
    const fresh = urgent.filter((card) => this.#known?.has(card.id) === false);
    if (fresh.length) setText(this.spoken, say("queue.urgent.new", this.names.reason(fresh[0].reason)));
    this.#known = new Set(urgent.map((card) => card.id));
    const open = waitingTotal + toAnswer;
    document.title =
      (urgent.length ? `⚠ ${say("queue.urgent", count)} · ` : open ? `(${open}) ` : "") + say("console.title");
  }
}
