// A panel over the conversation, for the menu and what it opens.
import { el } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";

/** @import { Say } from "../../words/speaker.js" */

export class Sheet {
  #say;
  #slot;
  #onClosed;

  /** @param {{say: Say, slot: HTMLElement, onClosed: () => void}} options */
  constructor({ say, slot, onClosed }) {
    this.#say = say;
    this.#slot = slot;
    this.#onClosed = onClosed;
  }

  get isOpen() {
    return this.#slot.hasChildNodes();
  }

  /** Shows `content` under `title`, and focuses its first control. @param {string} title @param {(HTMLElement | string)[]} content */
  open(title, content) {
    const close = el(
      "button",
      {
        type: "button",
        class: "icon-button",
        testid: "chat-sheet-close",
        "aria-label": this.#say("care.close"),
        on: { click: () => this.close() },
      },
      icon("close", { size: 20 }),
    );
    const body = el("div", { class: "sheet-body" }, content);
    this.#slot.replaceChildren(
      el(
        "div",
        { class: "sheet", role: "dialog", "aria-label": title, testid: "chat-sheet" },
        el("div", { class: "sheet-head" }, el("h3", {}, title), close),
        body,
      ),
    );
    /** @type {HTMLElement} */ (body.querySelector("button, input, select") ?? close).focus();
  }

  /** Whether one was open. */
  close() {
    if (!this.isOpen) return false;
    this.#slot.replaceChildren();
    this.#onClosed();
    return true;
  }
}
