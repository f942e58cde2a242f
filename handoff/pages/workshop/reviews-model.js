// What reviewers found: the figures of the last days.

/** @import { Json } from "../shared/contract-types.js" */

/**
 * @typedef {{day: string, population: number, size: number, settled: number, missed: number, counts: boolean}} ReviewDay
 * @typedef {{id: string, day: string, text: string, conversation_id: string, seq: number, kept_by?: string | null}} MissedTurn
 * @typedef {object} ReviewSummary
 * @property {number | null} upperBound  of the share of missed emergencies, 0 to 1; null: too little is reviewed
 * @property {number | null} bound  what is promised
 * @property {number} certainty
 * @property {number} n  reviewed turns
 * @property {number} missed
 * @property {number} needed  turns for the promise, when none is missed
 * @property {ReviewDay[]} days  newest first
 * @property {MissedTurn[]} missedTurns
 */

/** The summary from JSON; figures that are no numbers count as 0. @param {Json} json @returns {ReviewSummary} */
export function readSummary(json) {
  const count = (/** @type {Json} */ value) => (Number.isFinite(value) ? Number(value) : 0);
  const share = (/** @type {Json} */ value) => (Number.isFinite(value) ? Number(value) : null);
  const days = Array.isArray(json?.days) ? json.days : [];
  return {
    upperBound: share(json?.upper_bound),
    bound: share(json?.bound),
    certainty: share(json?.certainty) ?? 0.95,
    n: count(json?.n),
    missed: count(json?.missed),
    needed: count(json?.sizes?.needed),
    days: days
      .filter((/** @type {Json} */ day) => typeof day?.day === "string")
      .map((/** @type {Json} */ day) => ({
        day: day.day,
        population: count(day.population),
        size: count(day.size),
        settled: count(day.settled),
        missed: count(day.missed),
        counts: day.counts === true,
      }))
      .sort((/** @type {ReviewDay} */ a, /** @type {ReviewDay} */ b) => b.day.localeCompare(a.day)),
    missedTurns: Array.isArray(json?.missed_turns) ? json.missed_turns : [],
  };
}

/** Whether the promise holds: null while there is no figure. @param {ReviewSummary} summary */
export const isKept = ({ upperBound, bound }) => (upperBound === null || bound === null ? null : upperBound <= bound);
