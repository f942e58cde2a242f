// The chat's panel: header, status, messages and text box. It draws a Conversation and calls its methods for what the
// customer does; it holds no state of the conversation.
import { Composer } from "../shared/composer.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { PAGE } from "../shared/log-rows.js";
import { LogView } from "../shared/log-view.js";
import { chatRenderers, leadingRows } from "./log-entries.js";
import { LOGO } from "./message-bubble.js";
import { RatingCard } from "./rating-card.js";
import { StatusBar } from "./status-bar.js";

/** @import { BrowserStore } from "../shared/browser-store.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Conversation } from "./conversation.js" */
/** @import { MessageActions } from "./message-bubble.js" */

const SLOW_MS = 12_000;
// A failed request for a person is repeated when the desk answers again, for this long.
const WISH_LASTS_MS = 5 * 60_000;
const DEFAULT_PAUSE_S = 10;

export class ChatView {
  #asking = false;
  /** When a person was asked for in vain, in ms of Date.now(). @type {number | null} */
  #wishedAt = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #wishTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #slow;
  /** @type {{seq: number, node: HTMLElement} | null} */
  #rating = null;

  /** @param {{conversation: Conversation, say: Say, drafts: BrowserStore, onClose: () => void}} options */
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
    this.typing = el("div", { class: "tail" });
    this.ratingSlot = el("div", { class: "tail" });
    this.log = new LogView({
      renderers: chatRenderers({
        conversation,
        say,
        on: this.#messageActions,
        onSuggestion: (text) => {
          this.#send(() => conversation.send(text, { suggested: true }));
          this.log.node.focus();
        },
      }),
      leading: () => leadingRows(conversation),
      after: [this.typing, this.ratingSlot],
      trimAt: 2 * PAGE,
      looks: {
        listClass: "messages",
        label: say("chat.log"),
        olderClass: "older",
        olderTestid: "chat-older",
        olderWords: () => say("chat.older"),
        newerWords: say("chat.newer"),
        restWords: say("chat.more"),
        nearStart: 240,
      },
    });
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
      this.log.frame,
      el("footer", {}, this.composer.node, el("p", { class: "notice" }, say("chat.notice"))),
    );
    conversation.addEventListener("reached", this.#outageOver);
    window.addEventListener("online", this.#outageOver);
    this.draw();
  }

  close() {
    this.conversation.removeEventListener("reached", this.#outageOver);
    window.removeEventListener("online", this.#outageOver);
    this.statusBar.close();
    this.log.close();
    clearTimeout(this.#slow);
    clearTimeout(this.#wishTimer);
  }

  focus() {
    this.composer.focus();
  }

  /** Called when the panel becomes visible: computes what depends on its height. */
  shown() {
    this.composer.refresh();
    this.log.shown();
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
      state === "assigned" && status?.agent ? say("chat.input.agent", status.agent) : say("chat.input");
    this.log.node.setAttribute("aria-busy", String(!conversation.synced));
    this.#drawLog();
  }

  #drawLog() {
    const { log, synced } = this.conversation;
    const fresh = this.log.update(log, { isComplete: synced }).filter((row) => row.type === "message");
    this.#drawTyping();
    const hasCard = this.#drawRating();
    const newest = fresh.at(-1) ?? null;
    if (newest && (newest.event?.by.kind ?? "customer") === "customer") this.log.toEnd();
    else this.log.settle(newest, { isEndWanted: hasCard });
  }

  /** @type {MessageActions} */
  #messageActions = {
    choose: (choice, label) => {
      this.#send(() => this.conversation.choose(choice, label));
      this.log.node.focus(); // the button is removed, and the focus must stay in the chat
    },
    retry: () => this.conversation.outbox.retry(),
    edit: (id) => {
      const item = this.conversation.outbox.withdraw(id);
      this.composer.text = [item?.text, this.composer.text].filter(Boolean).join("\n");
      this.composer.focus();
    },
  };

  #drawTyping() {
    const { awaitsBot } = this.conversation;
    if (awaitsBot === this.typing.hasChildNodes()) return;
    clearTimeout(this.#slow);
    if (!awaitsBot) {
      this.typing.replaceChildren();
      return;
    }
    const words = el("span", { class: "typing-words" });
    this.#slow = setTimeout(() => {
      setText(words, this.say("chat.typing.slow"));
      if (this.log.isAtEnd) this.log.toEnd();
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

  /** Shows the rating card while there is something to rate; its input is kept. Returns whether it is shown. */
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

  /**
   * Runs `action` and follows the log to its end.
   * @param {() => void} action
   */
  #send(action) {
    this.log.isAtEnd = true;
    this.statusBar.report("");
    action();
  }

  async #askForPerson() {
    if (this.conversation.state === "resolved") {
      // An ended conversation begins again with a message; a floor rule sends this text to a person.
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
      this.#wishFailed(DeskError.of(error));
    } finally {
      this.#asking = false;
      this.draw();
    }
  }

  /**
   * Plans to repeat a failed request for a person.
   * @param {DeskError} error
   */
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

  /** The desk can be reached again: removes the message about the outage and repeats the request for a person. */
  #outageOver = () => {
    if (!this.statusBar.reportsOutage) return;
    this.statusBar.report("");
    this.#wishAgain();
  };
}
