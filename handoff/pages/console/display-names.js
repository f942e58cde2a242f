// Display names of intents and reasons, and how the console writes times and amounts.
import { withoutControls } from "./shown-text.js";

/** @import { Card, Decision, Json } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { DeskError } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */

/** @typedef {string | null | undefined} Id */
/** @typedef {(id: Id) => string} Name */
/** @typedef {{id: string, name: string}} NamedId */
/**
 * @typedef {object} Names
 * @property {Name} intent
 * @property {Name} reason
 * @property {Name} language
 * @property {Name} queue
 * @property {Name} skill
 * @property {Name} outcome
 * @property {Name} action  of first aid
 * @property {Name} decision  about a case
 * @property {Name} promise
 * @property {(kind: "intents" | "reasons" | "queues" | "skills" | "outcomes" | "decisions") => NamedId[]} all
 * @property {(reason: Id) => NamedId[]} outcomesFor  the outcomes that fit a reason
 */

/**
 * The desk's display names: the id where the desk gives none.
 * @param {DeskApi} api
 * @returns {Promise<Names>}
 */
export async function loadNames(api) {
  return namesOf(await api.get("/api/intents").catch(() => ({})), api.locale); // without an answer the ids are shown
}

/**
 * @param {Json} tables  the desk's answer
 * @param {string} locale  of the page
 * @returns {Names}
 */
export function namesOf(tables, locale) {
  /** @param {string} kind @returns {Name} */
  const name = (kind) => (id) => String(tables[kind]?.[id ?? ""]?.[locale] ?? id ?? "");
  /** @param {string} kind @param {(entry: Json) => boolean} [fits] @returns {NamedId[]} */
  const all = (kind, fits = () => true) =>
    Object.entries(tables[kind] ?? {})
      .filter(([, entry]) => fits(entry))
      .map(([id]) => ({ id, name: name(kind)(id) }));
  return {
    intent: name("intents"),
    reason: name("reasons"),
    language: name("languages"),
    queue: name("queues"),
    skill: name("skills"),
    outcome: name("outcomes"),
    action: name("actions"),
    decision: name("decisions"),
    promise: name("promises"),
    all,
    outcomesFor: (reason) => all("outcomes", ({ reasons = [] }) => !reasons.length || reasons.includes(reason)),
  };
}

/**
 * "3 分", "1 时 5 分": as exact as a glance needs.
 * @param {number} seconds
 * @param {Say} say
 */
export function durationWords(seconds, say) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return say("duration.seconds", whole);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return say("duration.minutes", minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return say("duration.hours", hours, minutes % 60);
  return say("duration.days", Math.floor(hours / 24), hours % 24);
}

/** @param {number} cny @param {Say} say */
export function amountWords(cny, say) {
  return new Intl.NumberFormat(say.tag, {
    style: "currency",
    currency: "CNY",
    minimumFractionDigits: Number.isInteger(cny) ? 0 : 2,
  }).format(cny);
}

/** @type {Record<"today" | "year" | "ever", Intl.DateTimeFormatOptions>} */
const DAY = {
  today: {},
  year: { month: "short", day: "numeric" },
  ever: { year: "numeric", month: "short", day: "numeric" },
};
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map(); // creating a format is slower than using it a hundred times

/**
 * The time; with the day when it is not today, with the year when it is not this year; "" for no time.
 * @param {string} iso
 * @param {Say} say
 * @param {Date} [now]
 */
export function timeWords(iso, say, now = new Date()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const length =
    at.toDateString() === now.toDateString() ? "today" : at.getFullYear() === now.getFullYear() ? "year" : "ever";
  const key = `${say.tag} ${length}`;
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat(say.tag, { ...DAY[length], hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  formats.set(key, format);
  return format.format(at);
}

/**
 * The name of a customer: the end of the conversation's id.
 * @param {string} id
 * @param {Say} say
 */
export function customerWords(id, say) {
  return say("customer.visitor", String(id).slice(-4).toUpperCase());
}

/**
 * The channel of a conversation. Other values than the three known ones come from a foreign client and are marked.
 * @param {string | null | undefined} channel
 * @param {Say} say
 */
export function channelWords(channel, say) {
  if (say.knows(`channel.${channel}`)) return say(`channel.${channel}`);
  return say("channel.unknown", withoutControls(channel ?? ""));
}

/**
 * The language that the customer writes.
 * @param {string} locale
 * @param {Say} say
 * @param {Names} names
 */
export function languageWords(locale, say, names) {
  return say.knows(`language.${locale}`) ? say(`language.${locale}`) : names.language(locale);
}

/**
 * The last message on a card, and its author.
 * @param {Card} card
 * @param {Say} say
 */
export function previewWords(card, say) {
  const by = say.knows(`preview.${card.preview_by}`) ? card.preview_by : "customer"; // without an author the desk stored the customer's message
  return card.preview ? say(`preview.${by}`) + withoutControls(card.preview) : "";
}

/**
 * How the customer's last episode ended, and what it was about.
 * @param {NonNullable<Card["earlier"]>} earlier
 * @param {Say} say
 * @param {Names} names
 */
export function earlierWords({ by, agent, reason, intent }, say, names) {
  const about = reason ? names.reason(reason) : names.intent(intent);
  const how = say.knows(`earlier.${by}`) ? say(`earlier.${by}`, withoutControls(agent ?? "")) : by;
  return [how, about].filter(Boolean).join(" · ");
}

/**
 * The name of a rule of the triage policy, the most exact one that there is; "" without a rule.
 * @param {string | null | undefined} given
 * @param {Say} say
 */
export function ruleWords(given, say) {
  const rule = String(given ?? "");
  if (say.knows(`rule.${rule}`)) return say(`rule.${rule}`);
  const family = `rule.${rule.split(".")[0]}`;
  return say.knows(family) ? `${say(family)} · ${rule.split(".").slice(1).join(".")}` : rule;
}

/**
 * The name of a route; a tentative answer has its own name.
 * @param {Pick<Decision, "route" | "tentative">} decision
 * @param {Say} say
 */
export function routeWords({ route, tentative }, say) {
  const name = tentative === true ? "route.tentative" : `route.${route}`;
  return say.knows(name) ? say(name) : route;
}

/**
 * What the bot decided, in a few words; "" when that is not known.
 * @param {Decision | undefined} decision
 * @param {Say} say
 * @param {Names} names
 */
export function verdictWords(decision, say, names) {
  if (!decision) return "";
  const { reason, intent } = decision;
  const words = routeWords(decision, say);
  const about = reason ? names.reason(reason) : names.intent(intent);
  return about ? `${words} · ${about}` : words;
}

/**
 * The error message for a failed call.
 * @param {DeskError} error
 * @param {Say} say
 */
export function problemWords(error, say) {
  if (error.status === 0) return say("error.network");
  if (error.code === "already_assigned" && error.agent)
    return say("error.already_assigned", withoutControls(error.agent));
  if (say.knows(`error.${error.code}`)) return say(`error.${error.code}`);
  return error.message;
}
