// What the events of a log mean for the customer now: is an answer due, what can be rated, what can be undone. No DOM.

/** @import { LogEvent } from "../shared/contract-types.js" */

/** @typedef {{seq: number, byAgent: boolean, isRated: boolean, isPast: boolean}} EpisodeEnd */

// Each of these events decides whether an answer is due.
const TURNS = new Set(["message", "cancelled", "cancel_undone", "returned", "resolved", "resolution_undone"]);
// The desk keeps the old place for 10 s; the button disappears earlier, so that a click arrives in time.
const UNDO_MS = 9_500;

export class Episode {
  /** The customer wrote last: the bot or a person has to answer. */
  awaitsAnswer = false;
  /** The last end of an episode. @type {EpisodeEnd | null} */
  end = null;
  /** Until when a cancelled wait can be undone, in ms of Date.now(). @type {number | null} */
  undoUntil = null;
  #turnSeq = 0;

  /**
   * Takes the next event in. isNews: it has just happened; else it is history, and its own time counts.
   * @param {LogEvent} event
   * @param {{isNews: boolean, now: number}} when  now: ms of Date.now()
   */
  take(event, { isNews, now }) {
    if (TURNS.has(event.type) && event.seq > this.#turnSeq) {
      this.#turnSeq = event.seq;
      this.awaitsAnswer = event.type === "message" && event.by.kind === "customer";
    }
    this.#noteCancel(event, isNews, now);
    this.#noteEnd(event);
  }

  /** The cancelled wait was undone, or can no longer be undone. */
  forgetUndo() {
    this.undoUntil = null;
  }

  /** @param {LogEvent} event */
  #noteEnd(event) {
    const { type, seq } = event;
    const { end } = this;
    if (type === "resolved") {
      // "closed" after an agent's end: the customer said thanks. The rating is still about the agent's work.
      const isSameCase = event.resolution === "closed" && end?.byAgent && !end.isPast;
      if (!isSameCase) this.end = { seq, byAgent: event.resolution === "agent", isRated: false, isPast: false };
    } else if (type === "resolution_undone") {
      this.end = null;
    } else if (end && type === "rated") {
      end.isRated = true;
    } else if (end && (type === "handoff_requested" || (type === "message" && event.article))) {
      end.isPast = true;
    }
  }

  /**
   * @param {LogEvent} event
   * @param {boolean} isNews
   * @param {number} now
   */
  #noteCancel({ type, kind, at }, isNews, now) {
    if (type === "cancelled" || (type === "message" && kind === "cancelled")) {
      // In history only the desk's time tells how long ago it was. The clocks may differ, so the time left has a maximum.
      const passed = isNews ? 0 : Math.max(0, now - Date.parse(at));
      this.undoUntil = now + UNDO_MS - passed;
    } else if (type === "cancel_undone" || type === "handoff_requested" || type === "resolved") {
      this.undoUntil = null;
    }
  }
}
