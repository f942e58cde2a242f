// The middle pane: head, actions, transcript and reply box of the open conversation.
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { LogView } from "../shared/log-view.js";
import { AccessForm } from "./access-form.js";
import { customerWords } from "./display-names.js";
import { consoleRenderers } from "./log-entries.js";
import { ReplyBox } from "./reply-box.js";
import { withoutControls } from "./shown-text.js";
import { drawUrgency } from "./urgency.js";

/** @import { LogEvent } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { IconName } from "../shared/icons.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */
/** @import { Drafts } from "./drafts.js" */
/** @import { OpenConversation } from "./open-conversation.js" */

/**
 * What the pane can be asked for.
 * @typedef {object} TranscriptActions
 * @property {() => void} claim
 * @property {() => void} transfer
 * @property {() => void} giveBack
 * @property {() => void} resolve
 * @property {() => void} back
 * @property {() => void} facts
 * @property {(event: LogEvent) => void} decision
 * @property {() => void} expired
 */

const TRIM_AT = 400; // rows

export class TranscriptView {
  /** @type {OpenConversation | null} */
  #conversation = null;
  #see = () => this.noteSeen();

  /** @param {{api: DeskApi, say: Say, names: Names, drafts: Drafts, actions: TranscriptActions}} options */
  constructor({ api, say, names, drafts, actions }) {
    this.say = say;
    this.names = names;
    this.actions = actions;
    this.notice = el("p", {});
    this.log = new LogView({
      renderers: consoleRenderers({
        say,
        names,
        onDecision: actions.decision,
        onRetry: () => this.#conversation?.outbox.retry(),
        onEdit: (id) => this.#edit(this.#conversation?.outbox.withdraw(id)?.text ?? ""),
        textOf: (seq) => this.#conversation?.log.textOf(seq) ?? "",
      }),
      before: [this.notice],
      trimAt: TRIM_AT,
      onEnd: () => this.noteSeen(),
      looks: {
        listClass: "log-rows",
        label: say("transcript.log"),
        olderClass: "older quiet",
        olderTestid: "transcript-older",
        olderWords: (count) => say("transcript.older", count),
        newerWords: say("transcript.newer"),
        nearStart: 40,
      },
    });
    this.log.node.id = "transcript";
    this.access = new AccessForm({
      say,
      drafts,
      onReason: async (reason) => this.#conversation?.giveReason(reason),
      onExpired: actions.expired,
    });
    /** @param {string} name @param {string} key @param {IconName | null} glyph @param {() => void} action */
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
    this.reply = new ReplyBox({
      api,
      say,
      onSend: (text) => {
        this.log.isAtEnd = true;
        this.#conversation?.reply(text);
      },
      onChange: (text) => this.#conversation && drafts.set("reply", this.#conversation.id, text),
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
      this.log.frame,
      this.reply.node,
    );
    this.node = el("main", { class: "pane transcript", testid: "transcript" }, this.empty, this.body);
    document.addEventListener("visibilitychange", this.#see);
  }

  close() {
    this.log.close();
    document.removeEventListener("visibilitychange", this.#see);
  }

  /** @param {OpenConversation} conversation */
  show(conversation) {
    this.#conversation = conversation;
    this.log.restart();
    this.empty.hidden = true;
    this.body.hidden = false;
    this.reply.text = this.drafts.get("reply", conversation.id);
    this.access.show(conversation.id);
    this.draw();
  }

  draw() {
    if (!this.#conversation) return;
    const { say } = this;
    const { log, isMine, isWaiting, canMove, canResolve, loaded, problem, needsReason } = this.#conversation;
    this.#drawHead(this.#conversation);
    this.buttons.claim.hidden = !isWaiting;
    this.buttons.transfer.hidden = this.buttons.return.hidden = !canMove || needsReason;
    this.buttons.resolve.hidden = !canResolve || needsReason;
    this.access.node.hidden = !needsReason;
    this.facts.hidden = needsReason;
    this.log.frame.hidden = needsReason;
    this.reply.node.hidden = needsReason;
    if (this.#conversation.card) this.reply.customerLocale = this.#conversation.card.locale;
    this.reply.allow(isMine ? "mine" : isWaiting ? "waiting" : "closed");
    this.log.node.setAttribute("aria-busy", String(!loaded));
    const notice = problem ? problem.message : loaded || needsReason ? "" : say("transcript.loading");
    this.notice.className = problem ? "problem" : "muted";
    setText(this.notice, notice);
    this.notice.hidden = !notice;
    if (!loaded && log.events.length) return; // the first part of a log that is still being read
    const fresh = this.log.update(log, { isComplete: loaded }).filter((row) => row.event !== null);
    this.log.settle(fresh.at(-1) ?? null);
  }

  /** @param {OpenConversation} conversation */
  #drawHead({ id, card }) {
    const { say, names } = this;
    if (!card) return;
    // A conversation that is with the bot again has no reason and no priority.
    this.priority.hidden = !card.priority;
    drawUrgency(this.priority, card, say);
    setText(this.title, names.reason(card.reason) || names.intent(card.intent) || customerWords(id, say));
    const owner = card.status === "assigned" ? withoutControls(card.agent_name ?? "") : null;
    setText(this.state, [say(`status.${card.status}`), owner, customerWords(id, say)].filter(Boolean).join(" · "));
    this.state.title = id;
  }

  /** A refused reply goes back into the box, before what has been typed since. @param {string} text */
  #edit(text) {
    this.reply.put(this.reply.text ? `${text}\n${this.reply.text}` : text);
    this.reply.focus();
  }

  /** Called when the log may have come into sight. When its end is visible, the whole transcript counts as seen. */
  noteSeen() {
    if (!this.#conversation?.loaded || !this.log.isAtEnd || document.visibilityState === "hidden") return;
    if (this.log.node.checkVisibility?.({ visibilityProperty: true }) === false) return; // another pane covers it on a phone
    this.#conversation.log.markSeen();
  }
}
