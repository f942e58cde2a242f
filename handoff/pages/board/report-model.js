// The figures of GET /api/figures: the query, the checks at the door, and which rows a picture shows.
import { isRecord } from "../shared/contract-types.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { Bilingual } from "./board-model.js" */

export const GROUPINGS = ["day", "hour", "reason", "queue", "agent"];
/** Groupings whose keys are times, which become a curve; all others become bars. */
export const TIMES = ["day", "hour"];

/**
 * @typedef {{key: string | null, value: number | null, numerator?: number | null, denominator?: number | null, conversation_ids_url?: string | null}} FigureTableRow
 * @typedef {{id: string, name: Bilingual, definition: Bilingual, unit: string, rows: FigureTableRow[]}} Figure
 */

/** @typedef {{from: string, to: string, by: string}} Query  dates as YYYY-MM-DD */

/**
 * The figures from JSON; Throws TypeError when the desk sent none.
 * @param {unknown} json
 * @returns {Figure[]}
 */
export function readFigures(json) {
  if (!isRecord(json) || !Array.isArray(json.figures)) throw new TypeError("the desk sent no figures");
  return json.figures
    .filter((figure) => isRecord(figure) && typeof figure.id === "string")
    .map((/** @type {Json} */ figure) => ({
      ...figure,
      rows: Array.isArray(figure.rows) ? figure.rows.filter(isRecord) : [],
    }));
}

/**
 * The address of a query's figures; `suffix` ".csv" for the file. `to` is the last day that counts; the desk's window ends
 * before its own `to`.
 * @param {Query} query
 * @param {string} [suffix]
 */
export function figuresAddress({ from, to, by }, suffix = "") {
  return `/api/figures${suffix}?${new URLSearchParams({ from, to: dayAfter(to), by })}`;
}

/** @param {string} day  YYYY-MM-DD */
function dayAfter(day) {
  const next = new Date(`${day}T00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

/** @typedef {{first_response_seconds: number | null, rating: number | null, ratings: number}} AgentDay */

/**
 * What today's figures by agent say of each agent, by login.
 * @param {readonly Figure[]} figures
 * @returns {Map<string, AgentDay>}
 */
export function agentDays(figures) {
  /** @type {Map<string, AgentDay>} */
  const days = new Map();
  const of = (/** @type {string} */ login) => {
    const day = days.get(login) ?? { first_response_seconds: null, rating: null, ratings: 0 };
    days.set(login, day);
    return day;
  };
  for (const { id, rows } of figures)
    for (const { key, value, denominator } of rows) {
      if (!key) continue;
      if (id === "first_response_median") of(key).first_response_seconds = value;
      else if (id === "rating") Object.assign(of(key), { rating: value, ratings: denominator ?? 0 });
    }
  return days;
}

/**
 * The conversations behind a number, from GET /api/figures/{figure}/conversations: those in the numerator first.
 * @param {unknown} json
 * @returns {{conversations: {id: string, at: string, value: number | null, is_counted: boolean}[], total: number}}
 */
export function readConversations(json) {
  if (!isRecord(json) || !Array.isArray(json.conversations)) throw new TypeError("the desk sent no conversations");
  const found = json.conversations.filter((each) => isRecord(each) && typeof each.id === "string");
  found.sort((a, b) => Number(b.is_counted) - Number(a.is_counted));
  return { conversations: found, total: Number.isInteger(json.total) ? Number(json.total) : found.length };
}

/** @typedef {FigureTableRow & {share: number}} Bar  share of the longest bar, 0 to 1 */

/**
 * Rows with the length of their bars: the largest value first, rows without a value last.
 * @param {readonly FigureTableRow[]} rows
 * @returns {Bar[]}
 */
export function barsOf(rows) {
  const most = Math.max(0, ...rows.map(({ value }) => value ?? 0));
  return [...rows]
    .sort((a, b) => (b.value ?? -1) - (a.value ?? -1) || String(a.key).localeCompare(String(b.key)))
    .map((row) => ({ ...row, share: most > 0 ? (row.value ?? 0) / most : 0 }));
}

/**
 * Rows by time as columns for a picture: seconds since 1970, and values. Rows whose key is no time are left out.
 * @param {readonly FigureTableRow[]} rows
 * @returns {[number[], (number | null)[]]}
 */
export function curveOf(rows) {
  const points = rows
    .map(({ key, value }) => ({ at: timeOf(key), value }))
    .filter(({ at }) => !Number.isNaN(at))
    .sort((a, b) => a.at - b.at);
  return [points.map(({ at }) => at / 1_000), points.map(({ value }) => value)];
}

/**
 * The time of a row's key, in ms: a day is its midnight here (the date alone would be read as UTC), an hour of the day is
 * that hour of today; NaN for anything else.
 * @param {string | null} key
 */
export function timeOf(key) {
  const text = String(key ?? "");
  if (/^\d{2}$/.test(text)) return new Date().setHours(Number(text), 0, 0, 0);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00`) : Number.NaN;
}
