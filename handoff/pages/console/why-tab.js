// The tab "why": the bot's decision in one sentence, and the agents' judgement of it.
import { el } from "../shared/dom.js";
import { decisionPanel } from "./decision-panel.js";

/** @import { ConversationLog } from "../shared/conversation-log.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { CaseFacts } from "./case-facts.js" */
/** @import { FactsContext } from "./facts-panel.js" */

/** Each with its key. */
export const MARKS = /** @type {const} */ ([
  ["late_handoff", "h"],
  ["needless_handoff", "y"],
  ["wrong_article", "w"],
]);

/**
 * The decision to show: the picked one, else the last one that escalated, else the last one.
 * @param {CaseFacts} facts
 * @param {number | null} chosen  `seq`
 */
export function shownDecision({ decisions }, chosen) {
  return (
    decisions.find((event) => event.seq === chosen) ??
    decisions.findLast((event) => event.decision?.route === "escalate") ??
    decisions.at(-1)
  );
}

/**
 * @param {CaseFacts} facts
 * @param {ConversationLog} log
 * @param {number | null} chosen
 * @param {FactsContext} context
 * @param {(seq: number) => HTMLElement} replay  the button that makes a decision again
 */
export function whyTab(facts, log, chosen, context, replay) {
  const shown = shownDecision(facts, chosen);
  if (!shown?.decision) return el("p", { class: "muted" }, context.say("decision.none"));
  return [
    decisionPanel(shown.decision, { message: log.textOf(shown.message_seq), silent: shown.silent === true }, context),
    replay(shown.seq),
  ];
}

/** @param {CaseFacts} facts @param {string} login @param {Say} say @param {(mark: string) => void} onMark */
export function markButtons(facts, login, say, onMark) {
  return el(
    "div",
    { class: "marks", role: "group", "aria-label": say("mark.title") },
    MARKS.map(([mark, key]) =>
      el(
        "button",
        {
          type: "button",
          class: "tool judgement",
          testid: `mark-${mark}`,
          "aria-pressed": facts.isMarked(login, mark),
          on: { click: () => onMark(mark) },
        },
        say(`mark.${mark}`),
        el("kbd", { "aria-hidden": "true" }, key),
      ),
    ),
  );
}
