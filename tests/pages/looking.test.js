// What colleagues learn of an agent who has a conversation on the screen.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Looking } from "../../handoff/pages/console/looking.js";
import { installBrowser } from "./browser-parts.js";

const { document } = installBrowser();

/** A report, and the reports so far. */
function reports() {
  /** @type {boolean[]} */
  const sent = [];
  const looking = new Looking(async ({ is_typing: typing }) => {
    sent.push(typing);
    throw new Error("the desk is away");
  });
  return { sent, looking };
}

test("it is reported every 10 s until the conversation is closed, though a report fails", () => {
  mock.timers.enable();
  const { sent, looking } = reports();
  looking.start();
  looking.start();
  mock.timers.tick(20_000);
  assert.deepEqual(sent, [false, false, false]);
  looking.close();
  mock.timers.tick(60_000);
  assert.equal(sent.length, 3);
  mock.timers.reset();
});

test("typing is reported when it begins and when it pauses, not at each key", () => {
  mock.timers.enable();
  const { sent, looking } = reports();
  looking.start();
  for (let key = 0; key < 5; key += 1) {
    looking.typed();
    mock.timers.tick(1_000);
  }
  assert.deepEqual(sent, [false, true]);
  mock.timers.tick(4_000);
  assert.deepEqual(sent, [false, true, false]);
  looking.typed();
  looking.rested();
  assert.deepEqual(sent, [false, true, false, true, false]);
  looking.close();
  mock.timers.reset();
});

test("nothing is reported before the conversation may be read, or from a covered page", () => {
  mock.timers.enable();
  const { sent, looking } = reports();
  looking.typed();
  assert.deepEqual(sent, []);
  looking.start();
  document.visibilityState = "hidden";
  mock.timers.tick(30_000);
  assert.deepEqual(sent, [false]);
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(sent, [false, false]);
  looking.close();
  mock.timers.reset();
});
