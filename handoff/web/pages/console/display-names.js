// The desk's words for intents and reasons, and the ways this console writes times and amounts.

/** {intent(id), reason(id)}: the display name, or the id where the desk gives none. */
export async function loadNames(api) {
  const { intents = {}, reasons = {} } = await api.get("/api/intents").catch(() => ({})); // ids have to do then
  const name = (table, id) => table[id]?.[api.locale] ?? id ?? "";
  return { intent: (id) => name(intents, id), reason: (id) => name(reasons, id) };
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
  const tag = say.locale === "en" ? "en" : "zh-CN";
  return new Intl.NumberFormat(tag, {
    style: "currency",
    currency: "CNY",
    minimumFractionDigits: Number.isInteger(cny) ? 0 : 2,
  }).format(cny);
}

export function timeWords(iso, say) {
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  const day = today ? {} : { month: "numeric", day: "numeric" };
  return new Intl.DateTimeFormat(say.locale === "en" ? "en" : "zh-CN", {
    ...day,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(at);
}

/** How a rule of the triage policy is called: the most exact name there is. */
export function ruleWords(rule, say) {
  if (say.knows(`rule.${rule}`)) return say(`rule.${rule}`);
  const family = `rule.${rule.split(".")[0]}`;
  return say.knows(family) ? `${say(family)} · ${rule.split(".").slice(1).join(".")}` : rule;
}

/** What to tell an agent about a failed call. */
export function problemWords(error, say) {
  if (error.status === 0) return say("error.network");
  if (error.code === "already_assigned" && error.agent) return say("error.already_assigned", error.agent);
  return error.message;
}
