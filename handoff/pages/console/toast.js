// A short message at the lower edge of the page.
import { el, setText } from "../shared/dom.js";

const SHOWN_MS = 4_000;

export class Toast {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  constructor() {
    this.node = el("div", { class: "toast", role: "status", testid: "toast", hidden: true });
  }

  /**
   * @param {string} words
   * @param {{isProblem?: boolean}} [options]
   */
  show(words, { isProblem = false } = {}) {
    setText(this.node, words);
    this.node.hidden = false;
    this.node.classList.toggle("bad", isProblem);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.node.hidden = true;
    }, SHOWN_MS);
  }

  close() {
    clearTimeout(this.#timer);
  }
}
