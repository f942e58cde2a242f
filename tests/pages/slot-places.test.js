// The numbers of an agent's conversations, and which one is next.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nextUnanswered, nextUrgent, SlotPlaces } from "../../handoff/pages/console/slot-places.js";

/** @import { HeardCard } from "../../handoff/pages/shared/contract-types.js" */

/** @param {string} id @param {Partial<HeardCard>} [more] @returns {HeardCard} */
const card = (id, more = {}) => ({
  id,
  status: "assigned",
  last_seq: 1,
  locale: "zh",
  channel: "web",
  heardAt: 1_000_000,
  assigned_at: `2026-11-30T09:00:0${id.length}Z`,
  ...more,
});

/** @param {SlotPlaces} slots @param {HeardCard[]} mine */
const placesOf = (slots, mine) => slots.place(mine).map(({ place, card: { id } }) => `${place}${id}`);

test("slots are filled by the time of the assignment, whatever the order in the feed", () => {
  assert.deepEqual(placesOf(new SlotPlaces(), [card("ccc"), card("a"), card("bb")]), ["1a", "2bb", "3ccc"]);
});

test("a conversation keeps its number when another one ends, and a new one takes the free number", () => {
  const slots = new SlotPlaces();
  slots.place([card("a"), card("bb"), card("ccc")]);
  assert.deepEqual(placesOf(slots, [card("bb"), card("ccc")]), ["2bb", "3ccc"]);
  assert.deepEqual([slots.at(1), slots.at(2), slots.at(9)], [null, "bb", null]);
  assert.deepEqual(placesOf(slots, [card("bb"), card("ccc"), card("dddd"), card("eeeee")]), [
    "1dddd",
    "2bb",
    "3ccc",
    "4eeeee",
  ]);
});

test("more conversations than keys have slots as well", () => {
  const mine = ["a", "bb", "ccc", "dddd", "eeeee", "ffffff", "ggggggg"].map((id) => card(id));
  assert.equal(new SlotPlaces().place(mine).length, 7);
});

test("the next to answer is the one that waits longest, then the one after, then the first again", () => {
  const mine = [
    card("young", { unanswered: true, waiting_seconds: 5 }),
    card("answered", { unanswered: false, waiting_seconds: 900 }),
    card("old", { unanswered: true, waiting_seconds: 300 }),
    card("heard-long-ago", { unanswered: true, waiting_seconds: 10, heardAt: 900_000 }),
  ];
  assert.equal(nextUnanswered(mine, null)?.id, "old");
  assert.equal(nextUnanswered(mine, "old")?.id, "heard-long-ago");
  assert.equal(nextUnanswered(mine, "heard-long-ago")?.id, "young");
  assert.equal(nextUnanswered(mine, "young")?.id, "old");
  assert.equal(nextUnanswered(mine, "answered")?.id, "old");
  assert.equal(nextUnanswered([mine[1]], null), null);
  assert.equal(nextUnanswered([], "gone"), null);
});

test("urgent cases come in the desk's order: money that is moving first", () => {
  const waiting = [
    card("lane", { priority: "urgent", lane: "money_moving" }),
    card("urgent", { priority: "urgent" }),
    card("high", { priority: "high" }),
  ];
  assert.equal(nextUrgent(waiting, null, "lin")?.id, "lane");
  assert.equal(nextUrgent(waiting, "lane", "lin")?.id, "urgent");
  assert.equal(nextUrgent(waiting, "urgent", "lin")?.id, "lane");
  assert.equal(nextUrgent(waiting, "high", "lin")?.id, "lane");
  assert.equal(nextUrgent(waiting.slice(2), null, "lin"), null);
});

test("an urgent case that is offered to a colleague comes only when there is no other", () => {
  const offered = (/** @type {string} */ login) => ({ offer: { login, name: login, until: "" } });
  const waiting = [
    card("theirs", { priority: "urgent", ...offered("zhou") }),
    card("mine", { priority: "urgent", ...offered("lin") }),
    card("free", { priority: "urgent" }),
  ];
  assert.equal(nextUrgent(waiting, null, "lin")?.id, "mine");
  assert.equal(nextUrgent(waiting, "mine", "lin")?.id, "free");
  assert.equal(nextUrgent(waiting, "free", "lin")?.id, "mine");
  assert.equal(nextUrgent(waiting.slice(0, 1), null, "lin")?.id, "theirs");
});
