// The list of articles: what typing finds, and the orders. Pure.
import { titleOf, validityOf } from "./article-model.js";

/** @import { ArticleEntry } from "./workshop-types.js" */

/** @typedef {"title" | "until" | "asked" | "solved" | "changed"} Order */
export const ORDERS = /** @type {const} */ (["title", "until", "asked", "solved", "changed"]);
export const FILTERS = /** @type {const} */ (["all", "missing", "expiring", "problems", "unsolved", "unused"]);
/** @typedef {(typeof FILTERS)[number]} Filter */

/** An article "expires soon" so many days before its end. */
export const SOON_DAYS = 30;
/** Below this share an answer counts as one that does not solve; with fewer questions a share says nothing. */
export const POOR_SHARE = 0.6;
export const FEW_QUESTIONS = 5;

/** @type {Record<Filter, (article: ArticleEntry, today: string) => boolean>} */
const FITS = {
  all: () => true,
  missing: ({ missing_locales: missing }) => missing.length > 0,
  expiring: (article, today) => {
    const { state, days } = validityOf(article, today);
    return state === "expired" || (days !== null && days <= SOON_DAYS);
  },
  problems: ({ problems = [] }) => problems.length > 0,
  unsolved: ({ asked_week: asked, solved_share: solved }) =>
    (asked ?? 0) >= FEW_QUESTIONS && solved !== null && solved !== undefined && solved < POOR_SHARE,
  unused: ({ asked_week: asked }) => asked === 0,
};

/** @param {ArticleEntry} article @param {Filter} filter @param {string} today */
export const fits = (article, filter, today) => FITS[filter](article, today);

/**
 * The articles that have all words of the query in a title, the id, the owner or an intent's name.
 * @param {readonly ArticleEntry[]} articles
 * @param {{query?: string, filter?: Filter, order?: Order, today: string, locale: string, intentName?: (id: string) => string}} options
 */
export function listed(
  articles,
  { query = "", filter = "all", order = "title", today, locale, intentName = (id) => id },
) {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const found = articles.filter((article) => {
    if (!fits(article, filter, today)) return false;
    const titles = Object.values(article.locales).map(({ title }) => title);
    const all = [article.id, article.owner, ...titles, ...article.intents.map(intentName)].join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const title = (/** @type {ArticleEntry} */ article) => titleOf(article, locale);
  const compare = new Intl.Collator(locale === "en" ? "en" : "zh-Hans-CN").compare;
  /** @type {Record<Order, (a: ArticleEntry, b: ArticleEntry) => number>} */
  const orders = {
    title: () => 0,
    until: (a, b) => (validityOf(a, today).until ?? "9999").localeCompare(validityOf(b, today).until ?? "9999"),
    asked: (a, b) => (b.asked_week ?? -1) - (a.asked_week ?? -1),
    solved: (a, b) => (a.solved_share ?? 2) - (b.solved_share ?? 2),
    changed: (a, b) => (b.changed_at ?? "").localeCompare(a.changed_at ?? ""),
  };
  return found.sort((a, b) => orders[order](a, b) || compare(title(a), title(b)));
}

/**
 * The day on which most articles end, when that is more than a handful: nobody can review them all in one week.
 * @param {readonly ArticleEntry[]} articles
 * @returns {{until: string, ids: string[]} | null}
 */
export function crowdedDay(articles, most = 10) {
  /** @type {Map<string, string[]>} */
  const days = new Map();
  for (const article of articles) {
    const ends = new Set(Object.values(article.locales).map(({ valid_until: until }) => until));
    for (const until of ends) if (until) days.set(until, [...(days.get(until) ?? []), article.id]);
  }
  const [day] = [...days].sort(([, a], [, b]) => b.length - a.length);
  return day && day[1].length > most ? { until: day[0], ids: day[1] } : null;
}
