// The words of the chat's second part, in all languages of the chat.
import en from "./care.en.js";
import zh from "./care.zh.js";
import hant from "./care.zh-Hant.js";
import { speaker } from "./speaker.js";

/** @type {Record<string, import("./speaker.js").Words>} */
const WORDS = { zh, en, "zh-Hant": hant };

/** @param {string} locale  of the chat's languages */
export const careSpeaker = (locale) => speaker(locale in WORDS ? locale : "zh", WORDS[locale] ?? zh);
