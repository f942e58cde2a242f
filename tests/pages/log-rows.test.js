// How a log becomes rows of a page, and which of them are on the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConversationLog } from "../../handoff/pages/shared/conversation-log.js";
import { LogRows, PAGE } from "../../handoff/pages/shared/log-rows.js";
import { event, START } from "./browser-parts.js";

const SHOWN = { message: true, triage: true, assigned: true, feedback_recorded: null };
const END = { isAtEnd: true, isComplete: true };
const BOT = /** @type {const} */ ({ kind: "bot", name: "" });

/** @param {import("../../handoff/pages/shared/contract-types.js").LogEvent[]} events */
function logOf(...events) {
  const log = new ConversationLog({ items: [], settle: () => {} });
  for (const each of events) log.add(each);
  return log;
}

/** @param {ConversationLog} log @param {Record<string, unknown>} [shown] */
function rowsOf(log, shown = SHOWN) {
  const rows = new LogRows(shown, { trimAt: 2 * PAGE });
  rows.update(log, END);
  return rows;
}

/** @param {LogRows} rows */
const typesOf = (rows) => rows.visible([]).map(({ type }) => type);
/** @param {LogRows} rows */
const seqsOf = (rows) => rows.visible([]).map((row) => row.event?.seq);

/** @param {number} from @param {number} to */
const messages = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => event(from + index));

test("an unknown type has a row of its own where the page shows unknown events", () => {
  const log = logOf(event(1), event(2, { type: "moon_landed" }));
  assert.deepEqual(typesOf(rowsOf(log, { ...SHOWN, unknown: true })), ["message", "unknown"]);
});

test("an unknown type is ignored where the page does not show unknown events", () => {
  assert.deepEqual(typesOf(rowsOf(logOf(event(1), event(2, { type: "moon_landed" })))), ["message"]);
});

test("a type that is called like a part of every object is unknown, too", () => {
  const log = logOf(event(1, { type: "constructor" }), event(2, { type: "toString" }));
  assert.deepEqual(typesOf(rowsOf(log)), []);
});

test("a type that nobody needs to read has no row and is not unknown", () => {
  const log = logOf(event(1), event(2, { type: "feedback_recorded" }));
  assert.deepEqual(typesOf(rowsOf(log, { ...SHOWN, unknown: true })), ["message"]);
});

test("the bot's decisions share a row until the conversation changes hands", () => {
  const log = logOf(
    event(1),
    event(2, { type: "triage" }),
    event(3),
    event(4, { type: "triage" }),
    event(5, { type: "assigned" }),
    event(6, { type: "triage" }),
  );
  const rows = rowsOf(log).visible([]);
  assert.deepEqual(
    rows.map((row) => [row.type, row.events.map(({ seq }) => seq)]),
    [
      ["message", [1]],
      ["triage", [2, 4]],
      ["message", [3]],
      ["assigned", [5]],
      ["triage", [6]],
    ],
  );
});

test("a stretch ends also with an event that has no row", () => {
  const log = logOf(event(1, { type: "triage" }), event(2, { type: "reopened" }), event(3, { type: "triage" }));
  assert.deepEqual(typesOf(rowsOf(log)), ["triage", "triage"]);
});

test("a row keeps its identity while it grows", () => {
  const log = logOf(event(1, { type: "triage" }));
  const rows = rowsOf(log);
  const [before] = rows.visible([]);
  log.add(event(2, { type: "triage" }));
  rows.update(log, END);
  const [after] = rows.visible([]);
  assert.equal(after.key, before.key);
  assert.equal(after.events.length, 2);
});

test("a message keeps its key from the outbox into the log", () => {
  const item = /** @type {const} */ ({ client_message_id: "a", at: "", text: "hello", state: "sending" });
  const rows = rowsOf(logOf(event(1)));
  const pending = rows.visible([item]).at(-1);
  assert.equal(pending?.item, item);
  const arrived = rowsOf(logOf(event(1), event(2, { client_message_id: "a" })))
    .visible([])
    .at(-1);
  assert.equal(arrived?.key, pending?.key);
});

test("a speaker's run begins with another speaker, after a pause, and after anything else", () => {
  const late = new Date(START + 600_000).toISOString();
  const log = logOf(
    event(1, { by: BOT }),
    event(2, { by: BOT }),
    event(3, { by: { kind: "agent", name: "小林" } }),
    event(4, { by: { kind: "agent", name: "小周" } }),
    event(5, { type: "assigned" }),
    event(6, { by: { kind: "agent", name: "小周" } }),
    event(7, { by: { kind: "agent", name: "小周" }, at: late }),
  );
  const rows = rowsOf(log).visible([]);
  assert.deepEqual(
    rows.map((row) => row.isFirst),
    [true, false, true, true, false, true, true],
  );
  assert.deepEqual(
    rows.map((row) => row.afterPause),
    [true, false, false, false, false, false, true],
  );
});

test("an event that is not shown does not begin a run", () => {
  const log = logOf(event(1, { by: BOT }), event(2, { type: "moon_landed" }), event(3, { by: BOT }));
  assert.equal(rowsOf(log).visible([])[1].isFirst, false);
});

test("a long log opens at its end, and the first row on the page stands alone", () => {
  const rows = rowsOf(logOf(...messages(1, 250)));
  assert.equal(rows.older, 150);
  assert.deepEqual(seqsOf(rows)[0], 151);
  const [first] = rows.visible([]);
  assert.deepEqual([first.isFirst, first.afterPause], [true, true]);
});

test("older rows come page by page down to the beginning", () => {
  const rows = rowsOf(logOf(...messages(1, 250)));
  assert.equal(rows.showOlder(), true);
  assert.equal(seqsOf(rows)[0], 51);
  assert.equal(rows.visible([])[100].isFirst, false, "what was the first row is in the middle of a run now");
  assert.equal(rows.showOlder(), true);
  assert.equal(seqsOf(rows)[0], 1);
  assert.equal(rows.showOlder(), false);
});

test("new messages do not take away what is being read", () => {
  const log = logOf(...messages(1, 250));
  const rows = rowsOf(log);
  rows.showOlder();
  for (const each of messages(251, 600)) log.add(each);
  rows.update(log, { isAtEnd: false, isComplete: true });
  assert.equal(seqsOf(rows)[0], 51);
});

test("at the end of the log the rows out of sight are taken off when there are too many", () => {
  const log = logOf(...messages(1, 150));
  const rows = rowsOf(log);
  for (const each of messages(151, 250)) log.add(each);
  rows.update(log, END);
  assert.equal(seqsOf(rows).length, 200, "not yet too many");
  log.add(event(251));
  rows.update(log, END);
  assert.equal(seqsOf(rows).length, PAGE);
});

test("while a long history arrives, the page holds no more than one page of it", () => {
  const log = logOf();
  const rows = new LogRows(SHOWN, { trimAt: 4 * PAGE });
  for (const each of messages(1, 350)) {
    log.add(each);
    if (each.seq % 50 === 0) rows.update(log, { isAtEnd: true, isComplete: each.seq === 350 });
    assert.ok(rows.visible([]).length <= PAGE);
  }
});

test("another log begins anew", () => {
  const rows = rowsOf(logOf(...messages(1, 250)));
  rows.update(logOf(event(9)), END);
  assert.deepEqual(seqsOf(rows), [9]);
  assert.equal(rows.older, 0);
});

test("a late event is put in its place", () => {
  const log = logOf(event(1), event(3));
  const rows = rowsOf(log);
  log.add(event(2));
  rows.update(log, END);
  assert.deepEqual(seqsOf(rows), [1, 2, 3]);
});
