// The log that both pages keep.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readEvent } from "../../handoff/pages/shared/contract-types.js";
import { ConversationLog } from "../../handoff/pages/shared/conversation-log.js";
import { event } from "./browser-parts.js";

/** @import { OutboxItem } from "../../handoff/pages/shared/outbox.js" */

/** @param {OutboxItem[]} items */
function outboxOf(...items) {
  return {
    items,
    settle(/** @type {string} */ id) {
      this.items = this.items.filter((item) => item.client_message_id !== id);
    },
  };
}

/** @param {string} id @param {Partial<OutboxItem>} [more] @returns {OutboxItem} */
const itemOf = (id, more = {}) => ({ client_message_id: id, at: "", text: "hello", state: "sending", ...more });

/** @param {ConversationLog} log */
const seqsOf = (log) => log.events.map(({ seq }) => seq);

test("an event that comes twice is shown once", () => {
  const log = new ConversationLog(outboxOf());
  assert.equal(log.add(event(1)), true);
  assert.equal(log.add(event(1)), false);
  assert.deepEqual(seqsOf(log), [1]);
});

test("a stream resumes after the last event", () => {
  const log = new ConversationLog(outboxOf());
  assert.equal(log.lastSeq, 0);
  for (const seq of [1, 4, 9]) log.add(event(seq));
  assert.equal(log.lastSeq, 9);
});

test("new events are appended to the same array, so that a reader continues where it was", () => {
  const log = new ConversationLog(outboxOf());
  log.add(event(1));
  const { events } = log;
  log.add(event(2));
  assert.equal(log.events, events);
});

test("an event that comes late takes its place, and readers notice by another array", () => {
  const log = new ConversationLog(outboxOf());
  log.add(event(1));
  log.add(event(3));
  const { events } = log;
  log.add(event(2));
  assert.deepEqual(seqsOf(log), [1, 2, 3]);
  assert.notEqual(log.events, events);
});

test("a message of the page leaves the outbox when its event arrives", () => {
  const outbox = outboxOf(itemOf("a"), itemOf("b"));
  const log = new ConversationLog(outbox);
  log.add(event(1, { client_message_id: "a" }));
  assert.deepEqual(
    log.pending.map((item) => item.client_message_id),
    ["b"],
  );
});

test("an event that is faster than its acknowledgement does not leave the message twice on the page", () => {
  const outbox = outboxOf();
  const log = new ConversationLog(outbox);
  log.add(event(7, { client_message_id: "a" }));
  outbox.items.push(itemOf("a", { state: "sent", seq: 7 }), itemOf("b", { state: "sent", seq: 8 }));
  assert.equal(log.settleArrived(), true);
  assert.equal(log.settleArrived(), false, "the other message is still on its way");
  assert.equal(log.pending.length, 1);
});

test("only others' messages after what was seen are unread", () => {
  const log = new ConversationLog(outboxOf());
  log.add(event(1, { by: { kind: "agent", name: "小林" } }));
  log.add(event(2));
  log.add(event(3, { type: "assigned" }));
  log.add(event(4, { by: { kind: "bot", name: "" } }));
  assert.equal(log.unreadAfter(1), 1);
  assert.equal(log.unreadAfter(0), 2);
  assert.equal(log.unreadAfter(4), 0);
});

test("what was seen stays where it was when more arrives", () => {
  const log = new ConversationLog(outboxOf());
  log.add(event(1));
  log.markSeen();
  log.add(event(2));
  assert.equal(log.seenSeq, 1);
});

test("a text is found by its number, also where customers do not see all numbers", () => {
  const log = new ConversationLog(outboxOf());
  for (const seq of [2, 3, 7, 12]) log.add(event(seq));
  for (const seq of [2, 3, 7, 12]) assert.equal(log.textOf(seq), `text ${seq}`);
  for (const seq of [1, 5, 13, undefined]) assert.equal(log.textOf(seq), "");
});

test("the customer's last message is known without a search", () => {
  const log = new ConversationLog(outboxOf());
  log.add(event(1));
  log.add(event(2, { by: { kind: "bot", name: "" } }));
  assert.equal(log.lastCustomerSeq, 1);
});

test("a cleared log shows nothing and takes the same numbers again", () => {
  const log = new ConversationLog(outboxOf());
  log.add(event(1));
  log.markSeen();
  log.clear();
  assert.deepEqual([log.events, log.lastSeq, log.seenSeq, log.lastCustomerSeq], [[], 0, 0, 0]);
  assert.equal(log.add(event(1)), true);
});

test("an event of an unknown type is kept, and the stream resumes after it", () => {
  const log = new ConversationLog(outboxOf());
  log.add(readEvent({ seq: 5, type: "moon_landed", at: "2026-11-30T09:00:00Z", by: { kind: "robot" }, crater: 3 }));
  assert.equal(log.lastSeq, 5);
  assert.equal(log.events[0].type, "moon_landed");
  assert.deepEqual(
    log.events[0].by,
    { kind: "system", name: "" },
    "a participant of an unknown kind counts as the desk",
  );
});

test("a value without a place in the log is refused", () => {
  for (const json of [null, [], "event", {}, { seq: "1", type: "message" }, { seq: 1.5, type: "message" }, { seq: 1 }])
    assert.throws(() => readEvent(json), TypeError);
});

test("an event without a time or a participant is no fault of the page", () => {
  assert.deepEqual(readEvent({ seq: 1, type: "x" }), { seq: 1, type: "x", at: "", by: { kind: "system", name: "" } });
});
