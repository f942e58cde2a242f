// The rows of the agents' transcript: days, what was not read, earlier episodes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TranscriptRows } from "../../handoff/pages/console/transcript-rows.js";
import { ConversationLog } from "../../handoff/pages/shared/conversation-log.js";
import { event } from "./browser-parts.js";

const SHOWN = { message: true, reopened: true, resolved: true, triage: true, note: true, state_imported: null };

/** A log of these events, numbered from 1. @param {Parameters<typeof event>[1][]} events */
function logOf(events) {
  const log = new ConversationLog({ items: [], settle: () => {} });
  for (const [index, more] of events.entries()) log.add(event(index + 1, more));
  return log;
}

/** @param {TranscriptRows} rows */
const shape = (rows) => rows.visible([]).map(({ type, event: of }) => (type === "message" ? of?.seq : type));

/** @param {Parameters<typeof event>[1][]} events @param {number} [readBefore] */
function rowsOf(events, readBefore = 0) {
  const rows = new TranscriptRows(SHOWN, { trimAt: 400 });
  rows.restart(readBefore);
  const log = logOf(events);
  rows.update(log, { isAtEnd: true, isComplete: true });
  return { rows, log };
}

const LATER = "2026-12-02T09:00:00Z";

test("each day begins with a line, and the first message after it names its speaker", () => {
  const { rows } = rowsOf([{}, {}, { at: LATER }, { at: LATER }]);
  assert.deepEqual(shape(rows), ["day", 1, 2, "day", 3, 4]);
  assert.deepEqual(
    rows
      .visible([])
      .filter(({ type }) => type === "message")
      .map(({ isFirst }) => isFirst),
    [true, false, true, false],
  );
});

test("a line stands before what came after the agent's last look", () => {
  const { rows, log } = rowsOf([{}, {}, { type: "triage" }, {}], 2);
  assert.deepEqual(shape(rows), ["day", 1, 2, "triage", "unread", 4]);
  log.add(event(5));
  rows.update(log, { isAtEnd: true, isComplete: true });
  assert.deepEqual(shape(rows).slice(-2), [4, 5], "a new message adds no second line");
});

test("there is no line in a conversation that the agent opens for the first time, or knows completely", () => {
  assert.equal(shape(rowsOf([{}, {}]).rows).includes("unread"), false);
  assert.equal(shape(rowsOf([{}, {}], 2).rows).includes("unread"), false);
});

const END = { type: "resolved", resolution: "agent" };
const BACK = { type: "reopened" };

test("earlier episodes are one row each until they are opened", () => {
  const { rows } = rowsOf([{}, {}, END, BACK, {}, END, BACK, {}]);
  assert.deepEqual(shape(rows), ["episode", "episode", "reopened", 8]);
  rows.toggle("episode-2");
  assert.deepEqual(shape(rows), ["episode", "episode", "reopened", 5, "resolved", "reopened", 8]);
  rows.toggle("episode-2");
  assert.deepEqual(shape(rows), ["episode", "episode", "reopened", 8]);
});

test("an earlier episode with something that was not read is open", () => {
  assert.deepEqual(shape(rowsOf([{}, {}, END, BACK, {}], 1).rows), [
    "episode",
    "day",
    1,
    "unread",
    2,
    "resolved",
    "reopened",
    5,
  ]);
});

test("an episode that ends while the agent reads it stays on the page", () => {
  const { rows, log } = rowsOf([{}, {}]);
  for (const [index, more] of [END, BACK, {}].entries()) log.add(event(index + 3, more));
  rows.update(log, { isAtEnd: true, isComplete: true });
  assert.deepEqual(shape(rows), ["day", 1, 2, "resolved", "reopened", 5]);
});

test("the last hundred rows of a long log come first, and older ones in steps", () => {
  const { rows } = rowsOf(Array.from({ length: 5_000 }, () => ({})));
  assert.equal(rows.visible([]).length, 100);
  assert.equal(rows.older, 4_901, "5,000 messages and the line of their day");
  assert.equal(rows.showOlder(), true);
  assert.equal(rows.visible([]).length, 200);
});

test("however far the agent scrolls, at most 300 rows are on the page, and none is lost", () => {
  const { rows, log } = rowsOf(Array.from({ length: 5_000 }, () => ({})));
  const seen = new Set(shape(rows));
  while (rows.showOlder()) {
    assert.ok(rows.visible([]).length <= 300);
    for (const each of shape(rows)) seen.add(each);
  }
  assert.equal(seen.size, 5_001, "5,000 messages and the line of their day");
  assert.deepEqual([shape(rows)[0], rows.older, rows.newer], ["day", 0, 4_701]);
  log.add(event(5_001));
  rows.update(log, { isAtEnd: false, isComplete: true });
  assert.equal(rows.newer, 4_702, "a new message changes nothing of what is read");
  const back = new Set(shape(rows));
  while (rows.showNewer()) for (const each of shape(rows)) back.add(each);
  assert.equal(back.size, 5_002);
  assert.equal(shape(rows).at(-1), 5_001);
});

test("the end is on the page again after one step", () => {
  const { rows, log } = rowsOf(Array.from({ length: 5_000 }, () => ({})));
  while (rows.showOlder());
  log.add(event(5_001));
  rows.update(log, { isAtEnd: true, isComplete: true });
  assert.deepEqual([rows.newer, rows.visible([]).length, shape(rows).at(-1)], [0, 100, 5_001]);
});

test("an event that is far back or folded can be reached", () => {
  const { rows } = rowsOf([{}, {}, END, BACK, ...Array.from({ length: 300 }, () => ({}))]);
  assert.equal(rows.reach(2), "e2");
  assert.ok(shape(rows).includes(2));
  assert.equal(rows.reach(150), "e150");
  assert.equal(rows.reach(9_999), null);
});

test("events that came before others are sorted in, and nothing is shown twice", () => {
  const log = logOf([{}, {}]);
  log.add(event(5));
  const rows = new TranscriptRows(SHOWN, { trimAt: 400 });
  rows.restart(0);
  rows.update(log, { isAtEnd: true, isComplete: true });
  log.add(event(4));
  log.add(event(3));
  rows.update(log, { isAtEnd: true, isComplete: true });
  assert.deepEqual(shape(rows), ["day", 1, 2, 3, 4, 5]);
});
