// The chat's words. All languages are in the first script: a conversation may be in another language than the page, and
// a question in it must not wait for the network. A language costs about 2 KB, compressed.
import en from "./chat.en.js";
import zh from "./chat.zh.js";
import { localeOf } from "./locales.js";
import { speaker } from "./speaker.js";

/** The list of the chat's languages. @type {Record<string, import("./speaker.js").Words>} */
const WORDS = { zh, en };
export const CHAT_LOCALES = Object.keys(WORDS);

/**
 * The chat's words in a language of CHAT_LOCALES.
 * @param {string} locale
 */
export const chatSpeaker = (locale) => speaker(locale, WORDS[locale]);

/**
 * The chat's words for a text with the language tag `tag`, which need not be the page's.
 * @param {string} tag
 */
export const chatSpeakerOf = (tag) => chatSpeaker(localeOf(tag, CHAT_LOCALES));
