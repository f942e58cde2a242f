// Facts in a text: {{ refund_card_arrival }}. The pure part: where they stand, and how an edit keeps each of them whole.

const CHIP = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/g;
/** A brace pair, open or closed, that is no whole placeholder. */
const LOOSE = /\{\{|\}\}/g;

/** @typedef {{kind: "text" | "fact" | "loose", from: number, to: number, name?: string}} Piece  from and to in UTF-16 units */

/** A placeholder as it is written into a text. @param {string} name */
export const placeholder = (name) => `{{ ${name} }}`;

/**
 * The text in pieces: facts, loose braces, and what is between them.
 * @param {string} text
 * @returns {Piece[]}
 */
export function piecesOf(text) {
  /** @type {Piece[]} */
  const pieces = [];
  const add = (/** @type {number} */ from, /** @type {number} */ to) => {
    let at = from;
    for (const match of text.slice(from, to).matchAll(LOOSE)) {
      const start = from + match.index;
      if (start > at) pieces.push({ kind: "text", from: at, to: start });
      pieces.push({ kind: "loose", from: start, to: start + 2 });
      at = start + 2;
    }
    if (to > at) pieces.push({ kind: "text", from: at, to });
  };
  let from = 0;
  for (const match of text.matchAll(CHIP)) {
    add(from, match.index);
    from = match.index + match[0].length;
    pieces.push({ kind: "fact", from: match.index, to: from, name: match[1] });
  }
  add(from, text.length);
  return pieces;
}

/** The names of the facts in a text, each once. @param {string} text */
export const factNames = (text) => [...new Set([...text.matchAll(CHIP)].map((match) => match[1]))];

/**
 * The selection that an edit gets so that no placeholder is cut; null when the edit is fine as it is.
 * @param {string} text
 * @param {{start: number, end: number}} selection
 * @param {string} inputType  of the InputEvent
 * @returns {{start: number, end: number} | null}
 */
export function guardedSelection(text, { start, end }, inputType) {
  const chips = piecesOf(text).filter(({ kind }) => kind === "fact");
  if (start !== end) {
    const first = chips.find(({ from, to }) => from < start && start < to);
    const last = chips.find(({ from, to }) => from < end && end < to);
    return first || last ? { start: first?.from ?? start, end: last?.to ?? end } : null;
  }
  const isBackward = /^delete.*Backward$/.test(inputType);
  const isForward = /^delete.*Forward$/.test(inputType);
  const chip = chips.find(({ from, to }) =>
    isBackward ? from < start && start <= to : isForward ? from <= start && start < to : from < start && start < to,
  );
  if (!chip) return null;
  return isBackward || isForward ? { start: chip.from, end: chip.to } : { start: chip.to, end: chip.to };
}

/** Marks around a value inside a rendered text; not in Unicode's text, so no editor can write them. */
const OPEN = "\uE000";
const CLOSE = "\uE001";
export const MARKED_VALUE = new RegExp(`${OPEN}([^${CLOSE}]*)${CLOSE}`, "g");

/**
 * The text as a customer reads it, each fact's value between marks; unknown facts stay placeholders.
 * @param {string} text
 * @param {(name: string) => string | undefined} valueFor
 */
export function withMarkedValues(text, valueFor) {
  return text.replace(CHIP, (all, name) => {
    const value = valueFor(name);
    return value === undefined ? `${OPEN}${all}${CLOSE}` : `${OPEN}${value}${CLOSE}`;
  });
}

/** The text without the marks of withMarkedValues(). @param {string} text */
export const withoutMarks = (text) => text.replaceAll(OPEN, "").replaceAll(CLOSE, "");

/**
 * A place in code points, as the desk counts, in UTF-16 units, as the browser counts.
 * @param {string} text
 * @param {number} points
 */
export function unitsOf(text, points) {
  let units = 0;
  for (let point = 0; point < points && units < text.length; point += 1)
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}

/**
 * Where something may be inserted: not inside a chip.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 */
export const insertable = (text, start, end) => guardedSelection(text, { start, end }, "insertText") ?? { start, end };
