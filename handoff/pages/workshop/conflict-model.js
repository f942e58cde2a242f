// Two people changed the same thing: which fields differ, what is decided already, and the result of what the editor took. Pure.
import { mergeTexts } from "./text-differences.js";

/**
 * How the fields of a thing are compared and shown.
 * @template Thing
 * @typedef {object} Shape
 * @property {readonly string[]} fields
 * @property {(thing: Thing, field: string) => string} words  a field as text
 * @property {Record<string, (words: string) => unknown>} written  the fields that can be merged by hand: text to value
 */

/**
 * What became of a field: "theirs" and "mine" where only one side changed it, "both" where the editor decides; with the merged
 * text where the changes are in different lines.
 * @typedef {{field: string, changedBy: "mine" | "theirs" | "both", merged: string | null}} FieldConflict
 */
/** @template Thing @typedef {{base: Thing, mine: Thing, theirs: Thing}} Sides */

/**
 * The fields in which two versions differ.
 * @template Thing
 * @param {Shape<Thing>} shape
 * @param {Thing} a
 * @param {Thing} b
 */
export const changedIn = (shape, a, b) =>
  shape.fields.filter((field) => shape.words(a, field) !== shape.words(b, field));

/**
 * The fields in which my version and theirs differ.
 * @template Thing
 * @param {Shape<Thing>} shape
 * @param {Sides<Thing>} sides
 * @returns {FieldConflict[]}
 */
export function conflictsOf(shape, { base, mine, theirs }) {
  return changedIn(shape, mine, theirs).map((field) => {
    const [was, my, their] = [base, mine, theirs].map((side) => shape.words(side, field));
    const changedBy = my === was ? "theirs" : their === was ? "mine" : "both";
    const merged = changedBy === "both" && shape.written[field] ? mergeTexts(was, my, their) : null;
    return { field, changedBy, merged };
  });
}

/**
 * My version with each field from the side that the editor took, or as merged by hand.
 * @template Thing
 * @param {Shape<Thing>} shape
 * @param {Thing} mine
 * @param {Thing} theirs
 * @param {Record<string, "mine" | "theirs">} taken
 * @param {Record<string, string>} [merged]
 * @returns {Thing}
 */
export function resolved(shape, mine, theirs, taken, merged = {}) {
  const result = /** @type {Record<string, unknown>} */ ({ ...mine });
  const their = /** @type {Record<string, unknown>} */ (theirs);
  for (const field of shape.fields) if (taken[field] === "theirs") result[field] = their[field];
  for (const [field, words] of Object.entries(merged)) result[field] = shape.written[field](words);
  return /** @type {Thing} */ (result);
}
