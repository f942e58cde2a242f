// The middle pane: head, transcript and reply box of the open conversation.
import { el, setText } from "../shared/dom.js";
import { LogView } from "../shared/log-view.js";
import { AccessForm } from "./access-form.js";
import { ConversationHead } from "./conversation-head.js";
import { consoleRenderers } from "./log-entries.js";
import { ReplyBox } from "./reply-box.js";
import { StaleReply } from "./stale-reply.js";
import { TranscriptRows } from "./transcript-rows.js";
import { Whispers } from "./whispers.js";

/** @import { Account, LogEvent } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { HeadActions } from "./conversation-head.js" */
/** @import { Names } from "./display-names.js" */
/** @import { Drafts } from "./drafts.js" */
/** @import { NewNote } from "./note-box.js" */
/** @import { OpenConversation } from "./open-conversation.js" */
/** @import { QueueFeed } from "./queue-feed.js" */
/** @import { ReadingPlaces } from "./reading-places.js" */

/**
 * What the pane can be asked for.
 * @typedef {object} PaneActions
 * @property {(event: LogEvent) => void} decision
 * @property {(id: string, note: NewNote) => Promise<boolean>} note  id: of the conversation; resolves to whether it was saved
 * @property {() => void} articles
 * @property {() => void} expired
 */
/** @typedef {HeadActions & PaneActions} TranscriptActions */

const TRIM_AT = 400; // rows

export class TranscriptView {
  /** @type {OpenConversation | null} */
  #conversation = null;
  #see = () => this.noteSeen();
  #unwatch = () => {};
  /** The event to show as soon as the log is there. @type {number | null} */
  #wanted = null;

  /**
   * @param {object} options
   * @param {DeskApi} options.api
   * @param {Say} options.say
   * @param {Names} options.names
   * @param {Account} options.me
   * @param {Drafts} options.drafts
   * @param {ReadingPlaces} options.places
   * @param {QueueFeed} options.feed
   * @param {() => number} [options.now]  the desk's time in ms
   * @param {TranscriptActions} options.actions
   */
  constructor({ api, say, names, me, drafts, places, feed, now, actions }) {
    this.say = say;
    this.me = me;
    this.drafts = drafts;
    this.places = places;
    this.notice = el("p", {});
    const renderers = consoleRenderers({
      say,
      names,
      onDecision: actions.decision,
      onRetry: () => this.#conversation?.outbox.retry(),
      onEdit: (id) => this.#edit(this.#conversation?.outbox.withdraw(id)?.text ?? ""),
      textOf: (seq) => this.#conversation?.log.textOf(seq) ?? "",
      isEpisodeOpen: (key) => this.rows.isOpen(key),
      onEpisode: (key) => {
        this.log.isAtEnd = false; // what opens is read from its beginning
        this.rows.toggle(key);
        this.log.redraw();
      },
    });
    this.rows = new TranscriptRows(renderers, { trimAt: TRIM_AT });
    this.log = new LogView({
      renderers,
      rows: this.rows,
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
    this.head = new ConversationHead({ say, names, actions, claimer: feed, now });
    this.back = this.head.back;
    this.reply = new ReplyBox({
      api,
      say,
      names,
      drafts,
      colleagues: () => feed.agents.filter(({ login }) => login !== me.login),
      onSend: (text, id) => this.#send(text, id),
      onChange: (text) => {
        if (!this.#conversation) return;
        drafts.set("reply", this.#conversation.id, text);
        if (text) this.#conversation.looking.typed();
        else this.#conversation.looking.rested();
      },
      onNote: actions.note,
      onArticles: actions.articles,
    });
    this.stale = new StaleReply({ say, me, onTakeBack: (text) => this.#edit(text) });
    this.whispers = new Whispers({ say, login: me.login, places });
    this.empty = el(
      "div",
      { class: "empty" },
      el("p", {}, say("transcript.empty")),
      el("p", { class: "muted wide-only" }, say("transcript.empty.hint")),
    );
    this.body = el(
      "div",
      { class: "transcript-body", hidden: true },
      this.head.node,
      this.access.node,
      this.log.frame,
      this.whispers.node,
      this.stale.node,
      this.reply.node,
    );
    this.node = el("main", { class: "pane transcript", testid: "transcript" }, this.empty, this.body);
    document.addEventListener("visibilitychange", this.#see);
  }

  close() {
    this.#unwatch();
    this.head.close();
    this.log.close();
    document.removeEventListener("visibilitychange", this.#see);
  }

  /** @param {OpenConversation} conversation @param {number | null} [seq]  the event to bring into sight */
  show(conversation, seq = null) {
    this.#conversation = conversation;
    this.#wanted = seq;
    this.#unwatch();
    this.rows.restart(this.places.get(conversation.id));
    this.log.restart();
    this.empty.hidden = true;
    this.body.hidden = false;
    this.reply.show(conversation, this.drafts.get("reply", conversation.id));
    // The same conversation in another tab of this browser: what is sent or typed there must not be sent here again.
    this.#unwatch = this.drafts.watch("reply", conversation.id, (text) => {
      if (!document.hasFocus()) this.reply.text = text;
    });
    this.stale.show();
    this.access.show(conversation.id);
    this.draw();
  }

  /** Brings an event of the open conversation into sight. @param {number} seq */
  reveal(seq) {
    this.#wanted = seq;
    this.#revealWanted();
  }

  draw() {
    const conversation = this.#conversation;
    if (!conversation) return;
    const { log, isMine, isWaiting, loaded, problem, needsReason, card } = conversation;
    this.head.draw(conversation);
    this.access.node.hidden = !needsReason;
    this.log.frame.hidden = this.reply.node.hidden = needsReason;
    this.whispers.node.hidden ||= needsReason;
    if (card) this.reply.customerLocale = card.locale;
    this.reply.note.whisperTo =
      this.me.role === "supervisor" && card?.status === "assigned" && !isMine ? (card.agent_name ?? null) : null;
    this.reply.allow(isMine ? "mine" : isWaiting ? "waiting" : "closed");
    this.log.node.setAttribute("aria-busy", String(!loaded));
    const notice = problem ? problem.message : loaded || needsReason ? "" : this.say("transcript.loading");
    this.notice.className = problem ? "problem" : "muted";
    setText(this.notice, notice);
    this.notice.hidden = !notice;
    // Before the log: what stands below it takes room from it.
    if (loaded) this.stale.draw(conversation);
    if (loaded && !needsReason) this.whispers.draw(conversation.id, log.events);
    if (!loaded && log.events.length) return; // the first part of a log that is still being read
    const fresh = this.log.update(log, { isComplete: loaded }).filter((row) => row.event !== null);
    this.log.settle(fresh.at(-1) ?? null);
    this.#revealWanted();
  }

  /**
   * Sends a reply to the conversation for which it was typed.
   * @param {string} text
   * @param {string} id
   */
  #send(text, id) {
    const conversation = this.#conversation;
    if (conversation?.id !== id) throw new Error("the reply box belongs to another conversation");
    conversation.reply(text); // with what the agent has seen: before the log moves to its end
    this.log.isAtEnd = true;
    this.stale.show();
  }

  #revealWanted() {
    if (this.#wanted === null || !this.#conversation?.loaded) return;
    const key = this.rows.reach(this.#wanted);
    this.#wanted = null;
    if (key === null) return;
    this.log.redraw();
    this.log.reveal(key);
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
    this.places.set(this.#conversation.id, this.#conversation.log.seenSeq);
  }
}
