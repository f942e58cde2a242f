// How urgent a conversation is, as text and as a badge.

import { icon } from "../shared/desk-icons.js";
import { el } from "../shared/dom.js";

/** @import { Card, LogEvent } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */

/** @type {Record<string, import("../shared/desk-icons.js").IconName>} */
const PRIORITY_ICON = { urgent: "alert", high: "up", normal: "dot" };
const LANES = ["money_moving"]; // a lane that this page does not know is shown as the priority

/** @param {string | null | undefined} lane */
function isLane(lane) {
  return LANES.includes(lane ?? "");
}

/**
 * How urgent a card or an event is: its lane, or else its priority.
 * @param {Pick<Card | LogEvent, "priority" | "lane">} card
 * @param {Say} say
 */
export function urgencyWords({ priority, lane }, say) {
  if (isLane(lane)) return say(`lane.${lane}`);
  return priority ? say(`priority.${priority}`) : "";
}

/**
 * Fills the badge with a card's urgency.
 * @param {HTMLElement} badge
 * @param {Card} card
 * @param {Say} say
 * @param {{isShort?: boolean}} [options]  isShort: a sign without visible text, except for a lane
 */
export function drawUrgency(badge, card, say, { isShort = false } = {}) {
  const words = urgencyWords(card, say);
  badge.dataset.priority = card.priority ?? "";
  badge.toggleAttribute("data-lane", isLane(card.lane));
  if (badge.textContent === words) return;
  badge.title = isShort ? words : "";
  badge.replaceChildren(
    icon(isLane(card.lane) ? "moving" : (PRIORITY_ICON[card.priority ?? ""] ?? "dot"), { size: 16 }),
    isShort && !isLane(card.lane) ? el("span", { class: "off-screen" }, words) : words,
  );
}
