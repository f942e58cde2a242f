// What an editor types into a field of the policy, and which sentences of an intent are listed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { matchingFields, textOf, valueFrom } from "../../handoff/pages/workshop/policy-model.js";
import { findingsOf, flawCounts, listedSentences } from "../../handoff/pages/workshop/sentences-model.js";

/** @type {[string, object, string, unknown][]} */
const VALUES = [
  ["a rate", { kind: "rate" }, "0.005", 0.005],
  ["a rate in percent", { kind: "rate" }, " 0.5 % ", 0.005],
  ["a rate of the input method", { kind: "rate" }, "０．５％", 0.005],
  ["thousands", { kind: "number" }, "5,000", 5_000],
  ["a whole number", { kind: "integer" }, "5", 5],
  ["lines", { kind: "patterns" }, " 转.*人工 \n\n 找客服\n", ["转.*人工", "找客服"]],
  ["numbers in lines", { kind: "list" }, "3\n10\n30", [3, 10, 30]],
  ["no choice", { kind: "choices" }, "", []],
  ["a text", { kind: "text" }, " 退款 ", "退款"],
  ["yes", { kind: "bool" }, "yes", true],
  ["the empty choice", { kind: "choice" }, "", ""],
];
for (const [name, field, typed, value] of VALUES)
  test(`a typed value: ${name}`, () => assert.deepEqual(valueFrom(/** @type {any} */ (field), typed), { value }));

/** @type {[string, object, string, string][]} */
const PROBLEMS = [
  ["a rate of 1", { kind: "rate" }, "1", "policy.problem.rate"],
  ["a rate of 0", { kind: "rate" }, "0", "policy.problem.rate"],
  ["a half", { kind: "integer" }, "2.5", "policy.problem.integer"],
  ["letters", { kind: "number" }, "12 元", "policy.problem.number"],
  ["infinity", { kind: "number" }, "Infinity", "policy.problem.number"],
  ["hexadecimal", { kind: "number" }, "0x10", "policy.problem.number"],
  ["a comma for a point", { kind: "number" }, "0,5", "policy.problem.number"],
  ["below the least", { kind: "number", min: 0 }, "-1", "policy.problem.range"],
  ["nothing", { kind: "text" }, "  ", "policy.problem.empty"],
  ["a word among numbers", { kind: "list" }, "3\nten", "policy.problem.numbers"],
];
for (const [name, field, typed, problem] of PROBLEMS)
  test(`a typed value is refused: ${name}`, () =>
    assert.deepEqual(valueFrom(/** @type {any} */ (field), typed), { problem }));

test("a value that is shown and saved unchanged stays the same", () => {
  for (const [kind, value] of /** @type {[string, any][]} */ ([
    ["rate", 0.0005],
    ["integer", 0],
    ["number", 12.5],
    ["bool", false],
    ["list", [3, 10]],
    ["choices", ["a", "b"]],
    ["text", "a: b # c"],
    ["date", "2026-01-31"],
  ]))
    assert.deepEqual(valueFrom({ kind }, textOf({ kind, value })), { value });
});

test("a field is found by its names, its explanation and its value", () => {
  const field = (/** @type {string} */ zh, /** @type {any} */ value) => ({
    path: `triage.yml:${zh}`,
    kind: "text",
    zh,
    en: "Name",
    value,
  });
  const fields = [field("大额金额", 50_000), field("等待提示", [3, 10])];
  assert.deepEqual(
    matchingFields(fields, "50000").map(({ zh }) => zh),
    ["大额金额"],
  );
  assert.equal(matchingFields(fields, "name").length, 2);
  assert.equal(matchingFields(fields, "大额 等待").length, 0);
});

test("a sentence has every flaw that the health found, and one that was deleted has none", () => {
  const findings = findingsOf({
    misread: [{ text: "a", rival: "fees", p: 0.1, p_rival: 0.8 }],
    boundary: [
      { text: "a", rival: "fees" },
      { text: "gone", rival: "fees" },
    ],
    near_others: [{ text: "b", other: { text: "c", intent: "refund_status" }, cosine: 0.97 }],
    duplicates: "broken",
  });
  const sentences = ["a", "b", "other"].map((text) => ({ text, intent: "i", file: "f" }));
  assert.deepEqual(
    findings.get("a")?.map(({ flaw }) => flaw),
    ["misread", "boundary"],
  );
  assert.equal(findings.get("b")?.[0].otherIntent, "refund_status");
  assert.deepEqual(flawCounts(sentences, findings), { misread: 1, boundary: 1, duplicates: 0, near_others: 1 });
  assert.deepEqual(
    listedSentences(sentences, findings, "", "OTHER").map(({ text }) => text),
    ["other"],
  );
  assert.equal(findingsOf(null).size, 0);
});
