// Why an agent cannot claim a conversation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { claimRefusal } from "../../handoff/pages/console/claim-rules.js";
import { offerSeconds, offersTo } from "../../handoff/pages/console/offer-rows.js";
import { consoleSpeaker } from "../../handoff/pages/words/console.js";

/** @import { Colleague, HeardCard } from "../../handoff/pages/shared/contract-types.js" */

const zh = await consoleSpeaker("zh");
const en = await consoleSpeaker("en");

/** @param {Partial<HeardCard>} [more] @returns {HeardCard} */
const card = (more = {}) => ({
  id: "a",
  status: "queued",
  last_seq: 1,
  locale: "zh",
  channel: "web",
  heardAt: 0,
  ...more,
});
/** @type {Colleague} */
const self = { login: "lin", name: "Lin", role: "agent", online: true, load: 5, capacity: 5 };
const FULL = { self, claimRefusal: { zh: "Lin 已达上限（5）。", en: "Lin already has 5 conversations." } };

test("an agent may claim until the desk says why not, however many conversations they have", () => {
  assert.equal(claimRefusal(card(), { self, claimRefusal: null }, zh), "");
  assert.equal(claimRefusal(null, { self: undefined, claimRefusal: null }, zh), "");
});

test("a full agent reads what is full and who can help; until their load is known, the desk's reason", () => {
  assert.equal(claimRefusal(card(), FULL, zh), "5/5，请主管放行");
  assert.equal(claimRefusal(undefined, FULL, en), "5/5: ask a supervisor to release one");
  assert.equal(claimRefusal(card(), { ...FULL, self: undefined }, en), "Lin already has 5 conversations.");
});

test("what is offered to a full agent may be accepted, what is offered to a colleague may not", () => {
  const offered = (/** @type {string} */ login) => card({ offer: { login, name: login, until: "" } });
  assert.equal(claimRefusal(offered("lin"), FULL, zh), "");
  assert.equal(claimRefusal(offered("zhou"), FULL, zh), "5/5，请主管放行");
});

test("an offer counts down to nothing and not below", () => {
  const now = Date.parse("2026-11-30T10:00:00Z");
  const until = (/** @type {string} */ time) => card({ offer: { login: "lin", name: "Lin", until: time } });
  assert.equal(offerSeconds(until("2026-11-30T10:00:29.500Z"), now), 30);
  assert.equal(offerSeconds(until("2026-11-30T09:59:00Z"), now), 0);
  assert.equal(offerSeconds(until("x"), now), 0);
  assert.equal(offerSeconds(card(), now), 0);
  assert.deepEqual(offersTo([card(), until("x")], "lin").length, 1);
  assert.deepEqual(offersTo([card(), until("x")], "zhou"), []);
});
