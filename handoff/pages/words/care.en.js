// The console's words about identity, first aid, cases, clocks and promises in English.

export default {
  "transcript.case_opened": (/** @type {string} */ id, /** @type {string} */ reason) => `Case ${id} opened: ${reason}`,
  "transcript.case_widened": (/** @type {string} */ id, /** @type {string} */ reason) =>
    `Case ${id} is now also about: ${reason}`,
  "transcript.case_reopened": (/** @type {string} */ id) => `Case ${id} reopened; its clocks go on`,
  "transcript.case_fact": (/** @type {string} */ by, /** @type {string} */ name, /** @type {string} */ value) =>
    `${by} recorded ${name}: ${value}`,
  "transcript.case_step": (/** @type {string} */ by, /** @type {string} */ step) => `${by}: ${step}`,
  "transcript.case_paused": (/** @type {string} */ by, /** @type {string} */ why) => `${by} paused a clock: ${why}`,
  "transcript.case_resumed": (/** @type {string} */ by, /** @type {string} */ why) =>
    `${by || "The desk"} let a clock go on: ${why}`,
  "transcript.case_extension_asked": (/** @type {string} */ by, /** @type {string} */ why) =>
    `${by} asked for more time: ${why}`,
  "transcript.case_extended": (/** @type {string} */ by, /** @type {string} */ why) => `${by} gave more time: ${why}`,
  "transcript.case_decided": (
    /** @type {string} */ by,
    /** @type {string} */ decision,
    /** @type {string} */ reasons,
  ) => `${by} decided “${decision}”: ${reasons}`,
  "transcript.case_linked": (/** @type {string} */ by, /** @type {string} */ other) => `${by} linked case ${other}`,
  "transcript.case_recounted": (/** @type {string} */ id) => `Due times of case ${id} were counted again`,
  "transcript.case_closed": (/** @type {string} */ by, /** @type {string} */ id, /** @type {string} */ why) =>
    `${by} closed case ${id}: ${why}`,
  "transcript.first_aid_proposed": (
    /** @type {string} */ by,
    /** @type {string} */ action,
    /** @type {string} */ why,
  ) => `${by} proposed “${action}”; a colleague must agree. Reason: ${why}`,
  "transcript.first_aid_approved": (/** @type {string} */ by, /** @type {string} */ action) =>
    `${by} agreed to “${action}”`,
  "transcript.first_aid_rejected": (/** @type {string} */ by, /** @type {string} */ action) =>
    `${by} rejected “${action}”`,
  "transcript.first_aid_agent": (/** @type {string} */ by, /** @type {string} */ action, /** @type {string} */ why) =>
    `${by} ordered “${action}”: ${why}`,
  "transcript.first_aid_customer": (/** @type {string} */ action) => `The customer ordered “${action}”`,
  "transcript.first_aid_result": (/** @type {string} */ action, /** @type {string} */ state) => `${action}: ${state}`,
  "transcript.promise_made": (/** @type {string} */ promise, /** @type {string} */ time) =>
    `Promised to the customer: ${promise}, by ${time}`,
  "transcript.promise_kept": (/** @type {string} */ by) => `Promise kept${by ? ` (${by})` : ""}`,
  "transcript.promise_withdrawn": (/** @type {string} */ by) =>
    `${by} took the promise back, with words to the customer`,
  "transcript.promise_broken": "The promise was not kept in time; the customer still waits",
  "transcript.promise_reminded": "Reminder: a promise is due soon",
  "first_aid.state.offered": "not ordered yet",
  "first_aid.state.requested": "sent, no answer from the wallet yet",
  "first_aid.state.done": "done, confirmed by the wallet",
  "first_aid.state.pending": "accepted by the wallet, not done yet",
  "first_aid.state.impossible": "not possible",
  "first_aid.state.unknown": "unknown: treat it as not done",
  "first_aid.state.undone": "reversed",
  "first_aid.state.proposed": "waits for a second person",
  "first_aid.state.rejected": "rejected",
  "case.fact.authorised": "Authorised by the customer",
  "case.fact.reason_code": "Reason code",
  "case.fact.transaction": "Transaction",
  "case.fact.vulnerable": "Vulnerable customer",
  "case.fact.complained_of": "Complaint is about",
  "case.fact.evidence": "Evidence",
  "case.value.yes": "yes",
  "case.value.no": "no",
  "case.value.unknown": "not known",
  "case.step.first_word": "first word of a person",
  "case.step.result": "told the customer a result",
  "case.step.decision": "decision",
  "case.step.credit": "credited the money",
  "case.step.refund": "refunded",
  "case.step.correction": "corrected it",
  "case.step.told": "informed the customer",
  "case.step.holding_reply": "sent a holding reply",
  "case.step.resolution": "resolution",
};
