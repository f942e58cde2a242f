// The list's views, filters and orders, and the views that agents save.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chosen, countsOf, needsWholeQueue, SavedViews, VIEWS } from "../../handoff/pages/console/queue-views.js";
import { MemoryStore } from "./browser-parts.js";

/** @import { HeardCard } from "../../handoff/pages/shared/contract-types.js" */
/** @import { Filters, SavedView, Sort } from "../../handoff/pages/console/queue-views.js" */

/** @param {string} id @param {Partial<HeardCard>} [more] @returns {HeardCard} */
const card = (id, more = {}) => ({
  id,
  status: "queued",
  last_seq: 1,
  locale: "zh",
  channel: "web",
  heardAt: 0,
  ...more,
});

const WAITING = [
  card("lane", { lane: "money_moving", priority: "urgent", reason: "security", queue: "security" }),
  card("dispute", { reason: "dispute", queue: "disputes", amount_cny: 50 }),
  card("english", { reason: "dispute", queue: "disputes", locale: "en", amount_cny: 900 }),
  card("known", { reason: "other", queue: "general", known_by: { login: "lin", name: "Lin", at: "" } }),
  card("again", { reason: "other", queue: "general", episode: 2 }),
  card("crowd", { reason: "security", queue: "security", same_address: 12 }),
];

/** @param {{view?: string, filters?: Filters, sort?: Sort}} choice */
const idsOf = ({ view = "all", filters = {}, sort = "lane" }) =>
  chosen(WAITING, { view, filters, sort }).map(({ id }) => id);

/** @type {[string, string[]][]} */
const SHOWN = [
  ["all", ["lane", "dispute", "english", "known", "again", "crowd"]],
  ["money_moving", ["lane"]],
  ["dispute", ["dispute", "english"]],
  ["english", ["english"]],
  ["known", ["known", "again"]],
  ["colleagues", []],
  ["a view of a newer page", []],
];
for (const [view, ids] of SHOWN)
  test(`the view ${view} shows its waiting conversations and no others`, () => {
    assert.deepEqual(idsOf({ view }), ids);
  });

test("a card that stands for several conversations counts as many", () => {
  assert.deepEqual(countsOf(WAITING), { all: 17, money_moving: 1, dispute: 2, english: 1, known: 2 });
});

test("a customer is not known by the agent who has them now", () => {
  const by = { login: "lin", name: "Lin", at: "" };
  const ids = chosen([card("now", { known_by: by, agent: "lin" }), card("before", { known_by: by, agent: "zhou" })], {
    view: "known",
    filters: {},
    sort: "lane",
  }).map(({ id }) => id);
  assert.deepEqual(ids, ["before"]);
});

test("filters hold together, and an empty one lets everything through", () => {
  assert.deepEqual(idsOf({ filters: { queue: "disputes" } }), ["dispute", "english"]);
  assert.deepEqual(idsOf({ filters: { queue: "disputes", language: "en" } }), ["english"]);
  assert.deepEqual(idsOf({ filters: { reason: "security", language: "en" } }), []);
  assert.deepEqual(idsOf({ view: "known", filters: { queue: "", reason: undefined } }), ["known", "again"]);
});

test("by amount the largest comes first, and without one the desk's order stays", () => {
  assert.deepEqual(idsOf({ sort: "amount" }), ["english", "dispute", "lane", "known", "again", "crowd"]);
});

test("by deadline the nearest comes first; a clock that stands still, and none, come last", () => {
  const due = (/** @type {string} */ at, is_paused = false) => ({ clock: "first_response", at, is_paused });
  const waiting = [
    card("none"),
    card("later", { due: due("2026-11-30T10:05:00Z") }),
    card("paused", { due: due("2026-11-30T09:00:00Z", true) }),
    card("sooner", { due: due("2026-11-30T10:01:00Z") }),
    card("unreadable", { due: due("soon") }),
  ];
  const order = chosen(waiting, { view: "all", filters: {}, sort: "due" }).map(({ id }) => id);
  assert.deepEqual(order, ["sooner", "later", "none", "paused", "unreadable"]);
});

test("the desk's list is not reordered by a view of it", () => {
  const before = WAITING.map(({ id }) => id);
  idsOf({ sort: "amount" });
  assert.deepEqual(
    WAITING.map(({ id }) => id),
    before,
  );
});

test("only the desk's own order can be shown from the first page", () => {
  assert.equal(needsWholeQueue({ view: "all", filters: {}, sort: "lane" }), false);
  assert.equal(needsWholeQueue({ view: "all", filters: { queue: undefined }, sort: "lane" }), false);
  assert.equal(needsWholeQueue({ view: "dispute", filters: {}, sort: "lane" }), true);
  assert.equal(needsWholeQueue({ view: "all", filters: {}, sort: "due" }), true);
  assert.equal(needsWholeQueue({ view: "all", filters: { language: "en" }, sort: "lane" }), true);
  assert.equal(needsWholeQueue({ view: "ended", filters: {}, sort: "due" }), false);
});

test("saved views are one agent's, the same name replaces, and a removed one is gone", () => {
  const store = new MemoryStore();
  const saved = new SavedViews(store, "lin");
  saved.save({ name: " 大额 ", view: "dispute", filters: { language: "zh" }, sort: "amount" });
  saved.save({ name: "英文", view: "english", filters: {}, sort: "lane" });
  saved.save({ name: "大额", view: "all", filters: {}, sort: "amount" });
  saved.save({ name: "   ", view: "all", filters: {}, sort: "lane" });
  assert.deepEqual(
    saved.all.map(({ name, view }) => [name, view]),
    [
      ["英文", "english"],
      ["大额", "all"],
    ],
  );
  assert.deepEqual(new SavedViews(store, "zhou").all, []);
  saved.remove("英文");
  assert.deepEqual(
    saved.all.map(({ name }) => name),
    ["大额"],
  );
});

test("what another page has stored in the place of the views is left out", () => {
  const store = new MemoryStore();
  for (const damaged of ["text", { a: 1 }, [null, 3, { name: "x", view: "gone", filters: {}, sort: "lane" }]]) {
    store.set("views.lin", damaged);
    assert.deepEqual(new SavedViews(store, "lin").all, []);
  }
});

test("there are at most twelve saved views, and a long name is cut", () => {
  const saved = new SavedViews(new MemoryStore(), "lin");
  for (let number = 0; number < 15; number += 1)
    saved.save(
      /** @type {SavedView} */ ({ name: `${number} ${"长".repeat(40)}`, view: "all", filters: {}, sort: "lane" }),
    );
  assert.equal(saved.all.length, 12);
  assert.ok(saved.all.every(({ name }) => name.length <= 20));
});

test("every view has a button's place once", () => {
  assert.deepEqual(VIEWS, ["all", "money_moving", "dispute", "english", "known", "colleagues", "ended"]);
});
