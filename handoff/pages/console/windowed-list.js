// A long list of rows of one height, of which only those near the screen are in the page.
import { el, syncChildren } from "../shared/dom.js";
import { rowsOnScreen, scrollFor } from "./row-window.js";

/**
 * What a list draws for one item.
 * @typedef {object} Row
 * @property {HTMLLIElement} node
 * @property {HTMLElement} button  what takes the focus
 * @property {() => void} tick  updates its clock
 * @property {string} [explanation]  of its deadline
 */
/** @template Item @typedef {{key: string, item: Item}} Entry  key: unique in the list */

/** @template Item */
export class WindowedList {
  /** @type {Entry<Item>[]} */
  #entries = [];
  /** The rows in the page, by key. @type {Map<string, Row>} */
  #rows = new Map();
  /** The index by key, made when it is asked for. @type {Map<string, number> | null} */
  #places = null;
  #height;
  #create;
  #draw;
  #onNearEnd;
  #isPlanned = false;
  /** @type {ResizeObserver} */
  #resized;

  /**
   * @param {object} options
   * @param {number} options.height  of a row, in px, as the style sheet has it
   * @param {(entry: Entry<Item>) => Row} options.create
   * @param {(row: Row, item: Item) => void} options.draw
   * @param {() => void} options.onNearEnd  the last rows are near the screen
   */
  constructor({ height, create, draw, onNearEnd }) {
    this.#height = height;
    this.#create = create;
    this.#draw = draw;
    this.#onNearEnd = onNearEnd;
    this.list = el("ul", { class: "group-cards", role: "list" });
    this.node = el("div", { class: "scroller", on: { scroll: () => this.#plan() } }, this.list);
    this.#resized = new ResizeObserver(() => this.#plan());
    this.#resized.observe(this.node);
  }

  close() {
    this.#resized.disconnect();
  }

  get count() {
    return this.#entries.length;
  }

  get keys() {
    return this.#entries.map(({ key }) => key);
  }

  /** @param {Entry<Item>[]} entries */
  show(entries) {
    this.#entries = entries;
    this.#places = null;
    this.list.style.height = `${entries.length * this.#height}px`;
    this.#render();
  }

  /** Scrolls to the first row. */
  toTop() {
    this.node.scrollTop = 0;
    this.#render();
  }

  /** Whether the list has a row with this key, on the screen or not. @param {string} key */
  has(key) {
    return this.#placeOf(key) !== undefined;
  }

  /** Brings a row to the screen and returns what takes the focus; null when there is no such row. @param {string} key */
  reach(key) {
    const index = this.#placeOf(key);
    if (index === undefined) return null;
    const top = scrollFor(this.#view, index);
    if (top !== this.node.scrollTop) this.node.scrollTop = top;
    this.#render();
    return this.#rows.get(key)?.button ?? null;
  }

  /** The row in the page that holds a node. @param {Node} node */
  rowOf(node) {
    for (const row of this.#rows.values()) if (row.node.contains(node)) return row;
    return null;
  }

  tick() {
    for (const row of this.#rows.values()) row.tick();
  }

  /** @param {string} key */
  #placeOf(key) {
    this.#places ??= new Map(this.#entries.map((entry, index) => [entry.key, index]));
    return this.#places.get(key);
  }

  get #view() {
    return { height: this.#height, top: this.node.scrollTop, room: this.node.clientHeight };
  }

  #plan() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    requestAnimationFrame(() => {
      this.#isPlanned = false;
      this.#render();
    });
  }

  #render() {
    const { first, end } = rowsOnScreen({ ...this.#view, count: this.#entries.length });
    const shown = this.#entries.slice(first, end).map((entry, offset) => ({ entry, index: first + offset }));
    // The row with the focus stays in the page: without it the next arrow key would start at the top.
    const focused = document.activeElement;
    for (const [key, row] of this.#rows) {
      if (!focused || !row.node.contains(focused)) continue;
      const index = this.#placeOf(key);
      if (index !== undefined && index < first) shown.unshift({ entry: this.#entries[index], index });
      else if (index !== undefined && index >= end) shown.push({ entry: this.#entries[index], index });
    }
    /** @type {Map<string, Row>} */
    const rows = new Map();
    for (const { entry, index } of shown) {
      const known = this.#rows.get(entry.key);
      const row = known ?? this.#create(entry);
      this.#draw(row, entry.item);
      if (!known) row.tick(); // its clock stood still off the screen
      const top = `translateY(${index * this.#height}px)`;
      if (row.node.style.transform !== top) row.node.style.transform = top;
      row.node.ariaSetSize = String(this.#entries.length);
      row.node.ariaPosInSet = String(index + 1);
      rows.set(entry.key, row);
    }
    this.#rows = rows;
    syncChildren(
      this.list,
      [...rows.values()].map((row) => row.node),
    );
    if (end >= this.#entries.length) this.#onNearEnd();
  }
}
