// The workshop's words; only those of the editor's language are loaded. The console's words are part of them: sign-in, errors
// and times read the same on both pages.
import { speaker } from "./speaker.js";

/** The word files of the workshop, besides the console's. */
export const WORKSHOP_FILES = ["workshop", "learning", "publishing"];

/**
 * The workshop's words in a language of CONSOLE_LOCALES.
 * @param {string} locale
 */
export async function workshopSpeaker(locale) {
  const files = ["console", ...WORKSHOP_FILES];
  const parts = await Promise.all(files.map((file) => import(`./${file}.${locale}.js`)));
  return speaker(locale, Object.assign({}, ...parts.map((part) => part.default)));
}
