// What the supervisors' board makes of the desk's JSON.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  columnsOf,
  deadlinesOf,
  halfHoursOf,
  heldOrder,
  isEmpty,
  linesOf,
  mattersOf,
  presenceCounts,
  presenceOf,
  readBoard,
  slotsOf,
  sortAgents,
} from "../../handoff/pages/board/board-model.js";
import { START } from "./browser-parts.js";

/** @import { BoardAgent } from "../../handoff/pages/board/board-model.js" */

const NOW = new Date(START).toISOString();
const at = (/** @type {number} */ seconds) => new Date(START + seconds * 1_000).toISOString();

/** @param {string} login @param {Partial<BoardAgent>} [more] @returns {BoardAgent} */
const agent = (login, more = {}) => ({
  login,
  name: login,
  role: "agent",
  online: true,
  presence: "available",
  load: 0,
  capacity: 5,
  ...more,
});

/** @param {string} id @param {number} due  seconds from now @param {Record<string, unknown>} [more] */
const card = (id, due, more = {}) => ({
  id,
  status: "queued",
  last_seq: 1,
  locale: "zh",
  channel: "web",
  due: { clock: "first_response", at: at(due), is_paused: false, is_breached: due < 0 },
  ...more,
});

/** @param {Record<string, unknown>} [parts] */
const board = (parts = {}) => readBoard({ now: NOW, ...parts });

test("a board without parts is an empty board, and what is no board is refused", () => {
  assert.equal(isEmpty(board()), true);
  for (const wrong of [null, [], "x", {}, { now: 3 }]) assert.throws(() => readBoard(wrong), TypeError);
  assert.throws(() => board({ breaches: [{ status: "queued" }] }), TypeError);
  assert.deepEqual(board({ agents: "none", attention: [null, 3] }).attention, []);
});

test("a desk with agents but without conversations is empty; one wait, one held conversation or one past arrival is not", () => {
  const quiet = { agents: [agent("lin")], figures: [{ id: "waiting", unit: "count", value: 0 }] };
  const point = { at: NOW, arrivals: 0, claims: 0, waiting: 0 };
  assert.equal(isEmpty(board({ ...quiet, timeline: [point] })), true);
  assert.equal(isEmpty(board({ ...quiet, timeline: [{ ...point, arrivals: 1 }] })), false);
  assert.equal(isEmpty(board({ agents: [agent("lin", { load: 1 })] })), false);
  assert.equal(isEmpty(board({ waiting: [{ priority: "normal", count: 1, oldest_seconds: 3 }] })), false);
});

test("a figure without an address of its own gets that of the board's window", () => {
  const window = { from: "2026-11-30T08:00:00+08:00", to: NOW };
  const [figure] = board({ window, figures: [{ id: "abandoned", unit: "share", value: null }] }).figures;
  assert.equal(
    figure.conversation_ids_url,
    "/api/figures/abandoned/conversations?from=2026-11-30T08%3A00%3A00%2B08%3A00&to=2026-11-30T09%3A00%3A00.000Z",
  );
  assert.equal(board({ figures: [{ id: "x", unit: "count", value: 1 }] }).figures[0].conversation_ids_url, null);
});

test("slots: the longest wait first, then who owes nothing, then free places; what is above capacity is marked", () => {
  const conversations = [
    { id: "a", waiting_seconds: null },
    { id: "b", waiting_seconds: 60 },
    { id: "c", waiting_seconds: 400 },
    { id: "d", waiting_seconds: 130 },
  ];
  const slots = slotsOf(agent("lin", { load: 4, capacity: 5, conversations }), START);
  assert.deepEqual(
    slots.map(({ tone, minutes }) => [tone, minutes]),
    [
      ["late", 6],
      ["soon", 2],
      ["waits", 1],
      ["quiet", null],
      ["free", null],
    ],
  );
  const over = slotsOf(agent("lin", { load: 4, capacity: 3, conversations }), START);
  assert.deepEqual(
    over.map(({ isOver }) => isOver),
    [false, false, false, true],
  );
});

test("a slot follows the deadline where there is one: late only when it is broken", () => {
  const due = (/** @type {number} */ seconds, is_breached = seconds < 0) => ({
    clock: "next_response",
    at: at(seconds),
    is_paused: false,
    is_breached,
  });
  const tone = (/** @type {ReturnType<typeof due>} */ deadline) =>
    slotsOf(
      agent("lin", { load: 1, capacity: 1, conversations: [{ id: "a", waiting_seconds: 900, due: deadline }] }),
      START,
    )[0].tone;
  assert.deepEqual([tone(due(-1)), tone(due(90)), tone(due(600))], ["late", "soon", "waits"]);
});

test("a load without its conversations fills slots all the same", () => {
  assert.deepEqual(
    slotsOf(agent("lin", { load: 2, capacity: 3 }), START).map(({ tone }) => tone),
    ["taken", "taken", "free"],
  );
});

test("agents: available before busy, away and offline; the fullest first; editors are none", () => {
  const agents = [
    agent("off", { online: false, load: 5 }),
    agent("away", { presence: "away" }),
    agent("b", { load: 1 }),
    agent("a", { load: 1 }),
    agent("full", { load: 5 }),
    agent("busy", { presence: "busy", load: 4 }),
    agent("wu", { role: "editor" }),
  ];
  assert.deepEqual(
    sortAgents(agents).map(({ login }) => login),
    ["full", "a", "b", "busy", "away", "off"],
  );
  assert.deepEqual(presenceCounts(agents), { available: 3, busy: 1, away: 1, offline: 1 });
  assert.equal(presenceOf(agent("new", { presence: "lunch" })), "available");
});

test("one matter is one row, with the card that the board has of it, and keeps its key", () => {
  const attention = [
    { kind: "urgent_waiting", at: at(-200), conversation_id: "a" },
    { kind: "urgent_waiting", at: at(-200), conversation_id: "a" },
    { kind: "offer_missed", at: at(-100), conversation_id: "a", login: "lin", name: "小林" },
    { kind: "agent_note", at: at(-50), login: "lin" },
  ];
  const rows = mattersOf(board({ attention, breaches: [card("a", -30, { agent_name: null })] }));
  assert.deepEqual(
    rows.map(({ kind, id, name, card: known }) => [kind, id, name, known?.id ?? null]),
    [
      ["urgent_waiting", "a", null, "a"],
      ["offer_missed", "a", "小林", "a"],
      ["agent_note", null, "lin", null],
    ],
  );
  const later = mattersOf(board({ attention: attention.toReversed() }));
  assert.deepEqual(rows.map(({ key }) => key).sort(), later.map(({ key }) => key).sort());
});

test("deadlines: the most overdue first, a card that is late and near stands once", () => {
  const rows = deadlinesOf(
    board({ breaches: [card("a", -30), card("b", -300)], near: [card("c", 60), card("a", -30), card("d", 20)] }),
  );
  assert.deepEqual(
    rows.map(({ card: { id }, isLate, seconds }) => [id, isLate, seconds]),
    [
      ["b", true, -300],
      ["a", true, -30],
      ["d", false, 20],
      ["c", false, 60],
    ],
  );
  assert.equal(deadlinesOf(board({ near: [card("e", 0, { due: null })] }))[0].seconds, null);
});

test("the line: lanes first, then priorities; the counts of the queues add up", () => {
  const { lines, queues, total } = linesOf([
    { lane: null, priority: "normal", queue: "general", count: 6, oldest_seconds: 60 },
    { lane: null, priority: "urgent", queue: "security", count: 2, oldest_seconds: 96 },
    { lane: "money_moving", priority: "urgent", queue: "security", count: 1, oldest_seconds: 38 },
    { lane: null, priority: "normal", queue: "disputes", count: 1, oldest_seconds: 220 },
    { lane: null, priority: "high", queue: "disputes", count: 0, oldest_seconds: null },
  ]);
  assert.deepEqual(
    lines.map(({ key, total: sum, oldest }) => [key, sum, oldest]),
    [
      ["lane money_moving", 1, 38],
      ["priority urgent", 2, 96],
      ["priority normal", 7, 220],
    ],
  );
  assert.deepEqual([queues, total], [["disputes", "general", "security"], 10]);
});

test("while a hand is in the table rows keep their places, new ones come last, and gone ones stay", () => {
  const { order, gone } = heldOrder(["a", "b", "c"], ["new", "c", "a"]);
  assert.deepEqual([order, [...gone]], [["a", "b", "c", "new"], ["b"]]);
  assert.deepEqual(heldOrder([], ["a"]).order, ["a"]);
});

test("the timeline in half hours says what the picture says", () => {
  const points = [5, 10, 35].map((minute) => ({ at: at(minute * 60), arrivals: minute, claims: 1, waiting: minute }));
  assert.deepEqual(
    halfHoursOf(points.toReversed()).map(({ arrivals, claims, waiting }) => [arrivals, claims, waiting]),
    [
      [15, 2, 10],
      [35, 1, 35],
    ],
  );
  assert.deepEqual(columnsOf(points.toReversed())[1], [5, 10, 35]);
});
