// Articles, facts, conflicts, the first view: what the workshop's pages compute from the desk's lists.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BrowserStore } from "../../handoff/pages/shared/browser-store.js";
import { crowdedDay, listed } from "../../handoff/pages/workshop/article-list-model.js";
import {
  ARTICLE_SHAPE,
  changedFields,
  doorProblem,
  emptyText,
  validityOf,
} from "../../handoff/pages/workshop/article-model.js";
import { recovered } from "../../handoff/pages/workshop/broken-article.js";
import { listedCases } from "../../handoff/pages/workshop/cases-model.js";
import { conflictsOf, resolved } from "../../handoff/pages/workshop/conflict-model.js";
import { matchingFacts } from "../../handoff/pages/workshop/facts-model.js";
import { spreadOf, tasksOf } from "../../handoff/pages/workshop/home-model.js";
import { UnsavedTexts } from "../../handoff/pages/workshop/unsaved-texts.js";
import { placeOf, VIEWS } from "../../handoff/pages/workshop/views.js";
import { installBrowser } from "./browser-parts.js";

/** @import { ArticleEntry, ArticleText } from "../../handoff/pages/workshop/workshop-types.js" */

installBrowser(); // without localStorage: the store falls back to memory
const TODAY = "2026-11-30";

/** @param {string} id @param {Partial<ArticleEntry> & {until?: string | null, title?: string}} [more] @returns {ArticleEntry} */
const article = (id, { until = "2027-12-31", title = id, ...more } = {}) => ({
  id,
  intents: [id],
  owner: "content-payments",
  locales: {
    zh: { title, valid_from: "2026-01-01", valid_until: until },
    en: { title: `About ${id}`, valid_from: "2026-01-01", valid_until: until },
  },
  missing_locales: [],
  ...more,
});

/** @param {Partial<ArticleText>} more @returns {ArticleText} */
const text = (more) => ({ ...emptyText(), title: "标题", text: "一。\n二。\n三。", valid_from: "2026-01-01", ...more });

test("an article is valid on its last day, expired the day after, and the nearer end of its languages counts", () => {
  const of = (/** @type {string | null} */ until) => validityOf(article("a", { until }), TODAY);
  assert.deepEqual(of("2026-11-30"), { state: "valid", until: "2026-11-30", days: 0 });
  assert.deepEqual(of("2026-11-29"), { state: "expired", until: "2026-11-29", days: -1 });
  assert.deepEqual(of(null), { state: "endless", until: null, days: null });
  const mixed = article("a");
  if (mixed.locales.en) mixed.locales.en.valid_until = "2026-12-05";
  assert.deepEqual(validityOf(mixed, TODAY), { state: "valid", until: "2026-12-05", days: 5 });
  if (mixed.locales.zh) mixed.locales.zh.valid_from = "2026-12-01";
  assert.equal(validityOf(mixed, TODAY).state, "early");
});

test("typing finds by title, intent name and owner, all words at once", () => {
  const articles = [
    article("fees", { title: "手续费" }),
    article("transfer", { title: "转账", owner: "content-transfers" }),
  ];
  const find = (/** @type {string} */ query) =>
    listed(articles, { query, today: TODAY, locale: "zh", intentName: (id) => (id === "fees" ? "收费标准" : id) }).map(
      ({ id }) => id,
    );
  assert.deepEqual(find("手续"), ["fees"]);
  assert.deepEqual(find("收费"), ["fees"]);
  assert.deepEqual(find("about CONTENT-transfers"), ["transfer"]);
  assert.deepEqual(find("手续 转账"), []);
  assert.equal(find("").length, 2);
});

test("each order and each filter says what its name promises", () => {
  const articles = [
    article("a", { until: "2026-12-10", asked_week: 3, solved_share: 0.9 }),
    article("b", { until: "2026-11-01", asked_week: 90, solved_share: 0.2 }),
    article("c", { until: null, asked_week: 0, missing_locales: ["en"] }),
  ];
  const ids = (/** @type {object} */ options) =>
    listed(articles, { today: TODAY, locale: "zh", ...options }).map(({ id }) => id);
  assert.deepEqual(ids({ order: "until" }), ["b", "a", "c"]);
  assert.deepEqual(ids({ order: "asked" }), ["b", "a", "c"]);
  assert.deepEqual(ids({ order: "solved" }), ["b", "a", "c"]);
  assert.deepEqual(ids({ filter: "expiring" }), ["a", "b"]);
  assert.deepEqual(ids({ filter: "missing" }), ["c"]);
  assert.deepEqual(ids({ filter: "unsolved" }), ["b"]);
  assert.deepEqual(ids({ filter: "unused" }), ["c"]);
});

test("many articles that end on one day are named, a handful is not, and an article counts once", () => {
  const many = Array.from({ length: 94 }, (_, index) => article(`a${index}`));
  assert.deepEqual([crowdedDay(many)?.until, crowdedDay(many)?.ids.length], ["2027-12-31", 94]);
  assert.equal(crowdedDay(many.slice(0, 5)), null);
  assert.equal(tasksOf(many, TODAY).crowded?.ids.length, 94);
});

test("what needs an editor: the expired, the soon expiring by day, the unsolved by how many it failed", () => {
  const tasks = tasksOf(
    [
      article("late", { until: "2026-11-29" }),
      article("soon2", { until: "2026-12-20" }),
      article("soon1", { until: "2026-12-02" }),
      article("few", { asked_week: 4, solved_share: 0 }),
      article("bad", { asked_week: 10, solved_share: 0.1 }),
      article("worse", { asked_week: 100, solved_share: 0.5 }),
    ],
    TODAY,
  );
  assert.deepEqual(
    [tasks.expired, tasks.expiring, tasks.unsolved].map((found) => found.map(({ id }) => id)),
    [["late"], ["soon1", "soon2"], ["worse", "bad"]],
  );
});

test("days are spread around the crowded one, never into the coming month", () => {
  assert.deepEqual(spreadOf("2027-12-31", TODAY), { from: "2027-07-01", until: "2027-12-31", days: 396 });
  const near = spreadOf("2026-12-05", TODAY);
  assert.ok(near.from > "2026-12-30" && near.until > near.from, JSON.stringify(near));
});

test("a door needs words that fit on a phone, and each matter stands once", () => {
  assert.equal(doorProblem([{ intent: "a", label: "不是我操作的" }], "zh"), null);
  assert.deepEqual(doorProblem([{ intent: "a", label: " " }], "zh"), { index: 0, key: "doors.no_label" });
  assert.deepEqual(doorProblem([{ intent: "a", label: "一".repeat(13) }], "zh"), { index: 0, key: "doors.long.zh" });
  assert.equal(doorProblem([{ intent: "a", label: "I don't accept this charge" }], "en"), null);
  const twice = [1, 2].map((n) => ({ intent: "a", label: `第 ${n}` }));
  assert.deepEqual(doorProblem(twice, "zh"), { index: 1, key: "doors.twice" });
});

test("in a conflict each field says who changed it, and texts in different lines are merged", () => {
  const base = text({});
  const mine = text({ title: "我的", text: "一。\n二。\n三!" });
  const theirs = text({ title: "对方的", text: "一!\n二。\n三。", owner: "zhou" });
  assert.deepEqual(changedFields(base, mine), ["title", "text"]);
  assert.deepEqual(conflictsOf(ARTICLE_SHAPE, { base, mine, theirs }), [
    { field: "title", changedBy: "both", merged: null },
    { field: "text", changedBy: "both", merged: "一!\n二。\n三!" },
    { field: "owner", changedBy: "theirs", merged: null },
  ]);
  const result = resolved(ARTICLE_SHAPE, mine, theirs, { title: "mine", owner: "theirs" }, { text: "合并" });
  assert.deepEqual([result.title, result.text, result.owner], ["我的", "合并", "zhou"]);
});

test("a conflict keeps what neither side touched, and a changed door is a change", () => {
  const base = text({ doors: [{ intent: "scam", label: "被骗" }] });
  const mine = text({ doors: [{ intent: "scam", label: "被骗了" }] });
  assert.deepEqual(changedFields(base, mine), ["doors"]);
  const theirs = text({ doors: base.doors, valid_until: "2027-01-01" });
  const [doors, until] = conflictsOf(ARTICLE_SHAPE, { base, mine, theirs });
  assert.deepEqual([doors.changedBy, until.changedBy], ["mine", "theirs"]);
});

test("a fact is found by value, name or comment, the one that begins so first", () => {
  const facts = [
    { name: "refund_arrival", zh: "1-7 个工作日", en: "1-7 business days" },
    { name: "code_length", zh: "6", en: "6", comment: "digits of a code" },
    { name: "days_1", zh: "等 1-7 天", en: "x" },
  ];
  const find = (/** @type {string} */ query) => matchingFacts(facts, query).map(({ name }) => name);
  assert.deepEqual(find("1-7"), ["refund_arrival", "days_1"]);
  assert.deepEqual(find("digits"), ["code_length"]);
  assert.deepEqual(find("refund business"), ["refund_arrival"]);
  assert.equal(find("").length, 3);
});

test("the newest case comes first, and cases are found by words and by what must happen", () => {
  const cases = [
    { text: "钱被转走了", must: /** @type {const} */ ("person"), note: "六月" },
    { text: "怎么退款", must: /** @type {const} */ ("article"), article: "refund" },
  ];
  assert.deepEqual(
    listedCases(cases, {}).map((item) => item.text),
    ["怎么退款", "钱被转走了"],
  );
  assert.equal(listedCases(cases, { query: "六月" }).length, 1);
  assert.equal(listedCases(cases, { must: "article" })[0].text, "怎么退款");
});

test("an unsaved text survives in the browser, belongs to one account and ends after a month", () => {
  const store = new BrowserStore("console:");
  const unsaved = new UnsavedTexts(store, "wu");
  unsaved.set("article.fees.zh", text({}), text({ title: "新" }), "abc");
  const kept = /** @type {any} */ (new UnsavedTexts(store, "wu").get("article.fees.zh"));
  assert.deepEqual([kept.value.title, kept.base.title, kept.revision], ["新", "标题", "abc"]);
  assert.deepEqual(new UnsavedTexts(store, "wu").ids("article.fees."), ["article.fees.zh"]);
  assert.equal(new UnsavedTexts(store, "lin").get("article.fees.zh"), null, "a colleague must not see it");
  store.set("unsaved.wu.article.fees.zh", { ...kept, at: Date.now() - 31 * 86_400_000 });
  assert.equal(new UnsavedTexts(store, "wu").get("article.fees.zh"), null);
});

test("an address names a view and what it shows, and a bad one leads home", () => {
  const at = (/** @type {string} */ hash) => {
    const { entry, argument } = placeOf(hash);
    return [entry.id, argument];
  };
  assert.deepEqual(at("#article/fees/en"), ["article", "fees/en"]);
  assert.deepEqual(at("#texts/desk/handoff.security"), ["texts", "desk/handoff.security"]);
  assert.deepEqual(at("#articles"), ["articles", null]);
  assert.deepEqual(at("#facts/%E9%80%80"), ["facts", "退"]);
  for (const hash of ["", "#", "#nothing", "#__proto__/x"]) assert.deepEqual(at(hash), ["home", null], hash);
  assert.deepEqual(at("#facts/%"), ["facts", null]);
});

test("every view has a letter of its own, or stands within one that has", () => {
  const keys = VIEWS.flatMap(({ key }) => (key ? [key] : []));
  assert.equal(new Set(keys).size, keys.length);
  for (const { key, within } of VIEWS) assert.ok(key || VIEWS.some((view) => view.id === within && view.key));
});

test("of a file with a broken head the editor gets back what can be read, and all of the text", () => {
  const head =
    'id: a\ntitle: "到账"\nintents: [a\nvalid_from: 2026-01-01\nvalid_until: soon\ndoors:\n- {intent: scam, label: 被骗}';
  assert.deepEqual(recovered(`---\n${head}\n---\n一。\n\n---\n二。\n`), {
    title: "到账",
    valid_from: "2026-01-01",
    doors: [{ intent: "scam", label: "被骗" }],
    text: "一。\n\n---\n二。",
  });
  assert.deepEqual(recovered("没有开头"), { text: "没有开头" });
  assert.deepEqual(recovered(""), { text: "" });
});
