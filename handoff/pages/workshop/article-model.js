// Articles as an editor changes them: pure functions of their texts.
import { mergeTexts } from "./text-differences.js";

/** @import { ArticleEntry, ArticleText, Door, TextLocale } from "./workshop-types.js" */

/** The fields of a text that an editor changes. */
export const FIELDS = /** @type {const} */ (["title", "text", "doors", "valid_from", "valid_until", "owner"]);
/** @typedef {(typeof FIELDS)[number]} Field */

export const LOCALES = /** @type {const} */ (["zh", "en"]);
export const MOST_DOORS = 2;
export const LONGEST_LABEL = { zh: 12, en: 32 };

/** A field as text, to compare it and to show it. @param {ArticleText} article @param {Field} field @returns {string} */
export function fieldWords(article, field) {
  if (field === "doors") return article.doors.map(({ intent, label }) => `${label} → ${intent}`).join("\n");
  return article[field] ?? "";
}

/**
 * The fields in which two texts differ.
 * @param {ArticleText} a
 * @param {ArticleText} b
 * @returns {Field[]}
 */
export const changedFields = (a, b) => FIELDS.filter((field) => fieldWords(a, field) !== fieldWords(b, field));

/**
 * What became of a field that somebody else saved meanwhile: "theirs" and "mine" where only one of us changed it, "same", or
 * "both", where the editor decides; with the merged value where the changes are in different lines.
 * @typedef {object} FieldConflict
 * @property {Field} field
 * @property {"mine" | "theirs" | "both"} changedBy
 * @property {string | null} merged  of the text only
 */

/**
 * @param {{base: ArticleText, mine: ArticleText, theirs: ArticleText}} sides
 * @returns {FieldConflict[]}  the fields in which my text and theirs differ
 */
export function conflictsOf({ base, mine, theirs }) {
  return changedFields(mine, theirs).map((field) => {
    const [was, my, their] = [base, mine, theirs].map((side) => fieldWords(side, field));
    const changedBy = my === was ? "theirs" : their === was ? "mine" : "both";
    const merged = field === "text" && changedBy === "both" ? mergeTexts(was, my, their) : null;
    return { field, changedBy, merged };
  });
}

/**
 * The text with each field from the side that the editor took.
 * @param {ArticleText} mine
 * @param {ArticleText} theirs
 * @param {Partial<Record<Field, "mine" | "theirs">>} taken
 * @param {string | null} [text]  merged by hand
 * @returns {ArticleText}
 */
export function resolved(mine, theirs, taken, text = null) {
  /** @type {ArticleText} */
  const result = { ...mine };
  for (const [field, side] of Object.entries(taken))
    if (side === "theirs") Object.assign(result, { [field]: theirs[/** @type {Field} */ (field)] });
  return text === null ? result : { ...result, text };
}

/** A text that does not exist yet. @param {Partial<ArticleText>} [of] @returns {ArticleText} */
export const emptyText = ({ doors = [], valid_from = null, valid_until = null, owner = "", intents = [] } = {}) => ({
  title: "",
  text: "",
  doors: doors.map(({ intent }) => ({ intent, label: "" })),
  valid_from,
  valid_until,
  owner,
  intents,
});

const DAY_MS = 86_400_000;

/** Whole days from one date to another. @param {string} from  YYYY-MM-DD @param {string} to */
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/**
 * How an article stands to its dates: expired, expires in `days` days, not valid yet, or has no end. The nearest end of its languages.
 * @param {Pick<ArticleEntry, "locales">} article
 * @param {string} today  YYYY-MM-DD
 * @returns {{state: "expired" | "early" | "valid" | "endless", until: string | null, days: number | null}}
 */
export function validityOf({ locales }, today) {
  const texts = Object.values(locales);
  const ends = texts.map(({ valid_until: until }) => until).filter((until) => until !== null && until !== undefined);
  const until = ends.sort().at(0) ?? null;
  if (until && until < today) return { state: "expired", until, days: daysBetween(today, until) };
  if (texts.some(({ valid_from: from }) => from && from > today)) return { state: "early", until, days: null };
  if (!until) return { state: "endless", until: null, days: null };
  return { state: "valid", until, days: daysBetween(today, until) };
}

/** The title in the page's language, else in another one, else the id. @param {Pick<ArticleEntry, "id" | "locales">} article @param {string} locale */
export function titleOf({ id, locales }, locale) {
  const own = locales[/** @type {TextLocale} */ (locale)]?.title;
  return own || locales.zh?.title || locales.en?.title || id;
}

/**
 * What the form of the doors refuses before the desk is asked: the number of a door and the key of the words, or null.
 * @param {readonly Door[]} doors
 * @param {"zh" | "en"} locale
 */
export function doorProblem(doors, locale) {
  for (const [index, { intent, label }] of doors.entries()) {
    const words = label.trim();
    if (!words) return { index, key: "doors.no_label" };
    if ([...words].length > LONGEST_LABEL[locale]) return { index, key: `doors.long.${locale}` };
    if (doors.some((other, at) => at < index && other.intent === intent)) return { index, key: "doors.twice" };
  }
  return null;
}
