// Which rows of a long list are in the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOnScreen, scrollFor } from "../../handoff/pages/console/row-window.js";

const height = 56;

/** @type {[string, {count: number, top: number, room: number}, [number, number]][]} */
const WINDOWS = [
  ["none", { count: 0, top: 0, room: 500 }, [0, 0]],
  ["fewer than fit", { count: 3, top: 0, room: 500 }, [0, 3]],
  ["the beginning", { count: 1_500, top: 0, room: 560 }, [0, 16]],
  ["the middle", { count: 1_500, top: 56_000, room: 560 }, [994, 1_016]],
  ["the end", { count: 1_500, top: 1_500 * 56 - 560, room: 560 }, [1_484, 1_500]],
  ["a list that has become shorter than where it was scrolled to", { count: 10, top: 56_000, room: 560 }, [9, 10]],
  ["a pane that is not shown", { count: 1_500, top: 0, room: 0 }, [0, 6]],
];
for (const [name, list, [first, end]] of WINDOWS)
  test(`rows on the screen: ${name}`, () => {
    assert.deepEqual(rowsOnScreen({ ...list, height }), { first, end });
  });

test("a row is scrolled to only when it is not on the screen, and by no more than it takes", () => {
  const list = { height, top: 560, room: 560 };
  assert.equal(scrollFor(list, 10), 560);
  assert.equal(scrollFor(list, 19), 560);
  assert.equal(scrollFor(list, 9), 504);
  assert.equal(scrollFor(list, 20), 616);
  assert.equal(scrollFor(list, 0), 0);
});
