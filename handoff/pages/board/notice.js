// What was done or refused, at the lower edge of the page; with a link to the conversation that is now the supervisor's.
import { el } from "../shared/dom.js";

/** @import { Say } from "../words/speaker.js" */

const SHOWN_MS = 8_000;

export class Notice {
  #say;
  #address;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{say: Say, address: (id: string) => string}} options */
  constructor({ say, address }) {
    this.#say = say;
    this.#address = address;
    this.node = el("div", { class: "notice", role: "status", testid: "notice", hidden: true });
  }

  /**
   * @param {string} words
   * @param {{isProblem?: boolean, openId?: string | null}} [options]
   */
  show(words, { isProblem = false, openId = null } = {}) {
    const link = openId
      ? el("a", { href: this.#address(openId), target: "wallet-console" }, this.#say("board.open"))
      : null;
    this.node.replaceChildren(words, ...(link ? [" ", link] : []));
    this.node.classList.toggle("bad", isProblem);
    this.node.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.node.hidden = true;
    }, SHOWN_MS);
  }

  close() {
    clearTimeout(this.#timer);
  }
}
