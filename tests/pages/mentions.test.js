// @mentions of colleagues in notes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesOf, mentionAt, mentionsIn } from "../../handoff/pages/console/mentions.js";

const COLLEAGUES = [
  { login: "agent", name: "小林" },
  { login: "agent2", name: "小林林" },
  { login: "boss", name: "Anna" },
];

/** @type {[string, {start: number, typed: string} | null][]} */
const TYPED = [
  ["@", { start: 0, typed: "" }],
  ["请 @小", { start: 2, typed: "小" }],
  ["请，@ANN", { start: 2, typed: "ann" }],
  ["＠小", { start: 0, typed: "小" }],
  ["a@b", null],
  ["@小林 ", null],
  ["没有", null],
];
for (const [text, found] of TYPED)
  test(`typed so far: ${text}`, () => assert.deepEqual(mentionAt(text, text.length), found));

test("only what stands before the caret is looked at", () => assert.deepEqual(mentionAt("@小 后面", 2)?.typed, "小"));

test("names and logins that begin with it come first", () => {
  assert.deepEqual(
    matchesOf("a", COLLEAGUES).map(({ login }) => login),
    ["agent", "agent2", "boss"],
  );
  assert.deepEqual(
    matchesOf("林", COLLEAGUES).map(({ login }) => login),
    ["agent", "agent2"],
  );
  assert.deepEqual(matchesOf("x", COLLEAGUES), []);
});

/** @type {[string, string[]][]} */
const MENTIONED = [
  ["@小林 看一下", ["agent"]],
  ["@小林林看一下", ["agent2"]],
  ["@agent2 @agent", ["agent2", "agent"]],
  ["@agent2x", []],
  ["@ANNA @anna", ["boss"]],
  ["写给 someone@agent.example", []],
  ["没有人", []],
  ["@路人", []],
];
for (const [text, logins] of MENTIONED)
  test(`mentions in: ${text}`, () => assert.deepEqual(mentionsIn(text, COLLEAGUES), logins));
