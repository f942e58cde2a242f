// The queue as the agents' page keeps it.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { before, QueueFeed } from "../../handoff/pages/console/queue-feed.js";
import { DeskApi, DeskError } from "../../handoff/pages/shared/desk-api.js";
import { settled } from "./browser-parts.js";

/** @import { Card } from "../../handoff/pages/shared/contract-types.js" */
/** @import { StreamSettings } from "../../handoff/pages/shared/event-stream.js" */

/** @param {string} id @param {Partial<Card>} [more] @returns {Card} */
const card = (id, more = {}) => ({
  id,
  status: "queued",
  last_seq: 1,
  locale: "zh",
  channel: "web",
  priority: "normal",
  queued_at: `2026-11-30T09:00:0${id.length}Z`,
  ...more,
});

/** A feed whose stream the test writes; pages: what further pages hold, by cursor. @param {Record<string, unknown>} [pages] */
function feedOf(pages = {}) {
  /** @type {string[]} */
  const asked = [];
  const api = new DeskApi("http://desk.example");
  api.get = async (path) => {
    asked.push(path);
    const page = pages[path];
    if (!page) throw new DeskError(0, "network", "");
    return page;
  };
  /** @type {StreamSettings | null} */
  let settings = null;
  let isClosed = false;
  const feed = new QueueFeed(api, { login: "lin" }, (given) => {
    settings = given;
    return {
      close: () => {
        isClosed = true;
      },
    };
  });
  const stream = /** @type {StreamSettings} */ (/** @type {unknown} */ (settings));
  return {
    feed,
    asked,
    stream,
    wasClosed: () => isClosed,
    tell: (/** @type {string} */ type, /** @type {unknown} */ data) => stream.onFrame({ type, data }),
  };
}

/** @param {Card[]} cards */
const idsOf = (cards) => cards.map(({ id }) => id);

test("a lane goes before every priority, then priority, then time, then id", () => {
  const cards = [
    card("a", { priority: "normal", queued_at: "2026-11-30T09:00:00Z" }),
    card("b", { priority: "high", queued_at: "2026-11-30T09:02:00Z" }),
    card("c", { priority: "high", queued_at: "2026-11-30T09:01:00Z" }),
    card("d", { priority: "urgent", queued_at: "2026-11-30T09:03:00Z" }),
    card("e", { priority: "urgent", lane: "money_moving", queued_at: "2026-11-30T09:04:00Z" }),
    card("g", { priority: "whim", queued_at: "2026-11-30T08:00:00Z" }),
    card("f", { priority: "urgent", queued_at: "2026-11-30T09:03:00Z" }),
  ];
  assert.deepEqual(idsOf(cards.sort(before)), ["e", "d", "f", "c", "b", "a", "g"]);
});

test("the whole picture comes first", () => {
  const { feed, tell } = feedOf();
  assert.equal(feed.loaded, false);
  tell("queue", {
    waiting: [card("a")],
    mine: [card("b", { status: "assigned", agent: "lin" })],
    waiting_total: 4,
    next: null,
  });
  assert.deepEqual([idsOf(feed.waiting), idsOf(feed.mine), feed.waitingTotal, feed.loaded], [["a"], ["b"], 4, true]);
  assert.equal(feed.card("b")?.status, "assigned");
  assert.equal(feed.card("z"), null);
});

test("a claimed conversation leaves the queue and goes to who claimed it", () => {
  const { feed, tell } = feedOf();
  tell("queue", { waiting: [card("a"), card("bb")] });
  tell("queue_changed", { changed: [card("a", { status: "assigned", agent: "lin" })], waiting_total: 1 });
  assert.deepEqual([idsOf(feed.waiting), idsOf(feed.mine)], [["bb"], ["a"]]);
  tell("queue_changed", { changed: [card("a", { status: "assigned", agent: "zhou" })] });
  assert.deepEqual([idsOf(feed.mine), idsOf(feed.others)], [[], ["a"]]);
  tell("queue_changed", { gone: ["a"] });
  assert.deepEqual(idsOf(feed.others), []);
});

test("who comes in urgent stands first", () => {
  const { feed, tell } = feedOf();
  tell("queue", { waiting: [card("a"), card("bb")] });
  tell("queue_changed", { changed: [card("ccc", { priority: "urgent" })], waiting_total: 3 });
  assert.deepEqual(idsOf(feed.waiting), ["ccc", "a", "bb"]);
  assert.equal(feed.waitingTotal, 3);
});

test("further pages are appended, and a card that stands on two pages is shown once", async () => {
  const { feed, tell } = feedOf({ "/api/queue?after=1": { waiting: [card("bb"), card("ccc")], next: null } });
  tell("queue", { waiting: [card("a"), card("bb")], waiting_total: 3, next: "1" });
  assert.equal(feed.hasMore, true);
  await feed.more();
  assert.deepEqual(idsOf(feed.waiting), ["a", "bb", "ccc"]);
  assert.equal(feed.hasMore, false);
  feed.close();
});

test("what is pushed off the first page stays while further pages are shown", async () => {
  const { feed, tell } = feedOf({ "/api/queue?after=1": { waiting: [card("dddd")], next: null } });
  tell("queue", { waiting: [card("a"), card("bb")], waiting_total: 3, next: "1" });
  await feed.more();
  tell("queue_changed", { changed: [card("u", { priority: "urgent" })], gone: ["bb"], waiting_total: 4, next: "1" });
  assert.deepEqual(idsOf(feed.waiting), ["u", "a", "bb", "dddd"]);
  feed.close();
});

test("shown pages are read again some time after a change, and once for many changes", async (context) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  context.after(() => mock.timers.reset());
  const { feed, tell, asked } = feedOf({ "/api/queue?after=1": { waiting: [card("ccc")], next: null } });
  tell("queue", { waiting: [card("a")], next: "1" });
  await feed.more();
  for (const id of ["x", "y", "z"]) tell("queue_changed", { changed: [card(id)] });
  assert.equal(asked.length, 1);
  mock.timers.tick(5_000);
  await settled();
  assert.equal(asked.length, 2);
  feed.close();
});

test("a page that cannot be read is told to who asked, and the next try works", async () => {
  /** @type {Record<string, unknown>} */
  const pages = {};
  const { feed, tell } = feedOf(pages);
  tell("queue", { waiting: [card("a")], next: "1" });
  await assert.rejects(feed.more(), DeskError);
  pages["/api/queue?after=1"] = { waiting: [card("bb")], next: null };
  await feed.more();
  assert.deepEqual(idsOf(feed.waiting), ["a", "bb"]);
  feed.close();
});

test("a queue of one page shows no cards of pages that are gone", async () => {
  const { feed, tell } = feedOf({ "/api/queue?after=1": { waiting: [card("bb")], next: null } });
  tell("queue", { waiting: [card("a")], next: "1" });
  await feed.more();
  tell("queue_changed", { gone: ["bb"], next: null, waiting_total: 1 });
  assert.deepEqual([idsOf(feed.waiting), feed.hasMore], [["a"], false]);
  feed.close();
});

test("a line that was cut is told once when it is back, and the account is looked at again", () => {
  const { feed, stream } = feedOf();
  let again = 0;
  feed.addEventListener("reconnected", () => {
    again += 1;
  });
  for (const state of /** @type {const} */ (["open", "reconnecting", "reconnecting", "open", "open"]))
    stream.onState(state);
  assert.equal(again, 1);
});

test("an account that may not see the queue is told why", () => {
  const { feed, stream, wasClosed } = feedOf();
  let hasExpired = false;
  feed.addEventListener("expired", () => {
    hasExpired = true;
  });
  stream.onRefused(new DeskError(403, "not_permitted", "editors have no queue"));
  assert.deepEqual([hasExpired, feed.problem], [true, "editors have no queue"]);
  feed.close();
  assert.equal(wasClosed(), true);
});

test("a card without an id is refused instead of shown", () => {
  const { tell } = feedOf();
  assert.throws(() => tell("queue", { waiting: [{ status: "queued" }] }), TypeError);
});
