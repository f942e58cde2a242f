// Which rows of a long list must be in the page: those on the screen, and some above and below.

/** Rows kept ready on each side of the screen. */
const SPARE = 6;

/**
 * The rows from `first` up to, not including, `end`.
 * @param {{count: number, height: number, top: number, room: number}} list  rows; px of one row; px scrolled away; px on the screen
 * @returns {{first: number, end: number}}
 */
export function rowsOnScreen({ count, height, top, room }) {
  const first = Math.max(0, Math.floor(top / height) - SPARE);
  const end = Math.min(count, Math.ceil((top + room) / height) + SPARE);
  return { first: Math.min(first, Math.max(0, count - 1)), end: Math.max(end, Math.min(first, count)) };
}

/**
 * How far to scroll so that a row is on the screen, in px; `top` when it is there already.
 * @param {{height: number, top: number, room: number}} list
 * @param {number} index
 */
export function scrollFor({ height, top, room }, index) {
  const start = index * height;
  if (start < top) return start;
  return start + height > top + room ? start + height - room : top;
}
