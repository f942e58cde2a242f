// Explains a decision of the bot: the intent, the confidence, and the rule that decided.
import { el } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { routeWords, ruleWords } from "./display-names.js";
import { isolated, withoutControls } from "./shown-text.js";

/** @import { Decision } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */

/**
 * The element for a decision.
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
  const ranking = decision.ranking ?? [];
  const trace = decision.trace ?? [];
  const headline = routeWords(decision, say);
  return el(
    "div",
    { class: "decision", testid: "decision", data: { route, rule: decision.rule } },
    message ? isolated(say("decision.for", message), { class: "about" }) : null,
    el(
      "p",
      { class: "verdict" },
      el("b", {}, headline),
      reason ? ` · ${names.reason(reason)}` : ` · ${names.intent(intent)}`,
    ),
    silent ? el("p", { class: "muted" }, say("decision.silent")) : null,
    trace.length
      ? [el("h4", {}, say("decision.trace")), traceList(trace, say)]
      : el("p", {}, ruleWords(decision.rule, say)),
    el("h4", {}, say("decision.ranking")),
    rankingBars(ranking.length ? ranking : [{ intent, confidence }], names),
    technical(decision, say),
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
          el("span", { class: "trace-word" }, say(fired ? "decision.fired" : "decision.passed")),
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

/** @param {Decision} decision @param {Say} say */
function technical({ thresholds = {}, policy, model, versions = {}, rule }, say) {
  /** @type {[string, unknown][]} */
  const rows = [
    ["rule", rule],
    ...Object.entries(thresholds ?? {}),
    ["policy", policy],
    ["model", model],
    ...Object.entries(versions ?? {}),
  ];
  return el(
    "details",
    { class: "technical" },
    el("summary", {}, say("decision.thresholds")),
    el(
      "dl",
      {},
      rows
        .filter(([, value]) => value != null)
        .map(([name, value]) => [
          el("dt", {}, name),
          el("dd", {}, typeof value === "object" ? JSON.stringify(value) : String(value)),
        ]),
    ),
  );
}
