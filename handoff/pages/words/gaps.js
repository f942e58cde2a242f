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
