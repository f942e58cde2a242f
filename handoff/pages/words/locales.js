// Chooses one of a page's languages for a browser or a text. A page's list of languages is next to its words.

const ORIGINAL = "zh";
const INTERNATIONAL = "en";

/** @param {string} tag */
const primaryOf = (tag) => tag.split(/[-_]/)[0].toLowerCase();

/**
 * The page's language for a language tag; Chinese when the page does not speak it.
 * @param {string | null | undefined} tag
 * @param {readonly string[]} locales  the page's languages
 */
export function localeOf(tag, locales) {
  return locales.find((locale) => locale === primaryOf(tag ?? "")) ?? ORIGINAL;
}

/**
 * The page's language for the browser's first language; English when the page does not speak it; null when the browser
 * names none.
 * @param {readonly string[]} locales  the page's languages
 * @param {readonly string[]} [tags]  the browser's languages
 */
export function localeOfBrowser(locales, tags = navigator.languages ?? []) {
  const [first] = tags;
  if (!first) return null;
  return locales.find((locale) => locale === primaryOf(first)) ?? INTERNATIONAL;
}

/**
 * The language in which a conversation begins: the page's; on a Chinese page in the script of the browser's first Chinese.
 * @param {string} locale
 * @param {readonly string[]} tags
 */
export function languageOfStart(locale, tags = navigator.languages ?? []) {
  const chinese = tags.find((tag) => primaryOf(tag) === "zh") ?? "";
  return locale === "zh" && /\b(hant|tw|hk|mo)\b/i.test(chinese) ? "zh-Hant" : locale;
}
