// Whether an agent may claim a conversation, and why not.

/** @import { Card, Colleague } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */

/**
 * Why this agent cannot claim the conversation, as text; "" when they can. The desk's own reason comes first; a full load is
 * known here as well, because a card is not sent again when only the load of an agent changed.
 * @param {Card | null | undefined} card
 * @param {Colleague | undefined} self  the agent's own entry
 * @param {Say} say
 */
export function claimRefusal(card, self, say) {
  if (card?.offer && card.offer.login === self?.login) return ""; // an offer was made with the load in mind
  if (self && self.load >= self.capacity) return say("claim.full", self.load, self.capacity);
  if (card?.can_claim !== false) return "";
  return card.claim_refusal?.[say.locale === "en" ? "en" : "zh"] || say("claim.refused");
}
