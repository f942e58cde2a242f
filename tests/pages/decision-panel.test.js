// The explanation of a decision, for what the desk accepts from a bot and logs as it came.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decisionPanel } from "../../handoff/pages/console/decision-panel.js";
import { namesOf } from "../../handoff/pages/console/display-names.js";
import { consoleSpeaker } from "../../handoff/pages/words/console.js";

/** @import { Decision } from "../../handoff/pages/shared/contract-types.js" */

/** As much of an element as `el` needs: it collects its children. */
class FakeElement {
  dataset = {};
  style = {};
  /** @type {unknown[]} */
  children = [];

  /** @param {...unknown} nodes */
  append(...nodes) {
    this.children.push(...nodes);
  }

  setAttribute() {}

  addEventListener() {}

  /** @returns {string} */
  get textContent() {
    return this.children.map((child) => (child instanceof FakeElement ? child.textContent : String(child))).join(" ");
  }
}

const make = () => new FakeElement();
Object.assign(globalThis, { document: { createElement: make, createElementNS: make } });
const say = await consoleSpeaker("en");
const names = namesOf({}, "en");

/** @type {[string, object][]} */
const LOGGED = [
  ["no rule and no lists", { route: "chat" }],
  ["null for all", { route: "chat", rule: null, intent: null, confidence: null, ranking: null, trace: null }],
  ["null in the technical part", { route: "chat", rule: "understood", thresholds: null, versions: null }],
  [
    "a trace of other values",
    { route: "chat", trace: [{ fired: true }, { rule: 4, detail: { at: 1 } }, { detail: 7 }] },
  ],
];
for (const [what, decision] of LOGGED)
  test(`a decision is explained that has ${what}`, () => {
    const panel = decisionPanel(/** @type {Decision} */ (decision), { message: "", silent: false }, { say, names });
    assert.match(panel.textContent ?? "", new RegExp(say("route.chat")));
  });
