// Cuts a log into the rows of a page: which events have a row, which share one, which message begins a run of its
// speaker, and which part of a long log is on the page. No DOM.

/** @import { LogEvent } from "./contract-types.js" */
/** @import { ConversationLog } from "./conversation-log.js" */
/** @import { OutboxItem } from "./outbox.js" */

/**
 * One row of a page. `type` is the event's type, "unknown" for a type that the page does not know, or a word of the page's own.
 * @typedef {object} LogRow
 * @property {string} key  stable: a message keeps its key from the outbox into the log
 * @property {string} type
 * @property {LogEvent | null} event  null for a message that is not in the log yet
 * @property {LogEvent[]} events  all events of the row, of which `event` is the first
 * @property {OutboxItem | null} item  the message that is not in the log yet
 * @property {boolean} isFirst  the first message of its speaker in a run
 * @property {boolean} afterPause  a message after a quiet time, or the first one
 */

/** Events on the page at first, and how many older ones come with one step back. */
export const PAGE = 100;
const QUIET_MS = 5 * 60_000; // a pause longer than this is worth a line with the time
// Decisions of the bot share a row within a stretch of the conversation; each of these events ends the stretch.
const SHARED = "triage";
const ENDS_STRETCH = new Set([
  "handoff_requested",
  "assigned",
  "transferred",
  "returned",
  "cancelled",
  "resolved",
  "reopened",
]);

export class LogRows {
  /** How many older rows are not on the page. */
  older = 0;
  /** @type {LogRow[]} */
  #rows = [];
  /** @type {LogEvent[] | null} */
  #events = null;
  #read = 0;
  #isComplete = false;
  /** @type {LogRow | null} */
  #shared = null;
  #lastAt = Number.NaN;
  #shown;
  #trimAt;

  /**
   * @param {Readonly<Record<string, unknown>>} shown  what draws a type of event; null: the type is known and has no row.
   *   An event of a type without an entry gets a row of type "unknown" when there is an entry for that, else none.
   * @param {{trimAt: number}} options  so many rows at the end of the log before those out of sight are taken off again
   */
  constructor(shown, { trimAt }) {
    this.#shown = shown;
    this.#trimAt = trimAt;
  }

  /**
   * Takes in what is new in `log`. isAtEnd: the page shows the end of the log, so older rows may leave it;
   * isComplete: what the desk had at first is in the log.
   * @param {ConversationLog} log
   * @param {{isAtEnd: boolean, isComplete: boolean}} state
   */
  update(log, { isAtEnd, isComplete }) {
    if (log.events !== this.#events) this.#reset(log.events);
    for (; this.#read < log.events.length; this.#read += 1) this.#take(log.events[this.#read]);
    const most = this.#isComplete ? this.#trimAt : PAGE;
    if (isAtEnd && this.#rows.length - this.older > most) this.older = this.#rows.length - PAGE;
    this.#isComplete = isComplete;
  }

  /** One step back into the log; false at its beginning. */
  showOlder() {
    if (this.older === 0) return false;
    this.older = Math.max(0, this.older - PAGE);
    return true;
  }

  /**
   * The rows on the page. The first one stands alone: nothing before it is to be seen.
   * @param {readonly OutboxItem[]} pending
   * @returns {LogRow[]}
   */
  visible(pending) {
    const rows = this.#rows.slice(this.older);
    if (rows.length && this.older) rows[0] = { ...rows[0], isFirst: true, afterPause: rows[0].type === "message" };
    for (const item of pending) rows.push(pendingRow(item));
    return rows;
  }

  /** @param {LogEvent[]} events */
  #reset(events) {
    this.#events = events;
    this.#rows = [];
    this.#read = this.older = 0;
    this.#shared = null;
    this.#lastAt = Number.NaN;
    this.#isComplete = false;
  }

  /** @param {LogEvent} event */
  #take(event) {
    if (ENDS_STRETCH.has(event.type)) this.#shared = null;
    const type = this.#rowType(event.type);
    if (type === null) return;
    if (type === SHARED && this.#shared) {
      this.#shared.events.push(event);
      return;
    }
    const row = { key: keyOf(event), type, event, events: [event], item: null, isFirst: false, afterPause: false };
    if (type === "message") this.#placeMessage(row, event);
    if (type === SHARED) this.#shared = row;
    this.#rows.push(row);
  }

  /** @param {string} type */
  #rowType(type) {
    if (Object.hasOwn(this.#shown, type)) return this.#shown[type] ? type : null;
    return Object.hasOwn(this.#shown, "unknown") ? "unknown" : null;
  }

  /**
   * @param {LogRow} row
   * @param {LogEvent} event
   */
  #placeMessage(row, event) {
    const at = Date.parse(event.at);
    row.afterPause = !(at - this.#lastAt <= QUIET_MS);
    this.#lastAt = at;
    const before = this.#rows.at(-1);
    const isSameSpeaker =
      before?.type === "message" && before.event?.by.kind === event.by.kind && before.event.by.name === event.by.name;
    row.isFirst = row.afterPause || !isSameSpeaker;
  }
}

/** @param {LogEvent} event */
function keyOf(event) {
  return event.client_message_id ? `m${event.client_message_id}` : `e${event.seq}`;
}

/**
 * @param {OutboxItem} item
 * @returns {LogRow}
 */
function pendingRow(item) {
  const key = `m${item.client_message_id}`;
  return { key, type: "message", event: null, events: [], item, isFirst: false, afterPause: false };
}
