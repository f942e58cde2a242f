// Places of a page that are drawn again only when their content has changed: an agent may be selecting text in them.

export class DrawnPlaces {
  /** What each place was drawn from. @type {Map<HTMLElement, string | number>} */
  #drawn = new Map();

  /** Draws everything again next time. */
  clear() {
    this.#drawn.clear();
  }

  /**
   * Draws a place when its `state` has changed; the focus stays on the same control, and what was unfolded stays so.
   * @param {HTMLElement} place
   * @param {string | number} state
   * @param {() => Node | (Node | null)[]} content
   */
  draw(place, state, content) {
    if (this.#drawn.get(place) === state) return;
    this.#drawn.set(place, state);
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    const testid = focused instanceof HTMLElement ? focused.dataset.testid : undefined;
    const unfolded = [...place.querySelectorAll("details[open][data-testid]")].map(testidOf);
    place.replaceChildren(...[content()].flat().filter((node) => node !== null));
    for (const details of place.querySelectorAll("details[data-testid]"))
      if (unfolded.includes(testidOf(details))) /** @type {HTMLDetailsElement} */ (details).open = true;
    if (testid) /** @type {HTMLElement | null} */ (place.querySelector(`[data-testid="${testid}"]`))?.focus();
  }
}

/** @param {Element} node */
const testidOf = (node) => /** @type {HTMLElement} */ (node).dataset.testid;
