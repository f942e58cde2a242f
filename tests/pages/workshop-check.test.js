// What an editor reads before publishing: the dangerous changes first, and never a check of another draft.
import assert from "node:assert/strict";
import { test } from "node:test";
import { curveOf } from "../../handoff/pages/workshop/curve-model.js";
import { hasEnded, readJob, secondsLeft } from "../../handoff/pages/workshop/job-model.js";
import { matching } from "../../handoff/pages/workshop/pick-model.js";
import { isKept, readSummary } from "../../handoff/pages/workshop/reviews-model.js";
import { draftState, matrixOf, readGate, readShadow } from "../../handoff/pages/workshop/shadow-model.js";

/** @param {string} before @param {string} after @param {string} text */
const example = (before, after, text) => ({ text, before: { route: before }, after: { route: after } });

test("turns that lose a person are counted, and their examples come first", () => {
  const shadow = readShadow({
    n: 10_000,
    changed: 214,
    flips: {
      "answer->answer": 180,
      "escalate->answer": 2,
      "escalate->clarify": 1,
      "escalate->escalate": 4,
      "answer->escalate": 27,
    },
    examples: [
      example("answer", "escalate", "a"),
      example("escalate", "answer", "b"),
      example("escalate", "escalate", "c"),
      example("escalate", "clarify", "d"),
    ],
  });
  assert.equal(shadow?.lost, 3);
  assert.deepEqual(
    shadow?.examples.map(({ text }) => text),
    ["b", "d", "a", "c"],
  );
  assert.deepEqual([readShadow(null), readShadow({})], [null, null]);
  assert.deepEqual(readShadow({ n: 0, examples: [{ text: "no decisions" }, null] })?.examples, []);
});

test("the matrix has a row for each route before and a column for each route after", () => {
  assert.deepEqual(
    matrixOf({ "answer->escalate": 5, "escalate->answer": 3, "answer->answer": 9, "new_route->answer": 1 }),
    {
      after: ["escalate", "answer"],
      rows: [
        { before: "escalate", cells: [0, 3] },
        { before: "answer", cells: [5, 9] },
        { before: "new_route", cells: [0, 1] },
      ],
    },
  );
  assert.deepEqual(matrixOf({}), { after: [], rows: [] });
});

test("a verdict of the gate has its sentences in both languages, and an unknown verdict is none", () => {
  const gate = readGate({
    verdict: "refuse",
    reasons: [
      {
        kind: "case_flips",
        detail: "A case flips.",
        detail_zh: "用例翻转。",
        sentences: ["x", { text: "y" }],
        more_sentences: 4,
      },
    ],
  });
  assert.equal(gate?.isPassed, false);
  assert.deepEqual(gate?.reasons[0], {
    kind: "case_flips",
    words: { zh: "用例翻转。", en: "A case flips." },
    sentences: ["x", "y"],
    more: 4,
  });
  assert.deepEqual([readGate(null), readGate({ verdict: "maybe" })], [null, null]);
});

/** @type {[string, object | null, object | null, string][]} */
const STATES = [
  ["no draft", null, null, "none"],
  ["no change", { data_revision: "a", live_revision: "a", changes: [] }, null, "none"],
  [
    "a file that cannot be read",
    { data_revision: "b", live_revision: "a", is_valid: false, changes: [{}] },
    { data_revision: "b", gate: { verdict: "pass" } },
    "broken",
  ],
  ["no check", { data_revision: "b", live_revision: "a", changes: [{}] }, null, "unchecked"],
  [
    "a check without a verdict",
    { data_revision: "b", live_revision: "a", changes: [{}] },
    { data_revision: "b" },
    "unchecked",
  ],
  [
    "a check of an older draft",
    { data_revision: "c", live_revision: "a", changes: [{}] },
    { data_revision: "b", gate: { verdict: "pass" } },
    "stale",
  ],
  [
    "something else went live",
    { data_revision: "b", live_revision: "x", changes: [{}] },
    { data_revision: "b", live_revision: "a", gate: { verdict: "pass" } },
    "stale",
  ],
  [
    "refused",
    { data_revision: "b", live_revision: "a", changes: [{}] },
    { data_revision: "b", live_revision: "a", gate: { verdict: "refuse" } },
    "refused",
  ],
  [
    "passed",
    { data_revision: "b", live_revision: "a", changes: [{}] },
    { data_revision: "b", live_revision: "a", gate: { verdict: "pass" } },
    "passed",
  ],
];
for (const [name, draft, check, state] of STATES)
  test(`what can be done with the draft: ${name}`, () => assert.equal(draftState(draft, check), state));

test("the time left is known only while a job runs and after some progress", () => {
  const job = (/** @type {number} */ share, state = "running") =>
    /** @type {any} */ ({ state, progress: { share, zh: "", en: "" }, started_at: "2026-11-30T09:00:00Z" });
  const now = Date.parse("2026-11-30T09:01:00Z");
  assert.equal(secondsLeft(job(0.25), now), 180);
  assert.equal(secondsLeft(job(0.01), now), null);
  assert.equal(secondsLeft(job(0.5, "queued"), now), null);
  assert.equal(secondsLeft({ ...job(0.5), started_at: null }, now), null);
  assert.equal(secondsLeft(job(0.5), Date.parse("2026-11-30T08:59:00Z")), 0, "a clock that runs behind the desk's");
});

test("a job needs an id and a state; a number is an id, too", () => {
  assert.equal(readJob({ id: 7, state: "queued" }).id, "7");
  assert.throws(() => readJob({ state: "queued" }), TypeError);
  assert.throws(() => readJob({ id: 7 }), TypeError);
  assert.deepEqual(
    ["queued", "running", "done", "failed"].map((state) => hasEnded(/** @type {any} */ ({ state }))),
    [false, false, true, true],
  );
});

test("what is typed finds by name and by id, names that begin with it first", () => {
  const options = [
    { id: "transfer_delay", name: "到账延迟" },
    { id: "refund_status", name: "退款" },
    { id: "cross_border_delay", name: "跨境到账", hint: "cross_border_delay" },
  ];
  const ids = (/** @type {string} */ typed) => matching(options, typed).map(({ id }) => id);
  assert.deepEqual(ids("到账"), ["transfer_delay", "cross_border_delay"]);
  assert.deepEqual(ids("delay"), ["transfer_delay", "cross_border_delay"]);
  assert.deepEqual(ids("cross delay"), ["cross_border_delay"]);
  assert.deepEqual(ids("没有"), []);
  assert.equal(ids("  ").length, 3);
});

test("a curve needs two points, and a line that does not rise is drawn, too", () => {
  assert.equal(curveOf([{ n: 0, accuracy: 0.8 }]), null);
  const flat = curveOf([
    { n: 0, accuracy: 0.8 },
    { n: 100, accuracy: 0.8 },
  ]);
  assert.ok(flat?.inbox.startsWith("M") && !flat.inbox.includes("NaN"));
  assert.equal(flat?.random, "");
  assert.ok(
    !curveOf([
      { n: 5, accuracy: 0.8, random_accuracy: 0.7 },
      { n: 5, accuracy: 0.9, random_accuracy: 0.7 },
    ])?.random.includes("NaN"),
  );
});

test("without enough reviews there is no figure and no promise kept", () => {
  const summary = readSummary({
    upper_bound: null,
    bound: 0.01,
    n: 12,
    missed: 0,
    days: [{ day: "2026-11-28", size: 5 }, { day: "2026-11-29" }, null],
  });
  assert.equal(isKept(summary), null);
  assert.deepEqual(
    summary.days.map(({ day }) => day),
    ["2026-11-29", "2026-11-28"],
  );
  assert.equal(isKept(readSummary({ upper_bound: 0.02, bound: 0.01 })), false);
  assert.equal(isKept(readSummary({ upper_bound: 0.01, bound: 0.01 })), true);
  assert.equal(readSummary(null).upperBound, null);
});
