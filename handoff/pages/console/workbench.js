// The agent's three panes and their connections: queue, open conversation, facts. A phone shows one pane at a time.
import { readEvents } from "../shared/contract-types.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { agentField, askDialog, lastSeqOf, noteField, unreadMessages } from "./action-dialogs.js";
import { askResolveAll } from "./bulk-resolve.js";
import { problemWords } from "./display-names.js";
import { Drafts } from "./drafts.js";
import { FactsPanel } from "./facts-panel.js";
import { OpenConversation } from "./open-conversation.js";
import { isSignedOut, Outboxes } from "./outboxes.js";
import { QueueFeed } from "./queue-feed.js";
import { QueueList } from "./queue-list.js";
import { ShortcutKeys, showShortcuts } from "./shortcut-keys.js";
import { isolated } from "./shown-text.js";
import { TranscriptView } from "./transcript-view.js";
import { UrgentAlert } from "./urgent-alert.js";

const RECONNECTING_AFTER_MS = 1_500;
const TOAST_MS = 4_000;
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

const DONE = { transfer: "action.transferred", return: "action.returned", resolve: "action.resolved" };

export class Workbench {
  /** @type {OpenConversation | null} */
  #open = null;
  #busy = false;
  /** @type {HTMLDialogElement | null} */
  #dialog = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #late;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #toastTimer;

  /** @param {WorkbenchOptions} options */
  constructor({ api, say, names, me, store, openId, onOpened, onLocale, onSignedOut, onExpired, onReconnected }) {
    this.api = api;
    this.say = say;
    this.names = names;
    this.me = me;
    this.onOpened = onOpened;
    this.onExpired = onExpired;
    this.isLocked = false;
    this.load = el("span", { class: "bar-item" });
    this.online = el("span", { class: "bar-item wide-only" });
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
    this.toast = el("div", { class: "toast", role: "status", testid: "toast", hidden: true });
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
      this.#bar(onLocale, onSignedOut),
      this.connection,
      this.panes,
      this.toast,
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
    this.alert.node.hidden = this.connection.hidden = this.toast.hidden = true;
  }

  close() {
    this.#dialog?.close();
    this.keys.close();
    this.feed.close();
    this.outboxes.close();
    this.#open?.close();
    for (const part of [this.list, this.transcript, this.facts, this.alert]) part.close();
    clearTimeout(this.#late);
    clearTimeout(this.#toastTimer);
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
    this.#ask("transfer", conversation, {
      fields: [to.node],
      act: (note) => conversation.transfer(to.value, note),
    });
  }

  giveBack() {
    const conversation = this.#open;
    if (!conversation?.canMove || this.#dialog?.open) return;
    this.#ask("return", conversation, { act: (note, seenSeq) => conversation.giveBack(note, seenSeq) });
  }

  resolve() {
    const conversation = this.#open;
    if (!conversation?.canResolve || this.#dialog?.open) return;
    this.#ask("resolve", conversation, { act: (note, seenSeq) => conversation.resolve(note, seenSeq) });
  }

  /** @param {() => void} onLocale @param {() => void} onSignedOut */
  #bar(onLocale, onSignedOut) {
    const { say, me } = this;
    return el(
      "header",
      { class: "bar-top" },
      el("img", { src: "/pages/shared/logo.svg", alt: "", width: 32, height: 32 }),
      el("h1", {}, say("console.title")),
      this.alert.node,
      el("span", { class: "spacer" }),
      this.load,
      this.online,
      el(
        "button",
        {
          type: "button",
          class: "icon-button wide-only",
          "aria-label": say("shortcuts.title"),
          title: `${say("shortcuts.title")} (?)`,
          testid: "shortcuts-open",
          on: { click: () => showShortcuts(say) },
        },
        icon("keyboard", { size: 22 }),
      ),
      el(
        "button",
        { type: "button", class: "quiet", lang: say.locale === "en" ? "zh-CN" : "en", on: { click: onLocale } },
        say("console.switch"),
      ),
      el("span", { class: "bar-item me wide-only" }, isolated(me.name), el("small", {}, say(`role.${me.role}`))),
      el(
        "button",
        { type: "button", class: "quiet", testid: "sign-out", on: { click: onSignedOut } },
        say("login.sign_out"),
      ),
    );
  }

  #heard() {
    const { agents, mine, connection, problem } = this.feed;
    this.list.draw(this.feed, this.#open?.id ?? null);
    this.alert.update(this.feed);
    const self = agents.find((agent) => agent.login === this.me.login);
    setText(this.load, this.say("queue.load", mine.length, self?.capacity ?? this.me.capacity));
    setText(this.online, this.say("queue.online", agents.filter((agent) => agent.online).length));
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
      if (done) this.#tell(this.say(done));
      return true;
    } catch (error) {
      this.#tell(this.#explain(error), true);
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

  /**
   * Asks before an action. When the desk refuses it because of unread messages, the dialog shows them and asks again.
   * @param {keyof typeof DONE} name
   * @param {OpenConversation} conversation
   * @param {{fields?: HTMLElement[], act: (note: string, seenSeq: number) => Promise<void>}} what
   */
  #ask(name, conversation, { fields = [], act }) {
    const { say } = this;
    const note = noteField(say, this.drafts, name, conversation.id);
    const isOthers = !conversation.isMine && conversation.card?.status === "assigned";
    let { seenSeq } = conversation.log; // messages that arrive behind the open dialog are unread
    this.#dialog = askDialog({
      say,
      text: say.knows(`dialog.${name}.text`) ? say(`dialog.${name}.text`) : null,
      warning: isOthers ? say("dialog.others", conversation.card?.agent_name ?? "") : null,
      fields: [...fields, note.node],
      title: say(`dialog.${name}.title`),
      confirm: say(`action.${name}`),
      testid: `${name}-dialog`,
      explain: (error) => this.#explain(error),
      onConfirm: async () => {
        try {
          await act(note.value, seenSeq);
        } catch (error) {
          const { code, details } = DeskError.of(error);
          if (code !== "unread" || !details.unread?.length) throw error;
          const unread = readEvents(details.unread);
          seenSeq = lastSeqOf(unread, seenSeq);
          return { node: unreadMessages(unread, say), confirm: say(`dialog.${name}.anyway`) };
        }
        note.clear();
        this.#tell(say(DONE[name]));
        return null;
      },
    });
  }

  /** The cards of the urgent cases from the address of one; null when they could not be read. @param {string} id @returns {Promise<Card[] | null>} */
  async #sameAddress(id) {
    try {
      return (await this.api.get(`/api/queue?same_address=${encodeURIComponent(id)}`)).waiting;
    } catch (error) {
      this.#tell(this.#explain(error), true);
      return null;
    }
  }

  /** A card that stands for several conversations is replaced by theirs: each is shown before it is resolved. @param {Card[]} cards */
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
        this.#tell(this.say("bulk.done", count));
      },
    });
  }

  /** @param {string} words @param {boolean} [bad] */
  #tell(words, bad = false) {
    setText(this.toast, words);
    this.toast.hidden = false;
    this.toast.classList.toggle("bad", bad);
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => {
      this.toast.hidden = true;
    }, TOAST_MS);
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
