// The problems of a text under its field: what blocks saving first, each with a way to its place and, where there is one, the
// button that writes what is meant.

import { icon } from "../shared/desk-icons.js";
import { el } from "../shared/dom.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Problem } from "./workshop-types.js" */

export class ProblemList {
  #say;
  #onGo;
  #onFix;
  #drawn = "";

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {(problem: Problem) => void} options.onGo  shows where it is
   * @param {(problem: Problem) => void} [options.onFix]
   */
  constructor({ say, onGo, onFix }) {
    this.#say = say;
    this.#onGo = onGo;
    this.#onFix = onFix;
    this.list = el("ul", { role: "list" });
    this.node = el("div", { class: "problems", testid: "problems", role: "status" }, this.list);
  }

  /** @param {readonly Problem[]} problems */
  show(problems) {
    const drawn = JSON.stringify(problems);
    if (drawn === this.#drawn) return; // it is a live region
    this.#drawn = drawn;
    const say = this.#say;
    const order = (/** @type {Problem} */ { severity }) => (severity === "block" ? 0 : 1);
    this.list.replaceChildren(
      ...[...problems]
        .sort((a, b) => order(a) - order(b))
        .map((problem) => {
          const isBlock = problem.severity === "block";
          const words = inLanguage(problem, say);
          const place = problem.start != null || problem.field;
          return el(
            "li",
            { class: isBlock ? "flaw-line block" : "flaw-line", data: { code: problem.code }, testid: "problem" },
            icon(isBlock ? "alert" : "info", { size: 18 }),
            el(
              "span",
              { class: "flaw-words" },
              el("b", {}, say(isBlock ? "problem.block" : "problem.warn")),
              " ",
              place
                ? el("button", { type: "button", class: "flaw-link", on: { click: () => this.#onGo(problem) } }, words)
                : words,
            ),
            problem.fix && this.#onFix && problem.start != null
              ? el(
                  "button",
                  { type: "button", class: "tool", testid: "problem-fix", on: { click: () => this.#onFix?.(problem) } },
                  say(problem.fix.startsWith("{{") ? "problem.to_fact" : "problem.fix"),
                )
              : null,
          );
        }),
    );
  }
}
