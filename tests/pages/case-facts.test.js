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

test("each visit is known with its reason, its agent and its end, and an undone end is none", () => {
  const facts = new CaseFacts([
    event(1),
    event(2, { type: "handoff_requested", reason: "dispute" }),
    event(3, { type: "assigned", agent: "Lin" }),
    event(4, { type: "resolved", resolution: "agent", outcome: "solved" }),
    event(5, { type: "reopened" }),
    event(6, { type: "resolved", resolution: "agent" }),
    event(7, { type: "resolution_undone" }),
  ]);
  facts.update();
  assert.deepEqual(
    facts.episodes.map(({ number, seq, reason, agent, end }) => [number, seq, reason, agent, end?.outcome]),
    [
      [1, 1, "dispute", "Lin", "solved"],
      [2, 5, null, null, undefined],
    ],
  );
  assert.equal(facts.episodes[1].end, null);
});

test("a mark stands until the same agent takes it back", () => {
  const mark = (/** @type {string} */ login, /** @type {boolean} */ is) => ({
    type: "marked",
    mark: "wrong_article",
    login,
    is_set: is,
  });
  const events = [event(1, mark("lin", true)), event(2, mark("zhou", true)), event(3, mark("zhou", false))];
  const facts = new CaseFacts(events);
  facts.update();
  assert.deepEqual(
    ["lin", "zhou", "anna"].map((login) => facts.isMarked(login, "wrong_article")),
    [true, false, false],
  );
});
