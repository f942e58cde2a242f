// The words of a replay: the same, different, a part that is gone, or not done yet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { replayWords } from "../../handoff/pages/console/replay-button.js";

/** @type {any} */
const say = (/** @type {unknown[]} */ ...said) => said.join(" ");
const done = (/** @type {object} */ more = {}) => ({
  state: "done",
  result: { identical: true, differences: [], missing: [], code: [], inferred: [], ...more },
});

/** @type {[string, any, object][]} */
const CASES = [
  ["queued", { state: "queued" }, { isOver: false, isSame: false, lines: ["replay.queued"] }],
  ["running", { state: "running" }, { isOver: false, isSame: false, lines: ["replay.running"] }],
  ["the same", done(), { isOver: true, isSame: true, lines: ["replay.identical"] }],
  [
    "different",
    done({ identical: false, differences: [{ field: "route", logged: "answer", replayed: null }] }),
    { isOver: true, isSame: false, lines: ["replay.different", "replay.difference route answer null"] },
  ],
  [
    "a part is gone",
    done({ identical: false, missing: [{ zh: "模型不在了", en: "gone" }] }),
    { isOver: true, isSame: false, lines: ["replay.missing", "模型不在了"] },
  ],
  [
    "other code",
    done({ code: [{ name: "python", logged: "3.9", present: "3.10" }], inferred: ["c.1"] }),
    { isOver: true, isSame: true, lines: ["replay.identical", "replay.code python 3.9 3.10", "replay.inferred"] },
  ],
  ["failed", { state: "failed", error: { zh: "读不到", en: "x" } }, { isOver: true, isSame: false, lines: ["读不到"] }],
  ["lost", { state: "failed" }, { isOver: true, isSame: false, lines: ["replay.failed"] }],
];

for (const [name, job, words] of CASES) {
  test(`a supervisor would not know how the replay came out: ${name}`, () => {
    assert.deepEqual(replayWords(job, say, "zh"), words);
  });
}

test("a long or hostile value would fill the pane or turn the line around", () => {
  const hostile = `\u202e${"x".repeat(500)}`;
  /** @type {any} */
  const job = done({ identical: false, differences: [{ field: "intent", logged: hostile, replayed: { a: 1 } }] });
  const line = replayWords(job, say, "en").lines[1] ?? "";
  assert.ok(line.length < 200);
  assert.ok(!line.includes("\u202e"));
  assert.ok(line.endsWith('{"a":1}'));
});
