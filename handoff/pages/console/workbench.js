// The agent's three panes and their connections: queue, open conversation, facts. A phone shows one pane at a time.
import { readCard } from "../shared/contract-types.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { agentField } from "./action-dialogs.js";
import { askResolveAll } from "./bulk-resolve.js";
import { problemWords } from "./display-names.js";
import { Drafts } from "./drafts.js";
import { FactsPanel } from "./facts-panel.js";
import { askLettingGo } from "./letting-go.js";
import { OpenConversation } from "./open-conversation.js";
import { isSignedOut, Outboxes } from "./outboxes.js";
import { QueueFeed } from "./queue-feed.js";
import { QueueList } from "./queue-list.js";
import { ShortcutKeys, showShortcuts } from "./shortcut-keys.js";
import { Toast } from "./toast.js";
import { TopBar } from "./top-bar.js";
import { TranscriptView } from "./transcript-view.js";
import { UrgentAlert } from "./urgent-alert.js";

const RECONNECTING_AFTER_MS = 1_500;
const ONE_PANE = matchMedia("(max-width: 760px)");

/** @import { Account, Card } from "../shared/contract-types.js" */
/** @import { BrowserStore } from "../shared/browser-store.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */

/** @typedef {"queue" | "transcript" | "facts"} PaneName */
/**
 * @typedef {object} WorkbenchOptions
 * @property {DeskApi} api
 * @property {Say} say
 * @property {Names} names
 * @property {Account} me
 * @property {BrowserStore} store
 * @property {string | null} openId  the conversation that is open at first
 * @property {(id: string) => void} onOpened  which conversation is on the page
 * @property {() => void} onLocale
 * @property {() => void} onSignedOut
 * @property {() => void} onExpired  the desk does not take this account's session for valid any more
 * @property {() => void} onReconnected  the line was cut meanwhile
 */

export class Workbench {
  /** @type {OpenConversation | null} */
  #open = null;
  #busy = false;
  /** @type {HTMLDialogElement | null} */
  #dialog = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #late;
  toast = new Toast();

  /** @param {WorkbenchOptions} options */
  constructor({ api, say, names, me, store, openId, onOpened, onLocale, onSignedOut, onExpired, onReconnected }) {
    this.api = api;
    this.say = say;
    this.names = names;
    this.me = me;
    this.onOpened = onOpened;
    this.onExpired = onExpired;
    this.isLocked = false;
    this.drafts = new Drafts(store, me.login);
    this.outboxes = new Outboxes({ api, store, me });
    this.feed = new QueueFeed(api, me);
    this.list = new QueueList({
      say,
      names,
      hasUnsent: (id) => this.outboxes.hasUnsent(id),
      onOpen: (id) => this.open(id),
      onMore: () => this.#try(() => this.feed.more()),
      onCollapsed: (id) => this.#sameAddress(id),
      onResolve: me.role === "supervisor" ? (cards) => this.#resolveAll(cards) : null,
    });
    this.alert = new UrgentAlert({
      say,
      names,
      onGo: (id) => {
        this.#pane("queue");
        this.list.focus(id);
        this.open(id);
      },
    });
    this.facts = new FactsPanel({
      say,
      names,
      drafts: this.drafts,
      onNote: (text) => this.#note(text),
      onBack: () => this.#pane("transcript"),
    });
    this.transcript = new TranscriptView({
      api,
      say,
      names,
      drafts: this.drafts,
      actions: {
        expired: onExpired,
        claim: () => this.claim(),
        transfer: () => this.transfer(),
        giveBack: () => this.giveBack(),
        resolve: () => this.resolve(),
        back: () => this.back(),
        facts: () => this.#toggleFacts(),
        decision: (event) => {
          this.facts.choose(event);
          this.#pane("facts");
        },
      },
    });
    this.connection = el("div", { class: "connection", role: "status", hidden: true }, say("console.reconnecting"));
    this.bar = new TopBar({ say, me, alert: this.alert.node, onLocale, onSignedOut });
    this.panes = el(
      "div",
      { class: "panes" },
      el("nav", { class: "pane queue-pane", "aria-label": say("queue.title") }, this.list.node),
      this.transcript.node,
      this.facts.node,
    );
    this.node = el(
      "div",
      { class: "workbench", data: { pane: "queue" } },
      this.bar.node,
      this.connection,
      this.panes,
      this.toast.node,
    );
    this.keys = new ShortcutKeys({
      move: (step) => {
        this.#pane("queue");
        this.list.move(Number(step));
      },
      claim: () => this.claim(),
      reply: () => this.#reply(),
      note: () => {
        if (this.#open) {
          this.#pane("facts");
          this.facts.focusNote();
        }
      },
      transfer: () => this.transfer(),
      return: () => this.giveBack(),
      resolve: () => this.resolve(),
      canned: () => {
        this.#pane("transcript");
        this.transcript.reply.showCanned();
      },
      help: () => showShortcuts(say),
      back: () => this.back(),
    });
    this.feed.addEventListener("change", () => this.#heard());
    this.feed.addEventListener("expired", () => onExpired());
    this.feed.addEventListener("reconnected", () => onReconnected());
    this.feed.signs.watch(document);
    this.outboxes.addEventListener("expired", () => onExpired());
    this.outboxes.addEventListener(
      "change",
      () => this.feed.loaded && this.list.draw(this.feed, this.#open?.id ?? null),
    );
    if (openId) this.open(openId);
  }

  /** Stops, and removes from the page what only a signed-in agent may read. */
  lock() {
    this.isLocked = true;
    this.close();
    this.panes.replaceChildren();
    this.alert.node.hidden = this.connection.hidden = this.toast.node.hidden = true;
  }

  close() {
    this.#dialog?.close();
    this.keys.close();
    this.feed.close();
    this.outboxes.close();
    this.#open?.close();
    for (const part of [this.list, this.transcript, this.facts, this.alert]) part.close();
    clearTimeout(this.#late);
    this.toast.close();
  }

  shown() {}

  /** @param {string} id */
  open(id) {
    if (this.#open?.id !== id) {
      this.#open?.close();
      const conversation = new OpenConversation({
        api: this.api,
        id,
        me: this.me,
        card: this.feed.card(id),
        outbox: this.outboxes.of(id),
      });
      this.#open = conversation;
      conversation.addEventListener("change", () => this.#drawOpen(conversation));
      conversation.addEventListener("expired", () => this.onExpired());
      this.transcript.show(conversation);
      this.facts.show(conversation);
      this.onOpened(id);
    }
    this.#pane("transcript");
    if (ONE_PANE.matches) this.transcript.back.focus();
    this.list.draw(this.feed, id);
  }

  /** Follows the address, when the browser's back button changed it; null: no conversation. @param {string | null} id */
  goTo(id) {
    if (this.isLocked) return;
    if (id) this.open(id);
    else this.#pane("queue");
  }

  /** Esc and the page's back button: from the text box or the side pane to the list. */
  back() {
    const { pane } = this.node.dataset;
    if (pane === "facts") this.#pane("transcript");
    else this.#pane("queue");
    if (pane !== "facts" || !ONE_PANE.matches) this.list.focus(this.#open?.id ?? this.list.focusedId);
  }

  async claim() {
    const id = this.#open?.isWaiting ? this.#open.id : this.list.focusedId;
    if (!id) return;
    this.open(id);
    if (await this.#try(() => this.#open?.claim(), "action.claimed")) this.#reply();
  }

  transfer() {
    const conversation = this.#open;
    if (!conversation?.canMove || this.#dialog?.open) return;
    const to = agentField(this.say, this.feed, conversation.card?.agent);
    this.#ask({
      name: "transfer",
      done: "action.transferred",
      conversation,
      fields: [to.node],
      act: (note) => conversation.transfer(to.value, note),
    });
  }

  giveBack() {
    const conversation = this.#open;
    if (!conversation?.canMove || this.#dialog?.open) return;
    this.#ask({
      name: "return",
      done: "action.returned",
      conversation,
      act: (note, seenSeq) => conversation.giveBack(note, seenSeq),
    });
  }

  resolve() {
    const conversation = this.#open;
    if (!conversation?.canResolve || this.#dialog?.open) return;
    this.#ask({
      name: "resolve",
      done: "action.resolved",
      conversation,
      act: (note, seenSeq) => conversation.resolve(note, seenSeq),
    });
  }

  /** @param {Pick<Parameters<typeof askLettingGo>[0], "name" | "conversation" | "fields" | "act"> & {done: string}} question */
  #ask({ done, ...question }) {
    this.#dialog = askLettingGo({
      ...question,
      say: this.say,
      drafts: this.drafts,
      explain: (error) => this.#explain(error),
      onDone: () => this.toast.show(this.say(done)),
    });
  }

  #heard() {
    const { connection, problem } = this.feed;
    this.list.draw(this.feed, this.#open?.id ?? null);
    this.alert.update(this.feed);
    this.bar.update(this.feed);
    if (this.#open) this.#open.heard(this.feed.card(this.#open.id));
    clearTimeout(this.#late);
    if (problem) {
      setText(this.connection, problem);
      this.connection.hidden = false;
    } else if (connection === "open") this.connection.hidden = true;
    else
      this.#late = setTimeout(() => {
        this.connection.hidden = false;
      }, RECONNECTING_AFTER_MS);
  }

  /** @param {OpenConversation} conversation */
  #drawOpen(conversation) {
    if (conversation !== this.#open) return;
    this.transcript.draw();
    this.facts.draw();
  }

  #reply() {
    if (!this.#open) return;
    this.#pane("transcript");
    this.transcript.reply.focus();
  }

  /** @param {string} text */
  async #note(text) {
    return this.#try(() => this.#open?.note(text), "action.noted");
  }

  /**
   * Runs `action` and shows the result. Returns whether it succeeded.
   * @param {() => unknown} action
   * @param {string | null} [done]  the key of what to say when it worked
   */
  async #try(action, done = null) {
    if (this.#busy) return false;
    this.#busy = true;
    try {
      await action();
      if (done) this.toast.show(this.say(done));
      return true;
    } catch (error) {
      this.toast.show(this.#explain(error), { isProblem: true });
      return false;
    } finally {
      this.#busy = false;
    }
  }

  /** @param {unknown} error */
  #explain(error) {
    const failure = DeskError.of(error);
    if (isSignedOut(failure)) this.onExpired();
    return problemWords(failure, this.say);
  }

  /** The cards of the urgent cases from the address of one; null when they could not be read. @param {string} id @returns {Promise<Card[] | null>} */
  async #sameAddress(id) {
    try {
      const { waiting } = await this.api.get(`/api/queue?same_address=${encodeURIComponent(id)}`);
      return waiting.map(readCard);
    } catch (error) {
      this.toast.show(this.#explain(error), { isProblem: true });
      return null;
    }
  }

  /** Replaces a group card by the cards of its conversations: each is shown before it is resolved. @param {Card[]} cards */
  async #resolveAll(cards) {
    if (this.#dialog?.open) return;
    const alike = await Promise.all(
      cards.map((card) => ((card.same_address ?? 1) > 1 ? this.#sameAddress(card.id) : [card])),
    );
    if (alike.includes(null) || this.#dialog?.open) return;
    this.#dialog = askResolveAll({
      api: this.api,
      say: this.say,
      drafts: this.drafts,
      cards: alike.flatMap((each) => each ?? []),
      explain: (error) => this.#explain(error),
      onDone: (count) => {
        this.list.endSelecting();
        this.toast.show(this.say("bulk.done", count));
      },
    });
  }

  #toggleFacts() {
    this.#pane(this.node.dataset.pane === "facts" ? "transcript" : "facts");
  }

  /** @param {PaneName} name */
  #pane(name) {
    this.node.dataset.pane = name;
    this.transcript.noteSeen();
  }
}
