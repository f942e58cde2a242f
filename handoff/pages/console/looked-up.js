// What the bot looked up in the wallet for a decision, and the intake's answers, in the tab "case".
import { el } from "../shared/dom.js";
import { inBoth } from "./care-lines.js";
import { copyButton } from "./copy-button.js";
import { timeWords } from "./display-names.js";
import { isolated, withoutControls } from "./shown-text.js";

/** @import { IntakeAnswer, Json } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */

/**
 * One look-up of a decision. `state`: found, several, none, away, refused.
 * @typedef {{name: string, state: string, assurance: number, needs: number, at: string, facts: Record<string, Json>}} LookedUp
 */

/** Facts that are shown as they are, by their names. */
const PLAIN = ["standing", "balance", "expiring", "count", "single", "daily", "daily_used", "monthly", "monthly_used"];

/** The transactions and refunds of a look-up. @param {LookedUp} lookup @returns {Json[]} */
export function moneyRows({ facts }) {
  const several = [facts?.transactions, facts?.refunds].filter(Array.isArray).flat();
  return [...(facts?.transaction ? [facts.transaction] : []), ...several].filter((row) => typeof row?.id === "string");
}

/** @param {readonly LookedUp[]} lookups  the last of each name @param {Say} say */
export function lookupList(lookups, say) {
  if (!lookups.length) return el("p", { class: "muted" }, say("lookup.none"));
  return el(
    "ul",
    { class: "lookups" },
    lookups.map((lookup) => {
      const money = moneyRows(lookup);
      const plain = PLAIN.filter((name) => ["string", "number"].includes(typeof lookup.facts?.[name]));
      return el(
        "li",
        { testid: "lookup", data: { state: lookup.state } },
        el(
          "div",
          { class: "lookup-head" },
          el("b", {}, named("lookup.name", lookup.name, say)),
          el(
            "span",
            { class: "muted" },
            [named("lookup.state", lookup.state, say), timeWords(lookup.at, say)].join(" · "),
          ),
        ),
        el("div", { class: "muted" }, say("lookup.proof", say(`customer.proof.${levelOf(lookup.assurance)}`))),
        money.length
          ? el(
              "ul",
              { class: "money-rows" },
              money.map((row) => moneyItem(row, say)),
            )
          : null,
        plain.length
          ? el(
              "dl",
              { class: "rows" },
              plain.map((name) => [
                el("dt", {}, say(`lookup.fact.${name}`)),
                el("dd", {}, isolated(named("lookup.value", String(lookup.facts[name]), say))),
              ]),
            )
          : null,
      );
    }),
  );
}

/** @param {number} assurance */
const levelOf = (assurance) => (Number.isInteger(assurance) && assurance >= 0 && assurance <= 3 ? assurance : 0);

/** A transaction or a refund. @param {Json} row @param {Say} say */
function moneyItem(row, say) {
  const direction = row.direction === "in" ? "+" : row.direction === "out" ? "−" : "";
  const expected = row.expected_at ? say("lookup.expected", timeWords(String(row.expected_at), say)) : "";
  return el(
    "li",
    { testid: "lookup-money" },
    el(
      "div",
      { class: "money-line" },
      el("span", { class: "amount" }, `${direction}${moneyWords(row, say)}`),
      isolated(String(row.name ?? row.counterparty ?? "")),
      el("b", {}, named("lookup.status", String(row.status ?? ""), say)),
    ),
    el("div", { class: "muted" }, [timeWords(String(row.at ?? ""), say), expected].filter(Boolean).join(" · ")),
    el("div", { class: "muted money-id" }, isolated(row.id), copyButton(String(row.id), say)),
  );
}

/** @param {Json} row @param {Say} say */
function moneyWords({ amount, currency }, say) {
  const number = Number(amount);
  if (!Number.isFinite(number) || !/^[A-Z]{3}$/.test(String(currency))) return withoutControls(`${amount} ${currency}`);
  return new Intl.NumberFormat(say.tag, { style: "currency", currency }).format(number);
}

/** The words for an id; the id where the page has none. @param {string} kind @param {string} id @param {Say} say */
function named(kind, id, say) {
  return say.knows(`${kind}.${id}`) ? say(`${kind}.${id}`) : withoutControls(id);
}

/** The intake filled in: what was asked, what was answered and by whom. @param {readonly IntakeAnswer[]} intake @param {Say} say */
export function intakeList(intake, say) {
  if (!intake.length) return el("p", { class: "muted" }, say("intake.none"));
  return el(
    "dl",
    { class: "rows intake" },
    intake.map(({ id, label, answer, by }) => [
      el("dt", {}, withoutControls(inBoth(label, say))),
      el(
        "dd",
        { testid: "intake-answer", data: { question: id, by: by ?? "open" } },
        answer ? isolated(inBoth(answer, say)) : null,
        answer && by === "lookup" ? el("small", { class: "muted" }, ` ${say("intake.by.lookup")}`) : null,
        answer ? null : el("span", { class: "muted" }, say(by === "skipped" ? "intake.by.skipped" : "intake.by.open")),
      ),
    ]),
  );
}
