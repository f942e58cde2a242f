// How the chat writes the time of a message, and when people work again.

/** @type {Intl.DateTimeFormatOptions} */
const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
/** @type {Intl.DateTimeFormatOptions} */
const DAY = { month: "short", day: "numeric" };
const DAY_MS = 86_400_000;
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map(); // creating a format is slower than using it a hundred times

/**
 * @param {string} tag
 * @param {string} name
 * @param {Intl.DateTimeFormatOptions} options
 */
function format(tag, name, options) {
  const key = `${tag}.${name}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(tag, options);
  formats.set(key, known);
  return known;
}

/**
 * The time; with the day when it is not today, with the year when it is not this year; "" for an invalid time.
 * @param {Date} at
 * @param {import("../words/speaker.js").Say} say
 * @param {Date} now
 */
export function timeWords(at, say, now) {
  if (Number.isNaN(at.getTime())) return "";
  const time = format(say.tag, "time", TIME).format(at);
  const days = Math.round((midnight(now) - midnight(at)) / DAY_MS);
  if (days === 0) return time;
  if (days === 1) return say("time.yesterday", time);
  const isThisYear = at.getFullYear() === now.getFullYear();
  const day = isThisYear ? format(say.tag, "day", DAY) : format(say.tag, "year", { ...DAY, year: "numeric" });
  return `${day.format(at)} ${time}`;
}

const WALL_CLOCK = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::[\d.]+)?(Z|([+-])(\d{2}):(\d{2}))$/;

/**
 * When people work again, on their own wall clock, as the desk's message says it; "" for an invalid time.
 * @param {string} at  ISO 8601 with the offset of their time zone
 * @param {import("../words/speaker.js").Say} say
 * @param {Date} now
 */
export function openingWords(at, say, now) {
  const found = WALL_CLOCK.exec(at);
  if (!found) return "";
  const [, year, month, day, hour, minute, , sign, hours, minutes] = found;
  const offset = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : 0;
  const opens = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const there = new Date(now.getTime() + offset * 60_000);
  const days = Math.round(
    (opens.getTime() - Date.UTC(there.getUTCFullYear(), there.getUTCMonth(), there.getUTCDate())) / DAY_MS,
  );
  const time = `${Number(hour)}:${minute}`;
  if (days === 0) return say("time.today", time);
  if (days === 1) return say("time.tomorrow", time);
  /** @type {Intl.DateTimeFormatOptions} */
  const options = days < 7 ? { weekday: "short" } : DAY;
  return `${format(say.tag, `opens.${days < 7}`, { ...options, timeZone: "UTC" }).format(opens)} ${time}`;
}

/** @param {Date} date */
function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
