// Fields of the policy: how a value is shown in a field, and what a field's text means.

/** @import { Json } from "../shared/contract-types.js" */

/**
 * @typedef {{value: string, zh: string, en: string}} PolicyChoice
 * @typedef {object} PolicyField
 * @property {string} path  "<file>:<keys with dots>"
 * @property {string} kind  bool, integer, number, rate, text, pattern, date, choice, choices, list, patterns, time, dates
 * @property {string} zh
 * @property {string} en
 * @property {string} [explain_zh]
 * @property {string} [explain_en]
 * @property {Json} value
 * @property {PolicyChoice[]} [choices]
 * @property {number} [min]
 * @property {number} [max]
 * @property {{zh: string, en: string}} [unit]
 */
/** @typedef {{id: string, zh: string, en: string, fields: PolicyField[]}} PolicySection */

/** Kinds with one entry on each line. */
const LINES = new Set(["list", "patterns", "time", "dates"]);
const NUMBERS = new Set(["integer", "number", "rate"]);
/** A number as people type it: with a comma between thousands, full-width digits, a percent sign. */
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** @param {string} kind */
export const hasLines = (kind) => LINES.has(kind);

/** The text of a value in its field. @param {Pick<PolicyField, "kind" | "value">} field */
export function textOf({ kind, value }) {
  if (kind === "bool") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(String).join("\n");
  return value == null ? "" : String(value);
}

/**
 * The value that a text means; `problem`: the key of the words that say what is wrong.
 * @param {Pick<PolicyField, "kind" | "min" | "max">} field
 * @param {string} text
 * @returns {{value: Json} | {problem: string}}
 */
export function valueFrom({ kind, min, max }, text) {
  if (kind === "bool") return { value: text === "yes" };
  if (kind === "choice") return { value: text };
  if (LINES.has(kind) || kind === "choices") {
    const lines = text
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
    if (kind !== "list") return { value: lines };
    const numbers = lines.map((line) => numberOf(line));
    return numbers.some(Number.isNaN) ? { problem: "policy.problem.numbers" } : { value: numbers };
  }
  if (!NUMBERS.has(kind)) return text.trim() ? { value: text.trim() } : { problem: "policy.problem.empty" };
  const number = numberOf(text);
  if (Number.isNaN(number)) return { problem: "policy.problem.number" };
  if (kind === "integer" && !Number.isInteger(number)) return { problem: "policy.problem.integer" };
  if (kind === "rate" && !(number > 0 && number < 1)) return { problem: "policy.problem.rate" };
  if ((min !== undefined && number < min) || (max !== undefined && number > max))
    return { problem: "policy.problem.range" };
  return { value: number };
}

/** A typed number; NaN for other text. @param {string} text */
function numberOf(text) {
  const plain = text
    .normalize("NFKC")
    .trim()
    .replaceAll(/(?<=\d),(?=\d{3})/g, "");
  const isPercent = plain.endsWith("%");
  const digits = isPercent ? plain.slice(0, -1).trim() : plain;
  if (!NUMBER.test(digits)) return Number.NaN;
  return isPercent ? Number((Number(digits) / 100).toPrecision(12)) : Number(digits);
}

/** The sections from JSON. @param {Json} json @returns {PolicySection[]} */
export function readSections(json) {
  return (Array.isArray(json?.sections) ? json.sections : []).filter(
    (/** @type {Json} */ section) => typeof section?.id === "string" && Array.isArray(section.fields),
  );
}

/**
 * The fields whose names, explanation or path have all typed words.
 * @param {readonly PolicyField[]} fields @param {string} typed
 */
export function matchingFields(fields, typed) {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return fields.filter(({ zh, en, path, explain_zh = "", explain_en = "", value }) => {
    const text = `${zh} ${en} ${path} ${explain_zh} ${explain_en} ${JSON.stringify(value)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
