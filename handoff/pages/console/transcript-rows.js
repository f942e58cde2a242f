// The rows of the agents' transcript: those of LogRows, with a line for each day and for what was not read, and with
// earlier episodes folded into one row each. No DOM.
import { LogRows, PAGE } from "../shared/log-rows.js";

/** @import { ConversationLog } from "../shared/conversation-log.js" */
/** @import { LogRow } from "../shared/log-rows.js" */
/** @import { OutboxItem } from "../shared/outbox.js" */

/** @typedef {{key: string, number: number, rows: LogRow[], isFolded: boolean}} Episode */

/** So many rows are on the page at once, however far the agent scrolls: those out of sight leave it. */
const MOST = 300;
/** Rows on the page before an event that the agent asked for. */
const CONTEXT = 20;

export class TranscriptRows {
  /** How many older rows are not on the page. */
  older = 0;
  /** How many newer rows are not on the page. */
  newer = 0;
  /** The last event that the agent had read before: a line stands after it. 0 for none. */
  readBefore = 0;
  #base;
  #trimAt;
  /** @type {import("../shared/conversation-log.js").ConversationLog["events"] | null} */
  #events = null;
  #taken = 0;
  /** @type {Episode[]} */
  #episodes = [];
  /** @type {LogRow[]} */
  #rows = [];
  #day = "";
  #isComplete = false;
  #hasUnreadLine = false;
  /** Keys of earlier episodes that the agent has opened. @type {Set<string>} */
  #opened = new Set();

  /** @param {Readonly<Record<string, unknown>>} shown  as of LogRows @param {{trimAt: number}} options */
  constructor(shown, { trimAt }) {
    this.#base = new LogRows(shown, { trimAt });
    this.#trimAt = trimAt;
  }

  /** Another conversation. @param {number} readBefore */
  restart(readBefore) {
    this.readBefore = readBefore;
    this.#opened.clear();
    this.#events = null;
  }

  /** As LogRows.update(). @param {ConversationLog} log @param {{isAtEnd: boolean, isComplete: boolean}} state */
  update(log, { isAtEnd, isComplete }) {
    if (log.events !== this.#events) this.#reset(log.events);
    this.#base.update(log, { isAtEnd: false, isComplete });
    const rows = this.#base.visible([]);
    const known = this.#rows.length;
    for (; this.#taken < rows.length; this.#taken += 1) this.#take(rows[this.#taken]);
    // An episode that ends while the agent reads it stays open.
    if (isComplete && !this.#isComplete) this.#fold();
    else if (this.newer) this.newer += this.#rows.length - known;
    const most = this.#isComplete ? this.#trimAt : PAGE;
    if (isAtEnd && (this.newer || this.#rows.length - this.older > most)) this.toEnd();
    this.#isComplete = isComplete;
  }

  /** One step back into the log; false at its beginning. */
  showOlder() {
    if (this.older === 0) return false;
    this.older = Math.max(0, this.older - PAGE);
    this.newer = Math.max(this.newer, this.#rows.length - this.older - MOST);
    return true;
  }

  /** One step towards the end of the log; false when the end is on the page. */
  showNewer() {
    if (this.newer === 0) return false;
    this.newer = Math.max(0, this.newer - PAGE);
    this.older = Math.max(this.older, this.#rows.length - this.newer - MOST);
    return true;
  }

  /** The end of the log is on the page. */
  toEnd() {
    this.newer = 0;
    this.older = Math.max(this.older, this.#rows.length - PAGE);
  }

  /** Brings the row of an event onto the page; its key, or null when there is none. @param {number} seq */
  reach(seq) {
    const episode = this.#episodes.find(({ rows }) => rows.some((row) => holds(row, seq)));
    if (!episode) return null;
    if (episode.isFolded && !this.#opened.has(episode.key)) this.toggle(episode.key);
    const at = this.#rows.findIndex((row) => row.type !== "episode" && holds(row, seq));
    if (at >= 0 && (at < this.older || at >= this.#rows.length - this.newer)) {
      this.older = Math.max(0, at - CONTEXT);
      this.newer = Math.max(0, this.#rows.length - this.older - MOST);
    }
    return this.#rows[at]?.key ?? null;
  }

  /** @param {string} key  of an earlier episode */
  isOpen(key) {
    return this.#opened.has(key);
  }

  /** Opens or closes an earlier episode; its first rows are on the page then. @param {string} key */
  toggle(key) {
    if (!this.#opened.delete(key)) this.#opened.add(key);
    this.#flatten();
    const at = this.#rows.findIndex((row) => row.key === key);
    this.older = Math.max(0, Math.min(this.older, at));
    this.newer = Math.max(0, this.#rows.length - this.older - MOST);
  }

  /** @param {readonly OutboxItem[]} pending @returns {LogRow[]} */
  visible(pending) {
    const rows = this.#rows.slice(this.older, this.#rows.length - this.newer);
    if (rows.length && this.older) rows[0] = { ...rows[0], isFirst: true };
    if (this.newer) return rows;
    for (const item of pending)
      rows.push({
        key: `m${item.client_message_id}`,
        type: "message",
        event: null,
        events: [],
        item,
        isFirst: false,
        afterPause: false,
      });
    return rows;
  }

  /** @param {ConversationLog["events"]} events */
  #reset(events) {
    this.#events = events;
    this.#taken = this.older = this.newer = 0;
    this.#episodes = [];
    this.#rows = [];
    this.#day = "";
    this.#isComplete = this.#hasUnreadLine = false;
  }

  /** @param {LogRow} row */
  #take(row) {
    const episode = this.#episodeOf(row);
    const event = row.event;
    const lines = [];
    if (event) {
      const day = new Date(event.at).toDateString();
      if (day !== this.#day) lines.push(line("day", `day-${event.seq}`, row));
      this.#day = day;
      const isWords = row.type === "message" || row.type === "note";
      if (isWords && !this.#hasUnreadLine && !this.#isComplete && 0 < this.readBefore && this.readBefore < event.seq) {
        this.#hasUnreadLine = true;
        lines.push(line("unread", "unread", row));
      }
    }
    const added = [...lines, lines.length && row.type === "message" ? { ...row, isFirst: true } : row];
    episode.rows.push(...added);
    this.#rows.push(...added);
  }

  /** @param {LogRow} row */
  #episodeOf(row) {
    const last = this.#episodes.at(-1);
    if (last && row.type !== "reopened") return last;
    const number = this.#episodes.length + 1;
    const next = { key: `episode-${number}`, number, rows: [], isFolded: false };
    this.#episodes.push(next);
    return next;
  }

  #fold() {
    for (const episode of this.#episodes.slice(0, -1)) {
      episode.isFolded = true;
      // What was not read is never folded away.
      if (episode.rows.some((row) => row.type === "unread")) this.#opened.add(episode.key);
    }
    this.#flatten();
  }

  #flatten() {
    this.#rows = this.#episodes.flatMap((episode) => {
      if (!episode.isFolded) return episode.rows;
      const head = foldRow(episode);
      return this.#opened.has(episode.key) ? [head, ...episode.rows] : [head];
    });
  }
}

/** @param {LogRow} row @param {number} seq */
function holds(row, seq) {
  return row.events.some((event) => event.seq === seq);
}

/** A line before a row. @param {"day" | "unread"} type @param {string} key @param {LogRow} row @returns {LogRow} */
function line(type, key, row) {
  return { ...row, key, type, events: [], item: null, isFirst: false, afterPause: false };
}

/** @param {Episode} episode @returns {LogRow} */
function foldRow({ key, rows }) {
  const events = rows.flatMap((row) => row.events);
  return { key, type: "episode", event: events[0] ?? null, events, item: null, isFirst: false, afterPause: false };
}
