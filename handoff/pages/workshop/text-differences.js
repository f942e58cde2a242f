// What differs between two texts, and one text from two changed copies. Pure.

/** @typedef {{kind: "same" | "gone" | "new", text: string}} DiffPiece */

// A placeholder, a run of Latin letters or digits, or one character: Chinese has no spaces between words.
const TOKENS = /\{\{\s*\w+\s*\}\}|[\p{Script=Latin}\d]+|[\s\S]/gu;
/** More pairs than this are not compared word by word: two long texts that share nothing would block the page. */
const MOST_PAIRS = 4_000_000;

/**
 * The common parts of two lists, as pairs of places.
 * @param {readonly string[]} a
 * @param {readonly string[]} b
 * @returns {[number, number][]}
 */
function matches(a, b) {
  const { length: n } = a;
  const { length: m } = b;
  if (n * m > MOST_PAIRS) return [];
  const row = m + 1;
  const lengths = new Uint16Array((n + 1) * row);
  for (let i = n - 1; i >= 0; i -= 1)
    for (let j = m - 1; j >= 0; j -= 1)
      lengths[i * row + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * row + j + 1] + 1
          : Math.max(lengths[(i + 1) * row + j], lengths[i * row + j + 1]);
  /** @type {[number, number][]} */
  const pairs = [];
  for (let i = 0, j = 0; i < n && j < m; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * row + j] >= lengths[i * row + j + 1]) i += 1;
    else j += 1;
  }
  return pairs;
}

/**
 * The pieces that lead from one text to the other, word by word.
 * @param {string} before
 * @param {string} after
 * @returns {DiffPiece[]}
 */
export function differences(before, after) {
  // Most of a text is unchanged: the ends that agree are not compared.
  const a = before.match(TOKENS) ?? [];
  const b = after.match(TOKENS) ?? [];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const [middleA, middleB] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  /** @type {DiffPiece[]} */
  const pieces = [];
  const add = (/** @type {DiffPiece["kind"]} */ kind, /** @type {readonly string[]} */ tokens) => {
    const text = tokens.join("");
    const last = pieces.at(-1);
    if (!text) return;
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  add("same", a.slice(0, head));
  let [i, j] = [0, 0];
  for (const [x, y] of [...matches(middleA, middleB), [middleA.length, middleB.length]]) {
    add("gone", middleA.slice(i, x));
    add("new", middleB.slice(j, y));
    if (x < middleA.length) add("same", [middleA[x]]);
    [i, j] = [x + 1, y + 1];
  }
  add("same", tail ? a.slice(-tail) : []);
  return pieces;
}

/** @typedef {{from: number, to: number, lines: string[]}} Hunk  lines from..to of the base became `lines` */

/** @param {readonly string[]} base @param {readonly string[]} other @returns {Hunk[]} */
function hunks(base, other) {
  /** @type {Hunk[]} */
  const found = [];
  let [i, j] = [0, 0];
  for (const [x, y] of [...matches(base, other), [base.length, other.length]]) {
    if (x > i || y > j) found.push({ from: i, to: x, lines: other.slice(j, y) });
    [i, j] = [x + 1, y + 1];
  }
  return found;
}

/**
 * Both changes of a text in one, when they are in different lines; null when they meet and a person must decide.
 * @param {string} base
 * @param {string} mine
 * @param {string} theirs
 * @returns {string | null}
 */
export function mergeTexts(base, mine, theirs) {
  if (mine === theirs || theirs === base) return mine;
  if (mine === base) return theirs;
  const lines = base.split("\n");
  const ours = hunks(lines, mine.split("\n"));
  const others = hunks(lines, theirs.split("\n"));
  const isSame = (/** @type {Hunk} */ a, /** @type {Hunk} */ b) =>
    a.from === b.from && a.to === b.to && a.lines.join("\n") === b.lines.join("\n");
  const meets = (/** @type {Hunk} */ a, /** @type {Hunk} */ b) => a.from <= b.to && b.from <= a.to;
  if (ours.some((a) => others.some((b) => meets(a, b) && !isSame(a, b)))) return null;
  const all = [...ours, ...others.filter((b) => !ours.some((a) => isSame(a, b)))].sort((a, b) => b.from - a.from);
  for (const { from, to, lines: changed } of all) lines.splice(from, to - from, ...changed);
  return lines.join("\n");
}
