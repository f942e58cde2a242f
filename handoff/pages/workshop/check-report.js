// The report of a check: the gate's verdict with its sentences, then what the draft would have done with the last turns.
import { routeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { icon } from "../shared/desk-icons.js";
import { el } from "../shared/dom.js";
import { decisionPair } from "./decision-pair.js";
import { losesPerson, matrixOf, readGate, readShadow } from "./shadow-model.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */
/** @import { GateReason, GateVerdict, Shadow, ShadowExample } from "./shadow-model.js" */

/** @typedef {(example: ShadowExample, must: "person" | "article", article: string | null) => void} KeepCase */

/** Sentences of one reason, and examples, that are shown at first. */
const SENTENCES = 5;
const EXAMPLES = 8;

/**
 * @param {Json} result  of a check, or of a publication: {gate, shadow}
 * @param {Pick<ViewContext, "say" | "names">} context
 * @param {KeepCase | null} [onCase]  null: the examples cannot be kept as cases here
 */
export function checkReport(result, context, onCase = null) {
  const gate = readGate(result?.gate);
  const shadow = readShadow(result?.shadow);
  return el(
    "div",
    { class: "check-report", testid: "check-report" },
    gate ? verdict(gate, context) : null,
    shadow ? effect(shadow, context, onCase) : null,
  );
}

/** @param {GateVerdict} gate @param {Pick<ViewContext, "say">} context */
function verdict({ isPassed, reasons, warnings }, { say }) {
  return el(
    "section",
    { class: isPassed ? "verdict-box pass" : "verdict-box refuse", testid: "gate-verdict" },
    el(
      "h4",
      {},
      icon(isPassed ? "check" : "alert", { size: 20 }),
      say(isPassed ? "check.passed" : "check.refused", reasons.length),
    ),
    reasons.length
      ? el(
          "ol",
          { class: "gate-reasons" },
          reasons.map((reason) => reasonLine(reason, say)),
        )
      : null,
    warnings.length
      ? el(
          "details",
          {},
          el("summary", {}, say("check.warnings", warnings.length)),
          el(
            "ol",
            { class: "gate-reasons" },
            warnings.map((reason) => reasonLine(reason, say)),
          ),
        )
      : null,
  );
}

/** @param {GateReason} reason @param {ViewContext["say"]} say */
function reasonLine({ kind, words, sentences, more }, say) {
  const rest = Math.max(sentences.length - SENTENCES, 0) + more;
  return el(
    "li",
    { testid: "gate-reason", data: { kind } },
    el("p", {}, isolated(inLanguage(words, say))),
    sentences.length
      ? el(
          "ul",
          { class: "gate-sentences" },
          sentences.slice(0, SENTENCES).map((text) => el("li", {}, isolated(text))),
          rest > 0 ? el("li", { class: "muted" }, say("check.more", rest)) : null,
        )
      : null,
  );
}

/** @param {Shadow} shadow @param {Pick<ViewContext, "say" | "names">} context @param {KeepCase | null} onCase */
function effect(shadow, context, onCase) {
  const { say } = context;
  const number = (/** @type {number} */ n) => new Intl.NumberFormat(say.tag).format(n);
  const list = el("ol", { class: "shadow-examples", testid: "shadow-examples" });
  const draw = (/** @type {number} */ most) =>
    list.replaceChildren(...shadow.examples.slice(0, most).map((example) => exampleRow(example, context, onCase)));
  const first = Math.max(EXAMPLES, shadow.examples.filter(losesPerson).length); // these must all be read
  draw(first);
  const rest = shadow.examples.length - first;
  const more = el(
    "button",
    {
      type: "button",
      class: "quiet",
      on: {
        click: () => {
          draw(shadow.examples.length);
          more.remove();
        },
      },
    },
    say("shadow.more", rest),
  );
  return el(
    "section",
    { class: "shadow", testid: "shadow" },
    el("h4", {}, say("shadow.title")),
    el(
      "p",
      { testid: "shadow-summary" },
      shadow.n ? say("shadow.changed", number(shadow.changed), number(shadow.n)) : say("shadow.none"),
    ),
    shadow.lost ? el("p", { class: "shadow-lost", testid: "shadow-lost" }, say("shadow.lost", shadow.lost)) : null,
    shadow.changed ? matrix(shadow, context) : null,
    shadow.examples.length ? [el("h4", {}, say("shadow.examples")), list, rest > 0 ? more : null] : null,
  );
}

/** @param {Shadow} shadow @param {Pick<ViewContext, "say">} context */
function matrix({ flips }, { say }) {
  const { after, rows } = matrixOf(flips);
  const name = (/** @type {string} */ route) => routeWords({ route }, say);
  if (!rows.length) return null;
  return el(
    "div",
    { class: "table-frame" },
    el(
      "table",
      { class: "plain-table flip-matrix", testid: "flip-matrix" },
      el("caption", {}, say("shadow.matrix")),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("td", {}, ""),
          after.map((route) => el("th", { scope: "col" }, say("shadow.to", name(route)))),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map(({ before, cells }) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, name(before)),
            cells.map((n, index) =>
              el(
                "td",
                { class: before === "escalate" && after[index] !== "escalate" && n ? "bad" : null },
                n ? String(n) : "",
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** @param {ShadowExample} example @param {Pick<ViewContext, "say" | "names">} context @param {KeepCase | null} onCase */
function exampleRow(example, context, onCase) {
  const { say } = context;
  const { before, after, count: times = 1 } = example;
  const answer = before.article ? before : after;
  const article = answer.article ?? null;
  /** @param {"person" | "article"} must @param {string} key */
  const keep = (must, key) =>
    el(
      "button",
      {
        type: "button",
        class: "tool small",
        testid: `keep-${must}`,
        "aria-keyshortcuts": key,
        on: { click: () => onCase?.(example, must, article) },
      },
      must === "article" && article
        ? say("case.article", answer.intent ? context.names.intent(answer.intent) : article)
        : say("case.person"),
      el("kbd", { "aria-hidden": "true" }, key),
    );
  return el(
    "li",
    { class: losesPerson(example) ? "example lost" : "example", tabindex: -1, testid: "shadow-example" },
    el(
      "p",
      { class: "example-text" },
      isolated(example.text),
      times > 1 ? el("small", { class: "muted" }, ` ×${times}`) : null,
      losesPerson(example) ? el("span", { class: "chip bad" }, say("shadow.loses")) : null,
    ),
    decisionPair(before, after, context),
    onCase
      ? el(
          "div",
          { class: "example-cases", role: "group", "aria-label": say("case.keep") },
          keep("person", "p"),
          article ? keep("article", "a") : null,
        )
      : null,
  );
}
