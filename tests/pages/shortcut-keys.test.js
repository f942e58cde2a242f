// What keys mean, and when they mean nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SHORTCUTS, shortcutOf } from "../../handoff/pages/console/shortcut-keys.js";
import { consoleSpeaker } from "../../handoff/pages/words/console.js";

/** @import { Press } from "../../handoff/pages/console/shortcut-keys.js" */

/** @param {string} key @param {Partial<Press>} [more] @returns {Press} */
const press = (key, more = {}) => ({
  key,
  keyCode: 0,
  isComposing: false,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
});

/** @type {[string, Press, string | null][]} */
const MEANT = [
  ["u", press("u"), "urgent"],
  ["m", press("m"), "next"],
  ["3", press("3"), "slot"],
  ["6", press("6"), null],
  ["c", press("c"), "claim"],
  ["Shift+C", press("C", { shiftKey: true }), "greet"],
  ["c with Caps Lock", press("C"), "claim"],
  ["Shift+C with Caps Lock", press("c", { shiftKey: true }), "greet"],
  ["Shift+U", press("U", { shiftKey: true }), null],
  ["a Chinese keyboard's question mark", press("？", { shiftKey: true }), "help"],
  ["a Chinese keyboard's slash", press("、"), "canned"],
  ["Ctrl+K", press("k", { ctrlKey: true }), "search"],
  ["Cmd+K", press("k", { metaKey: true }), "search"],
  ["Ctrl+Shift+K", press("K", { ctrlKey: true, shiftKey: true }), null],
  ["Ctrl+/", press("/", { ctrlKey: true }), "articles"],
  ["Ctrl+C", press("c", { ctrlKey: true }), null],
  ["Alt+M", press("m", { altKey: true }), null],
  ["a key of an input method", press("c", { isComposing: true }), null],
  ["a key of an input method in Safari", press("c", { keyCode: 229 }), null],
  ["a key of an input method in Firefox", press("Process"), null],
  ["an object's own name", press("toString"), null],
];
for (const [name, given, does] of MEANT)
  test(`${name} means ${does ?? "nothing"}`, () => {
    assert.equal(shortcutOf(given)?.does ?? null, does);
  });

test("letters do nothing while typing; Escape and keys with Ctrl do", () => {
  const typing = { isTyping: true };
  for (const { keys } of SHORTCUTS)
    for (const key of keys ?? []) {
      const isCapital = /^[A-Z]$/.test(key);
      const does = shortcutOf(press(key, { shiftKey: isCapital }), typing)?.does ?? null;
      assert.equal(does, key === "Escape" ? "back" : null, key);
    }
  assert.equal(shortcutOf(press("k", { ctrlKey: true }), typing)?.does, "search");
  assert.equal(shortcutOf(press("Enter", { ctrlKey: true }), typing), null);
});

test("arrows scroll the transcript when it has the focus; j and k still move", () => {
  assert.equal(shortcutOf(press("ArrowDown"), { isScrolling: true }), null);
  assert.equal(shortcutOf(press("ArrowDown"))?.does, "move");
  assert.equal(shortcutOf(press("j"), { isScrolling: true })?.does, "move");
});

test("no key means two things, and the help sheet has words for each", async () => {
  const all = SHORTCUTS.flatMap(({ keys }) => keys ?? []);
  assert.equal(new Set(all).size, all.length);
  for (const locale of ["zh", "en"]) {
    const say = await consoleSpeaker(locale);
    for (const { does, group } of SHORTCUTS) {
      assert.ok(say(`shortcuts.${does}`));
      assert.ok(say(`shortcuts.group.${group}`));
    }
  }
});
