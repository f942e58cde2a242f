// What agents see of each event of the log: one line here for each type; null for what agents need not read. An event of
// another type is from a desk newer than this page, and is shown as unknown.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
import { messageLines } from "../shared/message-text.js";
import { careLines } from "./care-lines.js";
import { customerWords, languageWords, timeWords, verdictWords } from "./display-names.js";
import { pictureButton } from "./pictures.js";
import { isolated, withoutControls } from "./shown-text.js";
import { dayRow, episodeRow, unreadRow } from "./transcript-lines.js";
import { urgencyWords } from "./urgency.js";

/** @import { LogEvent } from "../shared/contract-types.js" */
/** @import { DrawnRow, RowRenderers } from "../shared/log-view.js" */
/** @import { LogRow } from "../shared/log-rows.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */

/**
 * @typedef {object} LogContext
 * @property {Say} say
 * @property {Names} names
 * @property {(event: LogEvent) => void} onDecision  shows a decision of the bot
 * @property {() => void} onRetry  sends what was not sent
 * @property {(id: string) => void} onEdit  takes a reply back into the reply box
 * @property {(seq: number | undefined) => string} textOf  the text of a message
 * @property {(key: string) => boolean} isEpisodeOpen
 * @property {(key: string) => void} onEpisode  opens or closes an earlier episode
 */

const QUOTED = 24; // characters of the message that a decision was about

/**
 * @param {LogContext} context
 * @returns {RowRenderers}
 */
export function consoleRenderers(context) {
  const { say, names } = context;
  /** @param {(event: LogEvent, by: string) => string} words */
  const line =
    (words) =>
    (/** @type {LogRow} */ { event }) =>
      lineRow(event, words, say);
  const care = Object.entries(careLines(context)).map(([type, words]) => [type, words && line(words)]);
  return {
    ...Object.fromEntries(care),
    message: () => messageRow(context),
    note: ({ event }) => rowOf(event ? noteEntry(event, event.text ?? "", say) : null),
    triage: () => decisionsRow(context),
    day: (row) => dayRow(row, say),
    unread: () => unreadRow(say),
    episode: (row) => episodeRow(row, context),
    handoff_requested: line((e) => say("transcript.handoff", names.reason(e.reason), urgencyWords(e, say))),
    priority_raised: line((e) => say("transcript.priority_raised", urgencyWords(e, say), names.reason(e.reason))),
    assigned: line((e, by) => assignedWords(e, by, say)),
    transferred: line((e, by) => transferredWords(e, by || say("speaker.system"), context)),
    offered: line((e) => say("transcript.offered", e.agent ?? "")),
    offer_ended: line((e) =>
      say(`transcript.offer_ended.${e.why === "declined" ? "declined" : "late"}`, e.agent ?? ""),
    ),
    returned: line((_, by) => say("transcript.returned", by || say("speaker.system"))),
    cancelled: line(() => say("transcript.cancelled")),
    cancel_undone: line(() => say("transcript.cancel_undone")),
    accessed: line((e, by) => say("transcript.accessed", by, e.reason ?? "")),
    resolved: line((e) =>
      [say("transcript.resolved", e.resolution), e.outcome ? names.outcome(e.outcome) : ""].filter(Boolean).join(" · "),
    ),
    resolution_undone: line((_, by) => say("transcript.resolution_undone", by)),
    marked: line((e, by) => say(e.is_set ? "transcript.marked" : "transcript.unmarked", by, markWords(e.mark, say))),
    linked: line((e, by) => say("transcript.linked", by, customerWords(e.other ?? "", say))),
    unlinked: line((e, by) => say("transcript.unlinked", by, customerWords(e.other ?? "", say))),
    identified: line((e) => say("transcript.identified", e.name || e.subject, say(`customer.proof.${e.assurance}`))),
    callback_booked: line((e) => say("transcript.callback_booked", timeWords(e.slot_from ?? "", say), e.phone_last)),
    callback_ended: line((e, by) => say(`transcript.callback_ended.${e.how}`, by)),
    phone_shown: line((e, by) => say("transcript.phone_shown", by, e.reason ?? "")),
    assurance_changed: line((e) => say("transcript.assurance_changed", say(`customer.proof.${e.assurance}`))),
    reopened: line(() => say("transcript.reopened")),
    attached: ({ event }) => attachedRow(event, say),
    proof_made: line((_, by) => say("transcript.proof_made", by || say("speaker.system"))),
    incident_over: line(() => say("transcript.incident_over")),
    rated: line((e) => say("transcript.rated", e.score) + (e.comment ? `：${e.comment}` : "")),
    language_changed: line((e) => say("transcript.language_changed", languageWords(e.language ?? "", say, names))),
    bot_failed: line((e) => say("transcript.bot_failed", e.code)),
    feedback_recorded: null,
    // The questions and answers stand in the transcript as messages, and filled in beside it.
    intake_asked: null,
    intake_answered: null,
    intake_closed: null,
    intake_skipped: line(() => say("transcript.intake_skipped")),
    intake_paused: line(() => say("transcript.intake_paused")),
    intake_resumed: null,
    state_imported: null,
    unknown: line((e) => say("transcript.unknown", e.name ?? e.type)),
  };
}

/** @param {LogEvent} event @param {string} by @param {Say} say */
function assignedWords({ agent, how, over_capacity_by: allowed }, by, say) {
  const key = `transcript.assigned.${how}`;
  const words = say(say.knows(key) ? key : "transcript.assigned", agent ?? by);
  return allowed ? `${words} · ${say("transcript.over_capacity", allowed)}` : words;
}

/** @param {LogEvent} event @param {string} by @param {Pick<LogContext, "say" | "names">} context */
function transferredWords({ to, queue, skill }, by, { say, names }) {
  if (!to && queue) return say("transcript.to_queue", by, names.queue(queue));
  if (!to && skill) return say("transcript.to_skill", by, names.skill(skill));
  return say("transcript.transferred", by, to);
}

/** The name of a mark. @param {string | undefined} mark @param {Say} say */
export function markWords(mark, say) {
  return say.knows(`mark.${mark}`) ? say(`mark.${mark}`) : String(mark);
}

/**
 * @param {Node | null} content
 * @returns {DrawnRow}
 */
function rowOf(content) {
  return { nodes: [el("li", {}, content)] };
}

/**
 * What happened in one line, with the note that an agent left.
 * @param {LogEvent | null} event
 * @param {(event: LogEvent, by: string) => string} words
 * @param {Say} say
 */
function lineRow(event, words, say) {
  if (!event) return rowOf(null);
  const line = el(
    "div",
    { class: "divider", data: { type: event.type } },
    isolated(words(event, event.by.name)),
    timeOf(event, say),
  );
  if (!event.note) return rowOf(line);
  return rowOf(el("div", { class: "with-note" }, line, noteEntry(event, event.note, say)));
}

/** A picture of the customer's, small; it opens large. @param {LogEvent | null} event @param {Say} say */
function attachedRow(event, say) {
  const line = lineRow(event, (e) => say("transcript.attached", e.width ?? 0, e.height ?? 0), say);
  if (!event?.attachment_id) return line;
  const picture = el("div", { class: "attached-picture" }, pictureButton([event], 0, say));
  return { nodes: [el("li", {}, ...line.nodes.flatMap((node) => [...node.childNodes]), picture)] };
}

/**
 * @param {LogEvent} event
 * @param {Say} say
 */
function timeOf(event, say) {
  return el("time", { datetime: event.at }, timeWords(event.at, say));
}

/**
 * @param {LogEvent} event
 * @param {string} text
 * @param {Say} say
 */
function noteEntry(event, text, say) {
  const title = say(event.whisper_to ? "transcript.whisper" : "transcript.note", event.by.name);
  return el(
    "div",
    { class: "entry", testid: "transcript-message", data: { kind: "note", seq: event.seq } },
    el(
      "div",
      { class: "entry-head" },
      el("span", { class: "who" }, icon("note", { size: 16 }), isolated(title)),
      timeOf(event, say),
    ),
    el("div", { class: "bubble" }, messageLines(withoutControls(text), { formatted: false })),
  );
}

/**
 * A message of the log, or a reply that is on its way to it: the row stays when the reply arrives.
 * @param {LogContext} context
 * @returns {DrawnRow}
 */
function messageRow(context) {
  const node = el("li");
  /** @type {PendingReply | null} */
  let pending = null;
  return {
    nodes: [node],
    update: ({ event, item, isFirst }) => {
      if (item) {
        pending ??= new PendingReply(context);
        pending.update(item);
        if (!node.firstChild) node.append(pending.node);
      } else if (event && (pending || !node.firstChild)) {
        pending = null;
        node.replaceChildren(messageEntry(event, isFirst, context.say));
      }
    },
  };
}

/**
 * @param {LogEvent} event
 * @param {boolean} isFirst  of its speaker in a run: only then the speaker and the time are shown
 * @param {Say} say
 */
function messageEntry(event, isFirst, say) {
  const { kind, name } = event.by;
  const who = kind === "agent" ? name : kind === "customer" ? say("transcript.customer") : say(`speaker.${kind}`);
  const formatted = kind === "bot" || kind === "system";
  const body = el("div", { class: "bubble" }, messageLines(withoutControls(event.text ?? ""), { formatted }));
  if (event.article) {
    const words = `${event.article.title} · ${(event.article.revision ?? "").slice(0, 8)}`;
    body.append(el("div", { class: "article" }, icon("book", { size: 16 }), el("span", {}, words)));
  }
  const offered = event.buttons?.length
    ? el(
        "div",
        { class: "offered-choices" },
        event.buttons.map(({ label }) => isolated(label)),
      )
    : null;
  return el(
    "div",
    {
      class: isFirst ? "entry" : "entry follows",
      testid: "transcript-message",
      title: isFirst ? null : timeWords(event.at, say),
      data: { kind, seq: event.seq },
    },
    // Assistive technology hears the speaker of each message.
    el("div", { class: isFirst ? "entry-head" : "off-screen" }, isolated(who, { class: "who" }), timeOf(event, say)),
    body,
    offered,
  );
}

/** A reply that is not in the log yet. */
class PendingReply {
  #context;

  /** @param {LogContext} context */
  constructor(context) {
    this.#context = context;
    this.state = el("div", { class: "sent-state" });
    this.body = el("div", { class: "bubble" });
    const props = { class: "entry", testid: "transcript-message", data: { kind: "agent" } };
    this.node = el("div", props, this.body, this.state);
  }

  /** @param {import("../shared/outbox.js").OutboxItem} item */
  update({ text, state, error, pause, client_message_id: id }) {
    const { say, onRetry, onEdit } = this.#context;
    this.node.dataset.state = state;
    if (!this.body.firstChild) this.body.append(...messageLines(text, { formatted: false }));
    if (state === "failed" || state === "refused") {
      const words = state === "failed" ? say("sent.failed") : say("sent.refused", error ?? "");
      if (this.state.textContent === words) return;
      const click = () => (state === "failed" ? onRetry() : onEdit(id));
      this.state.replaceChildren(el("button", { type: "button", class: "retry", on: { click } }, words));
    } else {
      setText(this.state, state === "sent" ? "" : state === "held" ? say("sent.held", pause) : say("sent.sending"));
    }
  }
}

/**
 * The bot's decisions in one stretch of a conversation, as one line that opens.
 * @param {LogContext} context
 * @returns {DrawnRow}
 */
function decisionsRow({ say, names, onDecision, textOf }) {
  const words = el("span");
  const list = el("ul");
  const summary = el("summary", {}, icon("robot", { size: 16 }), words);
  const node = el("li", {}, el("details", { class: "decisions", testid: "decisions" }, summary, list));
  const quote = (/** @type {LogEvent} */ event) => {
    const text = textOf(event.message_seq);
    const start = [...text].slice(0, QUOTED).join("");
    return text ? isolated(say("transcript.quote", start === text ? text : `${start}…`)) : null;
  };
  // A silent decision was not carried out: only what it was about is told.
  const verdict = (/** @type {LogEvent} */ { decision, silent }) =>
    silent && decision
      ? names.reason(decision.reason) || names.intent(decision.intent)
      : verdictWords(decision, say, names);
  return {
    nodes: [node],
    update: ({ events }) => {
      const drawn = list.childElementCount;
      if (events.length === drawn) return;
      for (const event of events.slice(drawn)) {
        const props = { type: "button", class: "decided", on: { click: () => onDecision(event) } };
        list.append(el("li", {}, el("button", props, quote(event), verdict(event))));
      }
      const last = verdict(/** @type {LogEvent} */ (events.at(-1)));
      setText(words, say("transcript.decisions", events.length, last));
    },
  };
}
