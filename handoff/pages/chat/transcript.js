// Turns a conversation into the list of things the chat shows, in order. Pure: the same conversation
// gives the same list. Keys are stable, so that the view can keep what is already on the page.
import { formattingOf } from "../shared/message-text.js";

const QUIET_MS = 5 * 60_000; // a pause longer than this is worth a line with the time
// The desk says the rest itself, in messages of its own.
const DIVIDERS = new Set(["assigned", "returned", "resolved", "rated", "cancel_undone"]);

/**
 * Items for the events from index `from` on: {key, type: "greeting" | "time" | "message" | "divider", ...}.
 * The greeting stands before the first event only.
 */
export function transcriptItems(conversation, say, { from = 0, now = new Date() } = {}) {
  const { events, outbox, lastCustomerSeq } = conversation;
  const items = [];
  if (from === 0) {
    const hasSpoken = outbox.items.length > 0 || lastCustomerSeq > 0;
    items.push({ key: "greeting", type: "greeting", withSuggestions: !hasSpoken });
    if (conversation.startedOver) items.push({ key: "started-over", type: "divider", text: say("chat.started_over") });
  }
  let before = null;
  let lastAt = null;
  for (let index = from; index < events.length; index += 1) {
    const event = events[index];
    if (event.type === "message") {
      const at = new Date(event.at);
      if (lastAt === null || at - lastAt > QUIET_MS) {
        items.push({ key: `t${event.seq}`, type: "time", text: timeWords(at, say, now) });
        before = null;
      }
      lastAt = at;
      items.push(messageItem(event, before, conversation, say));
      before = event;
    } else if (DIVIDERS.has(event.type)) {
      items.push({ key: `d${event.seq}`, type: "divider", text: dividerWords(event, say) });
      before = null;
    }
  }
  for (const item of outbox.items) {
    items.push({
      key: `m${item.client_message_id}`,
      type: "message",
      kind: "customer",
      speaker: say("speaker.customer"),
      text: item.text,
      formatting: "none",
      first: false,
      seq: item.seq,
      state: item.state,
      code: item.code,
      error: item.error,
      pause: item.pause,
      id: item.client_message_id,
    });
  }
  return items;
}

function messageItem(event, before, conversation, say) {
  const { kind, name } = event.by;
  const samePerson = before?.by.kind === kind && before?.by.name === name;
  return {
    key: event.client_message_id ? `m${event.client_message_id}` : `e${event.seq}`,
    type: "message",
    kind,
    seq: event.seq,
    text: event.text ?? "",
    formatting: formattingOf(event),
    first: !samePerson,
    article: event.article ?? null,
    speaker: kind === "agent" ? say("speaker.agent", name ?? "") : say(`speaker.${kind}`),
    buttons: offersNow(event, conversation) ? event.buttons : null,
    locale: event.locale ?? null,
  };
}

/** Buttons hold for the customer's next word: the bot's while the bot has the conversation, the desk's while it waits. */
function offersNow(event, { lastCustomerSeq, outbox, state }) {
  if (!event.buttons?.length || outbox.items.length || event.seq < lastCustomerSeq) return false;
  return event.by.kind === "system" ? state === "queued" : state === "with_bot";
}

function dividerWords(event, say) {
  if (event.type === "assigned") return say("divider.assigned", event.agent ?? "");
  if (event.type === "rated") return say("divider.rated", event.score);
  return say(`divider.${event.type}`);
}

const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { month: "short", day: "numeric" };
const formats = new Map(); // making one costs more than formatting a hundred times

function format(tag, name, options) {
  const key = `${tag}.${name}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(tag, options));
  return formats.get(key);
}

/** The time of today, the day and the time of another, and the year where it is not this one. */
export function timeWords(at, say, now) {
  const tag = say.locale === "en" ? "en" : "zh-CN";
  const time = format(tag, "time", TIME).format(at);
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return time;
  if (days === 1) return say("time.yesterday", time);
  const isThisYear = at.getFullYear() === now.getFullYear();
  const day = isThisYear ? format(tag, "day", DAY) : format(tag, "year", { ...DAY, year: "numeric" });
  return `${day.format(at)} ${time}`;
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
