// A case file as the desk tells agents, and what the page may offer for it.
import { isRecord } from "../shared/contract-types.js";

/** @import { InBoth } from "../shared/contract-types.js" */

/**
 * @typedef {InBoth & {id: string, approver: string, holding_reply: boolean}} Extension  `approver`: agent, supervisor or second_person
 * @typedef {{extension: string, why: string, login: string, at: string}} AskedExtension
 */
/**
 * `state`: running, near, breached, paused, met, met_late, lifted, ended.
 * @typedef {object} FileClock
 * @property {string} duty
 * @property {string} name
 * @property {InBoth} label
 * @property {InBoth} duty_label
 * @property {string | null} due_at
 * @property {string | null} met_at
 * @property {string} state
 * @property {InBoth} why  how the due time comes about
 * @property {string | null} source
 * @property {boolean} is_confirmed  whether counsel has confirmed the duty
 * @property {boolean} can_pause
 * @property {boolean} is_paused
 * @property {readonly AskedExtension[]} asked
 * @property {readonly Extension[]} extensions  those that are possible now
 */
/**
 * `state`: open, kept, withdrawn, broken.
 * @typedef {{id: string, promise: string, state: string, due_at: string, why: InBoth, message_seq: number, by: string | null, is_late: boolean}} Obligation
 */
/**
 * @typedef {object} CaseFile
 * @property {string} id
 * @property {string} conversation_id
 * @property {"open" | "closed"} state
 * @property {string} reason
 * @property {{seq: number, at: string, words: string}} t0  the customer's first words about it
 * @property {string} counts_from
 * @property {string | null} closed_at
 * @property {readonly FileClock[]} clocks
 * @property {Record<string, unknown>} facts
 * @property {{decision: string, name: InBoth, reasons: string, by: string, at: string} | null} decision
 * @property {readonly {case: string, conversation: string, same: boolean}[]} links
 * @property {readonly Obligation[]} promises
 * @property {readonly InBoth[]} [rules]
 * @property {readonly (InBoth & {name: string})[]} [flags]  facts that take yes, no or unknown and may change the clocks
 * @property {readonly string[]} [vulnerabilities]
 * @property {readonly string[]} [earlier]
 */

/** Clocks that ask for something, the most pressing first; then those that are settled. */
const ORDER = ["breached", "near", "running", "paused", "met_late", "met", "lifted", "ended"];

/**
 * The answer of `GET /api/cases/{id}`. Throws TypeError for anything else.
 * @param {unknown} json
 * @returns {CaseFile}
 */
export function readCaseFile(json) {
  if (!isRecord(json) || typeof json.id !== "string" || !isRecord(json.t0) || !Array.isArray(json.clocks))
    throw new TypeError("the desk sent no case file");
  return /** @type {CaseFile} */ (/** @type {unknown} */ (json));
}

/** The clocks in the order of their rows. @param {readonly FileClock[]} clocks */
export function clockRows(clocks) {
  const rank = (/** @type {FileClock} */ { state }) => (ORDER.includes(state) ? ORDER.indexOf(state) : 0);
  return [...clocks].sort((a, b) => rank(a) - rank(b) || Date.parse(a.due_at ?? "") - Date.parse(b.due_at ?? "") || 0);
}

/** Whether a clock still runs towards its due time. @param {FileClock} clock */
export function isRunning({ state }) {
  return state === "near" || state === "running" || state === "paused";
}

/** Promises to the customer that are not settled, the earliest first. @param {readonly Obligation[]} promises */
export function owedPromises(promises) {
  return promises
    .filter(({ state }) => state === "open" || state === "broken")
    .sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at));
}

/**
 * What stops a case from being closed, as a key of the words; "" when nothing does.
 * @param {CaseFile} file
 */
export function closingObstacle(file) {
  if (!file.decision && !file.links.some(({ same }) => same)) return "case.close.undecided";
  return owedPromises(file.promises).length ? "case.close.promises" : "";
}
