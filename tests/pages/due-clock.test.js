// Deadlines as the console writes them, by the desk's clock.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { DeskClock, dueWords, explanationOf, nearestDue, secondsLeft } from "../../handoff/pages/console/due-clock.js";
import { consoleSpeaker } from "../../handoff/pages/words/console.js";

/** @import { Due, HeardCard } from "../../handoff/pages/shared/contract-types.js" */

const zh = await consoleSpeaker("zh");
const en = await consoleSpeaker("en");
const NOW = Date.parse("2026-11-30T10:00:00Z");

/** @param {number} seconds  from now @param {Partial<Due>} [more] @returns {Due} */
const due = (seconds, more = {}) => ({
  clock: "first_response",
  at: new Date(NOW + seconds * 1_000).toISOString(),
  ...more,
});

/** @param {string} id @param {Partial<HeardCard>} more @returns {HeardCard} */
const card = (id, more) => ({ id, status: "queued", last_seq: 1, locale: "zh", channel: "web", heardAt: NOW, ...more });

/** @type {[number, string, string][]} */
const WRITTEN = [
  [0, "0:00", "0:00"],
  [42, "0:42", "0:42"],
  [252, "4:12", "4:12"],
  [3_599, "59:59", "59:59"],
  [3_600, "1 时 0 分", "1 h 0 min"],
  [-1, "超 0:01", "0:01 over"],
  [-190, "超 3:10", "3:10 over"],
  [-7_500, "超 2 时 5 分", "2 h 5 min over"],
];
for (const [seconds, chinese, english] of WRITTEN)
  test(`${seconds} s before the deadline`, () => {
    assert.equal(dueWords(due(seconds), NOW, zh), chinese);
    assert.equal(dueWords(due(seconds), NOW, en), english);
  });

test("a clock that stands still, none, and a damaged time show no countdown", () => {
  for (const none of [null, undefined, due(60, { is_paused: true }), due(60, { at: "soon" })]) {
    assert.equal(secondsLeft(none, NOW), null);
    assert.equal(dueWords(none, NOW, zh), "");
  }
});

test("the explanation names the clock, in the agent's language", () => {
  const why = due(60, { explanation: { zh: "周二 14:00：从周五 17:30 起 2 个工作小时", en: "14:00 Tuesday" } });
  assert.equal(explanationOf(why, zh), "首次回复 · 周二 14:00：从周五 17:30 起 2 个工作小时");
  assert.equal(explanationOf(why, en), "First reply · 14:00 Tuesday");
  assert.equal(explanationOf(due(60, { clock: "resolution", is_paused: true }), zh), "解决 · 暂停：等客户回复");
  assert.equal(explanationOf(due(60, { clock: "a newer clock" }), zh), "a newer clock");
  assert.equal(explanationOf(null, zh), "");
});

test("the nearest deadline is the one that is longest over; clocks that stand still do not count", () => {
  const cards = [
    card("none", {}),
    card("soon", { due: due(30) }),
    card("over", { due: due(-30) }),
    card("paused", { due: due(-600, { is_paused: true }) }),
    card("damaged", { due: due(0, { at: "x" }) }),
  ];
  assert.equal(nearestDue(cards)?.id, "over");
  assert.equal(nearestDue(cards.slice(0, 1)), null);
  assert.equal(nearestDue([]), null);
});

test("a computer whose clock is wrong shows the desk's countdown", (context) => {
  mock.timers.enable({ apis: ["Date"], now: NOW + 3_600_000 }); // an hour fast
  context.after(() => mock.timers.reset());
  const clock = new DeskClock();
  clock.hear(card("a", { queued_at: "2026-11-30T09:58:00Z", waiting_seconds: 120, heardAt: Date.now() }));
  assert.equal(dueWords(due(42), clock.now(), zh), "0:42");
  mock.timers.tick(2_000);
  assert.equal(dueWords(due(42), clock.now(), zh), "0:40");
});

test("cards without a time of the desk leave its clock as it is", (context) => {
  mock.timers.enable({ apis: ["Date"], now: NOW });
  context.after(() => mock.timers.reset());
  const clock = new DeskClock();
  clock.hear(undefined);
  clock.hear(card("mine", { status: "assigned", queued_at: "2020-01-01T00:00:00Z", waiting_seconds: 3 }));
  clock.hear(card("damaged", { queued_at: "x", waiting_seconds: 3 }));
  clock.hear(card("rounded", { queued_at: "2026-11-30T09:59:00.400Z", waiting_seconds: 59 }));
  assert.equal(clock.now(), NOW);
});
