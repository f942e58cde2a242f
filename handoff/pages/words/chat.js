// The chat's words. Chinese and English are in the first script: a conversation may be in another language than the page, and a
// question in it must not wait for the network. Traditional Chinese is loaded by the pages that need it.
import en from "./chat.en.js";
import zh from "./chat.zh.js";
import { localeOf } from "./locales.js";
import { speaker } from "./speaker.js";

const TRADITIONAL = "zh-Hant";

/** The list of the chat's languages; what is not loaded yet is read in simplified Chinese. @type {Record<string, import("./speaker.js").Words>} */
const WORDS = { zh, en };
export const CHAT_LOCALES = [...Object.keys(WORDS), TRADITIONAL];

/**
 * The chat's words in a language of CHAT_LOCALES.
 * @param {string} locale
 */
export const chatSpeaker = (locale) => (WORDS[locale] ? speaker(locale, WORDS[locale]) : speaker("zh", zh));

/**
 * Loads the words of a language that are not in the first script. Whether there are new ones.
 * @param {string} locale
 * @returns {Promise<boolean>}
 */
export async function loadChatWords(locale) {
  if (WORDS[locale] || locale !== TRADITIONAL) return false;
  try {
    WORDS[locale] = (await import("./chat.zh-Hant.js")).default;
    return true;
  } catch {
    return false; // no network: simplified Chinese can be read, too
  }
}

/**
 * The chat's words for a text with the language tag `tag`, which need not be the page's.
 * @param {string} tag
 */
export const chatSpeakerOf = (tag) => chatSpeaker(localeOf(tag, CHAT_LOCALES));
