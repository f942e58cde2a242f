// Turns a conversation into the list of things the chat shows, in order. Pure: the same conversation
// gives the same list. Keys are stable, so that the view can keep what is already on the page.

const QUIET_MS = 5 * 60_000; // a pause longer than this is worth a line with the time
// The desk says the rest itself, in messages of its own.
const DIVIDERS = new Set(["assigned", "returned", "resolved", "rated"]);

/** Items: {key, type: "greeting" | "time" | "message" | "divider" | "typing" | "rating", ...} */
export function transcriptItems(conversation, say) {
  const { events } = conversation;
  const items = [{ key: "greeting", type: "greeting", withSuggestions: !hasCustomerSpoken(conversation) }];
  if (conversation.startedOver) items.push({ key: "started-over", type: "divider", text: say("chat.started_over") });
  let before = null;
  let lastAt = null;
  for (const event of events) {
    const at = new Date(event.at);
    if (event.type === "message" && (lastAt === null || at - lastAt > QUIET_MS)) {
      items.push({ key: `t${event.seq}`, type: "time", text: timeWords(at, say) });
      before = null;
    }
    if (event.type === "message") {
      lastAt = at;
      items.push(messageItem(event, before, conversation, say));
      before = event;
    } else if (DIVIDERS.has(event.type)) {
      items.push({ key: `d${event.seq}`, type: "divider", text: dividerWords(event, say) });
      before = null;
    }
  }
  for (const item of conversation.outbox.items) {
    items.push({
      key: `m${item.client_message_id}`,
      type: "message",
      kind: "customer",
      speaker: say("speaker.customer"),
      text: item.text,
      first: false,
      seq: item.seq,
      state: item.state,
      error: item.error,
      id: item.client_message_id,
    });
  }
  if (conversation.awaitsBot) items.push({ key: "typing", type: "typing" });
  const rateable = conversation.rateable;
  if (rateable) items.push({ key: `rating${rateable.seq}`, type: "rating" });
  return items;
}

function hasCustomerSpoken({ events, outbox }) {
  return outbox.items.length > 0 || events.some((event) => event.type === "message" && event.by.kind === "customer");
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
    first: !samePerson,
    article: event.article ?? null,
    speaker: kind === "agent" ? say("speaker.agent", name ?? "") : say(`speaker.${kind}`),
    buttons: offersNow(event, conversation) ? event.buttons : null,
  };
}

/** Buttons hold only for the customer's next word, and only while the bot has the conversation. */
function offersNow(event, { events, outbox, state }) {
  if (!event.buttons?.length || state !== "with_bot" || outbox.items.length) return false;
  return !events.some((later) => later.seq > event.seq && later.type === "message" && later.by.kind === "customer");
}

function dividerWords(event, say) {
  if (event.type === "assigned") return say("divider.assigned", event.agent ?? "");
  if (event.type === "rated") return say("divider.rated", event.score);
  return say(`divider.${event.type}`);
}

function timeWords(at, say) {
  const tag = say.locale === "en" ? "en" : "zh-CN";
  const time = new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  const days = Math.round((midnight(new Date()) - midnight(at)) / 86_400_000);
  if (days === 0) return time;
  if (days === 1) return say("time.yesterday", time);
  return `${new Intl.DateTimeFormat(tag, { month: "short", day: "numeric" }).format(at)} ${time}`;
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
