// The examples of one intent with what their health says, and which of them are listed.

/** @import { Json } from "../shared/contract-types.js" */

/**
 * @typedef {{text: string, intent: string, file: string, line?: number}} Sentence
 * @typedef {"misread" | "boundary" | "duplicates" | "near_others"} Flaw
 * @typedef {{flaw: Flaw, rival?: string, p?: number, p_rival?: number, other?: string, otherIntent?: string, cosine?: number}} Finding
 * @typedef {{id: string, name: string, route: string, count: number}} IntentEntry
 */

/** @type {readonly Flaw[]} */
export const FLAWS = ["misread", "boundary", "duplicates", "near_others"];

/**
 * What the health of an intent says about each sentence, by its text.
 * @param {Json} health  as the desk sends it; null before it is measured
 * @returns {Map<string, Finding[]>}
 */
export function findingsOf(health) {
  /** @type {Map<string, Finding[]>} */
  const found = new Map();
  for (const flaw of FLAWS)
    for (const each of Array.isArray(health?.[flaw]) ? health[flaw] : []) {
      if (typeof each?.text !== "string") continue;
      const { rival, p, p_rival, other, cosine } = each;
      const finding = { flaw, rival, p, p_rival, other: other?.text, otherIntent: other?.intent, cosine };
      found.set(each.text, [...(found.get(each.text) ?? []), finding]);
    }
  return found;
}

/**
 * The sentences with a flaw ("" for all) whose text has the words.
 * @param {readonly Sentence[]} sentences @param {Map<string, Finding[]>} findings @param {Flaw | ""} flaw @param {string} typed
 */
export function listedSentences(sentences, findings, flaw, typed) {
  const wanted = typed.trim().toLowerCase();
  return sentences.filter(
    ({ text }) =>
      (!wanted || text.toLowerCase().includes(wanted)) &&
      (!flaw || (findings.get(text) ?? []).some((finding) => finding.flaw === flaw)),
  );
}

/** How many sentences have each flaw. @param {readonly Sentence[]} sentences @param {Map<string, Finding[]>} findings */
export function flawCounts(sentences, findings) {
  return Object.fromEntries(FLAWS.map((flaw) => [flaw, listedSentences(sentences, findings, flaw, "").length]));
}
