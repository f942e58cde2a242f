// What the customer sees of each event of the log: one line here for each type. An event of another type is for the
// desk, or from a desk newer than this page, and is not shown.
import { el, setText } from "../shared/dom.js";
import { formattingOf, messageLines } from "../shared/message-text.js";
import { firstScreen } from "./first-screen.js";
import { MessageBubble } from "./message-bubble.js";
import { timeWords } from "./time-words.js";

/** @import { LogEvent } from "../shared/contract-types.js" */
/** @import { LogRow } from "../shared/log-rows.js" */
/** @import { DrawnRow, RowRenderers } from "../shared/log-view.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Conversation } from "./conversation.js" */
/** @import { MessageActions, MessageItem } from "./message-bubble.js" */

export const GREETING = "page.greeting";
export const STARTED_OVER = "page.started_over";
// Messages of the desk with buttons that it answers itself.
const FIRST_AID = "first_aid";

/**
 * @param {object} context
 * @param {Conversation} context.conversation
 * @param {Say} context.say
 * @param {MessageActions} context.on
 * @param {(text: string) => void} context.onSuggestion
 * @param {(id: string) => void} context.onEarlier
 * @param {() => void} context.onReturn
 * @param {(place: HTMLElement, event: LogEvent) => void} context.onPicture  draws a picture in its place
 * @returns {RowRenderers}
 */
export function chatRenderers({ conversation, say, on, onSuggestion, onEarlier, onReturn, onPicture }) {
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
    attached: (row) => pictureRow(row, say, onPicture),
    [GREETING]: () => firstScreen({ conversation, say, onSuggestion, onEarlier, onReturn }),
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
 * A picture of the customer's. Its bytes come by a request with the customer's token, so it is no plain image.
 * @param {LogRow} row
 * @param {Say} say
 * @param {(place: HTMLElement, event: LogEvent) => void} onPicture
 * @returns {DrawnRow}
 */
function pictureRow({ event }, say, onPicture) {
  const place = el(
    "div",
    { class: "bubble picture", role: "img", "aria-label": say("chat.attached") },
    say("chat.attached"),
  );
  if (event) onPicture(place, event);
  const node = el(
    "li",
    { class: "message", data: { kind: event?.by.kind ?? "customer" }, testid: "chat-picture" },
    el("div", { class: "avatar" }),
    el("div", { class: "column" }, place),
  );
  return { nodes: [node] };
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
 * Buttons are valid until the customer's next message: the bot's while the bot has the conversation, the desk's in the queue, and
 * those of first aid whoever has it.
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
  if (event.by.kind !== "system") return state === "with_bot";
  return state === "queued" || (state !== "resolved" && event.kind === FIRST_AID);
}

/** Whether no later question of the desk has buttons. @param {LogEvent} event @param {Conversation["log"]} log */
function isLastIntake(event, { events }) {
  const last = events.findLast(({ kind, buttons }) => kind === "intake" && buttons?.length);
  return last?.seq === event.seq;
}
