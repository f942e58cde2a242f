// The live queue: who waits, by lane or priority and by queue.
import { durationWords } from "../console/display-names.js";
import { urgencyWords } from "../console/urgency.js";
import { el } from "../shared/dom.js";
import { linesOf } from "./board-model.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { WaitingGroup } from "./board-model.js" */
/** @import { Name } from "./board-names.js" */

export class LineTable {
  #say;
  #name;
  #drawn = "";

  /** @param {{say: Say, name: Name}} options */
  constructor({ say, name }) {
    this.#say = say;
    this.#name = name;
    this.node = el("div", {
      testid: "lines",
      class: "lines",
      role: "region",
      "aria-label": say("lines.title"),
      tabindex: 0,
    });
  }

  /** @param {readonly WaitingGroup[]} waiting */
  update(waiting) {
    const say = this.#say;
    const { lines, queues, total } = linesOf(waiting);
    const state = JSON.stringify(waiting);
    if (state === this.#drawn) return;
    this.#drawn = state;
    if (!total) {
      this.node.replaceChildren(el("p", { class: "empty" }, say("lines.none")));
      return;
    }
    const head = (/** @type {string} */ words) => el("th", { scope: "col" }, words);
    const number = (/** @type {number} */ n) => el("td", { class: n ? "number" : "number muted" }, String(n));
    this.node.replaceChildren(
      el(
        "table",
        { "aria-label": say("lines.title") },
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            head(say("lines.lane")),
            queues.map((queue) => head(this.#name("queues", queue))),
            head(say("lines.total")),
            head(say("lines.oldest")),
          ),
        ),
        el(
          "tbody",
          {},
          lines.map((line) =>
            el(
              "tr",
              { data: { lane: line.lane, priority: line.priority } },
              el("th", { scope: "row" }, urgencyWords(line, say) || line.key),
              queues.map((queue) => number(line.byQueue.get(queue) ?? 0)),
              el("td", { class: "number strong" }, String(line.total)),
              el("td", { class: "number" }, durationWords(line.oldest, say)),
            ),
          ),
        ),
      ),
    );
  }
}
