// The bar with which a supervisor selects waiting conversations and resolves them together.
import { el, setText } from "../shared/dom.js";

/** @import { Say } from "../words/speaker.js" */

export class SelectingBar {
  /** The selected ids, null while nothing is being selected. @type {Set<string> | null} */
  ids = null;
  #say;
  #onChange;

  /** @param {{say: Say, onAll: () => Iterable<string>, onResolve: () => void, onChange: () => void}} options */
  constructor({ say, onAll, onResolve, onChange }) {
    this.#say = say;
    this.#onChange = onChange;
    /** @param {string} key @param {string} testid @param {() => void} click @param {string} [kind] */
    const button = (key, testid, click, kind = "quiet") =>
      el("button", { type: "button", class: kind, testid, on: { click } }, say(key));
    this.begin = button("bulk.select", "select", () => this.select(new Set()));
    this.words = el("span", { role: "status" });
    this.resolve = button("bulk.resolve", "resolve-selected", onResolve, "primary");
    this.node = el(
      "div",
      { class: "selecting", hidden: true },
      this.words,
      button("bulk.all", "select-all", () => this.select(new Set(onAll()))),
      button("bulk.none", "select-end", () => this.select(null)),
      this.resolve,
    );
  }

  /** @param {Set<string> | null} ids */
  select(ids) {
    this.ids = ids;
    this.#onChange();
  }

  /** @param {string} id */
  toggle(id) {
    if (!this.ids) return;
    if (!this.ids.delete(id)) this.ids.add(id);
    this.#onChange();
  }

  /** @param {number} count  conversations that are selected @param {boolean} canBegin */
  draw(count, canBegin) {
    this.node.hidden = !this.ids;
    this.begin.hidden = this.ids !== null || !canBegin;
    setText(this.words, this.#say("bulk.selected", count));
    this.resolve.disabled = count === 0;
  }
}
