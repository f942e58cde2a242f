// Whether an agent may claim a conversation, and why not.

/** @import { Card, Colleague, InBoth } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */

/** @typedef {{self: Colleague | undefined, claimRefusal: InBoth | null}} Claimer  of the queue's feed: the agent's own entry, and the desk's reason why they can take no more */

/**
 * Why this agent cannot claim the conversation, as text; "" when they can. The desk weighs conversations (a silent one takes
 * less), so the page does not count them itself.
 * @param {Pick<Card, "offer"> | null | undefined} card
 * @param {Claimer} claimer
 * @param {Say} say
 */
export function claimRefusal(card, { self, claimRefusal: refusal }, say) {
  if (!refusal) return "";
  if (card?.offer && card.offer.login === self?.login) return ""; // an offer was made with the load in mind
  return self ? say("claim.full", self.load, self.capacity) : refusal[say.locale === "en" ? "en" : "zh"];
}
