// A table that is refreshed while people work in it: rows keep their nodes, their places and the focus.
import { el, setText, syncChildren } from "../shared/dom.js";
import { heldOrder } from "./board-model.js";

/** @import { Child } from "../shared/dom.js" */
/** @import { Say } from "../words/speaker.js" */

const HOLD_MS = 6_000;

/** @typedef {{id: string, words: string}} Column */
/**
 * @template Item
 * @typedef {{cells: Record<string, HTMLElement>, update: (item: Item) => void, keys?: Record<string, () => unknown>}} Row
 *   cells: by the column's id; keys: what a key does while the row has the focus
 */

/** @template {{key: string}} Item */
export class RowTable {
  #say;
  #draw;
  #onKeys;
  /** @type {Map<string, {node: HTMLElement, row: Row<Item>}>} */
  #rows = new Map();
  /** @type {Item[]} */
  #items = [];
  /** @type {string | null} */
  #current = null;
  #heldUntil = 0;
  /** The rows that were there when the hand came. @type {Set<string>} */
  #settled = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #release;

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {string} options.name  of the table: its test id and its class
   * @param {string} options.label
   * @param {Column[]} options.columns
   * @param {(item: Item) => Row<Item>} options.draw
   * @param {Child} options.empty  what stands there without rows
   * @param {(key: string, row: Row<Item>) => boolean} [options.onKeys]  a key that the table itself does not know
   */
  constructor({ say, name, label, columns, draw, empty, onKeys = () => false }) {
    this.#say = say;
    this.#draw = draw;
    this.#onKeys = onKeys;
    this.columns = columns;
    this.head = el(
      "div",
      { role: "row", class: "row-head" },
      columns.map(({ id, words }) => el("span", { role: "columnheader", class: `cell-${id}` }, words)),
    );
    this.body = el("div", { role: "rowgroup", class: "row-body" });
    this.table = el(
      "div",
      { role: "table", "aria-label": label, class: `row-table ${name}`, testid: name },
      el("div", { role: "rowgroup" }, this.head),
      this.body,
    );
    this.empty = el("p", { class: "empty" }, empty);
    this.held = el("p", { class: "held", hidden: true });
    const hold = () => this.#hold();
    this.node = el(
      "div",
      {
        class: "row-frame",
        on: {
          pointermove: hold,
          focusin: (event) => this.#focused(event),
          keydown: (event) => this.#keydown(event),
          pointerleave: () => this.#let(),
        },
      },
      this.held,
      this.table,
      this.empty,
    );
  }

  close() {
    clearTimeout(this.#release);
  }

  /** @param {Item[]} items  in their order */
  update(items) {
    this.#items = items;
    this.#sync();
  }

  /** Moves the focus to the first row, or to where it was. */
  focus() {
    const key = this.#current !== null && this.#rows.has(this.#current) ? this.#current : [...this.#rows.keys()][0];
    this.#rows.get(key)?.node.focus();
    return key !== undefined;
  }

  #sync() {
    const wanted = this.#items.map(({ key }) => key);
    const isHeld = Date.now() < this.#heldUntil && this.#rows.size > 0;
    const { order, gone } = isHeld ? heldOrder([...this.#rows.keys()], wanted) : { order: wanted, gone: new Set() };
    if (!isHeld) this.#settled = new Set(wanted);
    const fresh = order.filter((key) => !this.#settled.has(key)).length;
    const items = new Map(this.#items.map((item) => [item.key, item]));
    const focused = this.body.contains(document.activeElement) ? this.#current : null;
    const at = focused === null ? -1 : [...this.#rows.keys()].indexOf(focused);
    const before = this.#rows;
    this.#rows = new Map();
    for (const key of order) {
      const item = items.get(key);
      const drawn = before.get(key) ?? (item && this.#make(item));
      if (!drawn) continue;
      if (item) drawn.row.update(item);
      drawn.node.classList.toggle("gone", gone.has(key));
      this.#rows.set(key, drawn);
    }
    const isLost = focused !== null && !this.#rows.has(focused);
    syncChildren(
      this.body,
      [...this.#rows.values()].map(({ node }) => node),
    );
    if (this.#current === null || !this.#rows.has(this.#current)) {
      const keys = [...this.#rows.keys()];
      this.#select(keys[Math.min(Math.max(at, 0), keys.length - 1)] ?? null);
      if (isLost && this.#current !== null) this.#rows.get(this.#current)?.node.focus({ preventScroll: true });
    }
    this.table.hidden = this.#rows.size === 0;
    this.empty.hidden = this.#rows.size > 0;
    this.held.hidden = !fresh && !gone.size;
    if (!this.held.hidden) setText(this.held, this.#say("board.held", fresh, gone.size));
  }

  /** @param {Item} item */
  #make(item) {
    const row = this.#draw(item);
    const node = el(
      "div",
      { role: "row", class: "row", tabindex: -1, data: { key: item.key } },
      this.columns.map(({ id, words }) => {
        const cell = row.cells[id];
        cell.setAttribute("role", "cell");
        cell.classList.add("cell", `cell-${id}`);
        cell.dataset.label = words;
        return cell;
      }),
    );
    for (const inside of stops(node)) inside.tabIndex = -1;
    return { node, row };
  }

  /** Only the current row's buttons are reached with Tab: hundreds of rows are one stop. @param {string | null} key */
  #select(key) {
    const set = (/** @type {string | null} */ which, /** @type {number} */ index) => {
      const drawn = which === null ? undefined : this.#rows.get(which);
      if (!drawn) return;
      drawn.node.tabIndex = index;
      for (const inside of stops(drawn.node)) inside.tabIndex = index;
    };
    set(this.#current, -1);
    this.#current = key;
    set(key, 0);
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const node =
      event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest(".row")) : null;
    if (node?.dataset.key !== undefined) this.#select(node.dataset.key);
    this.#hold();
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || this.#current === null) return;
    const drawn = this.#rows.get(this.#current);
    if (!drawn?.node.contains(/** @type {Node} */ (event.target))) return;
    this.#hold();
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const isOnRow = event.target === drawn.node;
    if (step) {
      const keys = [...this.#rows.keys()];
      const next = keys[Math.min(Math.max(keys.indexOf(this.#current) + step, 0), keys.length - 1)];
      this.#rows.get(next)?.node.focus();
    } else if (event.key === "Home" || event.key === "End") {
      const keys = [...this.#rows.keys()];
      this.#rows.get(keys.at(event.key === "Home" ? 0 : -1) ?? "")?.node.focus();
    } else {
      const does = drawn.row.keys?.[event.key];
      if (does && (isOnRow || event.key !== "Enter")) does();
      else if (!this.#onKeys(event.key, drawn.row)) return;
    }
    event.preventDefault();
  }

  #hold() {
    this.#heldUntil = Date.now() + HOLD_MS;
    clearTimeout(this.#release);
    this.#release = setTimeout(() => this.#let(), HOLD_MS);
  }

  #let() {
    clearTimeout(this.#release);
    this.#heldUntil = 0;
    if (!this.held.hidden) this.#sync();
  }
}

/** The links and buttons of a row. @param {HTMLElement} node @returns {NodeListOf<HTMLElement>} */
const stops = (node) => node.querySelectorAll("a, button");
