// Chooses one of a page's languages for a browser or a text. A page's list of languages is next to its words.

const ORIGINAL = "zh";
const INTERNATIONAL = "en";
const TRADITIONAL = "zh-Hant";
// Tags of traditional Chinese: by its script, or by a region that writes it.
const HANT = /\b(hant|tw|hk|mo)\b/i;

/** @param {string} tag */
const primaryOf = (tag) => tag.split(/[-_]/)[0].toLowerCase();

/**
 * The language of `locales` that `tag` asks for, or undefined.
 * @param {string} tag
 * @param {readonly string[]} locales
 */
function match(tag, locales) {
  const primary = primaryOf(tag);
  if (primary === ORIGINAL && HANT.test(tag) && locales.includes(TRADITIONAL)) return TRADITIONAL;
  return locales.find((locale) => locale === primary);
}

/**
 * The page's language for a language tag; Chinese when the page does not speak it.
 * @param {string | null | undefined} tag
 * @param {readonly string[]} locales  the page's languages
 */
export function localeOf(tag, locales) {
  return match(tag ?? "", locales) ?? ORIGINAL;
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
  return match(first, locales) ?? INTERNATIONAL;
}

/**
 * The language in which a conversation begins: the page's; on a Chinese page in the script of the browser's first Chinese.
 * @param {string} locale
 * @param {readonly string[]} tags
 */
export function languageOfStart(locale, tags = navigator.languages ?? []) {
  const chinese = tags.find((tag) => primaryOf(tag) === "zh") ?? "";
  return locale === ORIGINAL && HANT.test(chinese) ? TRADITIONAL : locale;
}

/**
 * A text in a page's language; a text of the desk is one string, or one for each language. Traditional Chinese falls back to
 * simplified.
 * @param {string | Readonly<Record<string, string>> | null | undefined} text
 * @param {string} locale
 */
export function localizedText(text, locale) {
  if (!text || typeof text === "string") return text ?? "";
  return text[locale] ?? text[primaryOf(locale)] ?? text[ORIGINAL] ?? Object.values(text)[0] ?? "";
}
