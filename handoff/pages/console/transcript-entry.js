// One line of the transcript, for whatever kind of event it is.
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { messageLines } from "../shared/message-text.js";
import { languageWords, timeWords } from "./display-names.js";
import { urgencyWords } from "./queue-list.js";
import { isolated, withoutControls } from "./shown-text.js";

/** The element for `event`, or null for events that the agent need not read. */
export function transcriptEntry(event, { say, names }) {
  if (event.type === "message") return messageEntry(event, say);
  if (event.type === "note") return noteEntry(event, say);
  const line = dividerWords(event, say, names);
  if (!line) return null;
  const nodes = [divider(line, event, say)];
  if (event.note) nodes.push(noteEntry({ ...event, text: event.note }, say));
  return nodes.length === 1 ? nodes[0] : el("div", { class: "with-note" }, nodes);
}

function messageEntry(event, say) {
  const { kind, name } = event.by;
  const who = kind === "agent" ? name : kind === "customer" ? say("transcript.customer") : say(`speaker.${kind}`);
  const body = el(
    "div",
    { class: "bubble" },
    messageLines(withoutControls(event.text ?? ""), { formatted: kind === "bot" || kind === "system" }),
  );
  if (event.article) {
    body.append(
      el(
        "div",
        { class: "article" },
        icon("book", { size: 16 }),
        el("span", {}, `${event.article.title} · ${(event.article.revision ?? "").slice(0, 8)}`),
      ),
    );
  }
  const offered = event.buttons?.length
    ? el(
        "div",
        { class: "offered" },
        event.buttons.map(({ label }) => isolated(label)),
      )
    : null;
  return el(
    "div",
    { class: "entry", testid: "transcript-message", data: { kind, seq: event.seq } },
    el(
      "div",
      { class: "entry-head" },
      isolated(who ?? "", { class: "who" }),
      el("time", { datetime: event.at }, timeWords(event.at, say)),
    ),
    body,
    offered,
  );
}

function noteEntry(event, say) {
  return el(
    "div",
    { class: "entry", testid: "transcript-message", data: { kind: "note", seq: event.seq } },
    el(
      "div",
      { class: "entry-head" },
      el("span", { class: "who" }, icon("note", { size: 16 }), isolated(say("transcript.note", event.by.name ?? ""))),
      el("time", { datetime: event.at }, timeWords(event.at, say)),
    ),
    el("div", { class: "bubble" }, messageLines(withoutControls(event.text ?? ""), { formatted: false })),
  );
}

function divider(words, event, say) {
  return el(
    "div",
    { class: "divider", data: { type: event.type } },
    isolated(words),
    el("time", { datetime: event.at }, timeWords(event.at, say)),
  );
}

function dividerWords(event, say, names) {
  const by = event.by.name ?? "";
  switch (event.type) {
    case "handoff_requested":
      return say("transcript.handoff", names.reason(event.reason), urgencyWords(event, say));
    case "assigned":
      return say("transcript.assigned", event.agent ?? by);
    case "transferred":
      return say("transcript.transferred", by || say("speaker.system"), event.to ?? null);
    case "returned":
      return say("transcript.returned", by || say("speaker.system"));
    case "cancelled":
      return say("transcript.cancelled");
    case "cancel_undone":
      return say("transcript.cancel_undone");
    case "accessed":
      return say("transcript.accessed", by, event.reason ?? "");
    case "resolved":
      return say("transcript.resolved", event.resolution);
    case "reopened":
      return say("transcript.reopened");
    case "rated":
      return say("transcript.rated", event.score) + (event.comment ? `：${event.comment}` : "");
    case "priority_raised":
      return say("transcript.priority_raised", urgencyWords(event, say), names.reason(event.reason));
    case "language_changed":
      return say("transcript.language_changed", languageWords(event.language, say, names));
    case "bot_failed":
      return say("transcript.bot_failed", event.code);
    default:
      return null;
  }
}

/** A reply that is not in the log yet. on: {retry(), edit(id)} */
export class PendingEntry {
  constructor({ say, on }) {
    this.say = say;
    this.state = el("div", { class: "sent-state" });
    this.body = el("div", { class: "bubble" });
    this.entry = el(
      "div",
      { class: "entry", testid: "transcript-message", data: { kind: "agent" } },
      this.body,
      this.state,
    );
    this.node = el("li", {}, this.entry);
    this.on = on;
  }

  update({ text, state, error, pause, client_message_id: id }) {
    this.entry.dataset.state = state;
    if (!this.body.firstChild) this.body.append(...messageLines(text, { formatted: false }));
    if (state === "failed" || state === "refused") {
      const words = state === "failed" ? this.say("chat.state.failed") : this.say("chat.state.refused", error ?? "");
      if (this.state.textContent === words) return;
      const click = () => (state === "failed" ? this.on.retry() : this.on.edit(id));
      this.state.replaceChildren(el("button", { type: "button", class: "retry", on: { click } }, words));
    } else {
      const words = { sent: "", held: this.say("chat.state.held", pause) };
      setText(this.state, words[state] ?? this.say("chat.state.sending"));
    }
  }
}
