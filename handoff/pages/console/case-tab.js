// The tab "case": five facts at most, what was found in the messages, and the notes.
import { el } from "../shared/dom.js";
import { copyButton } from "./copy-button.js";
import { factRows } from "./customer-tab.js";
import { amountWords, durationWords, earlierWords, timeWords } from "./display-names.js";
import { isolated, withoutControls } from "./shown-text.js";
import { drawUrgency } from "./urgency.js";

/** @import { Card, LogEvent } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { FoundEntity } from "./case-facts.js" */
/** @import { FactsContext } from "./facts-panel.js" */

const MOST_FACTS = 5;

/**
 * @param {Card} card
 * @param {HTMLElement} clock  shows how long somebody has waited or worked
 * @param {Pick<FactsContext, "say" | "names">} context
 */
export function caseFactsSection(card, clock, { say, names }) {
  const badge = el("span", { class: "priority" });
  drawUrgency(badge, card, say);
  const topic = card.topic && card.topic !== card.reason ? names.intent(card.topic) : "";
  /** @type {([string, string | HTMLElement] | null)[]} */
  const rows = [
    card.amount_cny != null ? [say("facts.amount"), amountWords(card.amount_cny, say)] : null,
    topic ? [say("facts.topic"), topic] : null,
    [say(clockLabel(card)), clock],
    card.queue
      ? [say("facts.queue"), [names.queue(card.queue), names.skill(card.skill)].filter(Boolean).join(" · ")]
      : null,
    card.first_response_at && card.queued_at
      ? [
          say("facts.first_response"),
          durationWords((Date.parse(card.first_response_at) - Date.parse(card.queued_at)) / 1_000, say),
        ]
      : null,
    card.agent_name ? [say("facts.owner"), withoutControls(card.agent_name)] : null,
    card.earlier ? [say("facts.earlier"), earlierWords(card.earlier, say, names)] : null,
  ];
  return [
    card.reason
      ? el("p", { class: "why" }, badge, el("b", {}, names.reason(card.reason)))
      : el("p", { class: "muted" }, say("facts.not_escalated")),
    factRows(rows.filter((row) => row !== null).slice(0, MOST_FACTS)),
  ];
}

/** @param {Card} card */
function clockLabel({ status, assigned_at: assigned }) {
  if (status === "queued") return "facts.waiting";
  return assigned && status === "assigned" ? "facts.since" : "facts.waited";
}

/** @param {Map<string, FoundEntity>} found @param {Say} say */
export function entityList(found, say) {
  if (!found.size) return el("p", { class: "muted" }, say("facts.found.none"));
  return el(
    "ul",
    { class: "entities" },
    [...found.values()].map(({ entity, text, copy, meaning }) =>
      el(
        "li",
        { testid: "entity", data: { entity } },
        el("span", { class: "entity-kind" }, say.knows(`entity.${entity}`) ? say(`entity.${entity}`) : entity),
        isolated(meaning && meaning !== text ? `${text}（${meaning}）` : text, { class: "entity-text" }),
        copyButton(copy, say),
      ),
    ),
  );
}

/** @param {readonly LogEvent[]} notes @param {Say} say */
export function noteList(notes, say) {
  if (!notes.length) return el("p", { class: "muted" }, say("facts.notes.none"));
  return el(
    "ul",
    {},
    notes.map((event) =>
      el(
        "li",
        { class: "note" },
        el("div", { class: "note-head" }, el("b", {}, isolated(event.by.name ?? "")), ` ${timeWords(event.at, say)}`),
        el("div", { class: "note-text" }, withoutControls(event.text ?? event.note ?? "")),
      ),
    ),
  );
}
