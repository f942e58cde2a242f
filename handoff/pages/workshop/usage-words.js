// How often an article was asked for and how it went, in a few words.

/** @import { Say } from "../words/speaker.js" */

/** @param {number | null | undefined} share  0 to 1 @param {Say} say */
export const shareWords = (share, say) =>
  share === null || share === undefined
    ? "–"
    : new Intl.NumberFormat(say.tag, { style: "percent", maximumFractionDigits: 0 }).format(share);

/**
 * @param {{asked_week?: number | null, solved_share?: number | null, person_share?: number | null}} usage
 * @param {Say} say
 */
export function usageWords({ asked_week: asked, solved_share: solved, person_share: person }, say) {
  if (asked === null || asked === undefined) return say("usage.unknown");
  if (!asked) return say("usage.never");
  return say("usage.words", asked, shareWords(solved, say), shareWords(person, say));
}
