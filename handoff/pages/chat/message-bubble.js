// One message in the chat: speaker, text, article, buttons, and for the customer's own message whether it was sent.
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { messageLines } from "../shared/message-text.js";
import { chatSpeakerOf } from "../words/chat.js";

/** @import { Article, ParticipantKind, ReplyButton } from "../shared/contract-types.js" */
/** @import { OutboxItem } from "../shared/outbox.js" */
/** @import { Say } from "../words/speaker.js" */

/**
 * What a bubble shows. `state` to `id` are of a message that is not in the log yet.
 * @typedef {object} MessageItem
 * @property {ParticipantKind} kind
 * @property {string} speaker
 * @property {string} text
 * @property {import("../shared/message-text.js").Formatting} formatting
 * @property {number} [seq]
 * @property {boolean} isFirst
 * @property {Article | null} [article]
 * @property {ReplyButton[]} [buttons]
 * @property {string} [locale]  the language of the text
 * @property {OutboxItem["state"]} [state]
 * @property {string} [code]
 * @property {string} [error]
 * @property {number} [pause]  seconds
 * @property {string} [id]
 */
/** @typedef {{choose: (choice: string, label: string) => void, retry: () => void, edit: (id: string) => void}} MessageActions */

export const LOGO = new URL("/pages/shared/logo.svg", import.meta.url).href;

export class MessageBubble {
  /** @type {string | null} */
  #drawn = null;

  /** @param {{say: Say, on: MessageActions}} options */
  constructor({ say, on }) {
    this.say = say;
    this.on = on;
    this.body = el("div", { class: "bubble" });
    this.after = el("div", { class: "after" });
    this.state = el("div", { class: "sent-state" });
    this.name = el("div", { class: "name" });
    this.avatar = el("div", { class: "avatar", "aria-hidden": "true" });
    this.node = el(
      "li",
      { class: "message", testid: "chat-message" },
      this.avatar,
      el("div", { class: "column" }, this.name, this.body, this.after, this.state),
    );
  }

  /** @param {MessageItem} item */
  update(item) {
    // Content and state are drawn separately: a screen reader must not repeat a message when it changes to "sent".
    const content = JSON.stringify([item.kind, item.speaker, item.text, item.isFirst, item.article, item.buttons]);
    if (content !== this.#drawn) this.#draw(item);
    this.#drawn = content;
    this.node.dataset.kind = item.kind;
    if (item.seq !== undefined) this.node.dataset.seq = String(item.seq);
    this.#drawState(item);
  }

  /** @param {MessageItem} item */
  #draw(item) {
    const { say } = this;
    this.node.classList.toggle("first", item.isFirst);
    this.name.replaceChildren(el("bdi", {}, item.speaker));
    this.name.classList.toggle("unseen", item.kind === "customer" || !item.isFirst);
    this.avatar.replaceChildren(...(item.isFirst ? avatarOf(item) : []));
    this.body.replaceChildren(...messageLines(item.text, { formatting: item.formatting }));
    if (item.article) {
      const { title, revision = "" } = item.article;
      this.body.append(
        el(
          "div",
          { class: "article", testid: "chat-article", data: { revision } },
          icon("book", { size: 16 }),
          el("span", {}, say("chat.article", title)),
        ),
      );
    }
    this.after.replaceChildren();
    // The labels are in the customer's language, which need not be the page's.
    const sayWith = item.locale ? chatSpeakerOf(item.locale) : say;
    const buttons = item.buttons ?? [];
    const doors = buttons.filter(isDoor);
    const answers = buttons.filter((button) => !isDoor(button));
    if (answers.length) {
      this.after.append(
        el(
          "div",
          { class: "chips", role: "group", "aria-label": sayWith("chat.choices") },
          answers.map((button) => this.#choice(button, button.choice === "human" ? "chip human" : "chip")),
        ),
      );
    }
    if (doors.length) {
      // Doors are separate from the answers to "did this solve it?": they say what happened, and lead to a person.
      this.after.append(
        el(
          "div",
          { class: "doors", role: "group", "aria-label": sayWith("chat.doors"), testid: "chat-doors" },
          el("span", { "aria-hidden": "true" }, sayWith("chat.doors")),
          doors.map((button) => this.#choice(button, "door")),
        ),
      );
    }
  }

  /** @param {ReplyButton} button @param {string} className */
  #choice({ choice, label }, className) {
    const click = () => this.on.choose(choice, label);
    return el(
      "button",
      { class: className, type: "button", testid: "chat-choice", data: { choice }, on: { click } },
      label,
    );
  }

  /** @param {MessageItem} item */
  #drawState({ state, code, error, pause, id = "" }) {
    this.node.dataset.state = state ?? "";
    if (state === "failed" || state === "refused") {
      const words = state === "failed" ? this.say("sent.failed") : this.say("sent.refused", this.#why(code, error));
      if (this.state.firstElementChild?.textContent === words) return;
      const click = () => (state === "failed" ? this.on.retry() : this.on.edit(id));
      this.state.replaceChildren(
        el(
          "button",
          { type: "button", class: "retry", testid: "chat-retry", on: { click } },
          icon("info", { size: 16 }),
          words,
        ),
      );
    } else {
      const words =
        state === "sending" ? this.say("sent.sending") : state === "held" ? this.say("sent.held", pause) : "";
      setText(this.state, words);
    }
  }

  /**
   * Why the desk refused, in the page's language where this page has a text; the desk's text may be in another language.
   * @param {string | undefined} code
   * @param {string | undefined} error
   */
  #why(code, error) {
    const key = `chat.refused.${code}`;
    return this.say.knows(key) ? this.say(key) : error || this.say("chat.refused.other");
  }
}

/** @param {ReplyButton} button */
function isDoor({ kind }) {
  return kind === "door";
}

/** @param {MessageItem} item */
function avatarOf({ kind, speaker }) {
  if (kind === "agent") return [[...speaker.replace(/^客服/, "")][0] ?? ""];
  if (kind === "bot") return [el("img", { src: LOGO, alt: "", width: 32, height: 32 })];
  return kind === "system" ? [icon("info", { size: 18 })] : [];
}
