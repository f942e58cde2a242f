// The board's words; only those of the supervisor's language are loaded. The console's words are part of them: sign-in,
// priorities, durations and errors read the same on both pages.
import { speaker } from "./speaker.js";

/**
 * The board's words in a language of CONSOLE_LOCALES.
 * @param {string} locale
 */
export async function boardSpeaker(locale) {
  const [{ default: console }, { default: board }] = await Promise.all([
    import(`./console.${locale}.js`),
    import(`./board.${locale}.js`),
  ]);
  return speaker(locale, { ...console, ...board });
}
