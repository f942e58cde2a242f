// Figures by day, hour, reason, queue or agent: one figure as a picture and a table with its definition, all of them as CSV.
import { problemWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { clockWords, inLanguage, isoDay, valueWords } from "./board-names.js";
import { figureName } from "./figure-row.js";
import { barsOf, curveOf, figuresAddress, GROUPINGS, readFigures, TIMES, timeOf } from "./report-model.js";
import { TimePlot } from "./time-plot.js";

/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { BoardAgent } from "./board-model.js" */
/** @import { Name } from "./board-names.js" */
/** @import { Figure, FigureTableRow } from "./report-model.js" */

const DAYS_BACK = 6;
/** The figure that is shown first. */
const FIRST = "first_response_median";

export class Report {
  #api;
  #say;
  #name;
  #agents;
  #onOpen;
  #onExpired;
  /** @type {Figure[]} */
  #figures = [];
  /** @type {TimePlot | null} */
  #plot = null;
  #asked = 0;

  /**
   * @param {object} options
   * @param {DeskApi} options.api
   * @param {Say} options.say
   * @param {Name} options.name
   * @param {() => readonly BoardAgent[]} options.agents  for their names
   * @param {(url: string, title: string) => void} options.onOpen  shows the conversations behind a number
   * @param {() => void} options.onExpired
   */
  constructor({ api, say, name, agents, onOpen, onExpired }) {
    this.#api = api;
    this.#say = say;
    this.#name = name;
    this.#agents = agents;
    this.#onOpen = onOpen;
    this.#onExpired = onExpired;
    const load = () => this.load();
    const date = (/** @type {string} */ id) =>
      el("input", {
        type: "date",
        id,
        testid: id,
        required: true,
        on: { change: load },
      });
    this.from = date("report-from");
    this.to = date("report-to");
    this.by = el(
      "select",
      { id: "report-by", testid: "report-by", on: { change: load } },
      GROUPINGS.map((by) => el("option", { value: by }, say(`report.by.${by}`))),
    );
    this.which = el("select", { id: "report-figure", testid: "report-figure", on: { change: () => this.#draw() } });
    this.csv = el("a", { class: "tool", testid: "report-csv", download: "" }, say("report.csv"));
    this.problem = el("p", { class: "problem", role: "alert" });
    this.picture = el("div", { class: "report-picture", testid: "report-picture" });
    const field = (/** @type {HTMLElement} */ input, /** @type {string} */ words) =>
      el("div", { class: "report-field" }, el("label", { for: input.id }, words), input);
    this.node = el(
      "div",
      { class: "report" },
      el(
        "div",
        { class: "report-controls" },
        field(this.which, say("report.figure")),
        field(this.by, say("report.by")),
        field(this.from, say("report.from")),
        field(this.to, say("report.to")),
        this.csv,
      ),
      this.problem,
      this.picture,
    );
  }

  close() {
    this.#plot?.close();
  }

  focus() {
    this.which.focus();
  }

  /**
   * Shows the last seven days of the desk's zone.
   * @param {number} now  ms
   * @param {string | undefined} zone
   */
  start(now, zone) {
    this.from.value = isoDay(now - DAYS_BACK * 86_400_000, zone);
    this.to.value = isoDay(now, zone);
    return this.load();
  }

  /** Asks the desk for the figures of the chosen days. */
  async load() {
    const query = { from: this.from.value, to: this.to.value, by: this.by.value };
    if (!query.from || !query.to) return;
    if (query.from > query.to) {
      setText(this.problem, this.#say("report.order"));
      return;
    }
    this.csv.href = figuresAddress(query, ".csv");
    this.#asked += 1;
    const asked = this.#asked;
    this.node.setAttribute("aria-busy", "true");
    try {
      const figures = readFigures(await this.#api.get(figuresAddress(query), { timeout: 60_000 }));
      if (asked !== this.#asked) return; // a later choice is on its way
      this.#figures = figures;
      setText(this.problem, "");
      this.#choices();
      this.#draw();
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.status === 401) this.#onExpired();
      if (asked === this.#asked) setText(this.problem, problemWords(failure, this.#say));
    } finally {
      if (asked === this.#asked) this.node.setAttribute("aria-busy", "false");
    }
  }

  #choices() {
    const chosen = this.which.value;
    this.which.replaceChildren(
      ...this.#figures.map((figure) => el("option", { value: figure.id }, figureName(figure, this.#say))),
    );
    const shown = chosen || FIRST;
    if (this.#figures.some(({ id }) => id === shown)) this.which.value = shown;
  }

  #draw() {
    const say = this.#say;
    this.#plot?.close();
    this.#plot = null;
    const figure = this.#figures.find(({ id }) => id === this.which.value);
    if (!figure) {
      this.picture.replaceChildren(el("p", { class: "empty" }, say("report.none")));
      return;
    }
    const isTime = TIMES.includes(this.by.value);
    const definition = el(
      "p",
      { class: "definition", testid: "report-definition" },
      el("b", {}, figureName(figure, say)),
      inLanguage(figure.definition, say),
    );
    if (!figure.rows.some(({ value }) => value !== null)) {
      this.picture.replaceChildren(definition, el("p", { class: "empty" }, say("report.empty")));
      return;
    }
    const isPlotted = isTime && figure.rows.filter(({ value }) => value !== null).length > 1;
    if (isPlotted) this.#plot = this.#curve(figure);
    const table = this.#table(figure, isTime);
    this.picture.replaceChildren(definition, ...(this.#plot ? [this.#plot.node] : []), table);
  }

  /** @param {Figure} figure */
  #curve(figure) {
    const say = this.#say;
    const columns = curveOf(figure.rows);
    const format = new Intl.DateTimeFormat(say.tag, { month: "numeric", day: "numeric" });
    const isHour = this.by.value === "hour";
    const time = (/** @type {number} */ seconds) =>
      isHour ? clockWords(seconds * 1_000, say) : format.format(new Date(seconds * 1_000));
    const plot = new TimePlot({
      series: [
        {
          label: figureName(figure, say),
          colour: "--plot-arrivals",
          shape: figure.unit === "count" ? "bars" : "points",
        },
      ],
      value: (value) => valueWords(value, figure.unit, say),
      time,
      step: isHour ? 3_600 : 86_400,
      left: say(`unit.${figure.unit}`),
    });
    const values = columns[1].filter((value) => value !== null);
    const words = (/** @type {number} */ value) => valueWords(value, figure.unit, say);
    plot.update(
      columns,
      say("report.words", figureName(figure, say), words(Math.min(...values)), words(Math.max(...values))),
    );
    return plot;
  }

  /** The rows with their bars; by time in the order of time. @param {Figure} figure @param {boolean} isTime */
  #table(figure, isTime) {
    const say = this.#say;
    const bars = barsOf(figure.rows);
    if (isTime) bars.sort((a, b) => timeOf(a.key) - timeOf(b.key));
    const head = (/** @type {string} */ key) => el("th", { scope: "col" }, say(key));
    return el(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": figureName(figure, say) },
      el(
        "table",
        { testid: "report-table", "aria-label": figureName(figure, say) },
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            el("th", { scope: "col" }, say(`report.by.${this.by.value}`)),
            head("report.value"),
            head("report.of"),
            head("report.conversations"),
          ),
        ),
        el(
          "tbody",
          {},
          bars.map((row) => {
            const bar = el("span", { class: "bar", "aria-hidden": "true" });
            bar.style.setProperty("--share", String(row.share)); // through the object model: the page's policy has no inline styles
            const words = this.#keyWords(row);
            return el(
              "tr",
              {},
              el("th", { scope: "row" }, words),
              el(
                "td",
                { class: "bar-cell" },
                bar,
                el("span", { class: "number" }, valueWords(row.value, figure.unit, say)),
              ),
              el("td", { class: "number muted" }, countsWords(row, figure.unit, say)),
              el("td", {}, this.#openButton(row, figure, words.textContent ?? "")),
            );
          }),
        ),
      ),
    );
  }

  /** @param {FigureTableRow} row @param {Figure} figure @param {string} words */
  #openButton({ conversation_ids_url: url }, figure, words) {
    if (!url) return null;
    const say = this.#say;
    const title = `${figureName(figure, say)} · ${words}`;
    return el(
      "button",
      {
        type: "button",
        class: "quiet",
        testid: "report-open",
        "aria-label": say("board.for", say("figures.open"), title),
        on: { click: () => this.#onOpen(url, title) },
      },
      say("figures.open"),
    );
  }

  /** @param {FigureTableRow} row */
  #keyWords({ key }) {
    const say = this.#say;
    const by = this.by.value;
    if (key === null || key === "") return el("span", { class: "muted" }, say("report.other"));
    if (by === "reason") return el("span", {}, this.#name("reasons", key));
    if (by === "queue") return el("span", {}, this.#name("queues", key));
    if (by === "agent") return isolated(this.#agents().find(({ login }) => login === key)?.name ?? key);
    const at = new Date(timeOf(key));
    if (Number.isNaN(at.getTime())) return el("span", {}, key);
    const day = new Intl.DateTimeFormat(say.tag, { month: "short", day: "numeric", weekday: "short" });
    return el("span", {}, by === "hour" ? clockWords(at, say) : day.format(at));
  }
}

/**
 * How a value was counted: "12 / 40" for a share, of how many for a mean or a median, nothing for what is a number itself.
 * @param {FigureTableRow} row
 * @param {string} unit
 * @param {Say} say
 */
function countsWords({ numerator, denominator }, unit, say) {
  if (unit === "count" || !denominator) return "";
  return unit === "share" ? `${numerator ?? "–"} / ${denominator}` : say("report.among", denominator);
}
