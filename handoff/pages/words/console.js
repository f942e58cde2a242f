// The console's words; only those of the agent's language are loaded.
import { speaker } from "./speaker.js";

/** The list of the console's languages. */
export const CONSOLE_LOCALES = ["zh", "en"];

/**
 * The console's words in a language of CONSOLE_LOCALES.
 * @param {string} locale
 */
export async function consoleSpeaker(locale) {
  const { default: words } = await import(`./console.${locale}.js`);
  return speaker(locale, words);
}
