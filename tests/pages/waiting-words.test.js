// What the status line says about a wait: ranges and opening times, as the desk's messages say them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openingWords } from "../../handoff/pages/chat/time-words.js";
import { chatSpeaker } from "../../handoff/pages/words/chat.js";

const zh = chatSpeaker("zh");
const en = chatSpeaker("en");

test("an expected wait is a range, one figure, an upper end, or hours", () => {
  for (const [low, high, inChinese, inEnglish] of /** @type {const} */ ([
    [300, 600, "预计约 5 到 10 分钟", "about 5 to 10 min"],
    [240, 240, "预计约 4 分钟", "about 4 min"],
    [0, 180, "预计不超过 3 分钟", "at most 3 min"],
    [0, 0, "预计不超过 1 分钟", "at most 1 min"],
    [7_200, 14_400, "预计超过 2 小时", "more than 2 hours"],
  ])) {
    assert.equal(zh("chat.queue.eta", low, high), inChinese);
    assert.equal(en("chat.queue.eta", low, high), inEnglish);
  }
});

test("people work again on their own wall clock, wherever the customer is", () => {
  const now = new Date("2026-11-30T15:30:00Z"); // 23:30 on Monday in China
  for (const [at, inChinese, inEnglish] of /** @type {const} */ ([
    ["2026-11-30T23:45:00+08:00", "今天 23:45", "today at 23:45"],
    ["2026-12-01T08:00:00+08:00", "明天 8:00", "tomorrow at 8:00"],
    ["2026-12-04T09:05:00.000001+08:00", "周五 9:05", "Fri 9:05"],
    ["2026-12-09T08:00:00+08:00", "12月9日 8:00", "Dec 9 8:00"],
    ["2026-12-01T00:30:00Z", "明天 0:30", "tomorrow at 0:30"],
    ["2026-11-30T09:00:00-08:00", "今天 9:00", "today at 9:00"],
  ])) {
    assert.equal(openingWords(at, zh, now), inChinese);
    assert.equal(openingWords(at, en, now), inEnglish);
  }
  for (const nonsense of ["", "soon", "2026-12-01", "2026-12-01T08:00:00"])
    assert.equal(openingWords(nonsense, zh, now), "");
});
