// The view "reviews": one text at a time, never with the bot's answer; three keys; and what the reviews show.
import { problemWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { isKept, readSummary } from "./reviews-model.js";

/** @import { ViewContext } from "./views.js" */
/** @import { MissedTurn, ReviewSummary } from "./reviews-model.js" */

/** @typedef {{id: string, text: string, before: string[], day: string}} Sample */

const VERDICTS = /** @type {const} */ (["needs_person", "answerable", "unsure"]);
/** Refusals after which the next text is shown: others judged it meanwhile. */
const OVER = new Set(["already_judged", "already_settled", "not_yours", "unknown_sample"]);

export class ReviewsView {
  #context;
  /** @type {Sample | null} */
  #sample = null;
  #isBusy = false;
  #done = 0;

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { say } = context;
    this.place = el("section", { class: "panel review", "aria-label": say("reviews.one") });
    this.left = el("span", { class: "muted", role: "status", testid: "reviews-left" });
    this.figures = el("section", { class: "panel review-figures", "aria-label": say("reviews.figures") });
    this.node = el(
      "div",
      { class: "view reviews", testid: "reviews" },
      el("div", { class: "view-head" }, el("h2", {}, say("workshop.view.reviews")), this.left),
      el("p", { class: "view-intro" }, say("reviews.intro")),
      el("div", { class: "two-columns" }, this.place, this.figures),
    );
    /** @type {[string, string][]} */
    this.shortcuts = VERDICTS.map((verdict, index) => [String(index + 1), say(`reviews.verdict.${verdict}`)]);
  }

  async open() {
    this.#done = 0;
    await Promise.all([this.#next(), this.#summary()]);
  }

  close() {
    this.#sample = null;
    this.#context.refreshCounts();
  }

  /** @param {KeyboardEvent} event */
  onKey({ key }) {
    const verdict = VERDICTS[Number(key) - 1];
    if (!verdict || !this.#sample) return false;
    this.#judge(verdict);
    return true;
  }

  async #next() {
    const { api, say } = this.#context;
    this.#sample = null;
    try {
      const answer = await api.get("/api/workshop/reviews/next");
      this.#sample = answer?.sample ?? null;
      setText(this.left, answer?.left ? say("reviews.left", answer.left) : "");
      this.#draw();
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.status === 401) this.#context.onProblem(error);
      this.place.replaceChildren(
        el("p", { class: "problem empty" }, problemWords(failure, say)),
        el("button", { type: "button", class: "tool", on: { click: () => this.#next() } }, say("view.again")),
      );
    }
  }

  /** @param {typeof VERDICTS[number]} verdict */
  async #judge(verdict) {
    const { api, say, toast, onProblem } = this.#context;
    const sample = this.#sample;
    if (!sample || this.#isBusy) return;
    this.#isBusy = true; // a second press must not judge the next text
    try {
      await api.post(`/api/workshop/reviews/${encodeURIComponent(sample.id)}`, { verdict });
      this.#done += 1;
      toast.show(say("reviews.judged", say(`reviews.verdict.${verdict}`)));
      await this.#next();
      await this.#summary();
    } catch (error) {
      onProblem(error);
      if (OVER.has(DeskError.of(error).code)) await this.#next();
    } finally {
      this.#isBusy = false;
    }
  }

  async #summary() {
    const { api, say } = this.#context;
    try {
      this.#drawFigures(readSummary(await api.get("/api/workshop/reviews/summary")));
    } catch (error) {
      this.figures.replaceChildren(el("p", { class: "problem empty" }, problemWords(DeskError.of(error), say)));
    }
  }

  #draw() {
    const { say } = this.#context;
    const sample = this.#sample;
    if (!sample) {
      this.place.replaceChildren(
        el(
          "div",
          { class: "view-empty", testid: "reviews-empty" },
          el("h3", {}, say(this.#done ? "reviews.done" : "reviews.none")),
          el("p", { class: "muted" }, say("reviews.none.text")),
        ),
      );
      return;
    }
    this.place.replaceChildren(
      el("p", { class: "muted" }, say("reviews.day", sample.day)),
      ...(sample.before?.length
        ? [
            el("h3", {}, say("reviews.before")),
            el(
              "ol",
              { class: "review-before" },
              sample.before.map((text) => el("li", {}, isolated(text))),
            ),
          ]
        : []),
      el("h3", {}, say("reviews.text")),
      el("p", { class: "review-text", testid: "review-text" }, isolated(sample.text)),
      el("p", { class: "review-question" }, say("reviews.question")),
      el(
        "div",
        { class: "review-verdicts", role: "group", "aria-label": say("reviews.question") },
        VERDICTS.map((verdict, index) =>
          el(
            "button",
            {
              type: "button",
              class: "tool",
              testid: `verdict-${verdict}`,
              "aria-keyshortcuts": String(index + 1),
              on: { click: () => this.#judge(verdict) },
            },
            el("kbd", { "aria-hidden": "true" }, String(index + 1)),
            say(`reviews.verdict.${verdict}`),
          ),
        ),
      ),
    );
  }

  /** @param {ReviewSummary} summary */
  #drawFigures(summary) {
    const { say } = this.#context;
    const share = (/** @type {number} */ value) =>
      new Intl.NumberFormat(say.tag, { style: "percent", maximumSignificantDigits: 2 }).format(value);
    const { upperBound, bound, certainty, n, missed, needed, days, missedTurns } = summary;
    const kept = isKept(summary);
    this.figures.replaceChildren(
      el("h3", {}, say("reviews.bound")),
      el(
        "p",
        { class: "review-bound", testid: "reviews-bound", data: { kept: kept === null ? null : String(kept) } },
        upperBound === null ? "–" : say("reviews.at_most", share(upperBound)),
      ),
      el(
        "p",
        { class: "muted" },
        upperBound === null ? say("reviews.too_few") : say("reviews.of", n, missed, share(certainty)),
      ),
      bound === null ? "" : el("p", { class: "muted" }, say("reviews.promise", share(bound), needed)),
      days.length
        ? el(
            "table",
            { class: "plain-table" },
            el("caption", {}, say("reviews.days")),
            el(
              "thead",
              {},
              el(
                "tr",
                {},
                ["day", "size", "settled", "missed"].map((id) =>
                  el("th", { scope: "col" }, say(`reviews.column.${id}`)),
                ),
              ),
            ),
            el(
              "tbody",
              {},
              days
                .slice(0, 14)
                .map((day) =>
                  el(
                    "tr",
                    {},
                    el("th", { scope: "row" }, day.day.slice(5)),
                    el("td", {}, say("reviews.sampled", day.size, day.population)),
                    el("td", {}, day.counts ? String(day.settled) : say("reviews.open", day.settled)),
                    el("td", {}, String(day.missed)),
                  ),
                ),
            ),
          )
        : "",
      ...(missedTurns.length
        ? [
            el("h3", {}, say("reviews.missed")),
            el(
              "ul",
              { class: "review-missed" },
              missedTurns.map((turn) => this.#missed(turn)),
            ),
          ]
        : []),
    );
  }

  /** A missed emergency: it can be kept as a safety case, and its conversation opened again. @param {MissedTurn} turn */
  #missed({ id, text, day, kept_by }) {
    const { api, say, me, toast, onProblem } = this.#context;
    /** @param {"case" | "open"} act @param {string} words */
    const button = (act, words) =>
      el(
        "button",
        {
          type: "button",
          class: "quiet",
          testid: `missed-${act}`,
          on: {
            click: async () => {
              try {
                await api.post(`/api/workshop/reviews/${encodeURIComponent(id)}/${act}`);
                toast.show(say(`reviews.${words}.done`));
                await this.#summary();
              } catch (error) {
                onProblem(error);
              }
            },
          },
        },
        say(`reviews.${words}`),
      );
    return el(
      "li",
      {},
      isolated(text),
      " ",
      el("small", { class: "muted" }, day),
      el("div", {}, kept_by || me.role !== "editor" ? null : button("case", "case"), button("open", "open_case")),
    );
  }
}
