// Jobs of the workshop: their shape, and how long one still takes.

/** @import { Json, InBoth } from "../shared/contract-types.js" */

/**
 * @typedef {object} Job
 * @property {string} id
 * @property {string} kind
 * @property {"queued" | "running" | "done" | "failed" | "cancelled"} state
 * @property {{share: number, zh: string, en: string} | null} progress  share: 0 to 1
 * @property {Json} result
 * @property {InBoth | null} error
 * @property {string | null} [started_at]
 */

/** Below this share the time left would be a guess. */
const ENOUGH = 0.05;

/** A job from JSON. Throws TypeError for a value without an id or a state. @param {Json} json @returns {Job} */
export function readJob(json) {
  if (typeof json?.id !== "string" && typeof json?.id !== "number") throw new TypeError("the desk sent no job");
  if (typeof json.state !== "string") throw new TypeError("a job has no state");
  return { progress: null, result: null, error: null, ...json, id: String(json.id) };
}

/** @param {Pick<Job, "state">} job */
export const hasEnded = ({ state }) => state !== "queued" && state !== "running";

/**
 * The seconds that a job still takes at its pace; null while that is not known.
 * @param {Pick<Job, "state" | "progress" | "started_at">} job
 * @param {number} now  ms
 */
export function secondsLeft({ state, progress, started_at }, now) {
  const share = progress?.share ?? 0;
  const started = Date.parse(started_at ?? "");
  if (state !== "running" || Number.isNaN(started) || share < ENOUGH || share >= 1) return null;
  const passed = Math.max(0, (now - started) / 1_000);
  return Math.ceil((passed * (1 - share)) / share);
}
