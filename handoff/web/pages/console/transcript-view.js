// The middle pane: whose conversation it is, what may be done with it, the transcript and the reply box.
import { el, setText, syncChildren } from "../dom.js";
import { icon } from "../icons.js";
import { PRIORITY_ICON } from "./queue-list.js";
import { ReplyBox } from "./reply-box.js";
import { PendingEntry, transcriptEntry } from "./transcript-entry.js";

const NEAR_END_PX = 80;

export class TranscriptView {
  #conversation = null;
  #entries = new Map(); // seq or client_message_id -> node or PendingEntry
  #stuck = true;
  #drafts = new Map(); // conversation id -> text not sent yet

  /** actions: {claim, transfer, giveBack, resolve, back, facts, decision(event)} */
  constructor({ api, say, names, actions }) {
    this.say = say;
    this.names = names;
    this.actions = actions;
    const button = (name, key, glyph, action) =>
      el(
        "button",
        {
          type: "button",
          class: name === "claim" ? "primary" : "tool",
          testid: name,
          hidden: true,
          on: { click: action },
        },
        glyph ? icon(glyph, { size: 18 }) : null,
        el("span", {}, say(`action.${name}`)),
        el("kbd", { "aria-hidden": "true" }, key),
      );
    this.buttons = {
      claim: button("claim", "c", null, actions.claim),
      transfer: button("transfer", "t", "swap", actions.transfer),
      return: button("return", "b", "robot", actions.giveBack),
      resolve: button("resolve", "e", "check", actions.resolve),
    };
    this.priority = el("span", { class: "priority" });
    this.title = el("h2", {});
    this.state = el("div", { class: "transcript-state" });
    this.back = el(
      "button",
      {
        type: "button",
        class: "icon-button back",
        testid: "back",
        "aria-label": say("action.back"),
        on: { click: actions.back },
      },
      icon("back", { size: 22 }),
    );
    this.facts = el(
      "button",
      { type: "button", class: "tool facts-toggle", testid: "facts-toggle", on: { click: actions.facts } },
      icon("info", { size: 18 }),
      el("span", {}, say("action.facts")),
    );
    this.log = el("div", {
      class: "log",
      id: "transcript",
      role: "log",
      "aria-live": "polite",
      "aria-label": say("transcript.log"),
      tabindex: 0,
    });
    this.newer = el(
      "button",
      { type: "button", class: "newer", hidden: true, on: { click: () => this.#toEnd() } },
      icon("down", { size: 16 }),
      say("transcript.newer"),
    );
    this.reply = new ReplyBox({
      api,
      say,
      onSend: (text) => {
        this.#stuck = true;
        this.#conversation.reply(text);
      },
    });
    this.empty = el(
      "div",
      { class: "empty" },
      el("p", {}, say("transcript.empty")),
      el("p", { class: "muted wide-only" }, say("transcript.empty.hint")),
    );
    this.body = el(
      "div",
      { class: "transcript-body", hidden: true },
      el(
        "header",
        { class: "transcript-head" },
        this.back,
        el(
          "div",
          { class: "transcript-title" },
          el("div", { class: "title-line" }, this.priority, this.title),
          this.state,
        ),
        this.facts,
      ),
      el("div", { class: "tools", role: "toolbar", "aria-label": say("shortcuts.title") }, Object.values(this.buttons)),
      el("div", { class: "log-frame" }, this.log, this.newer),
      this.reply.node,
    );
    this.node = el("main", { class: "pane transcript", testid: "transcript" }, this.empty, this.body);
    this.log.addEventListener("scroll", () => {
      this.#stuck = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
      if (this.#stuck) this.newer.hidden = true;
    });
    this.resizing = new ResizeObserver(() => {
      if (this.#stuck) this.#toEnd();
    });
    this.resizing.observe(this.log);
  }

  close() {
    this.resizing.disconnect();
  }

  show(conversation) {
    if (this.#conversation) this.#drafts.set(this.#conversation.id, this.reply.text);
    this.#conversation = conversation;
    this.#entries = new Map();
    this.#stuck = true;
    this.log.replaceChildren();
    this.empty.hidden = Boolean(conversation);
    this.body.hidden = !conversation;
    if (!conversation) return;
    this.reply.text = this.#drafts.get(conversation.id) ?? "";
    this.draw();
  }

  draw() {
    const { say, names } = this;
    const { card, isMine, isWaiting, loaded, problem } = this.#conversation;
    if (card) {
      // A conversation that is with the bot again has neither reason nor priority.
      this.priority.hidden = !card.priority;
      this.priority.dataset.priority = card.priority ?? "";
      const words = card.priority ? say(`priority.${card.priority}`) : "";
      if (this.priority.textContent !== words)
        this.priority.replaceChildren(icon(PRIORITY_ICON[card.priority] ?? "dot", { size: 16 }), words);
      setText(this.title, names.reason(card.reason) || names.intent(card.intent) || card.id);
      setText(
        this.state,
        [say(`status.${card.status}`), card.status === "assigned" ? card.agent_name : null, card.id]
          .filter(Boolean)
          .join(" · "),
      );
    }
    this.buttons.claim.hidden = !isWaiting;
    for (const name of ["transfer", "return", "resolve"]) this.buttons[name].hidden = !isMine;
    this.reply.allow(isMine ? "mine" : isWaiting ? "waiting" : "closed");
    this.log.setAttribute("aria-busy", String(!loaded));
    if (problem) this.log.replaceChildren(el("p", { class: "problem", role: "alert" }, problem.message));
    else if (loaded) this.#drawLog();
    else this.log.replaceChildren(el("p", { class: "muted" }, say("transcript.loading")));
  }

  #drawLog() {
    const nodes = [];
    const context = { say: this.say, names: this.names, onDecision: this.actions.decision };
    let fresh = false;
    for (const event of this.#conversation.events) {
      if (!this.#entries.has(event.seq)) {
        this.#entries.set(event.seq, transcriptEntry(event, context));
        fresh = true;
      }
      nodes.push(this.#entries.get(event.seq));
    }
    for (const item of this.#conversation.pending) {
      let entry = this.#entries.get(item.client_message_id);
      if (!entry) {
        entry = new PendingEntry({
          say: this.say,
          on: {
            retry: () => this.#conversation.outbox.retry(),
            edit: (id) => {
              this.reply.text = this.#conversation.outbox.withdraw(id).text;
              this.reply.focus();
            },
          },
        });
        this.#entries.set(item.client_message_id, entry);
      }
      entry.update(item);
      nodes.push(entry.node);
    }
    syncChildren(this.log, nodes.filter(Boolean));
    if (this.#stuck) this.#toEnd();
    else if (fresh) this.newer.hidden = false;
  }

  #toEnd() {
    this.newer.hidden = true;
    this.log.scrollTop = this.log.scrollHeight;
  }
}
