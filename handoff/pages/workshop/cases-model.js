// Safety cases: what typing finds. Pure.

/**
 * @typedef {object} SafetyCase
 * @property {string} text
 * @property {"person" | "article"} must
 * @property {string | null} [intent]
 * @property {string | null} [article]
 * @property {string | null} [reason]
 * @property {string | null} [note]
 * @property {string | null} [by]
 * @property {string | null} [by_name]
 * @property {string | null} [at]
 */

/**
 * The cases that have all words of a query, the newest first.
 * @param {readonly SafetyCase[]} cases  in the order of the file
 * @param {{query?: string, must?: "all" | "person" | "article"}} options
 * @returns {SafetyCase[]}
 */
export function listedCases(cases, { query = "", must = "all" }) {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return cases
    .filter((item) => {
      if (must !== "all" && item.must !== must) return false;
      const all = [item.text, item.note, item.article, item.by, item.by_name].join(" ").toLowerCase();
      return words.every((word) => all.includes(word));
    })
    .reverse();
}
