// Messages on their way: none lost, none twice, none before another.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { DeskError } from "../../handoff/pages/shared/desk-api.js";
import { Outbox } from "../../handoff/pages/shared/outbox.js";
import { installBrowser, MemoryStore, settled } from "./browser-parts.js";

/** @import { OutboxItem } from "../../handoff/pages/shared/outbox.js" */

/** @type {EventTarget} */
let browserWindow;

beforeEach((context) => {
  ({ window: browserWindow } = installBrowser());
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  if ("after" in context) context.after(() => mock.timers.reset());
});

/**
 * An outbox with a desk that answers by the list `answers`: a number is the place in the log, anything else is thrown.
 * @param {unknown[]} answers
 * @param {{store?: MemoryStore, keepRefused?: boolean}} [options]
 */
function outboxWith(answers, { store = new MemoryStore(), keepRefused = false } = {}) {
  /** @type {string[]} */
  const sent = [];
  const send = async (/** @type {OutboxItem} */ { text }) => {
    sent.push(text);
    const answer = answers.shift();
    if (typeof answer === "number") return { seq: answer };
    throw answer;
  };
  return { outbox: new Outbox({ store, key: "outbox", send, keepRefused }), sent, store };
}

const NETWORK = () => new DeskError(0, "network", "");
const REFUSED = () => new DeskError(422, "text_too_long", "too long");

/** @param {Outbox} outbox */
const statesOf = (outbox) => outbox.items.map((item) => item.state);

test("messages are sent one after another", async () => {
  const { outbox, sent } = outboxWith([1, 2]);
  outbox.add({ text: "first" });
  outbox.add({ text: "second" });
  assert.deepEqual(sent, ["first"], "the second waits for the first one's answer");
  await settled();
  assert.deepEqual(sent, ["first", "second"]);
  assert.deepEqual(statesOf(outbox), ["sent", "sent"]);
});

test("a message that could not be sent is sent again under the same id, before the next", async () => {
  const { outbox, sent } = outboxWith([NETWORK(), 1, 2]);
  const { client_message_id: id } = outbox.add({ text: "first" });
  outbox.add({ text: "second" });
  await settled();
  assert.deepEqual(statesOf(outbox), ["sending", "sending"], "one hiccup is not worth a word");
  mock.timers.tick(1_200);
  await settled();
  assert.deepEqual(sent, ["first", "first", "second"]);
  assert.equal(outbox.items[0].client_message_id, id);
});

test("from the second failure on it is told, and the wait grows", async () => {
  const { outbox, sent } = outboxWith([NETWORK(), NETWORK(), NETWORK(), 1]);
  outbox.add({ text: "first" });
  await settled();
  mock.timers.tick(1_200);
  await settled();
  assert.deepEqual(statesOf(outbox), ["failed"]);
  mock.timers.tick(1_000);
  await settled();
  assert.equal(sent.length, 2, "the second wait is longer than the first");
});

test("the browser's word that the network is back ends the wait", async () => {
  const { outbox, sent } = outboxWith([NETWORK(), NETWORK(), 1]);
  outbox.add({ text: "first" });
  await settled();
  mock.timers.tick(1_200);
  await settled();
  browserWindow.dispatchEvent(new Event("online"));
  await settled();
  assert.equal(sent.length, 3);
  assert.deepEqual(statesOf(outbox), ["sent"]);
});

test("a refused message stays to be edited and does not hold up the next", async () => {
  const { outbox, store } = outboxWith([REFUSED(), 2]);
  const { client_message_id: id } = outbox.add({ text: "first" });
  outbox.add({ text: "second" });
  await settled();
  assert.deepEqual(statesOf(outbox), ["refused", "sent"]);
  assert.deepEqual([outbox.items[0].code, outbox.items[0].error], ["text_too_long", "too long"]);
  assert.equal(outbox.withdraw(id)?.text, "first");
  assert.deepEqual(store.keys(), []);
});

test("a fault of the page is shown as refused and not tried for ever", async () => {
  const { outbox, sent } = outboxWith([new TypeError("x is undefined")]);
  outbox.add({ text: "first" });
  await settled();
  mock.timers.tick(60_000);
  await settled();
  assert.deepEqual(statesOf(outbox), ["refused"]);
  assert.equal(sent.length, 1);
});

test("when the desk asks for a pause, nothing is sent before it is over, whatever is added", async () => {
  const pause = new DeskError(429, "too_many", "", { retryAfter: 3 });
  const { outbox, sent } = outboxWith([pause, 1, 2]);
  outbox.add({ text: "first" });
  await settled();
  outbox.add({ text: "second" });
  await settled();
  assert.deepEqual(statesOf(outbox), ["held", "held"]);
  assert.ok(outbox.items.every((item) => item.pause !== undefined && item.pause >= 3 && item.pause <= 4));
  mock.timers.tick(2_900);
  await settled();
  assert.equal(sent.length, 1);
  mock.timers.tick(1_200);
  await settled();
  assert.deepEqual(sent, ["first", "first", "second"]);
});

test("unsent messages outlive a reload, in their order", async () => {
  const store = new MemoryStore();
  const before = outboxWith([], { store }).outbox;
  before.close(); // the page is left before anything was sent
  before.add({ text: "first" });
  mock.timers.tick(5);
  before.add({ text: "second" });
  const { outbox, sent } = outboxWith([1, 2], { store });
  await outbox.flush();
  assert.deepEqual(sent, ["first", "second"]);
  assert.deepEqual(store.keys(), [], "what the desk has is not sent again");
});

test("an agent's refused reply outlives a reload and is not sent again by itself", async () => {
  const store = new MemoryStore();
  outboxWith([REFUSED()], { store, keepRefused: true }).outbox.add({ text: "first" });
  await settled();
  const { outbox, sent } = outboxWith([], { store, keepRefused: true });
  await outbox.flush();
  assert.deepEqual(statesOf(outbox), ["refused"]);
  assert.deepEqual(sent, []);
});

test("a settled message is gone, and it is told once", () => {
  const { outbox } = outboxWith([]);
  outbox.close();
  const { client_message_id: id } = outbox.add({ text: "first" });
  let told = 0;
  outbox.addEventListener("change", () => {
    told += 1;
  });
  outbox.settle(id);
  outbox.settle(id);
  assert.deepEqual(outbox.items, []);
  assert.equal(told, 1);
});
