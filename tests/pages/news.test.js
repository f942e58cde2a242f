// What agents are called for, and what the title of the page says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { News, titleWords } from "../../handoff/pages/console/news.js";
import { consoleSpeaker } from "../../handoff/pages/words/console.js";

/** @import { HeardCard, Mention } from "../../handoff/pages/shared/contract-types.js" */

const zh = await consoleSpeaker("zh");

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
const urgent = (/** @type {string} */ id) => card(id, { priority: "urgent" });
/** @param {string} id @param {string} preview @param {boolean} [unanswered] */
const mine = (id, preview, unanswered = true) => card(id, { status: "assigned", preview, unanswered });

/** @param {News} news @param {{waiting?: HeardCard[], mine?: HeardCard[], mentions?: Mention[], loaded?: boolean}} picture */
const heard = (news, { waiting = [], mine: own = [], mentions = [], loaded = true }) =>
  news.hear({ waiting, mine: own, mentions, loaded }).map(({ kind, id }) => `${kind} ${id}`);

test("what was there when the page opened is no news", () => {
  const news = new News("lin");
  assert.deepEqual(heard(news, { loaded: false }), []);
  assert.deepEqual(heard(news, { waiting: [urgent("a")], mine: [mine("m", "hello")] }), []);
  assert.deepEqual(heard(news, { waiting: [urgent("a")], mine: [mine("m", "hello")] }), []);
});

test("a new urgent case is told once, also one that becomes urgent while it waits", () => {
  const news = new News("lin");
  heard(news, { waiting: [card("b")] });
  assert.deepEqual(heard(news, { waiting: [urgent("a"), card("b"), card("c")] }), ["urgent a"]);
  assert.deepEqual(heard(news, { waiting: [urgent("a"), urgent("b")] }), ["urgent b"]);
  assert.deepEqual(heard(news, { waiting: [card("b", { lane: "money_moving", priority: "urgent" })] }), []);
  assert.deepEqual(heard(news, { waiting: [card("c", { lane: "money_moving" })] }), ["urgent c"]);
});

test("an offer to this agent is told, each new one again, and one to a colleague is not", () => {
  const news = new News("lin");
  const offered = (/** @type {string} */ login, until = "1") => card("a", { offer: { login, name: login, until } });
  heard(news, {});
  assert.deepEqual(heard(news, { waiting: [offered("zhou")] }), []);
  assert.deepEqual(heard(news, { waiting: [offered("lin")] }), ["offer a"]);
  assert.deepEqual(heard(news, { waiting: [offered("lin")] }), []);
  assert.deepEqual(heard(news, { waiting: [offered("lin", "2")] }), ["offer a"]);
});

test("an urgent offer is one call, not two", () => {
  const news = new News("lin");
  heard(news, {});
  const both = { ...urgent("a"), offer: { login: "lin", name: "Lin", until: "1" } };
  assert.deepEqual(heard(news, { waiting: [both] }), ["urgent a"]);
});

test("a customer's new message is told; the agent's own answer and a conversation just claimed are not", () => {
  const news = new News("lin");
  heard(news, {});
  assert.deepEqual(heard(news, { mine: [mine("m", "one")] }), []);
  assert.deepEqual(heard(news, { mine: [mine("m", "one", false)] }), []);
  assert.deepEqual(heard(news, { mine: [mine("m", "two")] }), ["mine m"]);
  assert.deepEqual(heard(news, { mine: [mine("m", "three")] }), ["mine m"]);
  assert.deepEqual(heard(news, { mine: [mine("m", "three")] }), []);
});

test("a mention is told once", () => {
  const news = new News("lin");
  const mention = { conversation_id: "x", seq: 4, by: "Zhou", at: "" };
  heard(news, {});
  assert.deepEqual(heard(news, { mentions: [mention] }), ["mention x"]);
  assert.deepEqual(heard(news, { mentions: [mention, { ...mention, seq: 9 }] }), ["mention x"]);
  assert.deepEqual(heard(news, { mentions: [mention] }), []);
});

test("the title counts what the agent has to answer and the urgent cases that wait", () => {
  const say = (/** @type {Partial<Parameters<typeof titleWords>[0]>} */ picture) =>
    titleWords({ waiting: [], mine: [], hasMore: false, ...picture }, zh);
  assert.equal(say({}), "客服工作台");
  assert.equal(say({ waiting: [card("a"), card("b")] }), "客服工作台");
  assert.equal(say({ mine: [mine("m", "x"), mine("n", "y", false)] }), "(1) 我的 · 客服工作台");
  assert.equal(
    say({ mine: [mine("m", "x"), mine("n", "y")], waiting: [urgent("a"), card("b")] }),
    "(2) 我的 · ⚠ 1 · 客服工作台",
  );
  assert.equal(say({ waiting: [urgent("a")], hasMore: true }), "⚠ 1+ · 客服工作台");
});
