// The buttons over a text: steps, bold, and Enter in a list.
import assert from "node:assert/strict";
import { test } from "node:test";
import { insertWords, nextStep, toggleBold, toggleSteps } from "../../handoff/pages/workshop/text-commands.js";

/** @import { Change, Edited } from "../../handoff/pages/workshop/text-commands.js" */

/** The text after a change; "|" marks the selection. @param {string} marked @param {(edited: Edited) => Change | null} command */
function run(marked, command) {
  const start = marked.indexOf("|");
  const end = Math.max(start, marked.lastIndexOf("|") - 1);
  const text = marked.replaceAll("|", "");
  const change = command({ text, start, end });
  if (!change) return null;
  const done = text.slice(0, change.from) + change.insert + text.slice(change.to);
  return change.start === change.end
    ? `${done.slice(0, change.start)}|${done.slice(change.start)}`
    : `${done.slice(0, change.start)}|${done.slice(change.start, change.end)}|${done.slice(change.end)}`;
}

test("a line becomes a step after the step above, and the steps below count on", () => {
  assert.equal(run("打开|账单", toggleSteps), "1. 打开账单|");
  assert.equal(run("1. 甲\n乙|\n2. 丙\n3. 丁\n\n尾", toggleSteps), "1. 甲\n2. 乙|\n3. 丙\n4. 丁\n\n尾");
  assert.equal(run("|甲\n乙\n丙|", toggleSteps), "|1. 甲\n2. 乙\n3. 丙|");
  assert.equal(run("|1. 甲\n2. 乙|\n3. 丙", toggleSteps), "|甲\n乙|\n1. 丙");
});

test("a number with a point is no step", () => {
  assert.equal(run("3.5 元|", toggleSteps), "1. 3.5 元|");
});

test("Enter begins the next step, numbers those below, and ends the list on an empty one", () => {
  assert.equal(run("1. 甲|\n2. 乙", nextStep), "1. 甲\n2. |\n3. 乙");
  assert.equal(run("1. 甲乙|丙\n2. 丁", nextStep), "1. 甲乙\n2. |丙\n3. 丁");
  assert.equal(run("1. 甲\n2. |", nextStep), "1. 甲\n|");
  assert.equal(run("普通|", nextStep), null);
  assert.equal(run("|1. 甲|", nextStep), null);
});

test("bold is put around the selection and taken away again", () => {
  assert.equal(run("请|马上|打", toggleBold), "请**|马上|**打");
  assert.equal(run("请**|马上|**打", toggleBold), "请|马上|打");
  assert.equal(run("请|打", toggleBold), "请**|**打");
});

test("a fact takes the place of the selection", () => {
  assert.equal(
    run("等|3 天|。", (edited) => insertWords(edited, "{{ a }}")),
    "等{{ a }}|。",
  );
});
