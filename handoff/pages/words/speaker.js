// Says a page's words in one language.

/**
 * A page's words in one language: a text, a text with gaps, or several texts. Gaps come in the order of the arguments.
 * @typedef {Readonly<Record<string, string | readonly string[] | ((...gaps: never[]) => string)>>} Words
 */

/** @typedef {string | number | null | undefined} Gap */

/**
 * `say("chat.queue.place", 2)` is the text of a key; an unknown key throws.
 * @typedef {object} SayFields
 * @property {(key: string) => boolean} knows  whether there is a text for the key
 * @property {(key: string) => readonly string[]} list  the texts of a key that has several
 * @property {string} locale  as in the list of the page's languages
 * @property {string} tag  the language tag for HTML and Intl
 */
/** @typedef {((key: string, ...gaps: Gap[]) => string) & SayFields} Say */

/**
 * @param {string} locale
 * @param {Words} words  with the language tag under "locale.tag"
 * @returns {Say}
 */
export function speaker(locale, words) {
  const find = (/** @type {string} */ key) => {
    const found = Object.hasOwn(words, key) ? words[key] : undefined;
    if (found === undefined) throw new Error(`no words for ${key} in ${locale}`);
    return found;
  };
  /** @param {string} key @param {Gap[]} gaps */
  const say = (key, ...gaps) => {
    const found = find(key);
    if (typeof found === "function") return /** @type {(...gaps: Gap[]) => string} */ (found)(...gaps);
    return String(found);
  };
  const list = (/** @type {string} */ key) => [find(key)].flat().map(String);
  const knows = (/** @type {string} */ key) => Object.hasOwn(words, key);
  return Object.assign(say, { knows, list, locale, tag: String(find("locale.tag")) });
}
