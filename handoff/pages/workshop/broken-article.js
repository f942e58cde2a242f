// What can be read of an article's file whose head is broken, so that its editor does not begin anew. Pure.

/** @import { ArticleText } from "./workshop-types.js" */

const RULE = /^---[ \t]*\r?$/m;
const LINE = /^(title|owner|valid_from|valid_until)\s*:\s*(.+?)\s*$/gm;
const DOOR = /intent:\s*(\w+)\s*,\s*label:\s*([^}\n]+?)\s*\}/g;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** @param {string} words */
const unquoted = (words) => words.replace(/^(["'])(.*)\1$/, "$2");

/**
 * The fields that stand in lines of their own, and the text below the head.
 * @param {string} source  of the file
 * @returns {Partial<ArticleText>}
 */
export function recovered(source) {
  const [, head = "", ...body] = source.split(RULE);
  /** @type {Partial<ArticleText>} */
  const found = {};
  for (const [, key, value] of head.matchAll(LINE)) {
    const words = unquoted(value);
    if (key === "title" || key === "owner") found[key] = words;
    else if (DAY.test(words)) found[/** @type {"valid_from" | "valid_until"} */ (key)] = words;
  }
  const doors = [...head.matchAll(DOOR)].map(([, intent, label]) => ({ intent, label: unquoted(label) }));
  if (doors.length) found.doors = doors;
  // Without a second rule the head has no end: all of it is shown as text.
  found.text = (body.length ? body.join("---") : source).trim();
  return found;
}
