// What the facts pane gathers from a log.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CaseFacts } from "../../handoff/pages/console/case-facts.js";
import { event } from "./browser-parts.js";

/** @param {import("../../handoff/pages/shared/contract-types.js").Entity[]} entities */
const triage = (...entities) => ({
  type: "triage",
  decision: { route: "answer", rule: "understood", intent: "fees", entities },
});

test("the same finding in two messages is one fact, the way it was said last", () => {
  const amount = { number: 2_000, currency: "CNY" };
  const facts = new CaseFacts([
    event(1, triage({ entity: "amount", text: "两千", value: amount })),
    event(
      2,
      triage({ entity: "amount", text: "2000 块", value: amount }, { entity: "phone", text: "138", value: null }),
    ),
  ]);
  facts.update();
  const found = [...facts.entities.values()].map(({ text, copy, meaning }) => [text, copy, meaning]);
  assert.deepEqual(found, [
    ["2000 块", "2000", "2,000 CNY"],
    ["138", "138", null],
  ]);
});

test("a log is read once, and what comes later is added", () => {
  const events = [event(1, { article: { id: "fees", title: "Fees", revision: "a" } })];
  const facts = new CaseFacts(events);
  facts.update();
  events.push(event(2, { type: "note", text: "call back" }), event(3, { type: "returned", note: "solved" }), event(4));
  facts.update();
  facts.update();
  assert.equal(facts.articles.size, 1);
  assert.deepEqual(
    facts.notes.map(({ seq }) => seq),
    [2, 3],
  );
  assert.equal(facts.isOf(events), true);
});

test("a decision without findings is no fault", () => {
  const facts = new CaseFacts([event(1, { type: "triage" })]);
  facts.update();
  assert.equal(facts.decisions.length, 1);
});
