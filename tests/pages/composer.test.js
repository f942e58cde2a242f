// What the box to write in decides: when a text is too long, what a key does, what is a shortcut.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shortcutIn } from "../../handoff/pages/console/canned-replies.js";
import { keyMeaning, lengthNotice } from "../../handoff/pages/shared/composer.js";

test("a text is counted as the desk counts it: in code points, without the space around it", () => {
  assert.deepEqual(lengthNotice("😀".repeat(4_000)), { excess: 0, length: 4_000 });
  assert.deepEqual(lengthNotice("😀".repeat(4_001)), { excess: 1, length: 4_001 });
  assert.deepEqual(lengthNotice(` ${"字".repeat(4_000)}\n`), { excess: 0, length: 4_002 });
});

test("the count is shown only near the limit", () => {
  assert.equal(lengthNotice("字".repeat(3_599)).length, null);
  assert.equal(lengthNotice("字".repeat(3_600)).length, 3_600);
});

const KEY = { isComposing: false, keyCode: 13, key: "Enter", shiftKey: false, altKey: false };

test("Enter sends, and with Shift or Alt it begins a line", () => {
  assert.equal(keyMeaning(KEY), "sends");
  assert.equal(keyMeaning({ ...KEY, shiftKey: true }), "types");
  assert.equal(keyMeaning({ ...KEY, altKey: true }), "types");
  assert.equal(keyMeaning({ ...KEY, key: "a", keyCode: 65 }), "types");
});

test("Enter that picks a word of an input method does not send half a sentence", () => {
  assert.equal(keyMeaning({ ...KEY, isComposing: true }), "composes");
  assert.equal(keyMeaning({ ...KEY, keyCode: 229 }), "composes", "Safari ends the composition before the key");
});

for (const [text, shortcut] of /** @type {[string, string | null][]} */ ([
  ["/", ""],
  ["/Hello", "hello"],
  ["／ｈｉ", "hi"],
  ["、hi", "hi"],
  ["、你好", null],
  ["/a b", null],
  ["/a/b", null],
  [" /hi", null],
  ["hi", null],
  ["", null],
]))
  test(`shortcut in ${JSON.stringify(text)}: ${JSON.stringify(shortcut)}`, () => {
    assert.equal(shortcutIn(text), shortcut);
  });
