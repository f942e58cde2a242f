// The middle pane: whose conversation it is, what may be done with it, the transcript and the reply box.
import { el, setText, syncChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { AccessForm } from "./access-form.js";
import { customerWords } from "./display-names.js";
import { drawUrgency } from "./queue-list.js";
import { ReplyBox } from "./reply-box.js";
import { withoutControls } from "./shown-text.js";
import { PendingEntry } from "./transcript-entry.js";
import { TranscriptLog } from "./transcript-log.js";

const NEAR_END_PX = 80;
const NEAR_START_PX = 40;

export class TranscriptView {
  #conversation = null;
  #pending = new Map(); // client_message_id -> PendingEntry
  #stuck = true;
  #see = () => this.noteSeen();

  /** actions: {claim, transfer, giveBack, resolve, back, facts, decision(event), expired} */
  constructor({ api, say, names, drafts, actions }) {
    this.say = say;
    this.names = names;
    this.actions = actions;
    this.rows = new TranscriptLog({ say, names, onDecision: actions.decision, onOlder: () => this.#older() });
    this.pendingList = el("ol", { class: "log-rows", role: "list" });
    this.notice = el("p", {});
    this.access = new AccessForm({
      say,
      drafts,
      onReason: (reason) => this.#conversation.giveReason(reason),
      onExpired: actions.expired,
    });
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
    this.log = el(
      "div",
      {
        class: "log",
        id: "transcript",
        role: "log",
        "aria-live": "polite",
        "aria-label": say("transcript.log"),
        tabindex: 0,
      },
      this.notice,
      this.rows.node,
      this.pendingList,
    );
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
      onChange: (text) => drafts.set("reply", this.#conversation.id, text),
    });
    this.drafts = drafts;
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
      this.access.node,
      el("div", { class: "log-frame" }, this.log, this.newer),
      this.reply.node,
    );
    this.node = el("main", { class: "pane transcript", testid: "transcript" }, this.empty, this.body);
    this.log.addEventListener("scroll", () => {
      this.#stuck = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
      if (this.#stuck) this.noteSeen();
      else if (this.log.scrollTop < NEAR_START_PX && !this.rows.older.hidden) this.#older();
    });
    this.resizing = new ResizeObserver(() => {
      if (this.#stuck) this.#toEnd();
    });
    this.resizing.observe(this.log);
    document.addEventListener("visibilitychange", this.#see);
  }

  close() {
    this.resizing.disconnect();
    document.removeEventListener("visibilitychange", this.#see);
  }

  show(conversation) {
    this.#conversation = conversation;
    this.#pending = new Map();
    this.#stuck = true;
    this.pendingList.replaceChildren();
    this.empty.hidden = Boolean(conversation);
    this.body.hidden = !conversation;
    if (!conversation) return;
    this.reply.text = this.drafts.get("reply", conversation.id);
    this.access.show(conversation.id);
    this.draw();
  }

  draw() {
    const { say } = this;
    const { events, isMine, isWaiting, canMove, canResolve, loaded, problem, needsReason } = this.#conversation;
    this.#drawHead();
    this.buttons.claim.hidden = !isWaiting;
    this.buttons.transfer.hidden = this.buttons.return.hidden = !canMove || needsReason;
    this.buttons.resolve.hidden = !canResolve || needsReason;
    this.access.node.hidden = !needsReason;
    this.facts.hidden = needsReason;
    this.log.parentNode.hidden = needsReason;
    this.reply.node.hidden = needsReason;
    if (this.#conversation.card) this.reply.customerLocale = this.#conversation.card.locale;
    this.reply.allow(isMine ? "mine" : isWaiting ? "waiting" : "closed");
    this.log.setAttribute("aria-busy", String(!loaded));
    const notice = problem ? problem.message : loaded || needsReason ? "" : say("transcript.loading");
    this.notice.className = problem ? "problem" : "muted";
    setText(this.notice, notice);
    this.notice.hidden = !notice;
    this.rows.node.hidden = !loaded;
    const shown = loaded ? events : [];
    const fresh = this.rows.update(shown, { trim: this.#stuck });
    this.#drawPending();
    if (this.#stuck) this.#toEnd();
    else if (fresh) this.newer.hidden = false;
  }

  #drawHead() {
    const { say, names } = this;
    const { id, card } = this.#conversation;
    if (!card) return;
    // A conversation that is with the bot again has neither reason nor priority.
    this.priority.hidden = !card.priority;
    drawUrgency(this.priority, card, say);
    setText(this.title, names.reason(card.reason) || names.intent(card.intent) || customerWords(id, say));
    const owner = card.status === "assigned" ? withoutControls(card.agent_name ?? "") : null;
    setText(this.state, [say(`status.${card.status}`), owner, customerWords(id, say)].filter(Boolean).join(" · "));
    this.state.title = id;
  }

  #drawPending() {
    const { outbox, pending } = this.#conversation;
    const nodes = pending.map((item) => {
      let entry = this.#pending.get(item.client_message_id);
      if (!entry) {
        entry = new PendingEntry({
          say: this.say,
          on: {
            retry: () => outbox.retry(),
            edit: (id) => this.#edit(outbox.withdraw(id).text),
          },
        });
        this.#pending.set(item.client_message_id, entry);
      }
      entry.update(item);
      return entry.node;
    });
    if (nodes.length || this.pendingList.firstChild) syncChildren(this.pendingList, nodes);
  }

  /** A refused reply goes back into the box, before what has been typed since. */
  #edit(text) {
    this.reply.put(this.reply.text ? `${text}\n${this.reply.text}` : text);
    this.reply.focus();
  }

  #older() {
    const fromEnd = this.log.scrollHeight - this.log.scrollTop;
    this.rows.showOlder();
    this.log.scrollTop = this.log.scrollHeight - fromEnd; // what was read stays where it is
  }

  #toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.noteSeen();
  }

  /** To be called when something may have come into sight: with its end on the screen, all of the transcript has been shown. */
  noteSeen() {
    if (!this.#conversation?.loaded || !this.#stuck || document.visibilityState === "hidden") return;
    if (this.log.checkVisibility?.({ visibilityProperty: true }) === false) return; // another pane covers it on a phone
    this.newer.hidden = true;
    this.#conversation.seenSeq = this.#conversation.lastSeq;
  }
}
