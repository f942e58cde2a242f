// A row of tabs as the ARIA pattern describes it: one tab stop, arrows move, the panel follows.
import { el } from "../shared/dom.js";

/**
 * @template {string} Name
 * @typedef {object} TabOptions
 * @property {string} prefix  of the ids in the page
 * @property {string} label
 * @property {readonly {name: Name, words: string, key?: string, panel: HTMLElement}[]} tabs
 * @property {(name: Name) => void} [onShown]
 */

/** @template {string} Name */
export class TabList {
  /** @type {Name} */
  shown;
  #tabs;
  #buttons;
  #onShown;

  /** @param {TabOptions<Name>} options */
  constructor({ prefix, label, tabs, onShown = () => {} }) {
    this.#tabs = tabs;
    this.#onShown = onShown;
    this.#buttons = tabs.map(({ name, words, key, panel }, index) => {
      panel.id = `${prefix}-panel-${name}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", `${prefix}-tab-${name}`);
      return el(
        "button",
        {
          type: "button",
          class: "tab",
          role: "tab",
          id: `${prefix}-tab-${name}`,
          "aria-controls": panel.id,
          testid: `tab-${name}`,
          on: { click: () => this.show(name), keydown: (event) => this.#keydown(event, index) },
        },
        words,
        key ? el("kbd", { "aria-hidden": "true" }, key) : null,
      );
    });
    this.node = el("div", { class: "tab-list", role: "tablist", "aria-label": label }, this.#buttons);
    this.shown = tabs[0].name;
    this.#draw();
  }

  /** @param {Name} name */
  show(name) {
    this.shown = name;
    this.#draw();
    this.#onShown(name);
  }

  #draw() {
    for (const [index, { name, panel }] of this.#tabs.entries()) {
      const isShown = name === this.shown;
      panel.hidden = !isShown;
      this.#buttons[index].setAttribute("aria-selected", String(isShown));
      this.#buttons[index].tabIndex = isShown ? 0 : -1;
    }
  }

  /** @param {KeyboardEvent} event @param {number} index */
  #keydown(event, index) {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (index + step + this.#tabs.length) % this.#tabs.length;
    this.show(this.#tabs[next].name);
    this.#buttons[next].focus();
  }
}
