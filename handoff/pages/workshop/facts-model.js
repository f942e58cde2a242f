// Finding and changing facts: the pure part.

/** @import { Fact } from "./workshop-types.js" */

/**
 * The facts that have all words of a query in their name, value or comment; those whose value or name begins with it first.
 * @param {readonly Fact[]} facts
 * @param {string} query
 * @returns {Fact[]}
 */
export function matchingFacts(facts, query) {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [...facts];
  const found = facts.filter(({ name, zh, en, comment = "" }) => {
    const all = `${name} ${zh} ${en} ${comment}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const begins = (/** @type {Fact} */ { name, zh, en }) =>
    [name, zh, en].some((text) => text.toLowerCase().startsWith(words[0]));
  return [...found.filter(begins), ...found.filter((fact) => !begins(fact))];
}

/** The facts by their names. @param {readonly Fact[]} facts @returns {Map<string, Fact>} */
export const byName = (facts) => new Map(facts.map((fact) => [fact.name, fact]));

/**
 * How a fact's values become those of a language: `valueFor` for withMarkedValues().
 * @param {readonly Fact[]} facts
 * @param {"zh" | "en"} locale
 * @param {Readonly<Record<string, string>>} [examples]  for names that the desk fills in
 */
export function valuesIn(facts, locale, examples = {}) {
  const all = byName(facts);
  return (/** @type {string} */ name) => {
    const fact = all.get(name);
    return fact ? (locale === "en" ? fact.en : fact.zh) : Object.hasOwn(examples, name) ? examples[name] : undefined;
  };
}
