// The desk's time, and how deadlines are written: "4:12", "3 时 5 分", "超 0:30".
import { durationWords } from "./display-names.js";

/** @import { Card, Due, HeardCard } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */

const HOUR_S = 3_600;

/**
 * The desk's clock, from the cards that it sends: a computer with a wrong clock would show wrong countdowns. A card that waits
 * says since when and for how long, which together are the desk's time at which it was sent.
 */
export class DeskClock {
  #aheadMs = 0;

  /** @param {HeardCard | undefined} card  a waiting card that has just come */
  hear(card) {
    const since = Date.parse(card?.queued_at ?? "");
    if (card?.status !== "queued" || card.waiting_seconds == null || Number.isNaN(since)) return;
    const ahead = since + card.waiting_seconds * 1_000 - card.heardAt;
    // The desk sends whole seconds: a smaller difference is no news.
    if (Math.abs(ahead - this.#aheadMs) > 1_500) this.#aheadMs = ahead;
  }

  /** Milliseconds since 1970, as the desk counts them. */
  now() {
    return Date.now() + this.#aheadMs;
  }
}

/**
 * Seconds until a deadline, below zero after it; null for a clock that stands still or a time that cannot be read.
 * @param {Due | null | undefined} due
 * @param {number} now  the desk's time in ms
 */
export function secondsLeft(due, now) {
  const at = Date.parse(due?.at ?? "");
  if (!due || due.is_paused || Number.isNaN(at)) return null;
  return Math.floor((at - now) / 1_000);
}

/** "4:12"; hours as in all other durations. @param {number} seconds @param {Say} say */
export function countdownWords(seconds, say) {
  if (seconds >= HOUR_S) return durationWords(seconds, say);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * The time that is left, or by how much it is over; "" without a running deadline.
 * @param {Due | null | undefined} due
 * @param {number} now  the desk's time in ms
 * @param {Say} say
 */
export function dueWords(due, now, say) {
  const left = secondsLeft(due, now);
  if (left === null) return "";
  return left < 0 ? say("due.over", countdownWords(-left, say)) : countdownWords(left, say);
}

/**
 * Which clock it is, and why the deadline is then; "" without a deadline.
 * @param {Due | null | undefined} due
 * @param {Say} say
 */
export function explanationOf(due, say) {
  if (!due) return "";
  const clock = say.knows(`due.clock.${due.clock}`) ? say(`due.clock.${due.clock}`) : due.clock;
  const why = due.explanation?.[say.locale === "en" ? "en" : "zh"] ?? "";
  return [clock, due.is_paused ? say("due.paused") : "", why].filter(Boolean).join(" · ");
}

/**
 * The card whose deadline is the nearest, or the longest over; null when no clock runs.
 * @template {Card} One
 * @param {Iterable<One>} cards
 * @returns {One | null}
 */
export function nearestDue(cards) {
  /** @type {One | null} */
  let nearest = null;
  let soonest = Number.POSITIVE_INFINITY;
  for (const card of cards) {
    if (card.due?.is_paused) continue;
    const at = Date.parse(card.due?.at ?? "");
    if (!(at < soonest)) continue;
    nearest = card;
    soonest = at;
  }
  return nearest;
}
