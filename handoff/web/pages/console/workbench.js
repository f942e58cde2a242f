// The agent's three panes and what connects them: the queue, the open conversation, its facts. On a
// phone they take turns on the screen.
import { el, setText } from "../dom.js";
import { icon } from "../icons.js";
import { agentField, askDialog, noteField } from "./action-dialogs.js";
import { problemWords } from "./display-names.js";
import { FactsPanel } from "./facts-panel.js";
import { OpenConversation } from "./open-conversation.js";
import { QueueFeed } from "./queue-feed.js";
import { QueueList } from "./queue-list.js";
import { ShortcutKeys, showShortcuts } from "./shortcut-keys.js";
import { TranscriptView } from "./transcript-view.js";
import { UrgentAlert } from "./urgent-alert.js";

const RECONNECTING_AFTER_MS = 1_500;
const TOAST_MS = 4_000;
const ONE_PANE = matchMedia("(max-width: 760px)");

export class Workbench {
  #open = null;
  #busy = false;

  constructor({ api, say, names, me, store, openId, onOpened, onLocale, onSignedOut, onExpired }) {
    Object.assign(this, { api, say, names, me, store, onOpened, onExpired });
    this.feed = new QueueFeed(api);
    this.list = new QueueList({ say, names, onOpen: (id) => this.open(id) });
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
      onNote: (text) => this.#note(text),
      onBack: () => this.#pane("transcript"),
    });
    this.transcript = new TranscriptView({
      api,
      say,
      names,
      actions: {
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
    this.node = el(
      "div",
      { class: "workbench", data: { pane: "queue" } },
      this.#bar(onLocale, onSignedOut),
      this.connection,
      el(
        "div",
        { class: "panes" },
        el("nav", { class: "pane queue-pane", "aria-label": say("queue.title") }, this.list.node),
        this.transcript.node,
        this.facts.node,
      ),
      this.toast,
    );
    this.keys = new ShortcutKeys({
      move: (step) => {
        this.#pane("queue");
        this.list.move(step);
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
    if (openId) this.open(openId);
  }

  close() {
    this.keys.close();
    this.feed.close();
    this.#open?.close();
    for (const part of [this.list, this.transcript, this.facts, this.alert]) part.close();
    clearTimeout(this.late);
    clearTimeout(this.toastTimer);
  }

  shown() {}

  open(id) {
    if (this.#open?.id !== id) {
      this.#open?.close();
      const conversation = new OpenConversation({
        api: this.api,
        store: this.store,
        id,
        me: this.me,
        card: this.feed.card(id),
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

  /** Esc and the back button: out of the text box or the side pane, then to the list. */
  back() {
    const { pane } = this.node.dataset;
    if (pane === "facts") this.#pane("transcript");
    else this.#pane("queue");
    if (pane !== "facts" || !ONE_PANE.matches) this.list.focus(this.#open?.id ?? this.list.focusedId);
  }

  async claim() {
    const id = this.#open?.isWaiting ? this.#open.id : this.list.focusedId;
    if (!id) return;
    if (this.#open?.id !== id) this.open(id);
    if (await this.#try(() => this.#open.claim(), "action.claimed")) this.#reply();
  }

  transfer() {
    if (!this.#open?.isMine) return;
    const to = agentField(this.say, this.feed.queue.agents, this.me);
    const note = noteField(this.say);
    this.#ask("transfer", { fields: [to.node, note.node], onConfirm: () => this.#open.transfer(to.value, note.value) });
  }

  giveBack() {
    if (!this.#open?.isMine) return;
    const note = noteField(this.say);
    this.#ask("return", {
      text: this.say("dialog.return.text"),
      fields: [note.node],
      onConfirm: () => this.#open.giveBack(note.value),
    });
  }

  resolve() {
    if (!this.#open?.isMine) return;
    const note = noteField(this.say);
    this.#ask("resolve", {
      text: this.say("dialog.resolve.text"),
      fields: [note.node],
      onConfirm: () => this.#open.resolve(note.value),
    });
  }

  #bar(onLocale, onSignedOut) {
    const { say, me } = this;
    this.load = el("span", { class: "bar-item" });
    this.online = el("span", { class: "bar-item wide-only" });
    return el(
      "header",
      { class: "bar-top" },
      el("img", { src: "/pages/logo.svg", alt: "", width: 32, height: 32 }),
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
      el("span", { class: "bar-item me wide-only" }, me.name, el("small", {}, say(`role.${me.role}`))),
      el(
        "button",
        { type: "button", class: "quiet", testid: "sign-out", on: { click: onSignedOut } },
        say("login.sign_out"),
      ),
    );
  }

  #heard() {
    const { queue, connection, problem } = this.feed;
    this.list.draw(this.feed, this.#open?.id ?? null);
    this.alert.update(queue);
    const self = queue.agents.find((agent) => agent.login === this.me.login);
    setText(this.load, this.say("queue.load", queue.mine.length, self?.capacity ?? this.me.capacity));
    setText(this.online, this.say("queue.online", queue.agents.filter((agent) => agent.online).length));
    if (this.#open) this.#open.heard(this.feed.card(this.#open.id));
    clearTimeout(this.late);
    if (problem) {
      setText(this.connection, problem);
      this.connection.hidden = false;
    } else if (connection === "open") this.connection.hidden = true;
    else
      this.late = setTimeout(() => {
        this.connection.hidden = false;
      }, RECONNECTING_AFTER_MS);
  }

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

  async #note(text) {
    return this.#try(() => this.#open.note(text), "action.noted");
  }

  /** True when it worked; what happened is told in either case. */
  async #try(action, done) {
    if (this.#busy) return false;
    this.#busy = true;
    try {
      await action();
      this.#tell(this.say(done));
      return true;
    } catch (error) {
      if (error.status === 401) this.onExpired();
      else this.#tell(problemWords(error, this.say), true);
      return false;
    } finally {
      this.#busy = false;
    }
  }

  #ask(name, { text, fields, onConfirm }) {
    const { say } = this;
    const done = { transfer: "action.transferred", return: "action.returned", resolve: "action.resolved" }[name];
    askDialog({
      say,
      text,
      fields,
      title: say(`dialog.${name}.title`),
      confirm: say(`action.${name}`),
      testid: `${name}-dialog`,
      explain: (error) => problemWords(error, say),
      onConfirm: async () => {
        await onConfirm();
        this.#tell(say(done));
      },
    });
  }

  #tell(words, bad = false) {
    setText(this.toast, words);
    this.toast.hidden = false;
    this.toast.classList.toggle("bad", bad);
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => {
      this.toast.hidden = true;
    }, TOAST_MS);
  }

  #toggleFacts() {
    this.#pane(this.node.dataset.pane === "facts" ? "transcript" : "facts");
  }

  #pane(name) {
    this.node.dataset.pane = name;
  }
}
