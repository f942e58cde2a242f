// The tabs at the lower edge of a phone: one pane at a time.
import { el, setText } from "../shared/dom.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { PaneName } from "./workbench.js" */

/** @type {readonly PaneName[]} */
const TABS = ["queue", "mine", "transcript", "facts"];

export class PaneTabs {
  /** @type {Map<PaneName, {button: HTMLButtonElement, count: HTMLElement}>} */
  #tabs = new Map();

  /** @param {{say: Say, onPane: (name: PaneName) => void}} options */
  constructor({ say, onPane }) {
    this.node = el("nav", { class: "pane-tabs", "aria-label": say("tabs.title") });
    for (const name of TABS) {
      const count = el("span", { class: "count", hidden: true });
      const button = el(
        "button",
        { type: "button", data: { tab: name }, testid: `tab-${name}`, on: { click: () => onPane(name) } },
        say(`tabs.${name}`),
        count,
      );
      this.#tabs.set(name, { button, count });
      this.node.append(button);
    }
  }

  /** @param {PaneName} pane @param {boolean} hasOpen  a conversation is open */
  draw(pane, hasOpen) {
    for (const [name, { button }] of this.#tabs) {
      if (name === pane) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
      button.disabled = (name === "transcript" || name === "facts") && !hasOpen;
    }
  }

  /** @param {number} waiting @param {number} toAnswer  the agent's own conversations that need an answer */
  count(waiting, toAnswer) {
    for (const [name, number] of /** @type {[PaneName, number][]} */ ([
      ["queue", waiting],
      ["mine", toAnswer],
    ])) {
      const count = this.#tabs.get(name)?.count;
      if (!count) continue;
      count.hidden = number === 0;
      setText(count, String(number));
    }
  }
}
