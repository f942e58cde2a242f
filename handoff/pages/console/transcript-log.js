// The list of a conversation's events. It grows at its end, shows the last hundred rows at first and older
// ones on request: what a new message costs does not depend on how much was said before.
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { verdictWords } from "./display-names.js";
import { isolated } from "./shown-text.js";
import { transcriptEntry } from "./transcript-entry.js";

const PAGE = 100; // rows
const TRIM_AT = 400;
const QUOTED = 24; // characters of the message that a decision was about
// After one of these the bot's decisions belong to another stretch of the conversation.
const ENDS_STRETCH = new Set([
  "handoff_requested",
  "assigned",
  "transferred",
  "returned",
  "cancelled",
  "resolved",
  "reopened",
]);

export class TranscriptLog {
  #events = null; // the conversation's array; it is only appended to
  #read = 0;
  #rows = []; // {node, event} or {node, fold}: node is made when the row is shown
  #from = 0; // rows before this one are not on the page
  #to = 0;
  #fold = null;

  /** onDecision(event) shows a decision of the bot; onOlder() is to call showOlder(). */
  constructor({ say, names, onDecision, onOlder }) {
    this.context = { say, names, onDecision };
    this.say = say;
    this.list = el("ol", { class: "log-rows", role: "list" }); // Safari forgets lists without markers
    this.olderWords = el("span", {});
    this.older = el(
      "button",
      { type: "button", class: "older quiet", testid: "transcript-older", hidden: true, on: { click: onOlder } },
      icon("up", { size: 16 }),
      this.olderWords,
    );
    this.node = el("div", {}, this.older, this.list);
  }

  /** Shows what is new in `events`; whether there was anything. trim: older rows may leave the page again. */
  update(events, { trim = false } = {}) {
    if (events !== this.#events) this.#reset(events);
    const isFirst = this.#read === 0;
    for (; this.#read < events.length; this.#read += 1) this.#take(events[this.#read]);
    if (isFirst) this.#from = this.#to = Math.max(0, this.#rows.length - PAGE);
    const fresh = this.#rows.slice(this.#to);
    this.#to = this.#rows.length;
    if (trim && this.#to - this.#from > TRIM_AT) this.#trim();
    this.list.append(
      ...this.#rows.slice(Math.max(this.#from, this.#to - fresh.length)).map((row) => this.#nodeOf(row)),
    );
    this.#drawOlder();
    return fresh.length > 0;
  }

  showOlder() {
    const from = Math.max(0, this.#from - PAGE);
    this.list.prepend(...this.#rows.slice(from, this.#from).map((row) => this.#nodeOf(row)));
    this.#from = from;
    this.#drawOlder();
  }

  #reset(events) {
    this.#events = events;
    this.#read = this.#from = this.#to = 0;
    this.#rows = [];
    this.#fold = null;
    this.list.replaceChildren();
  }

  #trim() {
    const from = this.#to - PAGE;
    for (const row of this.#rows.slice(this.#from, from)) {
      row.node?.remove();
      row.node = null;
    }
    this.#from = from;
  }

  #drawOlder() {
    this.older.hidden = this.#from === 0;
    setText(this.olderWords, this.say("transcript.older", this.#from));
  }

  #take(event) {
    if (event.type === "triage") {
      if (!this.#fold) {
        this.#fold = new DecisionFold(this.context, (seq) => this.#textOf(seq));
        this.#rows.push({ node: null, fold: this.#fold });
      }
      this.#fold.add(event);
      return;
    }
    if (ENDS_STRETCH.has(event.type)) this.#fold = null;
    this.#rows.push({ node: null, event });
  }

  /** The text of the message `seq`. Sequence numbers have no gaps, so its place in the list is known. */
  #textOf(seq) {
    const event = this.#events[seq - this.#events[0].seq];
    return event?.seq === seq ? (event.text ?? "") : "";
  }

  #nodeOf(row) {
    row.node ??= el("li", {}, row.fold ? row.fold.draw() : transcriptEntry(row.event, this.context));
    row.node.hidden = !row.node.firstChild; // events that the agent need not read
    return row.node;
  }
}

/** The bot's decisions in one stretch of a conversation, as one line that opens. */
class DecisionFold {
  #events = [];
  #drawn = 0;

  /** textOf(seq): what the customer wrote. */
  constructor({ say, names, onDecision }, textOf) {
    Object.assign(this, { say, names, onDecision, textOf });
    this.words = el("span", {});
    this.list = el("ul", {});
    this.node = el(
      "details",
      { class: "decisions", testid: "decisions" },
      el("summary", {}, icon("robot", { size: 16 }), this.words),
      this.list,
    );
  }

  add(event) {
    this.#events.push(event);
    if (this.#drawn) this.draw();
  }

  draw() {
    const last = verdictWords(this.#events.at(-1).decision, this.say, this.names);
    setText(this.words, this.say("transcript.decisions", this.#events.length, last));
    for (; this.#drawn < this.#events.length; this.#drawn += 1) {
      const event = this.#events[this.#drawn];
      const verdict = verdictWords(event.decision, this.say, this.names);
      const click = () => this.onDecision(event);
      const props = { type: "button", class: "decided", on: { click } };
      this.list.append(el("li", {}, el("button", props, this.#quote(event.message_seq), verdict)));
    }
    return this.node;
  }

  #quote(seq) {
    const text = this.textOf(seq);
    const start = [...text].slice(0, QUOTED).join("");
    return text ? isolated(this.say("transcript.quote", start === text ? text : `${start}…`)) : null;
  }
}
