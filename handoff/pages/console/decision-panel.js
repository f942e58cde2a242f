// Explains a decision of the bot: the intent, the confidence, and the rule that decided.

import { icon } from "../shared/desk-icons.js";
import { el } from "../shared/dom.js";
import { routeWords, ruleWords } from "./display-names.js";
import { isolated, withoutControls } from "./shown-text.js";

/** @import { Decision } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */

const SHOWN_FROM = 0.01; // of the ranking: a bar of nothing says nothing

/**
 * The element for a decision: one sentence and the rule that fired; the rest is folded.
 * @param {Decision} decision
 * @param {object} about
 * @param {string} about.message  the text it was about, "" when that is not known
 * @param {boolean} about.silent  a person had the conversation
 * @param {{say: Say, names: Names}} context
 */
export function decisionPanel(decision, { message, silent }, { say, names }) {
  const { route, reason, intent } = decision;
  // The desk logs a decision as the bot sent it: a list may be null, and what stands in a line of the trace is not checked.
  const confidence = decision.confidence ?? 0;
  const trace = decision.trace ?? [];
  const fired = trace.filter((line) => line.fired);
  const ranking = (decision.ranking ?? []).filter((each) => each.confidence >= SHOWN_FROM);
  const percent = Math.round(confidence * 100);
  const understood = intent ? say("decision.understood", names.intent(intent), percent) : "";
  const about = reason ? ` · ${names.reason(reason)}` : "";
  return el(
    "div",
    { class: "decision", testid: "decision", data: { route, rule: decision.rule } },
    message ? isolated(say("decision.for", message), { class: "about" }) : null,
    el("p", { class: "verdict" }, understood, el("b", {}, `${routeWords(decision, say)}${about}`)),
    silent ? el("p", { class: "muted" }, say("decision.silent")) : null,
    fired.length ? traceList(fired, say) : el("p", { class: "rule" }, ruleWords(decision.rule, say)),
    el(
      "details",
      { class: "technical", testid: "decision-more" },
      el("summary", {}, say("decision.more")),
      trace.length > fired.length
        ? [
            el("h4", {}, say("decision.not_fired")),
            traceList(
              trace.filter((line) => !line.fired),
              say,
            ),
          ]
        : null,
      ranking.length ? [el("h4", {}, say("decision.ranking")), rankingBars(ranking, names)] : null,
      el("h4", {}, say("decision.thresholds")),
      technical(decision),
    ),
  );
}

/** @param {NonNullable<Decision["trace"]>} trace @param {Say} say */
function traceList(trace, say) {
  return el(
    "ol",
    { class: "trace" },
    trace.map(({ rule, fired, detail }) =>
      el(
        "li",
        { class: fired ? "fired" : "" },
        icon(fired ? "check" : "skip", { size: 16 }),
        el(
          "div",
          {},
          el("span", { class: "trace-rule" }, ruleWords(rule, say)),
          detail ? el("div", { class: "trace-detail" }, withoutControls(String(detail))) : null,
        ),
      ),
    ),
  );
}

/** @param {NonNullable<Decision["ranking"]>} ranking @param {Names} names */
function rankingBars(ranking, names) {
  return el(
    "ul",
    { class: "ranking" },
    ranking.map(({ intent, confidence }) => {
      const percent = Math.round(confidence * 1_000) / 10;
      const bar = el("span", { class: "bar-fill" });
      bar.style.width = `${Math.max(percent, 0.5)}%`; // through the CSSOM, which a strict policy allows
      return el(
        "li",
        { title: intent },
        el("span", { class: "bar-name" }, names.intent(intent)),
        el("span", { class: "bar-number" }, `${percent}%`),
        el("span", { class: "bar", "aria-hidden": "true" }, bar),
      );
    }),
  );
}

/** @param {Decision} decision */
function technical({ thresholds = {}, policy, model, versions = {}, rule }) {
  /** @type {[string, unknown][]} */
  const rows = [
    ["rule", rule],
    ...Object.entries(thresholds ?? {}),
    ["policy", policy],
    ["model", model],
    ...Object.entries(versions ?? {}),
  ];
  return el(
    "dl",
    {},
    rows
      .filter(([, value]) => value != null)
      .map(([name, value]) => [
        el("dt", {}, name),
        el("dd", {}, typeof value === "object" ? JSON.stringify(value) : String(value)),
      ]),
  );
}
