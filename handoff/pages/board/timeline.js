// The last four hours: arrivals, claims and who waits, as a picture and as a table.
import { el } from "../shared/dom.js";
import { columnsOf, halfHoursOf } from "./board-model.js";
import { clockWords } from "./board-names.js";
import { TimePlot } from "./time-plot.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Board } from "./board-model.js" */

const STEP_SECONDS = 300;

export class Timeline {
  #say;
  #drawn = "";

  /** @param {{say: Say, height?: number, fontPx?: number}} options */
  constructor({ say, height, fontPx }) {
    this.#say = say;
    this.plot = new TimePlot({
      series: [
        { label: say("timeline.arrivals"), colour: "--plot-arrivals", shape: "bars" },
        { label: say("timeline.claims"), colour: "--plot-claims", shape: "points" },
        { label: say("timeline.waiting"), colour: "--plot-waiting", shape: "line", scale: "right" },
      ],
      value: (value) => String(value),
      time: (seconds) => clockWords(seconds * 1_000, say),
      step: STEP_SECONDS,
      left: say("timeline.left"),
      right: say("timeline.right"),
      height,
      fontPx,
    });
    this.rows = el("tbody", {});
    const head = (/** @type {string} */ key) => el("th", { scope: "col" }, say(key));
    this.table = el(
      "details",
      { class: "numbers" },
      el("summary", {}, say("plot.numbers")),
      el(
        "div",
        { class: "scroll", tabindex: 0, role: "region", "aria-label": say("timeline.title") },
        el(
          "table",
          { testid: "timeline-numbers", "aria-label": say("timeline.title") },
          el(
            "thead",
            {},
            el("tr", {}, ["timeline.from", "timeline.arrivals", "timeline.claims", "timeline.most"].map(head)),
          ),
          this.rows,
        ),
      ),
    );
    this.none = el("p", { class: "empty" }, say("timeline.none"));
    this.node = el("div", { testid: "timeline" }, this.plot.node, this.none, this.table);
  }

  close() {
    this.plot.close();
  }

  /** @param {Board} board */
  update({ timeline, marks }) {
    const state = JSON.stringify([timeline, marks]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    const say = this.#say;
    const isNone = timeline.length < 2;
    this.plot.node.hidden = isNone;
    this.table.hidden = isNone;
    this.none.hidden = !isNone;
    if (isNone) return;
    const columns = columnsOf(timeline);
    const [times, arrivals, claims, waiting] = columns;
    const total = (/** @type {number[]} */ list) => list.reduce((sum, value) => sum + value, 0);
    const most = Math.max(...waiting);
    const at = clockWords(times[waiting.indexOf(most)] * 1_000, say);
    this.plot.update(
      columns,
      say("timeline.words", total(arrivals), total(claims), most, at),
      marks.map((mark) => ({
        at: Date.parse(mark.at) / 1_000,
        words: String(
          (say.locale === "en" ? mark.en : mark.zh) ??
            (say.knows(`mark.${mark.kind}`) ? say(`mark.${mark.kind}`) : mark.kind),
        ),
      })),
    );
    this.rows.replaceChildren(
      ...halfHoursOf(timeline).map((row) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, clockWords(row.at, say)),
          [row.arrivals, row.claims, row.waiting].map((value) => el("td", { class: "number" }, String(value))),
        ),
      ),
    );
  }
}
