import assert from "node:assert/strict";
import { test } from "node:test";
import { PresenceSigns } from "../../handoff/pages/shared/presence-signs.js";

/** @param {{fails?: boolean}} [desk] */
function signs(desk = {}) {
  /** @type {string[]} */
  const sent = [];
  const clock = { now: 0 };
  const post = async (/** @type {string} */ path) => {
    sent.push(path.split("/").at(-1) ?? "");
    if (desk.fails) throw new Error("away");
  };
  return { sent, clock, signs: new PresenceSigns({ post }, () => clock.now) };
}

test("a page answers what it hears every 10 s: without it an agent who reads would be offline", () => {
  const { sent, clock, signs: page } = signs();
  for (clock.now = 0; clock.now <= 30_000; clock.now += 1_000) page.heard();
  assert.deepEqual(sent, ["here", "here", "here", "here"]);
});

test("keys are told once a minute: each key would be a request", () => {
  const { sent, clock, signs: page } = signs();
  for (clock.now = 0; clock.now <= 60_000; clock.now += 500) page.pressed();
  assert.deepEqual(sent, ["active", "active"]);
});

test("a sign that did not arrive is sent with the next occasion: the agent would be offline for a lost packet", async () => {
  const desk = { fails: true };
  const { sent, clock, signs: page } = signs(desk);
  page.heard();
  await new Promise((resolve) => setImmediate(resolve));
  desk.fails = false;
  clock.now = 1;
  page.heard();
  await new Promise((resolve) => setImmediate(resolve));
  clock.now = 2;
  page.heard();
  assert.deepEqual(sent, ["here", "here"]);
});

test("a watched page tells of keys and clicks until the end: an ended session would go on", () => {
  const { sent, clock, signs: page } = signs();
  const target = new EventTarget();
  page.watch(target);
  target.dispatchEvent(new Event("keydown"));
  clock.now = 60_000;
  target.dispatchEvent(new Event("pointerdown"));
  page.end();
  clock.now = 120_000;
  target.dispatchEvent(new Event("keydown"));
  assert.deepEqual(sent, ["active", "active"]);
});
