// What differs between two texts, and two people's changes in one text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { differences, mergeTexts } from "../../handoff/pages/workshop/text-differences.js";

test("the difference names the words that changed, and both texts can be read back from it", () => {
  const before = "3. 提现 {{ fast }} 内，普通 3 天。";
  const after = "3. 提现 {{ slow }} 内，普通 5 天，请等。";
  const pieces = differences(before, after);
  const read = (/** @type {string} */ other) =>
    pieces.flatMap(({ kind, text }) => (kind === "same" || kind === other ? [text] : [])).join("");
  assert.deepEqual([read("gone"), read("new")], [before, after]);
  assert.deepEqual(
    pieces.filter(({ kind }) => kind !== "same"),
    [
      { kind: "gone", text: "{{ fast }}" },
      { kind: "new", text: "{{ slow }}" },
      { kind: "gone", text: "3" },
      { kind: "new", text: "5" },
      { kind: "new", text: "，请等" },
    ],
  );
});

test("any two texts can be read back from their difference", () => {
  let seed = 7;
  const random = (/** @type {number} */ n) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % n;
  };
  const word = () => ["退款", "3", "天", "\n", "{{ a }}", " ", "the", "😀"][random(8)];
  for (let round = 0; round < 300; round += 1) {
    const [before, after] = [0, 1].map(() => Array.from({ length: random(12) }, word).join(""));
    const pieces = differences(before, after);
    const read = (/** @type {string} */ other) =>
      pieces.flatMap(({ kind, text }) => (kind === "same" || kind === other ? [text] : [])).join("");
    assert.deepEqual([read("gone"), read("new")], [before, after]);
  }
});

test("two huge texts without a common word are compared at once", () => {
  const before = process.cpuUsage(); // not the time of day: other tests run beside this one
  const pieces = differences("甲 ".repeat(20_000), "乙,".repeat(20_000));
  assert.equal(pieces.length, 2);
  assert.ok(process.cpuUsage(before).user < 2_000_000); // microseconds
});

const BASE = "第一句。\n\n1. 打开账单。\n2. 点订单。\n\n没解决请找人工。";

test("changes in different lines are put together", () => {
  const mine = BASE.replace("打开账单", "打开「账单」");
  const theirs = `${BASE}\n补充一句。`;
  assert.equal(mergeTexts(BASE, mine, theirs), `${mine}\n补充一句。`);
  assert.equal(mergeTexts(BASE, BASE, theirs), theirs);
  assert.equal(mergeTexts(BASE, mine, BASE), mine);
  assert.equal(mergeTexts(BASE, mine, mine), mine);
});

test("changes that meet are for a person to decide, and the same change twice is made once", () => {
  assert.equal(mergeTexts(BASE, BASE.replace("点订单", "甲"), BASE.replace("点订单", "乙")), null);
  assert.equal(mergeTexts(BASE, BASE.replace("打开账单", "甲"), BASE.replace("点订单", "乙")), null, "side by side");
  const both = BASE.replace("点订单", "点开订单");
  assert.equal(mergeTexts(BASE, both, both.replace("第一句", "开头一句")), both.replace("第一句", "开头一句"));
});
