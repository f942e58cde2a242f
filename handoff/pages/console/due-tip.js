// Why a deadline is when it is: shown while the pointer is on a row's clock, and while the row has the keyboard's focus.
import { el, setText } from "../shared/dom.js";

/** @typedef {{node: HTMLElement, button: HTMLElement, explanation?: string}} Explained */

const GAP_PX = 4;

export class DueTip {
  /** @type {Explained | null} */
  #row = null;
  #rowOf;

  /** @param {(node: Node) => Explained | null} rowOf  the row that holds a node */
  constructor(rowOf) {
    this.#rowOf = rowOf;
    this.node = el("div", { class: "due-tip", id: "due-tip", role: "tooltip", testid: "due-tip", hidden: true });
  }

  /** @param {HTMLElement} place  the element with the rows */
  watch(place) {
    place.addEventListener("pointerover", ({ target }) => {
      if (target instanceof Element && target.closest(".card-wait")) this.#show(this.#rowOf(target));
    });
    place.addEventListener("pointerout", ({ target }) => {
      if (target instanceof Element && target.closest(".card-wait")) this.#show(null);
    });
    place.addEventListener("focusin", ({ target }) => {
      if (target instanceof Element && target.matches(":focus-visible")) this.#show(this.#rowOf(target));
    });
    place.addEventListener("focusout", () => this.#show(null));
    place.addEventListener("scroll", () => this.#show(null), true);
  }

  /** Follows the row's card. */
  update() {
    if (this.#row && !this.#row.node.isConnected) this.#show(null);
    else if (this.#row) setText(this.node, this.#row.explanation ?? "");
  }

  /** @param {Explained | null} row */
  #show(row) {
    this.#row?.button.removeAttribute("aria-describedby");
    this.#row = row?.explanation ? row : null;
    this.node.hidden = !this.#row;
    if (!this.#row) return;
    setText(this.node, this.#row.explanation ?? "");
    this.#row.button.setAttribute("aria-describedby", this.node.id);
    const { bottom, left } = this.#row.node.getBoundingClientRect();
    this.node.style.left = `${left + GAP_PX * 2}px`;
    this.node.style.top = `${Math.min(bottom + GAP_PX, innerHeight - this.node.offsetHeight - GAP_PX)}px`;
  }
}
