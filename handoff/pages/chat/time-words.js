// How the chat writes the time of a message.

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

/** @param {Date} date */
function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
