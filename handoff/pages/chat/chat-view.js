// The chat's panel: header, status, the messages and the box to write in. It draws a Conversation and
// passes on what the customer does; it remembers nothing but what is on the screen.
import { Composer } from "../shared/composer.js";
import { el, setText, syncChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { messageLines } from "../shared/message-text.js";
import { MessageBubble } from "./message-bubble.js";
import { RatingCard } from "./rating-card.js";
import { StatusBar } from "./status-bar.js";
import { transcriptItems } from "./transcript.js";

const LOGO = new URL("/pages/shared/logo.svg", import.meta.url).href;
const NEAR_END_PX = 80;
// Less than this out of sight below is no more than the room under the last line.
const CUT_OFF_PX = 24;
const NEAR_START_PX = 240;
const SLOW_MS = 12_000;
// Events on the page at first, and how many older ones come with one step back.
const PAGE = 100;
// What is out of sight above is taken off again when it has become this many.
const MOST_AT_THE_END = 2 * PAGE;
// A wish for a person that failed is tried again when the desk answers, but not long after it was forgotten.
const WISH_LASTS_MS = 5 * 60_000;
const DEFAULT_PAUSE_S = 10;

export class ChatView {
  #shown = new Map(); // key -> {node, update(item)}
  #from = 0; // index of the first event on the page
  #log = null; // the array of events that #from belongs to
  #hasHistory = false; // whether what the desk had at first is on the page
  #hintsAtRest = false; // whether the button below tells of the rest of a message, not of new ones
  #followed = null; // the message that was last brought into sight
  #asking = false;
  #wishedAt = null; // when a person was asked for in vain, in ms of Date.now()
  #wishTimer = null;
  #rating = null; // {seq, node}

  constructor({ conversation, say, drafts, onClose }) {
    this.conversation = conversation;
    this.say = say;
    this.subtitle = el("div", { class: "subtitle" });
    this.human = el("button", {
      type: "button",
      class: "human-entry",
      testid: "chat-human",
      on: { click: () => this.#askForPerson() },
    });
    this.statusBar = new StatusBar({
      say,
      onCancel: (options) => conversation.cancelQueue(options),
      onUndo: () => conversation.undoCancel(),
    });
    this.messages = el("ol", { class: "messages", role: "list" });
    this.typing = el("div", { class: "tail" });
    this.ratingSlot = el("div", { class: "tail" });
    this.older = el(
      "button",
      { type: "button", class: "older", testid: "chat-older", hidden: true, on: { click: () => this.#showOlder() } },
      icon("up", { size: 16 }),
      say("chat.older"),
    );
    this.log = el(
      "div",
      {
        class: "log",
        role: "log",
        "aria-live": "polite",
        "aria-label": say("chat.log"),
        tabindex: 0,
        "aria-busy": true,
        on: { scroll: () => this.#scrolled() },
      },
      this.older,
      this.messages,
      this.typing,
      this.ratingSlot,
    );
    this.newer = el(
      "button",
      { type: "button", class: "newer", hidden: true, on: { click: () => this.#toEnd() } },
      icon("down", { size: 16 }),
      (this.newerWords = el("span")),
    );
    this.composer = new Composer({
      say,
      placeholder: say("chat.input"),
      testids: { input: "chat-input", send: "chat-send" },
      onSend: (text) => this.#send(() => conversation.send(text)),
    });
    this.composer.keepDraft(drafts, "draft");
    this.node = el(
      "section",
      { class: "panel", role: "dialog", "aria-label": say("chat.name"), testid: "chat-panel", tabindex: -1 },
      el(
        "header",
        {},
        el("img", { class: "logo", src: LOGO, alt: "", width: 36, height: 36 }),
        el("div", { class: "heading" }, el("h2", {}, say("chat.name")), this.subtitle),
        this.human,
        el(
          "button",
          {
            type: "button",
            class: "icon-button",
            testid: "chat-close",
            "aria-label": say("chat.close"),
            on: { click: onClose },
          },
          icon("minimise", { size: 22 }),
        ),
      ),
      this.statusBar.node,
      el("div", { class: "log-frame" }, this.log, this.newer),
      el("footer", {}, this.composer.node, el("p", { class: "notice" }, say("chat.notice"))),
    );
    // The keyboard of a phone and a new line under the header make the log smaller; what was to be seen stays in sight.
    this.resizing = new ResizeObserver(() => {
      if (this.stuck) this.#toEnd(this.#followed);
    });
    this.resizing.observe(this.log);
    this.stuck = true;
    conversation.addEventListener("reached", this.#outageOver);
    window.addEventListener("online", this.#outageOver);
    this.draw();
  }

  close() {
    this.conversation.removeEventListener("reached", this.#outageOver);
    window.removeEventListener("online", this.#outageOver);
    this.statusBar.close();
    this.resizing.disconnect();
    clearTimeout(this.slow);
    clearTimeout(this.#wishTimer);
  }

  focus() {
    this.composer.focus();
  }

  /** Called when the panel becomes visible: what has a height only then is put right. */
  shown() {
    this.composer.refresh();
    this.#toEnd(this.#followed);
  }

  draw() {
    const { conversation, say } = this;
    const { state, status, connection, undoUntil } = conversation;
    setText(this.subtitle, say(`chat.subtitle.${state}`, status?.agent ?? ""));
    this.statusBar.update({ state, status, connection, undoUntil });
    this.human.hidden = state === "queued" || state === "assigned";
    this.human.disabled = this.#asking;
    if (this.human.hidden) this.#wishedAt = null;
    const label = say(this.#asking ? "chat.human.busy" : "chat.human");
    if (this.human.lastChild?.textContent !== label)
      this.human.replaceChildren(icon("person", { size: 18 }), el("span", {}, label));
    this.composer.placeholder =
      state === "assigned" && status.agent ? say("chat.input.agent", status.agent) : say("chat.input");
    this.log.setAttribute("aria-busy", String(!conversation.synced));
    this.#drawLog();
  }

  /** A step back into the log; what is on the screen stays where it is. */
  #showOlder() {
    if (this.#from === 0) return;
    this.#from = Math.max(0, this.#from - PAGE);
    const { log } = this;
    const fromEnd = log.scrollHeight - log.scrollTop;
    // Old words are not news: they must not be read out.
    log.setAttribute("aria-live", "off");
    this.#syncItems();
    log.scrollTop = log.scrollHeight - fromEnd;
    requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
    if (this.older.hidden && this.log.getRootNode().activeElement === null) log.focus(); // the button had it
  }

  #scrolled() {
    const { log } = this;
    this.stuck = this.#nearEnd();
    if (this.#hintsAtRest ? this.#below() < CUT_OFF_PX : this.stuck) this.newer.hidden = true;
    if (log.clientHeight && log.scrollHeight > log.clientHeight && log.scrollTop < NEAR_START_PX && !this.stuck)
      this.#showOlder();
  }

  /** The window on the log: its last events, or all from where the customer has scrolled back to. */
  #moveWindow() {
    const { events, synced } = this.conversation;
    if (this.#log !== events) {
      this.#log = events;
      this.#from = 0;
      this.#hasHistory = false;
    }
    const most = this.#hasHistory ? MOST_AT_THE_END : PAGE;
    if (this.stuck && events.length - this.#from > most) this.#from = events.length - PAGE;
    this.#hasHistory = synced;
  }

  #drawLog() {
    // The browser tells of a scroll a frame later, and a message may come before.
    if (this.log.clientHeight && this.#nearEnd()) this.stuck = true;
    const follow = this.stuck;
    this.#moveWindow();
    const newest = this.#syncItems();
    this.#drawTyping();
    const hasCard = this.#drawRating();
    if (newest?.kind === "customer") this.#toEnd();
    else if (follow) this.#toEnd(hasCard ? null : newest ? this.#shown.get(newest.key).node : this.#followed);
    else if (newest) this.#hint("chat.newer");
  }

  /** Brings the page to the items of the window; what is already there stays. The newest message that was added, if any. */
  #syncItems() {
    const before = this.#shown;
    this.#shown = new Map();
    let newest = null;
    for (const item of transcriptItems(this.conversation, this.say, { from: this.#from })) {
      const known = before.get(item.key);
      const entry = known ?? this.#entry(item);
      entry.update(item);
      this.#shown.set(item.key, entry);
      if (!known && item.type === "message") newest = item;
    }
    this.older.hidden = this.#from === 0;
    const nodes = [...this.#shown.values()].map((entry) => entry.node);
    const children = this.messages.children;
    const changed = nodes.length !== children.length || nodes.some((node, index) => node !== children[index]);
    if (changed) syncChildren(this.messages, nodes);
    return newest;
  }

  #entry(item) {
    if (item.type === "message") return new MessageBubble({ say: this.say, on: this.#messageActions });
    if (item.type === "greeting") return this.#greeting();
    const words = el("span", {}, item.text);
    const testid = item.type === "divider" ? "chat-divider" : "chat-time";
    return { node: el("li", { class: item.type, testid }, words), update: ({ text }) => setText(words, text) };
  }

  #messageActions = {
    choose: (choice, label) => {
      this.#send(() => this.conversation.choose(choice, label));
      this.log.focus(); // the button is gone now, and the focus must not go with it
    },
    retry: () => this.conversation.outbox.retry(),
    edit: (id) => {
      const { text } = this.conversation.outbox.withdraw(id);
      this.composer.text = [text, this.composer.text].filter(Boolean).join("\n");
      this.composer.focus();
    },
  };

  #greeting() {
    const { say } = this;
    const chip = (words, text, { name = "chip", testid = "chat-suggestion", image = null } = {}) =>
      el(
        "button",
        {
          type: "button",
          class: name,
          testid,
          on: {
            click: () => {
              this.#send(() => this.conversation.send(text, { suggested: true }));
              this.log.focus();
            },
          },
        },
        image,
        words,
      );
    const chips = el(
      "div",
      { class: "chips", role: "group", "aria-label": say("chat.suggestions.label") },
      chip(say("chat.emergency"), say("chat.emergency.text"), {
        name: "chip emergency",
        testid: "chat-emergency",
        image: icon("alert", { size: 18 }),
      }),
      say("chat.suggestions").map((text) => chip(text, text)),
    );
    const node = el(
      "li",
      { class: "message first", data: { kind: "bot" }, testid: "chat-greeting" },
      el("div", { class: "avatar", "aria-hidden": "true" }, el("img", { src: LOGO, alt: "", width: 32, height: 32 })),
      el(
        "div",
        { class: "column" },
        el("div", { class: "name" }, say("speaker.bot")),
        el("div", { class: "bubble" }, messageLines(say("chat.greeting"))),
        el("div", { class: "after" }, chips),
      ),
    );
    return {
      node,
      update: ({ withSuggestions }) => {
        chips.hidden = !withSuggestions;
      },
    };
  }

  #drawTyping() {
    const { awaitsBot } = this.conversation;
    if (awaitsBot === this.typing.hasChildNodes()) return;
    clearTimeout(this.slow);
    if (!awaitsBot) {
      this.typing.replaceChildren();
      return;
    }
    const words = el("span", { class: "typing-words" });
    this.slow = setTimeout(() => {
      setText(words, this.say("chat.typing.slow"));
      if (this.stuck) this.#toEnd();
    }, SLOW_MS);
    this.typing.replaceChildren(
      el(
        "div",
        { class: "typing", testid: "chat-typing", role: "img", "aria-label": this.say("chat.typing") },
        el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
        words,
      ),
    );
  }

  /** The card stays as it is, with what was picked, while there is something to rate. Whether it is there. */
  #drawRating() {
    const seq = this.conversation.rateable?.seq ?? null;
    if (seq === (this.#rating?.seq ?? null)) return seq !== null;
    this.#rating = null;
    if (seq !== null) {
      const card = new RatingCard({
        say: this.say,
        draft: this.conversation.ratingDraft,
        onRate: (score, comment) => this.conversation.rate(score, comment),
        onSkip: () => {
          this.conversation.dismissRating();
          this.composer.focus();
        },
      });
      this.#rating = { seq, node: card.node };
    }
    this.ratingSlot.replaceChildren(...(this.#rating ? [this.#rating.node] : []));
    return seq !== null;
  }

  /** What the customer says is always followed to the end of the log. */
  #send(action) {
    this.stuck = true;
    this.statusBar.report("");
    action();
  }

  async #askForPerson() {
    if (this.conversation.state === "resolved") {
      // An ended conversation begins again with a message; these words reach a person by rule.
      this.#send(() => this.conversation.send(this.say("chat.human.text"), { suggested: true }));
      return;
    }
    clearTimeout(this.#wishTimer);
    this.#asking = true;
    this.statusBar.report("");
    this.draw();
    try {
      await this.conversation.askForPerson();
      this.#wishedAt = null;
    } catch (error) {
      this.#wishFailed(error);
    } finally {
      this.#asking = false;
      this.draw();
    }
  }

  /** The wish for a person is kept for a while, and asked again when there is a chance. */
  #wishFailed(error) {
    const { say } = this;
    if (error.isTooMany) {
      const pause = error.retryAfter ?? DEFAULT_PAUSE_S;
      this.#wishedAt ??= Date.now();
      this.statusBar.report(say("chat.too_many.again", pause));
      this.#wishTimer = setTimeout(() => this.#wishAgain(), (pause + Math.random()) * 1_000);
    } else if (error.isOutage) {
      this.#wishedAt ??= Date.now();
      this.statusBar.report(say("chat.failed.human.again"), { outage: true });
      this.#wishTimer = setTimeout(() => this.#wishAgain(), DEFAULT_PAUSE_S * 1_000);
    } else {
      this.#wishedAt = null;
      this.statusBar.report(say("chat.failed.human"));
    }
  }

  #wishAgain() {
    if (this.#wishedAt === null || this.#asking) return;
    if (Date.now() - this.#wishedAt > WISH_LASTS_MS) this.#wishedAt = null;
    else this.#askForPerson();
  }

  /** The desk can be reached again: what failed because it could not is no longer true. */
  #outageOver = () => {
    if (!this.statusBar.reportsOutage) return;
    this.statusBar.report("");
    this.#wishAgain();
  };

  /** How much of the log is out of sight below, in pixels. */
  #below() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
  }

  #nearEnd() {
    return this.#below() < NEAR_END_PX;
  }

  /** The button to the end of the log, with its words; above the doors, which stay in sight themselves. */
  #hint(words) {
    const doors = this.messages.querySelector(".doors");
    const pinned = doors && getComputedStyle(doors).position === "sticky" ? doors.offsetHeight : 0;
    this.#hintsAtRest = words === "chat.more";
    setText(this.newerWords, this.say(words));
    this.newer.style.setProperty("--pinned", `${pinned}px`);
    this.newer.classList.toggle("rest", this.#hintsAtRest);
    this.newer.hidden = false;
  }

  /** To the end, but a message taller than the screen is shown from its beginning, and it is said that more follows. */
  #toEnd(newest = null) {
    this.#followed = newest;
    this.newer.hidden = true;
    const end = this.log.scrollHeight - this.log.clientHeight;
    const start = newest ? newest.offsetTop - 12 : end;
    const isTall = this.log.clientHeight > 0 && newest?.offsetHeight > this.log.clientHeight;
    this.log.scrollTop = isTall ? start : end;
    if (isTall && this.#below() >= CUT_OFF_PX) this.#hint("chat.more");
  }
}
