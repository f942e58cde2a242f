// The shapes of the workshop's part of the desk's HTTP contract (docs/contracts.md) that more than one module uses.

/** @import { InBoth } from "../shared/contract-types.js" */

/** @typedef {"zh" | "en"} TextLocale  a language in which editors write; traditional Chinese is made from zh */

/**
 * Something that is wrong, or may be wrong, with a text.
 * @typedef {object} Problem
 * @property {string} code
 * @property {string} zh
 * @property {string} en
 * @property {"block" | "warn"} [severity]  block: it cannot be saved so
 * @property {string} [field]  title, text, doors, valid_from, valid_until, owner, intents
 * @property {string} [locale]
 * @property {number | null} [start]  in code points of the text
 * @property {number | null} [end]
 * @property {string} [file]
 * @property {number} [line]
 * @property {string | null} [fix]  what to write instead, such as {{ refund_card_arrival }}
 */

/** @typedef {{intent: string, label: string}} Door */

/**
 * One language of an article, as it is saved.
 * @typedef {object} ArticleText
 * @property {string} title
 * @property {string} text
 * @property {Door[]} doors
 * @property {string | null} valid_from  YYYY-MM-DD
 * @property {string | null} valid_until
 * @property {string} owner
 * @property {string[]} intents
 * @property {string} [revision]
 * @property {string} [broken]  the file, when its head cannot be read
 * @property {string | null} [by_name]  of the last change
 * @property {string | null} [at]
 */

/**
 * @typedef {object} ArticleEntry  of the list
 * @property {string} id
 * @property {string[]} intents
 * @property {string} owner
 * @property {Partial<Record<TextLocale, {title: string, valid_from: string | null, valid_until: string | null, revision?: string}>>} locales
 * @property {TextLocale[]} missing_locales
 * @property {Door[]} [doors]
 * @property {Problem[]} [problems]
 * @property {number | null} [asked_week]
 * @property {number | null} [solved_share]  0 to 1
 * @property {number | null} [person_share]  0 to 1
 * @property {string | null} [changed_at]
 * @property {string | null} [changed_by]
 */

/**
 * @typedef {object} ArticleChange
 * @property {string} at
 * @property {string} [by]
 * @property {string | null} [by_name]
 * @property {string} [locale]
 * @property {Partial<ArticleText> | null} [before]
 * @property {Partial<ArticleText> | null} [after]
 */

/**
 * @typedef {object} ArticleDetail
 * @property {string} id
 * @property {string[]} intents
 * @property {string} owner
 * @property {Partial<Record<TextLocale, ArticleText>>} locales
 * @property {Problem[]} [problems]
 * @property {number | null} [asked_week]
 * @property {number | null} [solved_share]
 * @property {number | null} [person_share]
 * @property {ArticleChange[]} [history]
 * @property {string[]} [door_intents]  the intents to which a door may lead
 */

/** @typedef {{kind: string, id: string, locale?: string, title?: string}} TextUse  where a fact stands */
/** @typedef {{name: string, zh: string, en: string, comment?: string, uses?: TextUse[]}} Fact */
/** @typedef {{kind: string, id: string, locale?: string, title?: string, before: string, after: string}} ChangedText */
/** @typedef {InBoth & {articles: {id: string, locale?: string}[]}} Contradiction */
/** @typedef {{file: string, kind?: string, id?: string, zh: string, en: string, before?: string, after?: string, by?: string, at?: string}} DraftChange */
/** @typedef {{data_revision: string, live_revision: string | null, is_valid: boolean, problem: (InBoth & {file: string, line?: number | null}) | null, changes: DraftChange[]}} Draft */
/** @typedef {Partial<Record<"zh" | "en" | "hant", {text: string}>> & {problems: Problem[]}} Preview */

/**
 * The sentence of a text in both languages, in the page's language.
 * @param {{zh: string, en: string}} words
 * @param {{locale: string}} say
 */
export const inLanguage = ({ zh, en }, { locale }) => (locale === "en" ? en || zh : zh || en);
