// What a draft would have done with the last turns of the log, and what the gate says: read from JSON, in the order to read it.

/** @import { Json } from "../shared/contract-types.js" */

/**
 * A decision in short.
 * @typedef {object} Brief
 * @property {string} route
 * @property {string | null} [intent]
 * @property {string | null} [reason]
 * @property {string | null} [priority]
 * @property {string | null} [article]
 * @property {number | null} [confidence]
 * @property {string | null} [rule]
 */
/**
 * @typedef {{text: string, kind?: string, count?: number, conversation_id?: string, seq?: number, at?: string, silent?: boolean, before: Brief, after: Brief}} ShadowExample
 * @typedef {object} Shadow
 * @property {number} n  turns
 * @property {number} changed
 * @property {number} lost  turns that went to a person and no longer do
 * @property {Record<string, number>} flips  "escalate->answer"
 * @property {ShadowExample[]} examples  what must be read first comes first
 */
/**
 * @typedef {{kind: string, words: {zh: string, en: string}, sentences: string[], more: number}} GateReason
 * @typedef {{isPassed: boolean, reasons: GateReason[], warnings: GateReason[]}} GateVerdict
 */

/** The routes, from a person to nothing. */
const ROUTES = ["escalate", "answer", "clarify", "reject", "chat", "feedback"];

const count = (/** @type {Json} */ value) => (Number.isFinite(value) ? Number(value) : 0);

/** Null without a result. @param {Json} json @returns {Shadow | null} */
export function readShadow(json) {
  if (typeof json?.n !== "number") return null;
  /** @type {Record<string, number>} */
  const flips = Object.fromEntries(
    Object.entries(json.flips ?? {})
      .filter(([flip]) => flip.includes("->"))
      .map(([flip, number]) => [flip, count(number)]),
  );
  const lost = Object.entries(flips).reduce(
    (sum, [flip, number]) => sum + (flip.startsWith("escalate->") && flip !== "escalate->escalate" ? number : 0),
    0,
  );
  const examples = (Array.isArray(json.examples) ? json.examples : []).filter(
    (/** @type {Json} */ example) => typeof example?.text === "string" && example.before && example.after,
  );
  return { n: json.n, changed: count(json.changed), lost, flips, examples: [...examples].sort(byDanger) };
}

/** Examples that lose a person first; the others stay in the desk's order. @param {ShadowExample} a @param {ShadowExample} b */
const byDanger = (a, b) => Number(losesPerson(b)) - Number(losesPerson(a));

/** @param {ShadowExample} example */
export const losesPerson = ({ before, after }) => before.route === "escalate" && after.route !== "escalate";

/**
 * The table of flips: the routes that occur, and for each route before the numbers by the route after.
 * @param {Record<string, number>} flips
 */
export function matrixOf(flips) {
  const pairs = Object.entries(flips).map(([flip, n]) => ({ pair: flip.split("->"), n }));
  const rank = (/** @type {string} */ route) => {
    const at = ROUTES.indexOf(route);
    return at < 0 ? ROUTES.length : at;
  };
  /** @param {0 | 1} side */
  const routes = (side) =>
    [...new Set(pairs.map(({ pair }) => pair[side]))].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const after = routes(1);
  return {
    after,
    rows: routes(0).map((before) => ({
      before,
      cells: after.map((to) => flips[`${before}->${to}`] ?? 0),
    })),
  };
}

/** Null without a verdict. @param {Json} json @returns {GateVerdict | null} */
export function readGate(json) {
  if (json?.verdict !== "pass" && json?.verdict !== "refuse") return null;
  return {
    isPassed: json.verdict === "pass",
    reasons: readReasons(json.reasons),
    warnings: readReasons(json.warnings),
  };
}

/** @param {Json} json @returns {GateReason[]} */
function readReasons(json) {
  return (Array.isArray(json) ? json : []).map((/** @type {Json} */ reason) => ({
    kind: String(reason?.kind ?? ""),
    words: {
      zh: String(reason?.zh ?? reason?.detail_zh ?? reason?.detail ?? ""),
      en: String(reason?.en ?? reason?.detail ?? ""),
    },
    sentences: (Array.isArray(reason?.sentences) ? reason.sentences : []).map((/** @type {Json} */ each) =>
      typeof each === "string" ? each : String(each?.text ?? ""),
    ),
    more: count(reason?.more_sentences),
  }));
}

/**
 * What can be done with the draft: "none" has no change; "broken" cannot be read; "unchecked"; "stale": it was changed since the
 * check, or something else went live; "refused"; "passed".
 * @param {{data_revision?: string, live_revision?: string, is_valid?: boolean, changes?: readonly unknown[]} | null} draft
 * @param {Json} check  the result of the last check, null for none
 */
export function draftState(draft, check) {
  if (!draft) return "none";
  if (draft.is_valid === false) return "broken";
  if (!draft.changes?.length && draft.data_revision === draft.live_revision) return "none";
  const gate = readGate(check?.gate);
  if (!gate) return "unchecked";
  if (check.data_revision !== draft.data_revision) return "stale";
  if (check.live_revision && draft.live_revision && check.live_revision !== draft.live_revision) return "stale";
  return gate.isPassed ? "passed" : "refused";
}
