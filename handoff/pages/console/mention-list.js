// Notes in which a colleague has mentioned the agent, as a small list under a button of the top bar.
import { el, setText } from "../shared/dom.js";
import { customerWords, timeWords } from "./display-names.js";
import { withoutControls } from "./shown-text.js";

/** @import { Mention } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */

export class MentionList {
  #say;
  #onOpen;
  #drawn = "";

  /** @param {{say: Say, onOpen: (id: string) => void}} options */
  constructor({ say, onOpen }) {
    this.#say = say;
    this.#onOpen = onOpen;
    this.words = el("span", {});
    this.list = el("ul", { role: "list", "aria-label": say("mentions.title") });
    this.panel = el("div", { class: "mentions-panel", id: "mentions", hidden: true }, this.list);
    this.button = el(
      "button",
      {
        type: "button",
        class: "quiet mentions-button",
        testid: "mentions",
        "aria-expanded": false,
        "aria-controls": "mentions",
        on: { click: () => this.#open(this.panel.hidden === true) },
      },
      this.words,
    );
    this.node = el(
      "span",
      {
        class: "mentions",
        hidden: true,
        on: {
          keydown: (event) => {
            if (event.key !== "Escape" || this.panel.hidden) return;
            event.preventDefault();
            event.stopPropagation();
            this.#open(false);
            this.button.focus();
          },
          focusout: ({ relatedTarget }) => {
            if (relatedTarget instanceof Node && !this.node.contains(relatedTarget)) this.#open(false);
          },
        },
      },
      this.button,
      this.panel,
    );
  }

  /** @param {readonly Mention[]} mentions  that the agent has not opened */
  draw(mentions) {
    const drawn = JSON.stringify(mentions);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.node.hidden = mentions.length === 0;
    if (this.node.hidden) this.#open(false);
    setText(this.words, this.#say("mentions.count", mentions.length));
    this.list.replaceChildren(
      ...mentions.map(({ conversation_id: id, by, at }) =>
        el(
          "li",
          {},
          el(
            "button",
            { type: "button", class: "mention", testid: "mention", data: { id }, on: { click: () => this.#go(id) } },
            el("bdi", {}, withoutControls(by)),
            el("span", {}, customerWords(id, this.#say)),
            el("time", { datetime: at }, timeWords(at, this.#say)),
          ),
        ),
      ),
    );
  }

  /** @param {string} id */
  #go(id) {
    this.#open(false);
    this.#onOpen(id);
  }

  /** @param {boolean} isOpen */
  #open(isOpen) {
    this.panel.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.list.querySelector("button")?.focus();
  }
}
