// An editor works through the inbox faster than the desk answers: nothing may be decided twice, lost, or decided by a key that
// was meant for another group.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskError } from "../../handoff/pages/shared/desk-api.js";
import { InboxModel, pace } from "../../handoff/pages/workshop/inbox-model.js";
import { settled } from "./browser-parts.js";

/** @import { InboxGroup, InboxDesk } from "../../handoff/pages/workshop/inbox-model.js" */

/** @param {string} id @param {number} [texts] @returns {InboxGroup} */
const group = (id, texts = 2) => ({
  id,
  kind: "not_understood",
  count: texts,
  texts: Array.from({ length: texts }, (_, index) => ({ id: `${id}-${index}`, text: `sentence ${id} ${index}` })),
  suggested: [{ intent: "fees", score: 0.6 }],
  nearest: [],
});

/**
 * A desk that keeps the groups it is given; a call to `decide` waits until the test answers it.
 * @param {string[]} ids
 */
function deskWith(ids) {
  const left = new Map(ids.map((id) => [id, group(id)]));
  /** @type {string[]} */
  const done = [];
  /** @type {{name: string, body: any, answer: (value?: unknown) => void, refuse: (error: unknown) => void}[]} */
  const held = [];
  const state = { holds: false, lists: 0 };
  const hold = (/** @type {string} */ name, /** @type {any} */ body) =>
    state.holds
      ? new Promise((answer, refuse) => held.push({ name, body, answer, refuse }))
      : Promise.resolve(undefined);
  /** @type {InboxDesk} */
  const desk = {
    list: async () => {
      state.lists += 1;
      const answer = { groups: [...left.values()].slice(0, 4), counts: { left: left.size } };
      await hold("list", null);
      return structuredClone(answer);
    },
    decide: async (id, body) => {
      await hold(`decide ${id}`, body);
      if (!left.delete(id)) throw new DeskError(404, "unknown_group", "gone");
      done.push(id);
      return { counts: { done_today: done.length } };
    },
    undo: async () => {
      await hold("undo", null);
      const id = done.pop();
      if (id === undefined) throw new DeskError(409, "nothing_to_undo", "nothing");
      left.set(id, group(id));
      return { group: group(id) };
    },
    wait: async () => {},
  };
  return { desk, held, left, done, state };
}

/** @param {string[]} ids */
async function opened(ids) {
  const made = deskWith(ids);
  const model = new InboxModel(made.desk);
  await model.show();
  return { ...made, model };
}

const shown = (/** @type {InboxModel} */ model) => model.groups.map(({ id }) => id);

test("the next group is shown before the desk has answered", async () => {
  const { model, held, state, done } = await opened(["a", "b", "c"]);
  state.holds = true;
  assert.ok(model.decide({ action: "intent", intent: "fees" }));
  assert.equal(model.group?.id, "b");
  assert.ok(model.decide({ action: "ignore" }));
  assert.equal(model.group?.id, "c");
  assert.equal(model.pending, 2);
  await settled();
  const decisions = () => held.filter(({ name }) => name.startsWith("decide"));
  assert.deepEqual(
    decisions().map(({ name }) => name),
    ["decide a"],
  ); // one after the other
  assert.deepEqual(decisions()[0].body, { action: "intent", intent: "fees", text_ids: ["a-0", "a-1"] });
  state.holds = false;
  for (const each of held) each.answer();
  await model.settled();
  assert.deepEqual(done, ["a", "b"]);
  assert.equal(model.confirmed, 4);
});

test("a list that was asked for before a decision does not bring its group back", async () => {
  const { model, held, state } = await opened(["a", "b", "c", "d", "e"]);
  state.holds = true;
  model.decide({ action: "ignore" }); // few groups are left: the list is asked for again, and has "a" and "b"
  model.decide({ action: "ignore" });
  state.holds = false;
  await settled();
  for (const each of held) each.answer();
  await model.settled();
  await settled();
  assert.ok(!shown(model).includes("a") && !shown(model).includes("b"), String(shown(model)));
});

test("only ticked texts are confirmed, and none is no decision", async () => {
  const { model, done } = await opened(["a", "b"]);
  model.tick("a-0");
  assert.deepEqual(
    model.ticked.map(({ id }) => id),
    ["a-1"],
  );
  model.tick("a-1");
  assert.equal(model.decide({ action: "intent", intent: "fees" }), false);
  assert.equal(model.group?.id, "a");
  model.tick("a-0");
  assert.ok(model.decide({ action: "intent", intent: "fees" }));
  await model.settled();
  assert.deepEqual(done, ["a"]);
  assert.equal(model.unticked.size, 0, "the next group starts with all its texts");
});

test("a refused group comes back after the shown one, with the sentence why", async () => {
  const { model, desk } = await opened(["a", "b", "c"]);
  const problems = /** @type {string[]} */ ([]);
  model.addEventListener("problem", (event) => problems.push(/** @type {CustomEvent} */ (event).detail.message));
  const decide = desk.decide;
  desk.decide = async (id, body) => {
    if (id === "a") throw new DeskError(409, "in_test_set", "这句话在测试集里");
    return decide(id, body);
  };
  model.decide({ action: "intent", intent: "fees" });
  assert.equal(model.group?.id, "b");
  await model.settled();
  assert.equal(model.group?.id, "b", "a key that is being pressed would decide about another group");
  assert.deepEqual(shown(model).slice(0, 2), ["b", "a"]);
  assert.equal(model.groups[1].problem, "这句话在测试集里");
  assert.deepEqual(problems, ["这句话在测试集里"]);
  assert.equal(model.confirmed, 0);
  assert.equal(model.canUndo, false, "what was refused cannot be undone");
});

test("a lost answer is asked for again, and a group that is gone then counts as decided", async () => {
  const { model, desk, done } = await opened(["a", "b"]);
  let calls = 0;
  const decide = desk.decide;
  desk.decide = async (id, body) => {
    calls += 1;
    const answer = await decide(id, body);
    if (calls === 1) throw new DeskError(0, "network", "lost");
    return answer;
  };
  model.decide({ action: "ignore" });
  await model.settled();
  assert.equal(calls, 2);
  assert.deepEqual(done, ["a"]);
  assert.deepEqual(shown(model), ["b"]);
});

test("a group that somebody else decided first is not counted as mine", async () => {
  const { model, left } = await opened(["a", "b"]);
  left.delete("a");
  model.decide({ action: "ignore" });
  await model.settled();
  assert.equal(model.confirmed, 0);
  assert.equal(model.canUndo, false);
});

test("undo brings the group back at once, and reaches the desk after its decision", async () => {
  const { model, held, state, done } = await opened(["a", "b"]);
  state.holds = true;
  model.decide({ action: "ignore" });
  await settled(); // the decision is under way
  assert.ok(model.undo());
  assert.equal(model.group?.id, "a");
  state.holds = false;
  for (const each of held) each.answer();
  await model.settled();
  assert.deepEqual(done, []);
  assert.deepEqual(shown(model).slice(0, 2), ["a", "b"]);
  assert.equal(model.confirmed, 0);
  assert.equal(model.undo(), false);
});

test("what was not sent yet is taken back without the desk", async () => {
  const { model, held, state, done } = await opened(["a", "b", "c"]);
  state.holds = true;
  model.decide({ action: "ignore" });
  model.decide({ action: "ignore" });
  await settled();
  model.undo();
  state.holds = false;
  for (const each of held) each.answer();
  await model.settled();
  assert.deepEqual(done, ["a"]);
  assert.equal(model.group?.id, "b");
});

test("a group decided again after undo is decided once, under the id that it has then", async () => {
  const { model, desk } = await opened(["a", "b"]);
  const sent = /** @type {string[]} */ ([]);
  const decide = desk.decide;
  desk.decide = async (id, body) => {
    sent.push(id);
    return id === "a2" ? {} : decide(id, body);
  };
  desk.undo = async () => ({ group: group("a2") });
  model.decide({ action: "ignore" });
  await model.settled();
  model.undo();
  model.decide({ action: "out_of_scope" });
  await model.settled();
  assert.deepEqual(sent, ["a", "a2"]);
});

test("an undo whose texts are in another group by now shows that group instead", async () => {
  const { model, desk, left } = await opened(["a", "b"]);
  desk.undo = async () => {
    left.set("c", group("c"));
    return { group: null };
  };
  model.decide({ action: "ignore" });
  await model.settled();
  model.undo();
  await model.settled();
  await settled();
  assert.deepEqual(shown(model), ["b", "c"]);
});

test("an undo that the desk refuses takes the group away again", async () => {
  const { model, desk } = await opened(["a", "b"]);
  desk.undo = async () => {
    throw new DeskError(409, "nothing_to_undo", "没有可以撤销的");
  };
  model.decide({ action: "ignore" });
  await model.settled();
  model.undo();
  await model.settled();
  assert.deepEqual(shown(model), ["b"]);
});

test("an inbox that is worked through is empty, and is not asked for without end", async () => {
  const { model, state } = await opened(["a", "b", "c", "d", "e", "f", "g"]);
  for (let index = 0; index < 7; index += 1) {
    assert.ok(model.decide({ action: "ignore" }), `decision ${index}`);
    await model.settled();
    await settled();
  }
  await settled();
  assert.equal(model.group, null);
  assert.ok(state.lists < 12, `${state.lists} lists`);
  assert.equal(model.decide({ action: "ignore" }), false);
});

test("an empty inbox shows the groups that come later", async () => {
  const { model, left } = await opened([]);
  assert.deepEqual(shown(model), []);
  left.set("late", group("late"));
  model.lookAgain();
  await settled();
  assert.deepEqual(shown(model), ["late"]);
});

test("the pace is of the time since the start, and none in the first minute", () => {
  assert.equal(pace(30, 0, 30_000), null);
  assert.equal(pace(50, 0, 360_000), 500);
  assert.equal(pace(0, 0, 360_000), null);
});
