// A short message at the lower edge of the page, and the button that undoes what was just done.
import { el, setText } from "../shared/dom.js";

/** @import { Say } from "../words/speaker.js" */

const SHOWN_MS = 4_000;
/** As long as the desk takes a resolution back. */
const UNDO_MS = 10_000;

export class Toast {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Until when (performance.now()) the last action can be undone. */
  #undoUntil = 0;
  /** @type {(() => unknown) | null} */
  #undo = null;

  /** @param {Say} say */
  constructor(say) {
    this.words = el("span", { role: "status", testid: "toast-words" });
    this.button = el(
      "button",
      {
        type: "button",
        class: "toast-undo",
        testid: "toast-undo",
        "aria-keyshortcuts": "z",
        hidden: true,
        on: { click: () => this.undo() },
      },
      say("toast.undo"),
      el("kbd", {}, "z"),
    );
    this.node = el("div", { class: "toast", testid: "toast", hidden: true }, this.words, this.button);
  }

  /**
   * @param {string} words
   * @param {{isProblem?: boolean}} [options]
   */
  show(words, { isProblem = false } = {}) {
    // What can be undone stays for its time: another message must not take the chance away.
    this.#show(words, isProblem);
  }

  /**
   * Shows what was done, for as long as it can be undone.
   * @param {string} words
   * @param {() => unknown} act  undoes it; shows its own outcome
   */
  offerUndo(words, act) {
    this.#undo = act;
    this.#undoUntil = performance.now() + UNDO_MS;
    this.#show(words, false);
  }

  /** Undoes the last action; returns whether there was one. */
  undo() {
    const act = this.#undo;
    if (!act) return false;
    this.close();
    act();
    return true;
  }

  close() {
    clearTimeout(this.#timer);
    this.#undo = null;
    this.node.hidden = true;
  }

  /** @param {string} words @param {boolean} isProblem */
  #show(words, isProblem) {
    this.node.hidden = false;
    this.node.classList.toggle("bad", isProblem);
    this.button.hidden = !this.#undo;
    setText(this.words, words);
    clearTimeout(this.#timer);
    const undoMs = this.#undo ? this.#undoUntil - performance.now() : SHOWN_MS;
    this.#timer = setTimeout(() => this.close(), Math.max(undoMs, 0));
  }
}
