// The transcript's lines about first aid, the case and its clocks, and promises; null for what agents need not read.
import { timeWords } from "./display-names.js";
import { withoutControls } from "./shown-text.js";

/** @import { LoggedClock, InBoth, LogEvent } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */

/** @typedef {(event: LogEvent, by: string) => string} Words */

/**
 * @param {{say: Say, names: Names}} context
 * @returns {Record<string, Words | null>}
 */
export function careLines({ say, names }) {
  const plain = (/** @type {string | null | undefined} */ text) => withoutControls(text ?? "");
  const action = (/** @type {LogEvent} */ e) => names.action(e.action);
  const reason = (/** @type {LogEvent} */ { why }) => plain(typeof why === "string" ? why : "");
  const clocks = (/** @type {LogEvent} */ e) => dueWords(e.clocks, say);
  return {
    case_opened: (e) => say("transcript.case_opened", plain(e.case_id), names.reason(e.reason)) + clocks(e),
    case_widened: (e) => say("transcript.case_widened", plain(e.case_id), names.reason(e.reason)) + clocks(e),
    case_reopened: (e) => say("transcript.case_reopened", plain(e.case_id)),
    case_fact: (e, by) => say("transcript.case_fact", by, factName(e.name, say), factValue(e.value, say)) + clocks(e),
    case_step: (e, by) => say("transcript.case_step", by || say("speaker.system"), stepName(e.step, say)) + clocks(e),
    case_paused: (e, by) => say(e.is_paused ? "transcript.case_paused" : "transcript.case_resumed", by, reason(e)),
    case_extension_asked: (e, by) => say("transcript.case_extension_asked", by, reason(e)),
    case_extended: (e, by) => say("transcript.case_extended", by, reason(e)) + clocks(e),
    case_decided: (e, by) => say("transcript.case_decided", by, names.decision(decisionOf(e)), plain(e.reasons)),
    case_linked: (e, by) => say("transcript.case_linked", by, plain(e.other)) + clocks(e),
    case_recounted: (e) => say("transcript.case_recounted", plain(e.case_id)) + clocks(e),
    case_closed: (e, by) => say("transcript.case_closed", by, plain(e.case_id), reason(e)),
    // The message about it stands after each of these three.
    first_aid_offered: null,
    first_aid_wanted: null,
    first_aid_asked: null,
    first_aid_proposed: (e, by) => say("transcript.first_aid_proposed", by, action(e), plain(e.reason)),
    first_aid_decided: (e, by) =>
      say(e.is_approved ? "transcript.first_aid_approved" : "transcript.first_aid_rejected", by, action(e)),
    first_aid_requested: (e, by) =>
      e.login
        ? say("transcript.first_aid_agent", by, action(e), plain(e.reason))
        : say("transcript.first_aid_customer", action(e)),
    first_aid_result: (e) =>
      [say("transcript.first_aid_result", action(e), orderState(e.state, say)), plain(inBoth(whyOf(e), say))]
        .filter(Boolean)
        .join("："),
    promise_made: (e) => say("transcript.promise_made", names.promise(e.promise), timeWords(e.due_at ?? "", say)),
    promise_kept: (_, by) => say("transcript.promise_kept", by),
    promise_withdrawn: (_, by) => say("transcript.promise_withdrawn", by),
    promise_broken: () => say("transcript.promise_broken"),
    promise_reminded: () => say("transcript.promise_reminded"),
  };
}

/** Why the wallet says so. @param {LogEvent} event @returns {InBoth | null} */
function whyOf({ why }) {
  return typeof why === "object" && why !== null ? why : null;
}

/** The id of the decision about a case. @param {LogEvent} event */
function decisionOf(event) {
  const decision = /** @type {unknown} */ (event.decision);
  return typeof decision === "string" ? decision : "";
}

/** A text of the desk in the page's language. @param {Partial<InBoth> | null | undefined} text @param {Say} say */
export function inBoth(text, say) {
  return (say.locale === "en" ? text?.en : text?.zh) ?? text?.zh ?? "";
}

/** The state of an order of first aid: a state that this page does not know counts as unknown. @param {unknown} state @param {Say} say */
export function orderState(state, say) {
  return say(say.knows(`first_aid.state.${state}`) ? `first_aid.state.${state}` : "first_aid.state.unknown");
}

/** @param {string | undefined} name @param {Say} say */
export function factName(name, say) {
  return say.knows(`case.fact.${name}`) ? say(`case.fact.${name}`) : withoutControls(name ?? "");
}

/** @param {string | undefined} value @param {Say} say */
export function factValue(value, say) {
  return say.knows(`case.value.${value}`) ? say(`case.value.${value}`) : withoutControls(value ?? "");
}

/** @param {string | undefined} step @param {Say} say */
export function stepName(step, say) {
  return say.knows(`case.step.${step}`) ? say(`case.step.${step}`) : withoutControls(step ?? "");
}

/** The due times that an event sets: " · 作出决定 12-15 09:30". @param {readonly LoggedClock[] | undefined} clocks @param {Say} say */
function dueWords(clocks, say) {
  return (clocks ?? [])
    .filter(({ due_at: due }) => due)
    .map((clock) => ` · ${inBoth(clock, say)} ${timeWords(clock.due_at ?? "", say)}`)
    .join("");
}
