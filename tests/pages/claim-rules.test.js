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
/** @param {number} load @returns {Colleague} */
const self = (load) => ({ login: "lin", name: "Lin", role: "agent", online: true, load, capacity: 5 });

test("an agent with room may claim, also before the desk has said anything", () => {
  assert.equal(claimRefusal(card(), self(4), zh), "");
  assert.equal(claimRefusal(card({ can_claim: true }), undefined, zh), "");
  assert.equal(claimRefusal(null, undefined, zh), "");
});

test("a full agent reads what is full and who can help", () => {
  assert.equal(claimRefusal(card({ can_claim: true }), self(5), zh), "5/5，请主管放行");
  assert.match(claimRefusal(card(), self(6), en), /6\/5: ask a supervisor/);
});

test("the desk's own reason is shown in the agent's language", () => {
  const refused = card({
    can_claim: false,
    claim_refusal: { zh: "需要技能：账户安全", en: "Needs the skill Security" },
  });
  assert.equal(claimRefusal(refused, self(0), zh), "需要技能：账户安全");
  assert.equal(claimRefusal(refused, self(0), en), "Needs the skill Security");
  assert.equal(claimRefusal(card({ can_claim: false }), self(0), zh), "您现在不能接手这个会话");
});

test("what is offered to a full agent may be accepted, what is offered to a colleague may not", () => {
  const offered = (/** @type {string} */ login) => card({ offer: { login, name: login, until: "" } });
  assert.equal(claimRefusal(offered("lin"), self(5), zh), "");
  assert.equal(claimRefusal(offered("zhou"), self(5), zh), "5/5，请主管放行");
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
