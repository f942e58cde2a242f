// What reviewers found: the last summary, and how its figures are said.

/** @import { Json } from "../shared/contract-types.js" */

/**
 * @typedef {{day: string, n: number, needs_person: number, unsure: number, open: number}} ReviewDay
 * @typedef {object} ReviewSummary
 * @property {number | null} upperBound  of the share of missed emergencies, 0 to 1
 * @property {number} n  reviewed turns
 * @property {number} missed
 * @property {ReviewDay[]} days  newest first
 */

/** @param {Json} json @returns {ReviewSummary} */
export function readSummary(json) {
  const days = Array.isArray(json?.days) ? json.days : [];
  const count = (/** @type {Json} */ value) => (Number.isFinite(value) ? Number(value) : 0);
  return {
    upperBound: Number.isFinite(json?.upper_bound) ? json.upper_bound : null,
    n: count(json?.n),
    missed: count(json?.missed),
    days: days
      .filter((/** @type {Json} */ day) => typeof day?.day === "string")
      .map((/** @type {Json} */ day) => ({
        day: day.day,
        n: count(day.n ?? day.reviewed),
        needs_person: count(day.needs_person ?? day.missed),
        unsure: count(day.unsure),
        open: count(day.open ?? day.left),
      }))
      .sort((/** @type {ReviewDay} */ a, /** @type {ReviewDay} */ b) => b.day.localeCompare(a.day)),
  };
}
