// Draws a ConversationLog as a list that follows its end. The page gives a renderer for each type of event and the looks;
// this view keeps the window on a long log, the place of what is being read, and the button to what is new.
import { el, focusedIn, setText, syncChildren } from "./dom.js";
import { icon } from "./icons.js";
import { LogRows } from "./log-rows.js";

/** @import { ConversationLog } from "./conversation-log.js" */
/** @import { LogRow } from "./log-rows.js" */

/**
 * A row on the page. `nodes` are list items; `update` brings them up to date and may change which ones there are.
 * @typedef {{nodes: HTMLElement[], update?: (row: LogRow) => void}} DrawnRow
 * @typedef {(row: LogRow) => DrawnRow} RowRenderer
 * @typedef {Readonly<Record<string, RowRenderer | null>>} RowRenderers  by type of event; see LogRows
 */

/**
 * What cuts a log into rows; one that takes rows at the end of the log off the page, too, tells how many.
 * @typedef {Pick<LogRows, "older" | "update" | "showOlder" | "visible"> & Partial<NewerRows>} RowCutter
 * @typedef {{newer: number, showNewer: () => boolean, toEnd: () => void}} NewerRows
 */

/**
 * @typedef {object} LogLooks
 * @property {string} listClass
 * @property {string} label  of the log, for assistive technology
 * @property {string} olderClass
 * @property {string} olderTestid
 * @property {(count: number) => string} olderWords
 * @property {string} newerWords
 * @property {string} [restWords]  given: a message taller than the log is shown from its beginning, and this says that more follows
 * @property {number} nearStart  px: older rows come by themselves when the beginning is so near
 */

const NEAR_END_PX = 80;
// Less than this out of sight below is no more than the room under the last line.
const CUT_OFF_PX = 24;
const TOP_MARGIN_PX = 12;

export class LogView {
  /** Whether the end of the log is in sight, or what was last brought into sight. */
  isAtEnd = true;
  /** The beginning stays in sight while the log changes its size: there is nothing new yet. */
  staysAtStart = false;
  /** @type {Map<string, DrawnRow>} */
  #drawn = new Map();
  /** @type {ConversationLog | null} */
  #log = null;
  /** @type {HTMLElement | null} */
  #followed = null; // the message that was last brought into sight
  #wasAtEnd = true; // before the rows changed
  #hintsAtRest = false; // the button below tells of the rest of a message, not of new ones
  #rows;
  #renderers;
  #looks;
  #leading;
  #onEnd;

  /**
   * @param {object} options
   * @param {RowRenderers} options.renderers
   * @param {LogLooks} options.looks
   * @param {number} options.trimAt  see LogRows
   * @param {() => LogRow[]} [options.leading]  rows of the page's own before the first event
   * @param {HTMLElement[]} [options.before]  what stands above the log's rows
   * @param {HTMLElement[]} [options.after]  what stands below them
   * @param {() => void} [options.onEnd]  the end of the log is in sight
   * @param {RowCutter} [options.rows]  cuts the log; LogRows by default
   */
  constructor({
    renderers,
    looks,
    trimAt,
    leading = () => [],
    before = [],
    after = [],
    onEnd = () => {},
    rows = new LogRows(renderers, { trimAt }),
  }) {
    this.#renderers = renderers;
    this.#rows = rows;
    this.#looks = looks;
    this.#leading = leading;
    this.#onEnd = onEnd;
    this.list = el("ol", { class: looks.listClass, role: "list" }); // Safari forgets lists without markers
    this.olderWords = el("span");
    this.older = el(
      "button",
      {
        type: "button",
        class: looks.olderClass,
        testid: looks.olderTestid,
        hidden: true,
        on: { click: () => this.showOlder() },
      },
      icon("up", { size: 16 }),
      this.olderWords,
    );
    this.node = el(
      "div",
      {
        class: "log",
        role: "log",
        "aria-live": "polite",
        "aria-label": looks.label,
        tabindex: 0,
        on: { scroll: () => this.#scrolled() },
      },
      before,
      this.older,
      this.list,
      after,
    );
    this.newerWords = el("span");
    this.newer = el(
      "button",
      { type: "button", class: "newer", hidden: true, on: { click: () => this.toEnd() } },
      icon("down", { size: 16 }),
      this.newerWords,
    );
    this.frame = el("div", { class: "log-frame" }, this.node, this.newer);
    // The keyboard of a phone or a new line above makes the log smaller; what was to be seen stays in sight.
    this.resizing = new ResizeObserver(() => {
      if (this.staysAtStart) this.node.scrollTop = 0;
      else if (this.isAtEnd) this.toEnd(this.#followed);
    });
    this.resizing.observe(this.node);
  }

  close() {
    this.resizing.disconnect();
  }

  /** Another log will be drawn: it is followed from its end. */
  restart() {
    this.isAtEnd = true;
    this.#followed = null;
    this.newer.hidden = true;
  }

  /** The panel has become visible: only now has it a height. */
  shown() {
    this.toEnd(this.#followed);
  }

  /**
   * Brings the rows to the state of `log`; what is on the page already stays. Returns the rows that were not on the page
   * before, without moving to them: settle() does that.
   * @param {ConversationLog} log
   * @param {{isComplete: boolean}} state  isComplete: what the desk had at first is in the log
   * @returns {LogRow[]}
   */
  update(log, { isComplete }) {
    this.#log = log;
    // The browser reports a scroll one frame later, and a message may arrive before that.
    if (this.node.clientHeight && this.#isNearEnd()) this.isAtEnd = true;
    this.#wasAtEnd = this.isAtEnd;
    const newer = this.#newer;
    this.#rows.update(log, { isAtEnd: this.isAtEnd, isComplete });
    if (newer && this.#newer > newer) {
      this.#hint(this.#looks.newerWords, false); // beyond the rows on the page, which stay as they are
      return [];
    }
    return this.#sync();
  }

  /**
   * After update(): when the end was in sight, `newest` is brought into sight, or with it the end of the log; else the
   * button tells of it.
   * @param {LogRow | null} newest  what is worth being told of
   * @param {{isEndWanted?: boolean}} [options]  isEndWanted: the end itself, though `newest` may be tall
   */
  settle(newest, { isEndWanted = false } = {}) {
    if (!this.#wasAtEnd) {
      if (newest) this.#hint(this.#looks.newerWords, false);
      return;
    }
    const node = newest ? (this.#drawn.get(newest.key)?.nodes.at(-1) ?? null) : this.#followed;
    this.toEnd(isEndWanted ? null : node);
  }

  /**
   * To the end of the log; a message `newest` that is taller than the log is shown from its beginning.
   * @param {HTMLElement | null} [newest]
   */
  toEnd(newest = null) {
    const { node } = this;
    if (this.#newer) {
      this.#rows.toEnd?.();
      this.#drawOld();
    }
    this.#followed = newest;
    this.newer.hidden = true;
    const end = node.scrollHeight - node.clientHeight;
    const { restWords } = this.#looks;
    const isTall =
      restWords !== undefined && newest !== null && node.clientHeight > 0 && newest.offsetHeight > node.clientHeight;
    node.scrollTop = isTall ? newest.offsetTop - TOP_MARGIN_PX : end;
    if (isTall && this.#below() >= CUT_OFF_PX) this.#hint(restWords, true);
    this.#onEnd();
  }

  /** A step back into the log; what is on the screen stays where it is. */
  showOlder() {
    const focused = focusedIn(this.node);
    if (!this.#rows.showOlder()) return;
    this.redraw();
    if (this.older.hidden && focused === this.older) this.node.focus();
  }

  /** Draws old rows that the page has asked for; what is on the screen stays where it is. */
  redraw() {
    const { node } = this;
    const place = [.../** @type {HTMLCollectionOf<HTMLElement>} */ (this.list.children)].find(
      (item) => item.offsetTop + item.offsetHeight > node.scrollTop,
    );
    const top = place ? place.offsetTop - node.scrollTop : 0;
    this.#drawOld();
    if (place?.isConnected) node.scrollTop = place.offsetTop - top;
  }

  /** Old words are not news: they are not read out. */
  #drawOld() {
    this.node.setAttribute("aria-live", "off");
    this.#sync();
    requestAnimationFrame(() => this.node.setAttribute("aria-live", "polite"));
  }

  /**
   * Brings a drawn row into the middle of the log and gives it the focus.
   * @param {string} key
   */
  reveal(key) {
    const item = this.#drawn.get(key)?.nodes[0];
    if (!item) return;
    this.isAtEnd = false;
    item.scrollIntoView({ block: "center" });
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
  }

  #sync() {
    const before = this.#drawn;
    this.#drawn = new Map();
    const fresh = [];
    const nodes = [];
    const rows = this.#rows.visible(this.#log?.pending ?? []);
    for (const row of this.#rows.older ? rows : [...this.#leading(), ...rows]) {
      let drawn = before.get(row.key);
      if (!drawn) {
        const renderer = this.#renderers[row.type];
        if (!renderer) continue;
        drawn = renderer(row);
        fresh.push(row);
      }
      drawn.update?.(row);
      this.#drawn.set(row.key, drawn);
      nodes.push(...drawn.nodes);
    }
    this.older.hidden = this.#rows.older === 0;
    setText(this.olderWords, this.#looks.olderWords(this.#rows.older));
    const { children } = this.list;
    const isChanged = nodes.length !== children.length || nodes.some((node, index) => node !== children[index]);
    if (isChanged) syncChildren(this.list, nodes);
    return fresh;
  }

  #scrolled() {
    const { node } = this;
    this.isAtEnd = this.#isNearEnd();
    if (this.#hintsAtRest ? this.#below() < CUT_OFF_PX : this.isAtEnd) this.newer.hidden = true;
    if (this.isAtEnd) this.#onEnd();
    else if (node.clientHeight && node.scrollTop < this.#looks.nearStart) this.showOlder();
    else if (this.#newer && this.#below() < NEAR_END_PX && this.#rows.showNewer?.()) this.redraw();
  }

  /** How much of the log is out of sight below, in pixels. */
  #below() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight;
  }

  #isNearEnd() {
    return !this.#newer && this.#below() < NEAR_END_PX;
  }

  /** How many rows at the end of the log are not on the page. */
  get #newer() {
    return this.#rows.newer ?? 0;
  }

  /**
   * Shows the button to the end of the log; above what sticks to the log's end, which stays in sight itself.
   * @param {string} words
   * @param {boolean} isRest  it announces the rest of a message
   */
  #hint(words, isRest) {
    const doors = /** @type {HTMLElement | null} */ (this.list.querySelector(".doors"));
    const pinned = doors && getComputedStyle(doors).position === "sticky" ? doors.offsetHeight : 0;
    this.#hintsAtRest = isRest;
    setText(this.newerWords, words);
    this.newer.style.setProperty("--pinned", `${pinned}px`);
    this.newer.classList.toggle("rest", isRest);
    this.newer.hidden = false;
  }
}
