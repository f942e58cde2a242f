// Functions of the word files for values inside texts.

// Marks that set the writing direction: in a name they would reverse the rest of the sentence.
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A name without marks of writing direction.
 * @param {string} name
 */
export const plain = (name) => name.replace(DIRECTION_MARKS, "");

/**
 * Whole minutes for a number of seconds, at least one.
 * @param {number} seconds
 */
export const minutes = (seconds) => Math.max(1, Math.ceil(seconds / 60));

const LONG_S = 2 * 3_600;

/**
 * The words for an expected wait between two numbers of seconds, by the same rule as the desk's messages.
 * @param {object} words
 * @param {(high: number) => string} words.within  minutes
 * @param {(high: number) => string} words.about
 * @param {(low: number, high: number) => string} words.between
 * @param {(hours: number) => string} words.over
 */
export const range =
  ({ within, about, between, over }) =>
  (/** @type {number} */ lowSeconds, /** @type {number} */ highSeconds) => {
    const [low, high] = [Math.floor(lowSeconds / 60), minutes(highSeconds)];
    if (lowSeconds >= LONG_S) return over(Math.floor(lowSeconds / 3_600));
    if (low >= high) return about(high);
    return low < 1 ? within(high) : between(low, high);
  };
