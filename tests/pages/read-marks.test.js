// Which of an agent's conversations have something unread.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadMarks } from "../../handoff/pages/console/read-marks.js";
import { MemoryStore } from "./browser-parts.js";

/** @import { Card } from "../../handoff/pages/shared/contract-types.js" */

/** @param {number} last_seq @param {boolean} [unanswered] @returns {Card} */
const card = (last_seq, unanswered = true) => ({
  id: "a",
  status: "assigned",
  last_seq,
  locale: "zh",
  channel: "web",
  unanswered,
});

test("a message is unread until it was on the screen, and the next one is unread again", () => {
  const marks = new ReadMarks(new MemoryStore(), "lin");
  assert.equal(marks.isUnread(card(4)), true);
  marks.note("a", 4);
  assert.equal(marks.isUnread(card(4)), false);
  assert.equal(marks.isUnread(card(5)), true);
  marks.note("a", 3); // an older picture of the log takes nothing back
  assert.equal(marks.isUnread(card(4)), false);
});

test("what the customer need not be answered for is never unread", () => {
  assert.equal(new ReadMarks(new MemoryStore(), "lin").isUnread(card(9, false)), false);
});

test("marks survive a reload, for this agent only, and go with the conversation", () => {
  const store = new MemoryStore();
  new ReadMarks(store, "lin").note("a", 4);
  assert.equal(new ReadMarks(store, "lin").isUnread(card(4)), false);
  assert.equal(new ReadMarks(store, "zhou").isUnread(card(4)), true);
  new ReadMarks(store, "lin").keepOnly([]);
  assert.equal(new ReadMarks(store, "lin").isUnread(card(4)), true);
  store.set("read.lin", { a: "damaged" });
  assert.equal(new ReadMarks(store, "lin").isUnread(card(4)), true);
});
