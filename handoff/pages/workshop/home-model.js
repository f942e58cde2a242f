// What needs an editor, from the lists of the desk. Pure.
import { crowdedDay, FEW_QUESTIONS, POOR_SHARE, SOON_DAYS } from "./article-list-model.js";
import { daysBetween, validityOf } from "./article-model.js";

/** @import { ArticleEntry } from "./workshop-types.js" */

/**
 * @param {readonly ArticleEntry[]} articles
 * @param {string} today  YYYY-MM-DD
 */
export function tasksOf(articles, today) {
  const validity = new Map(articles.map((article) => [article, validityOf(article, today)]));
  const of = (/** @type {ArticleEntry} */ article) =>
    /** @type {ReturnType<typeof validityOf>} */ (validity.get(article));
  const expired = articles.filter((article) => of(article).state === "expired");
  const expiring = articles
    .filter((article) => of(article).state === "valid" && (of(article).days ?? Number.POSITIVE_INFINITY) <= SOON_DAYS)
    .sort((a, b) => (of(a).days ?? 0) - (of(b).days ?? 0));
  const unsolved = articles
    .filter(
      ({ asked_week: asked, solved_share: solved }) => (asked ?? 0) >= FEW_QUESTIONS && (solved ?? 1) < POOR_SHARE,
    )
    // The most people who left without an answer first.
    .sort((a, b) => missesOf(b) - missesOf(a));
  return {
    expired,
    expiring,
    crowded: crowdedDay(articles.filter((article) => of(article).state !== "expired")),
    unsolved,
    missing: articles.filter(({ missing_locales: missing }) => missing.length > 0),
    blocked: articles.filter(({ problems = [] }) => problems.some(({ severity }) => severity === "block")),
  };
}

/** The customers of a week whom the article did not help. @param {ArticleEntry} article */
const missesOf = ({ asked_week: asked, solved_share: solved }) => (asked ?? 0) * (1 - (solved ?? 1));

/**
 * The days between which articles that all end on one day are spread: around that day, never in the past, at least three months.
 * @param {string} until
 * @param {string} today
 */
export function spreadOf(until, today) {
  const day = (/** @type {number} */ ms) => new Date(ms).toISOString().slice(0, 10);
  const end = Date.parse(until);
  const half = 183 * 86_400_000;
  const first = Math.max(end - half, Date.parse(today) + 31 * 86_400_000);
  return { from: day(first), until: day(Math.max(end, first + half / 2)), days: daysBetween(today, until) };
}
