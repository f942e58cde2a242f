// The agent's three panes and their connections: queue, open conversation, facts. A phone shows one pane at a time.
import { readCard } from "../shared/contract-types.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { askResolveAll } from "./bulk-resolve.js";
import { ConversationActions } from "./conversation-actions.js";
import { problemWords } from "./display-names.js";
import { Drafts } from "./drafts.js";
import { DueChip } from "./due-chip.js";
import { FactsPanel } from "./facts-panel.js";
import { endedIn } from "./list-rows.js";
import { MentionList } from "./mention-list.js";
import { News, titleWords } from "./news.js";
import { Notices } from "./notices.js";
import { OpenConversation } from "./open-conversation.js";
import { isSignedOut, Outboxes } from "./outboxes.js";
import { PaneTabs } from "./pane-tabs.js";
import { PresenceSwitch } from "./presence-switch.js";
import { QueueActions } from "./queue-actions.js";
import { QueueFeed } from "./queue-feed.js";
import { QueueList } from "./queue-list.js";
import { MINE, SavedViews } from "./queue-views.js";
import { ReadMarks } from "./read-marks.js";
import { ReadingPlaces } from "./reading-places.js";
import { SearchDialog } from "./search-dialog.js";
import { ShortcutKeys, showShortcuts } from "./shortcut-keys.js";
import { Toast } from "./toast.js";
import { TopBar } from "./top-bar.js";
import { TranscriptView } from "./transcript-view.js";

const RECONNECTING_AFTER_MS = 1_500;
const DRAW_MS = 200;
const ONE_PANE = matchMedia("(max-width: 760px)");

/** @import { Account, Card } from "../shared/contract-types.js" */
/** @import { BrowserStore } from "../shared/browser-store.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */

/** @typedef {"queue" | "mine" | "transcript" | "facts"} PaneName */
/**
 * @typedef {object} WorkbenchOptions
 * @property {DeskApi} api
 * @property {Say} say
 * @property {Names} names
 * @property {Account} me
 * @property {BrowserStore} store
 * @property {string | null} openId  the conversation that is open at first
 * @property {string} view  of the list, at first
 * @property {(id: string | null) => void} onOpened  which conversation is on the page
 * @property {(view: string) => void} onView  which view the list shows
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
  #isDrawPlanned = false;
  #drawnAt = -DRAW_MS;
  /** The card that the open conversation was told last. @type {Card | null} */
  #told = null;
  #search = () => this.search.open();
  /** The list from which a phone's conversation was opened. @type {"queue" | "mine"} */
  #listPane = "queue";

  /** @param {WorkbenchOptions} options */
  constructor(options) {
    const { api, say, names, me, store, openId, view, onOpened, onView, onLocale, onSignedOut, onExpired } = options;
    this.api = api;
    this.say = say;
    this.names = names;
    this.me = me;
    this.onOpened = onOpened;
    this.onView = onView;
    this.toast = new Toast(say);
    this.onExpired = onExpired;
    this.isLocked = false;
    this.drafts = new Drafts(store, me.login);
    this.outboxes = new Outboxes({ api, store, me });
    this.feed = new QueueFeed(api, me);
    this.marks = new ReadMarks(store, me.login);
    this.news = new News(me.login);
    const now = () => this.feed.clock.now();
    this.list = new QueueList({
      say,
      names,
      me,
      saved: new SavedViews(store, me.login),
      now,
      hasUnsent: (id) => this.outboxes.hasUnsent(id),
      isUnread: (card) => this.marks.isUnread(card),
      onOpen: (id) => this.open(id),
      onMore: () => this.#readMore(),
      onCollapsed: (id) => this.#sameAddress(id),
      onEnded: (isAgain) => this.#ended(isAgain),
      onAccept: (id) => this.queueActions.accept(id),
      onDecline: (id) => this.queueActions.decline(id),
      onView,
      onResolve: me.role === "supervisor" ? (cards) => this.#resolveAll(cards) : null,
    });
    this.queueActions = new QueueActions({
      api,
      say,
      me,
      feed: this.feed,
      list: this.list,
      opened: () => this.#open,
      open: (id) => this.open(id),
      reply: () => this.#reply(),
      tell: (words) => this.toast.show(words),
      run: (action, done) => this.#try(action, done),
    });
    this.notices = new Notices({ say, names, store, login: me.login, onGo: (id) => this.open(id) });
    this.due = new DueChip({ say, now, onGo: (id) => this.open(id) });
    this.mentions = new MentionList({ say, onOpen: (id) => this.open(id) });
    this.presence = new PresenceSwitch({
      api,
      say,
      onProblem: (error) => {
        this.toast.show(this.#explain(error), { isProblem: true });
        this.presence.update(this.feed.self);
      },
    });
    this.actions = new ConversationActions({
      api,
      say,
      names,
      me,
      drafts: this.drafts,
      feed: this.feed,
      toast: this.toast,
      current: () => this.#open,
      onOpen: (id) => this.open(id),
      onResolved: () => this.openNext(),
      judgement: (mark) => this.facts.judgement(mark),
      explain: (error) => this.#explain(error),
    });
    this.search = new SearchDialog({
      api,
      say,
      names,
      onOpen: (id, seq) => this.open(id, seq),
      onExpired,
    });
    document.addEventListener("console:search", this.#search);
    this.facts = new FactsPanel({
      api,
      say,
      names,
      me,
      actions: {
        back: () => this.#pane("transcript"),
        insert: (article) => {
          this.#pane("transcript");
          this.transcript.reply.insert(article.text, article);
        },
        reply: () => this.#reply(),
        reveal: (seq) => {
          this.#pane("transcript");
          this.transcript.reveal(seq);
        },
        open: (id) => this.open(id),
        link: () => this.actions.link(),
        unlink: (id) => this.actions.unlink(id),
        mark: (mark) => this.actions.mark(mark),
        tell: (words, how) => this.toast.show(words, how),
        explain: (error) => this.#explain(error),
      },
    });
    this.transcript = new TranscriptView({
      api,
      say,
      names,
      me,
      drafts: this.drafts,
      places: new ReadingPlaces(store, me.login),
      feed: this.feed,
      now,
      actions: {
        expired: onExpired,
        claim: () => this.queueActions.claim(),
        decline: () => this.#open && this.queueActions.decline(this.#open.id),
        assign: () => this.actions.assign(),
        transfer: () => this.actions.transfer(),
        giveBack: () => this.actions.giveBack(),
        resolve: () => this.actions.resolve(),
        note: (id, note) => this.actions.note(id, note),
        refused: (why) => this.toast.show(why, { isProblem: true }),
        articles: () => this.#articles(),
        back: () => this.back(),
        facts: () => this.#toggleFacts(),
        decision: (event) => {
          this.facts.choose(event);
          this.#pane("facts");
        },
      },
    });
    this.connection = el("div", { class: "connection", role: "status", hidden: true }, say("console.reconnecting"));
    this.bar = new TopBar({
      say,
      me,
      due: this.due.node,
      mentions: this.mentions.node,
      presence: this.presence.node,
      notices: [this.notices.sound, this.notices.desktop],
      onSearch: askSearch,
      onLocale,
      onSignedOut,
    });
    this.tabs = new PaneTabs({
      say,
      onPane: (name) => {
        this.#pane(name);
        if (name === "mine" || name === "queue") this.#listed(name);
        else if (this.#open) onOpened(this.#open.id);
      },
    });
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
      this.tabs.node,
      this.toast.node,
      this.notices.spoken,
    );
    this.transcript.node.addEventListener("keydown", (event) => this.#sentAndNext(event));
    this.keys = new ShortcutKeys({
      move: (step) => {
        this.#pane("queue");
        this.list.move(step);
      },
      urgent: () => this.queueActions.urgent(),
      next: () => this.queueActions.next(),
      slot: (place) => this.queueActions.slot(place),
      claim: () => this.queueActions.claim(),
      greet: () => this.queueActions.greet(),
      decline: () => this.queueActions.decline(),
      undo: () => this.toast.undo() || this.toast.show(say("toast.nothing")),
      presence: () => this.presence.open(),
      search: askSearch,
      reply: () => this.#reply(),
      note: () => {
        if (!this.#open) return;
        this.#pane("transcript");
        this.transcript.reply.showNote();
      },
      articles: () => this.#articles(),
      mark_late: () => this.actions.mark("late_handoff"),
      mark_needless: () => this.actions.mark("needless_handoff"),
      mark_article: () => this.actions.mark("wrong_article"),
      link: () => this.actions.link(),
      transfer: () => this.actions.transfer(),
      return: () => this.actions.giveBack(),
      resolve: () => this.actions.resolve(),
      canned: () => {
        this.#pane("transcript");
        this.transcript.reply.showCanned();
      },
      help: () => showShortcuts(say),
      back: () => this.back(),
    });
    this.feed.addEventListener("change", () => this.#heard());
    this.feed.addEventListener("expired", () => onExpired());
    this.feed.addEventListener("reconnected", () => options.onReconnected());
    this.feed.signs.watch(document);
    this.outboxes.addEventListener("expired", () => onExpired());
    this.outboxes.addEventListener(
      "change",
      () => this.feed.loaded && this.list.draw(this.feed, this.#open?.id ?? null),
    );
    this.list.showView(view);
    if (openId) this.open(openId);
    else this.#pane(view === MINE ? "mine" : "queue");
  }

  /** Stops, and removes from the page what only a signed-in agent may read. */
  lock() {
    this.isLocked = true;
    this.close();
    this.panes.replaceChildren();
    for (const node of [this.due.node, this.mentions.node, this.connection, this.tabs.node]) node.hidden = true;
  }

  close() {
    this.#dialog?.close();
    this.actions.close();
    this.search.close();
    document.removeEventListener("console:search", this.#search);
    this.keys.close();
    this.feed.close();
    this.outboxes.close();
    this.#open?.close();
    const parts = [this.list, this.transcript, this.facts, this.due, this.notices, this.toast];
    for (const part of parts) part.close();
    clearTimeout(this.#late);
    document.title = this.say("console.title");
  }

  shown() {}

  /** @param {string} id @param {number | null} [seq]  the event of its log to bring into sight */
  open(id, seq = null) {
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
      this.transcript.show(conversation, seq);
      this.facts.show(conversation);
    } else if (seq !== null) this.transcript.reveal(seq);
    this.onOpened(id);
    this.#pane("transcript");
    if (ONE_PANE.matches) this.transcript.back.focus();
    this.list.draw(this.feed, id);
  }

  /** Follows the address, when the browser's back button changed it. @param {string | null} id  null: no conversation @param {string} view */
  goTo(id, view) {
    if (this.isLocked) return;
    this.list.showView(view);
    if (id) this.open(id);
    else this.#pane(view === MINE ? "mine" : "queue");
  }

  /** Esc and the page's back button: from the text box or the side pane to the list. */
  back() {
    const { pane } = this.node.dataset;
    if (pane === "facts") this.#pane("transcript");
    else this.#listed(this.#listPane);
    if (pane !== "facts" || !ONE_PANE.matches) this.list.focus(this.#open?.id ?? this.list.focusedId);
  }

  /** Shows a list. On a phone no conversation is on the page then: the address says so. @param {"queue" | "mine"} name */
  #listed(name) {
    this.#pane(name);
    if (!ONE_PANE.matches) return;
    this.onOpened(null);
    this.onView(name === "mine" ? MINE : this.list.view);
  }

  /** Opens the agent's next conversation that needs an answer; returns whether there is one. */
  openNext() {
    return this.queueActions.openNext();
  }

  #heard() {
    const { connection, problem } = this.feed;
    // In a background tab nothing is drawn, but the title and the notices must still call.
    this.notices.tell(this.news.hear(this.feed));
    document.title = titleWords(this.feed, this.say);
    this.#tellOpen();
    this.#planDraw();
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

  /** Hands the open conversation its card, only when that card has changed: otherwise each change of the queue draws all panes. */
  #tellOpen() {
    const card = this.#open ? this.feed.card(this.#open.id) : null;
    if (card === this.#told) return;
    this.#told = card;
    this.#open?.heard(card);
  }

  /** Draws soon, and in a storm of changes only some times a second: frames are for what the agent types. */
  #planDraw() {
    if (this.#isDrawPlanned) return;
    this.#isDrawPlanned = true;
    const draw = () => {
      this.#isDrawPlanned = false;
      this.#drawnAt = performance.now();
      if (!this.isLocked) this.#drawQueue();
    };
    const wait = this.#drawnAt + DRAW_MS - performance.now();
    if (wait > 0) setTimeout(() => requestAnimationFrame(draw), wait);
    else requestAnimationFrame(draw);
  }

  #drawQueue() {
    const { feed } = this;
    if (feed.loaded) this.marks.keepOnly(feed.mine);
    this.#noteRead();
    this.list.draw(feed, this.#open?.id ?? null);
    this.due.update(feed);
    this.mentions.draw(feed.mentions);
    this.transcript.reply.note.colleaguesChanged();
    this.presence.update(feed.self);
    this.bar.update(feed);
    this.tabs.count(feed.waitingTotal, feed.mine.filter((card) => card.unanswered).length);
    this.#seeMention();
  }

  /** What is on the screen has been read. */
  #noteRead() {
    if (this.#open?.isMine && document.visibilityState !== "hidden")
      this.marks.note(this.#open.id, this.#open.log.seenSeq);
  }

  /** Opening a conversation settles the mention in it. */
  #seeMention() {
    const id = this.#open?.id;
    if (!id || !this.#open?.loaded || !this.feed.seeMentions(id)) return;
    this.mentions.draw(this.feed.mentions);
    this.api.post("/api/mentions/seen", { conversation_id: id }).catch(() => {}); // the next opening tells it again
  }

  /** @param {OpenConversation} conversation */
  #drawOpen(conversation) {
    if (conversation !== this.#open) return;
    this.transcript.draw();
    this.facts.draw();
    this.#planDraw(); // what is read now is no longer marked as unread
  }

  /** Ctrl+Enter in the reply box has sent the text; what was refused stays in the box, and with it the agent. @param {KeyboardEvent} event */
  #sentAndNext(event) {
    const { composer, text } = this.transcript.reply;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    if (event.target === composer.input && !text) this.queueActions.sentAndNext();
  }

  #reply() {
    if (!this.#open) return;
    this.#pane("transcript");
    this.transcript.reply.focus();
  }

  #articles() {
    if (!this.#open) return;
    this.#pane("facts");
    this.facts.focusArticles();
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

  /** Reads the next page of the queue; resolves to whether it could be read. */
  async #readMore() {
    try {
      await this.feed.more();
      return true;
    } catch (error) {
      this.toast.show(this.#explain(error), { isProblem: true });
      return false;
    }
  }

  /** Conversations that this agent has ended, the newest first; null when another reading failed. @param {boolean} isAgain */
  async #ended(isAgain) {
    try {
      return endedIn(await this.api.get(`/api/search?agent=${encodeURIComponent(this.me.login)}`));
    } catch (error) {
      if (isAgain) return null;
      this.toast.show(this.#explain(error), { isProblem: true });
      return [];
    }
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
      names: this.names,
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
    if (name === "mine" || name === "queue") this.#listPane = name;
    this.tabs.draw(name, this.#open !== null);
    this.transcript.noteSeen();
  }
}

/** Asks for the search over all conversations, which another part of the page shows. */
const askSearch = () => void document.dispatchEvent(new CustomEvent("console:search"));
