// Which options match what is typed.

/** @typedef {{id: string, name: string, hint?: string}} Option */

const MOST = 60;

/**
 * The options that contain all typed words, in the name, the hint or the id; those whose name starts with the text first.
 * @param {readonly Option[]} options
 * @param {string} typed
 * @returns {Option[]}  at most 60
 */
export function matching(options, typed) {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (/** @type {Option} */ { id, name }) => {
    const start = words[0] ?? "";
    if (name.toLowerCase().startsWith(start)) return 0;
    return name.toLowerCase().includes(start) || id.startsWith(start) ? 1 : 2;
  };
  return options
    .filter(({ id, name, hint = "" }) => {
      const text = `${name} ${hint} ${id}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .map((option, place) => ({ option, place }))
    .sort((a, b) => rank(a.option) - rank(b.option) || a.place - b.place)
    .slice(0, MOST)
    .map(({ option }) => option);
}
