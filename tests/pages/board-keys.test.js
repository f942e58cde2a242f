// The board's keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BoardKeys } from "../../handoff/pages/board/board-keys.js";

/** @type {((event: any) => void)[]} */
const listeners = [];
Object.assign(globalThis, {
  Element: class {},
  document: {
    addEventListener: (/** @type {string} */ _, /** @type {(event: any) => void} */ listen) => listeners.push(listen),
    removeEventListener: () => undefined,
    querySelector: () => null,
  },
});

/** The times that the wall mode was asked for by one press of "b". @param {object} more */
function walls(more) {
  let count = 0;
  const nothing = () => undefined;
  new BoardKeys({ section: nothing, move: nothing, wall: () => (count += 1), help: nothing, back: nothing });
  const listen = listeners.pop();
  listen?.({ key: "b", keyCode: 66, isComposing: false, target: null, preventDefault: nothing, ...more });
  return count;
}

test("a key that an input method uses does nothing, however the browser reports it", () => {
  assert.equal(walls({}), 1);
  for (const composed of [{ isComposing: true }, { keyCode: 229 }]) assert.equal(walls(composed), 0);
});
