// What the buttons over a text do to it: pure functions of the text and its selection.

/** @typedef {{text: string, start: number, end: number}} Edited  the text and what is selected afterwards, in UTF-16 units */
/** @typedef {{from: number, to: number, insert: string, start: number, end: number}} Change  replace from..to, then select start..end */

const STEP = /^\s*(\d{1,2})(?:[、．)）]|\.(?!\d))\s*/;

/**
 * Turns the line of the caret, or all selected lines, into numbered steps that go on from the step above; takes the numbers away
 * when all of them are steps. Steps that follow without a gap are numbered anew.
 * @param {Edited} edited
 * @returns {Change}
 */
export function toggleSteps({ text, start, end }) {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const stop = text.indexOf("\n", end);
  const to = stop < 0 ? text.length : stop;
  const lines = text.slice(from, to).split("\n");
  const filled = lines.filter((line) => line.trim());
  const areSteps = filled.length > 0 && filled.every((line) => STEP.test(line));
  const above = STEP.exec(
    text
      .slice(0, Math.max(0, from - 1))
      .split("\n")
      .at(-1) ?? "",
  );
  let number = from > 0 && above ? Number(above[1]) : 0;
  const changed = lines.map((line) => {
    if (areSteps) return line.replace(STEP, "");
    if (!line.trim() && lines.length > 1) return line;
    number += 1;
    return `${number}. ${line.replace(STEP, "").trimStart()}`;
  });
  if (areSteps) number = 0;
  const rest = text.slice(to);
  const followed = renumber(rest, number);
  const insert = changed.join("\n");
  const isCollapsed = start === end;
  const caret = from + insert.length;
  return {
    from,
    to: to + followed.length,
    insert: insert + followed.words,
    start: isCollapsed ? caret : from,
    end: caret,
  };
}

/** The steps right below, numbered after `number`. @param {string} rest  from a line's end on @param {number} number */
function renumber(rest, number) {
  let length = 0;
  let words = "";
  let last = number;
  for (const line of rest.split("\n").slice(1)) {
    const step = STEP.exec(line);
    if (!step) break;
    last += 1;
    length += line.length + 1;
    words += `\n${last}. ${line.slice(step[0].length)}`;
  }
  return { length, words };
}

/**
 * Makes the selection bold, or takes the stars away when it is bold; without a selection writes a pair of stars around the caret.
 * @param {Edited} edited
 * @returns {Change}
 */
export function toggleBold({ text, start, end }) {
  const isBold = text.slice(start - 2, start) === "**" && text.slice(end, end + 2) === "**";
  const words = text.slice(start, end);
  if (isBold) return { from: start - 2, to: end + 2, insert: words, start: start - 2, end: end - 2 };
  return { from: start, to: end, insert: `**${words}**`, start: start + 2, end: end + 2 };
}

/**
 * Writes `words` in place of the selection; the caret goes behind them.
 * @param {Edited} edited
 * @param {string} words
 * @returns {Change}
 */
export function insertWords({ start, end }, words) {
  return { from: start, to: end, insert: words, start: start + words.length, end: start + words.length };
}

/**
 * Enter at the end of a step begins the next one; on an empty step it ends the list. null: an ordinary line break.
 * @param {Edited} edited
 * @returns {Change | null}
 */
export function nextStep({ text, start, end }) {
  if (start !== end) return null;
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const step = STEP.exec(text.slice(from, start));
  if (!step) return null;
  if (!text.slice(from + step[0].length, start).trim()) return { from, to: start, insert: "", start: from, end: from };
  const insert = `\n${Number(step[1]) + 1}. `;
  const stop = text.indexOf("\n", start);
  const lineEnd = stop < 0 ? text.length : stop;
  const followed = renumber(text.slice(lineEnd), Number(step[1]) + 1);
  const caret = start + insert.length;
  return {
    from: start,
    to: lineEnd + followed.length,
    insert: insert + text.slice(start, lineEnd) + followed.words,
    start: caret,
    end: caret,
  };
}
