// Which of an agent's conversations has which number. A conversation keeps its number until it is gone, so that key 2 is the same
// customer while others come and go.

/** @import { HeardCard } from "../shared/contract-types.js" */

/** Numbers with a key. */
export const KEYED = 5;

/** @param {string | null | undefined} time */
const timeOf = (time) => Date.parse(time ?? "") || 0;

export class SlotPlaces {
  /** The id in each slot, from 1; null where one has become free. @type {(string | null)[]} */
  #ids = [];

  /**
   * The cards with their numbers, in the order of the numbers. A new card takes the lowest free number.
   * @param {readonly HeardCard[]} mine
   * @returns {{place: number, card: HeardCard}[]}
   */
  place(mine) {
    const cards = new Map(mine.map((card) => [card.id, card]));
    this.#ids = this.#ids.map((id) => (id !== null && cards.has(id) ? id : null));
    const known = new Set(this.#ids);
    const fresh = mine.filter((card) => !known.has(card.id));
    fresh.sort((a, b) => timeOf(a.assigned_at) - timeOf(b.assigned_at));
    for (const { id } of fresh) {
      const free = this.#ids.indexOf(null);
      this.#ids[free < 0 ? this.#ids.length : free] = id;
    }
    return this.#ids.flatMap((id, index) => {
      const card = id === null ? undefined : cards.get(id);
      return card ? [{ place: index + 1, card }] : [];
    });
  }

  /** The conversation with a number, null when there is none. @param {number} place */
  at(place) {
    return this.#ids[place - 1] ?? null;
  }
}

/** Since when the customer waits for an answer, in ms. @param {HeardCard} card */
const waitsSince = (card) => card.heardAt - (card.waiting_seconds ?? 0) * 1_000;

/**
 * The next of an agent's conversations that needs an answer: the one that waits longest, or the one after `openId` when that
 * one is among them; null when all are answered.
 * @param {readonly HeardCard[]} mine
 * @param {string | null} openId
 */
export function nextUnanswered(mine, openId) {
  const waiting = mine.filter((card) => card.unanswered).sort((a, b) => waitsSince(a) - waitsSince(b));
  return after(waiting, openId);
}

/**
 * The next urgent conversation that waits, in the desk's order; after `openId` when that one is urgent, too. Conversations that are
 * offered to a colleague come only when there are no others.
 * @param {readonly HeardCard[]} waiting
 * @param {string | null} openId
 * @param {string} login  of the agent
 */
export function nextUrgent(waiting, openId, login) {
  const urgent = waiting.filter((card) => card.priority === "urgent" || card.lane);
  const free = urgent.filter((card) => !card.offer || card.offer.login === login);
  return after(free.length ? free : urgent, openId);
}

/** @param {readonly HeardCard[]} cards @param {string | null} openId */
function after(cards, openId) {
  const at = cards.findIndex((card) => card.id === openId);
  return cards[(at + 1) % cards.length] ?? null;
}
