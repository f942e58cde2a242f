// The desk's words for intents and reasons, and the ways this console writes times and amounts.
import { withoutControls } from "./shown-text.js";

/** {intent(id), reason(id), language(code)}: the display name, or the id where the desk gives none. */
export async function loadNames(api) {
  const { intents = {}, reasons = {}, languages = {} } = await api.get("/api/intents").catch(() => ({})); // ids have to do then
  const name = (table, id) => table[id]?.[api.locale] ?? id ?? "";
  return {
    intent: (id) => name(intents, id),
    reason: (id) => name(reasons, id),
    language: (code) => name(languages, code),
  };
}

/** "3 分", "1 时 5 分": as exact as a glance needs. */
export function durationWords(seconds, say) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return say("duration.seconds", whole);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return say("duration.minutes", minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return say("duration.hours", hours, minutes % 60);
  return say("duration.days", Math.floor(hours / 24), hours % 24);
}

export function amountWords(cny, say) {
  return new Intl.NumberFormat(say.tag, {
    style: "currency",
    currency: "CNY",
    minimumFractionDigits: Number.isInteger(cny) ? 0 : 2,
  }).format(cny);
}

const DAY = {
  today: {},
  year: { month: "short", day: "numeric" },
  ever: { year: "numeric", month: "short", day: "numeric" },
};
const formats = new Map(); // to make one costs more than to use it a hundred times

/** The time; with the day when it is not today, with the year when it is not this year. */
export function timeWords(iso, say, now = new Date()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const length =
    at.toDateString() === now.toDateString() ? "today" : at.getFullYear() === now.getFullYear() ? "year" : "ever";
  const key = `${say.tag} ${length}`;
  if (!formats.has(key)) {
    const options = { ...DAY[length], hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    formats.set(key, new Intl.DateTimeFormat(say.tag, options));
  }
  return formats.get(key).format(at);
}

/** How a customer without a name is called: by the end of the conversation's id. */
export function customerWords(id, say) {
  return say("customer.visitor", String(id).slice(-4).toUpperCase());
}

/** Where the customer writes from. Another word than those three was made up by somebody: it is marked as unknown. */
export function channelWords(channel, say) {
  if (say.knows(`channel.${channel}`)) return say(`channel.${channel}`);
  return say("channel.unknown", withoutControls(channel ?? ""));
}

/** The language that the customer writes. */
export function languageWords(locale, say, names) {
  return say.knows(`language.${locale}`) ? say(`language.${locale}`) : names.language(locale);
}

/** The last words on a card, and whose they are. */
export function previewWords(card, say) {
  const by = say.knows(`preview.${card.preview_by}`) ? card.preview_by : "customer"; // the desk stores the customer's last words
  return card.preview ? say(`preview.${by}`) + withoutControls(card.preview) : "";
}

/** How the customer's last episode ended, and what it was about. */
export function earlierWords({ by, agent, reason, intent }, say, names) {
  const about = reason ? names.reason(reason) : names.intent(intent);
  const how = say.knows(`earlier.${by}`) ? say(`earlier.${by}`, withoutControls(agent ?? "")) : by;
  return [how, about].filter(Boolean).join(" · ");
}

/** How a rule of the triage policy is called: the most exact name there is. */
export function ruleWords(rule, say) {
  if (say.knows(`rule.${rule}`)) return say(`rule.${rule}`);
  const family = `rule.${rule.split(".")[0]}`;
  return say.knows(family) ? `${say(family)} · ${rule.split(".").slice(1).join(".")}` : rule;
}

/** How a route is called; an answer that is a guess has a name of its own. */
export function routeWords({ route, tentative }, say) {
  const name = tentative === true ? "route.tentative" : `route.${route}`;
  return say.knows(name) ? say(name) : route;
}

/** What the bot decided, in a few words. */
export function verdictWords({ route, reason, intent, tentative }, say, names) {
  const words = routeWords({ route, tentative }, say);
  const about = reason ? names.reason(reason) : names.intent(intent);
  return about ? `${words} · ${about}` : words;
}

/** What to tell an agent about a failed call. */
export function problemWords(error, say) {
  if (error.status === 0) return say("error.network");
  if (error.code === "already_assigned" && error.agent)
    return say("error.already_assigned", withoutControls(error.agent));
  if (say.knows(`error.${error.code}`)) return say(`error.${error.code}`);
  return error.message;
}
