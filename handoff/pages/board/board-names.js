// The desk's names of reasons, intents, queues, skills and languages, and how the board writes values.
import { durationWords } from "../console/display-names.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { BoardCard, Bilingual } from "./board-model.js" */

/** @typedef {"intents" | "reasons" | "languages" | "queues" | "skills" | "outcomes"} Table */
/** @typedef {(table: Table, id: string | null | undefined) => string} Name */

/**
 * `name("queues", "security")`: the desk's name, or the id where the desk gives none.
 * @param {DeskApi} api
 * @returns {Promise<Name>}
 */
export async function loadBoardNames(api) {
  /** @type {Json} */
  const tables = await api.get("/api/intents").catch(() => ({})); // then the ids are shown
  return (table, id) => String(tables?.[table]?.[id ?? ""]?.[api.locale] ?? id ?? "");
}

/**
 * A text of the desk in the page's language; "" without one.
 * @param {Bilingual | null | undefined} text
 * @param {Say} say
 */
export function inLanguage(text, say) {
  if (!text) return "";
  return String((say.locale === "en" ? text.en : text.zh) ?? text.zh ?? "");
}

/**
 * What a conversation is about: the topic, or else the reason.
 * @param {BoardCard} card
 * @param {Name} name
 */
export function topicWords({ topic, intent, reason }, name) {
  return name("intents", topic ?? intent) || name("reasons", reason);
}

/** @type {Record<string, Intl.NumberFormatOptions>} */
const NUMBERS = {
  count: { maximumFractionDigits: 1 },
  share: { style: "percent", maximumFractionDigits: 1 },
  near_all: { style: "percent", maximumFractionDigits: 2 },
  stars: { minimumFractionDigits: 1, maximumFractionDigits: 1 },
};
/** @type {Intl.DateTimeFormatOptions} */
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
/** @type {Map<string, Intl.NumberFormat | Intl.DateTimeFormat>} */
const formats = new Map(); // creating a format is slower than using it a hundred times

/**
 * @template {Intl.NumberFormat | Intl.DateTimeFormat} Format
 * @param {string} name
 * @param {Say} say
 * @param {() => Format} make
 * @returns {Format}
 */
function formatOf(name, say, make) {
  const key = `${name} ${say.tag}`;
  const format = /** @type {Format | undefined} */ (formats.get(key)) ?? make();
  formats.set(key, format);
  return format;
}

/**
 * A value with its unit; "–" where there is nothing to count.
 * @param {number | null | undefined} value
 * @param {string} unit  seconds, count, share (0 to 1), stars
 * @param {Say} say
 */
export function valueWords(value, unit, say) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (unit === "seconds") return shortDuration(value, say);
  const name = unit === "share" && value > 0.995 && value < 1 ? "near_all" : unit;
  const words = formatOf(name, say, () => new Intl.NumberFormat(say.tag, NUMBERS[name] ?? NUMBERS.count)).format(value);
  return unit === "stars" ? say("board.stars", words) : words;
}

/** Minutes with their seconds below ten minutes: 1 min 40 s is not 1 min. @param {number} seconds @param {Say} say */
function shortDuration(seconds, say) {
  const whole = Math.round(seconds);
  if (whole >= 60 && whole < 600)
    return say("board.minutes", Math.floor(whole / 60), String(whole % 60).padStart(2, "0"));
  return durationWords(whole, say);
}

/**
 * The time of day of this zone.
 * @param {string | number | Date} at
 * @param {Say} say
 */
export function clockWords(at, say) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return formatOf("clock", say, () => new Intl.DateTimeFormat(say.tag, CLOCK)).format(date);
}

/**
 * The date as the API takes it, YYYY-MM-DD, in the desk's zone: a supervisor in another zone asks for the desk's days.
 * @param {number | Date} at
 * @param {string | undefined} zone  undefined: the browser's
 */
export function isoDay(at, zone) {
  // Sweden writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    at,
  );
}
