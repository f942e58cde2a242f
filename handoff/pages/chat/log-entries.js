// What the customer sees of each event of the log: one line here for each type. An event of another type is for the
// desk, or from a desk newer than this page, and is not shown.
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { formattingOf, messageLines } from "../shared/message-text.js";
import { LOGO, MessageBubble } from "./message-bubble.js";
import { timeWords } from "./time-words.js";

/** @import { LogEvent } from "../shared/contract-types.js" */
/** @import { LogRow } from "../shared/log-rows.js" */
/** @import { DrawnRow, RowRenderers } from "../shared/log-view.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Conversation } from "./conversation.js" */
/** @import { MessageActions, MessageItem } from "./message-bubble.js" */

export const GREETING = "page.greeting";
export const STARTED_OVER = "page.started_over";

/**
 * @param {object} context
 * @param {Conversation} context.conversation
 * @param {Say} context.say
 * @param {MessageActions} context.on
 * @param {(text: string) => void} context.onSuggestion
 * @returns {RowRenderers}
 */
export function chatRenderers({ conversation, say, on, onSuggestion }) {
  /** @param {(event: LogEvent) => string} words */
  const divider = (words) => (/** @type {LogRow} */ row) => {
    return dividerRow(row.event ? words(row.event) : say("chat.started_over"));
  };
  return {
    message: () => messageRow(conversation, say, on),
    assigned: divider((event) => say("divider.assigned", event.agent ?? "")),
    returned: divider(() => say("divider.returned")),
    resolved: divider(() => say("divider.resolved")),
    resolution_undone: divider(() => say("divider.resolution_undone")),
    rated: divider((event) => say("divider.rated", event.score ?? 0)),
    cancel_undone: divider(() => say("divider.cancel_undone")),
    [GREETING]: () => greetingRow(conversation, say, onSuggestion),
    [STARTED_OVER]: divider(() => ""),
  };
}

/**
 * The rows before the first event.
 * @param {Conversation} conversation
 * @returns {LogRow[]}
 */
export function leadingRows({ startedOver }) {
  return [GREETING, ...(startedOver ? [STARTED_OVER] : [])].map((type) => ({
    key: type,
    type,
    event: null,
    events: [],
    item: null,
    isFirst: true,
    afterPause: false,
  }));
}

/**
 * @param {string} words
 * @returns {DrawnRow}
 */
function dividerRow(words) {
  return { nodes: [el("li", { class: "divider", testid: "chat-divider" }, el("span", {}, words))] };
}

/**
 * A message; after a pause with its time above it.
 * @param {Conversation} conversation
 * @param {Say} say
 * @param {MessageActions} on
 * @returns {DrawnRow}
 */
function messageRow(conversation, say, on) {
  const bubble = new MessageBubble({ say, on });
  const words = el("span");
  const time = el("li", { class: "time", testid: "chat-time" }, words);
  const nodes = [bubble.node];
  return {
    nodes,
    update: (row) => {
      nodes.splice(0, nodes.length, ...(row.afterPause ? [time] : []), bubble.node);
      if (row.afterPause) setText(words, timeWords(new Date(row.event?.at ?? ""), say, new Date()));
      bubble.update(messageItem(row, conversation, say));
    },
  };
}

/**
 * What a bubble shows of a row.
 * @param {LogRow} row
 * @param {Pick<Conversation, "log" | "state" | "status">} conversation
 * @param {Say} say
 * @returns {MessageItem}
 */
export function messageItem({ event, item, isFirst }, conversation, say) {
  if (!event) {
    const { text = "", seq, state, code, error, pause, client_message_id: id } = item ?? {};
    const speaker = say("speaker.customer");
    return { kind: "customer", speaker, text, formatting: "none", isFirst, seq, state, code, error, pause, id };
  }
  const { kind, name } = event.by;
  return {
    kind,
    seq: event.seq,
    text: event.text ?? "",
    formatting: formattingOf(event),
    isFirst,
    article: event.article ?? null,
    speaker: kind === "agent" ? say("speaker.agent", name) : say(`speaker.${kind}`),
    buttons: offersNow(event, conversation) ? event.buttons : undefined,
    locale: event.locale,
  };
}

/**
 * Buttons are valid until the customer's next message: the bot's while the bot has the conversation, the desk's in the queue.
 * @param {LogEvent} event
 * @param {Pick<Conversation, "log" | "state" | "status">} conversation
 */
function offersNow(event, { log, state, status }) {
  // The desk says which of its questions is open: other words of the customer do not end it.
  if (event.kind === "intake" && event.buttons?.length && !log.pending.length) {
    const isOpen = (/** @type {string} */ choice) => status?.intake?.includes(choice);
    return isLastIntake(event, log) && event.buttons.every(({ choice }) => isOpen(choice));
  }
  if (!event.buttons?.length || log.pending.length || event.seq < log.lastCustomerSeq) return false;
  return event.by.kind === "system" ? state === "queued" : state === "with_bot";
}

/** Whether no later question of the desk has buttons. @param {LogEvent} event @param {Conversation["log"]} log */
function isLastIntake(event, { events }) {
  const last = events.findLast(({ kind, buttons }) => kind === "intake" && buttons?.length);
  return last?.seq === event.seq;
}

/**
 * The bot's greeting with questions to pick from, until the customer has said something.
 * @param {Conversation} conversation
 * @param {Say} say
 * @param {(text: string) => void} onSuggestion
 * @returns {DrawnRow}
 */
function greetingRow({ log }, say, onSuggestion) {
  const chip = (/** @type {string} */ text) =>
    el(
      "button",
      { type: "button", class: "chip", testid: "chat-suggestion", on: { click: () => onSuggestion(text) } },
      text,
    );
  const emergency = el(
    "button",
    {
      type: "button",
      class: "chip emergency",
      testid: "chat-emergency",
      on: { click: () => onSuggestion(say("chat.emergency.text")) },
    },
    icon("alert", { size: 18 }),
    say("chat.emergency"),
  );
  const chips = el(
    "div",
    { class: "chips", role: "group", "aria-label": say("chat.suggestions.label") },
    emergency,
    say.list("chat.suggestions").map(chip),
  );
  const node = el(
    "li",
    { class: "message first", data: { kind: "bot" }, testid: "chat-greeting" },
    el("div", { class: "avatar", "aria-hidden": "true" }, el("img", { src: LOGO, alt: "", width: 32, height: 32 })),
    el(
      "div",
      { class: "column" },
      el("div", { class: "name" }, say("speaker.bot")),
      el("div", { class: "bubble" }, messageLines(say("chat.greeting"))),
      el("div", { class: "after" }, chips),
    ),
  );
  return {
    nodes: [node],
    update: () => {
      chips.hidden = log.pending.length > 0 || log.lastCustomerSeq > 0;
    },
  };
}
