// What the log means for the customer: rating, taking back a cancelled wait, waiting for an answer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Episode } from "../../handoff/pages/chat/episode.js";
import { event, START } from "./browser-parts.js";

/**
 * @param {Parameters<typeof event>[1][]} events
 * @param {{isNews?: boolean, now?: number}} [when]
 */
function after(events, { isNews = false, now = START + 60_000 } = {}) {
  const episode = new Episode();
  for (const [index, more] of events.entries()) episode.take(event(index + 1, more), { isNews, now });
  return episode;
}

const ARTICLE = { id: "fees", title: "Fees" };
const BY_BOT = /** @type {const} */ ({ by: { kind: "bot", name: "" } });
const ENDED_BY_AGENT = { type: "resolved", resolution: "agent" };
const ENDED_WITH_THANKS = { type: "resolved", resolution: "closed" };

test("an answer is due after the customer's message, until the bot or anything else has answered", () => {
  assert.equal(after([{}]).awaitsAnswer, true);
  assert.equal(after([{}, BY_BOT]).awaitsAnswer, false);
  assert.equal(after([{}, { type: "cancelled" }]).awaitsAnswer, false);
  assert.equal(after([{}, { type: "rated", score: 5 }]).awaitsAnswer, true, "a rating answers nothing");
  assert.equal(after([{}, { type: "moon_landed" }]).awaitsAnswer, true);
});

test("thanks after an agent's end leave the agent's work to be rated", () => {
  const { end } = after([{}, ENDED_BY_AGENT, {}, ENDED_WITH_THANKS]);
  assert.deepEqual(end, { seq: 2, byAgent: true, isRated: false, isPast: false });
});

test("an end without an agent is an end of its own", () => {
  assert.deepEqual(after([{}, ENDED_WITH_THANKS]).end?.byAgent, false);
  assert.equal(after([ENDED_BY_AGENT, { type: "handoff_requested" }, ENDED_WITH_THANKS]).end?.seq, 3);
});

test("something new makes an end a thing of the past", () => {
  assert.equal(after([ENDED_BY_AGENT, { type: "handoff_requested" }]).end?.isPast, true);
  assert.equal(after([ENDED_BY_AGENT, {}, { ...BY_BOT, article: ARTICLE }]).end?.isPast, true);
  assert.equal(after([ENDED_BY_AGENT, {}, BY_BOT]).end?.isPast, false, "small talk is nothing new");
});

test("an end that the agent takes back is none", () => {
  assert.equal(after([ENDED_BY_AGENT, { type: "resolution_undone" }]).end, null);
  assert.equal(after([{}, ENDED_BY_AGENT, { type: "resolution_undone" }]).awaitsAnswer, false);
  assert.equal(after([ENDED_BY_AGENT, { type: "resolution_undone" }, ENDED_BY_AGENT]).end?.seq, 3);
});

test("an end is rated once", () => {
  assert.equal(after([ENDED_BY_AGENT, { type: "rated", score: 4 }]).end?.isRated, true);
});

test("a cancelled wait can be taken back for less time than the desk keeps the place", () => {
  const now = START + 60_000; // the desk's clock and the customer's differ by a minute
  assert.equal(after([{ type: "cancelled" }], { isNews: true, now }).undoUntil, now + 9_500);
  assert.equal(after([{ kind: "cancelled" }], { isNews: true, now }).undoUntil, now + 9_500);
});

test("in history the desk's own time counts, and a wrong clock never gives more than the full time", () => {
  const at = START + 1_000; // of the first event
  assert.equal(after([{ type: "cancelled" }], { now: at + 4_000 }).undoUntil, at + 9_500);
  assert.equal(after([{ type: "cancelled" }], { now: at - 60_000 }).undoUntil, at - 60_000 + 9_500);
});

test("a wait that goes on or has ended cannot be taken back", () => {
  for (const type of ["cancel_undone", "handoff_requested", "resolved"])
    assert.equal(after([{ type: "cancelled" }, { type }], { isNews: true }).undoUntil, null);
});
