// The console's words; only those of the agent's language are loaded.
import { speaker } from "./speaker.js";

/**
 * The console's words in a language of LOCALES.
 * @param {string} locale
 */
export async function consoleSpeaker(locale) {
  const { default: words } = await import(`./console.${locale}.js`);
  return speaker(locale, words);
}
