// Facts in a text: where they stand, and that no edit leaves half of one.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  factNames,
  guardedSelection,
  insertable,
  piecesOf,
  placeholder,
  unitsOf,
  withMarkedValues,
  withoutMarks,
} from "../../handoff/pages/workshop/fact-chips.js";

const TEXT = "到账 {{ refund_arrival }} 内";
const [FROM, TO] = [3, 23];

test("a text is facts, conditions, loose marks and what is between them, and nothing is lost", () => {
  const text = "a {{ x }} {% if ahead == 0 %}b{% endif %} {{ y {{z}} }} 50% {%";
  const pieces = piecesOf(text);
  assert.equal(pieces.map(({ from, to }) => text.slice(from, to)).join(""), text);
  assert.deepEqual(
    pieces.filter(({ kind }) => kind !== "text").map(({ kind, from, to }) => [kind, text.slice(from, to)]),
    [
      ["fact", "{{ x }}"],
      ["condition", "{% if ahead == 0 %}"],
      ["condition", "{% endif %}"],
      ["loose", "{{"],
      ["fact", "{{z}}"],
      ["loose", "}}"],
      ["loose", "{%"],
    ],
  );
  assert.deepEqual(factNames(text + placeholder("x")), ["x", "z"]);
});

test("Backspace behind a fact and Delete before it take the whole fact", () => {
  assert.equal(TEXT.slice(FROM, TO), "{{ refund_arrival }}");
  const whole = { start: FROM, end: TO };
  for (const at of [FROM + 1, 10, TO])
    assert.deepEqual(guardedSelection(TEXT, { start: at, end: at }, "deleteContentBackward"), whole, String(at));
  for (const at of [FROM, 10, TO - 1])
    assert.deepEqual(guardedSelection(TEXT, { start: at, end: at }, "deleteContentForward"), whole, String(at));
  assert.equal(guardedSelection(TEXT, { start: FROM, end: FROM }, "deleteContentBackward"), null);
  assert.equal(guardedSelection(TEXT, { start: TO, end: TO }, "deleteContentForward"), null);
});

test("typing inside a fact goes behind it, and a selection that cuts a fact grows to the whole", () => {
  assert.deepEqual(guardedSelection(TEXT, { start: 10, end: 10 }, "insertText"), { start: TO, end: TO });
  assert.deepEqual(insertable(TEXT, 10, 10), { start: TO, end: TO });
  assert.equal(guardedSelection(TEXT, { start: FROM, end: FROM }, "insertText"), null);
  assert.deepEqual(guardedSelection(TEXT, { start: 0, end: 10 }, "insertText"), { start: 0, end: TO });
  assert.equal(guardedSelection(TEXT, { start: FROM, end: TO }, "deleteContentBackward"), null);
});

test("no edit of any kind at any place leaves a broken fact", () => {
  const text = "退{{ a }}{{ b }}款 {% if x %}是{% endif %}";
  const types = ["insertText", "deleteContentBackward", "deleteContentForward", "deleteWordBackward"];
  for (let start = 0; start <= text.length; start += 1)
    for (let end = start; end <= text.length; end += 1)
      for (const type of types) {
        const guarded = guardedSelection(text, { start, end }, type) ?? { start, end };
        const insert = type === "insertText" ? "新" : "";
        let { start: from, end: to } = guarded;
        if (!insert && from === to) [from, to] = type.endsWith("Backward") ? [from - 1, to] : [from, to + 1];
        const edited = text.slice(0, Math.max(from, 0)) + insert + text.slice(to);
        assert.ok(!piecesOf(edited).some(({ kind }) => kind === "loose"), `${type} ${start}-${end}: ${edited}`);
      }
});

test("values stand in for facts, and what is unknown stays as it was written", () => {
  const marked = withMarkedValues("{{ a }}天 {{b}}", (name) => (name === "a" ? "3" : undefined));
  assert.equal(withoutMarks(marked), "3天 {{b}}");
  assert.notEqual(marked, withoutMarks(marked));
});

test("the desk counts characters, the browser counts UTF-16 units", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 9].map((points) => unitsOf("a😀b", points)),
    [0, 1, 3, 4, 4],
  );
});
