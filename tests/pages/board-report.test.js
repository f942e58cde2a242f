// The figures of the board's report, the values as they are written, and the feed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BoardFeed } from "../../handoff/pages/board/board-feed.js";
import { isoDay, valueWords } from "../../handoff/pages/board/board-names.js";
import {
  agentDays,
  barsOf,
  curveOf,
  figuresAddress,
  readConversations,
  readFigures,
} from "../../handoff/pages/board/report-model.js";
import { DeskApi, DeskError } from "../../handoff/pages/shared/desk-api.js";
import { boardSpeaker } from "../../handoff/pages/words/board.js";

/** @import { StreamSettings } from "../../handoff/pages/shared/event-stream.js" */

const row = (/** @type {string | null} */ key, /** @type {number | null} */ value) => ({
  key,
  value,
  numerator: 1,
  denominator: 2,
});

test("the last day counts: the desk's window ends the day after, also at the end of a month", () => {
  assert.equal(
    figuresAddress({ from: "2026-11-24", to: "2026-11-30", by: "day" }),
    "/api/figures?from=2026-11-24&to=2026-12-01&by=day",
  );
  assert.equal(
    figuresAddress({ from: "2026-12-31", to: "2026-12-31", by: "agent" }, ".csv"),
    "/api/figures.csv?from=2026-12-31&to=2027-01-01&by=agent",
  );
});

test("what is no list of figures is refused; a figure without rows has none", () => {
  for (const wrong of [null, [], {}, { figures: {} }]) assert.throws(() => readFigures(wrong), TypeError);
  assert.deepEqual(
    readFigures({ figures: [{ id: "rating", rows: null }, { name: "x" }] }).map(({ rows }) => rows),
    [[]],
  );
});

test("bars: the largest first and full; nothing counted comes last and has no length", () => {
  const bars = barsOf([row("a", 10), row("b", null), row("c", 40), row(null, 0)]);
  assert.deepEqual(
    bars.map(({ key, share }) => [key, share]),
    [
      ["c", 1],
      ["a", 0.25],
      [null, 0],
      ["b", 0],
    ],
  );
  assert.deepEqual(
    barsOf([row("a", 0)]).map(({ share }) => share),
    [0],
  );
});

test("a curve is in the order of time, keeps its gaps, and leaves out what is no day", () => {
  const [times, values] = curveOf([row("2026-11-30", 3), row("2026-11-28", 1), row(null, 9), row("2026-11-29", null)]);
  assert.deepEqual(values, [1, null, 3]);
  assert.equal(new Date(times[0] * 1_000).getHours(), 0);
  const [hours] = curveOf([row("09", 1), row("10", 2)]);
  assert.equal(hours[1] - hours[0], 3_600);
});

test("today's figures of each agent", () => {
  const name = { zh: "", en: "" };
  const figures = [
    { id: "first_response_median", name, definition: name, unit: "seconds", rows: [row("lin", 42), row(null, 9)] },
    {
      id: "rating",
      name,
      definition: name,
      unit: "stars",
      rows: [{ ...row("lin", 4.5), denominator: 8 }, row("zhou", null)],
    },
  ];
  const days = agentDays(figures);
  assert.deepEqual(days.get("lin"), { first_response_seconds: 42, rating: 4.5, ratings: 8 });
  assert.deepEqual([...days.keys()], ["lin", "zhou"]);
});

test("the conversations behind a number: those that it counts first", () => {
  const { conversations, total } = readConversations({
    conversations: [
      { id: "a", at: "", value: 1, is_counted: false },
      { id: "b", at: "", value: 1, is_counted: true },
      {},
    ],
    total: 1_400,
  });
  assert.deepEqual([conversations.map(({ id }) => id), total], [["b", "a"], 1_400]);
  assert.throws(() => readConversations({}), TypeError);
});

test("values carry their units, and nothing counted is not zero", async () => {
  const zh = await boardSpeaker("zh");
  const en = await boardSpeaker("en");
  const table = /** @type {[number | null | undefined, string, string, string][]} */ ([
    [null, "seconds", "–", "–"],
    [undefined, "share", "–", "–"],
    [0, "count", "0", "0"],
    [42, "seconds", "42 秒", "42 s"],
    [59.6, "seconds", "1 分 00 秒", "1 min 00 s"],
    [96, "seconds", "1 分 36 秒", "1 min 36 s"],
    [119.7, "seconds", "2 分 00 秒", "2 min 00 s"],
    [660, "seconds", "11 分", "11 min"],
    [0.962, "share", "96.2%", "96.2%"],
    [0.9996, "share", "99.96%", "99.96%"],
    [1, "share", "100%", "100%"],
    [4.25, "stars", "4.3 星", "4.3 ★"],
    [12_345, "count", "12,345", "12,345"],
  ]);
  for (const [value, unit, chinese, english] of table)
    assert.deepEqual([valueWords(value, unit, zh), valueWords(value, unit, en)], [chinese, english]);
});

/** A feed whose stream the test writes. */
function feedOf() {
  /** @type {StreamSettings | null} */
  let settings = null;
  const feed = new BoardFeed(new DeskApi("http://desk.example"), (given) => {
    settings = given;
    return { close: () => {} };
  });
  const stream = /** @type {StreamSettings} */ (/** @type {unknown} */ (settings));
  let changes = 0;
  feed.addEventListener("change", () => {
    changes += 1;
  });
  return { feed, stream, changes: () => changes };
}

test("a lost connection keeps the last picture and says since when, until a new picture is here", () => {
  const { feed, stream, changes } = feedOf();
  assert.deepEqual([feed.board, feed.heardAt, feed.offlineSince], [null, null, null]);
  stream.onState("open");
  stream.onFrame({ type: "board", data: { now: "2026-11-30T09:00:00Z" } });
  assert.equal(feed.board?.now, "2026-11-30T09:00:00Z");
  stream.onState("reconnecting");
  const since = feed.offlineSince;
  assert.ok(since !== null);
  stream.onState("reconnecting");
  stream.onState("open");
  assert.deepEqual([feed.offlineSince, feed.board?.now], [since, "2026-11-30T09:00:00Z"]);
  stream.onFrame({ type: "board", data: { now: "2026-11-30T09:01:00Z" } });
  assert.deepEqual([feed.offlineSince, changes()], [null, 3]);
});

test("frames of another type change nothing, and a refusal is told", () => {
  const { feed, stream, changes } = feedOf();
  stream.onFrame({ type: "ping", data: {} });
  assert.deepEqual([feed.board, changes()], [null, 0]);
  let refused = 0;
  feed.addEventListener("refused", () => {
    refused += 1;
  });
  stream.onRefused(new DeskError(401, "not_signed_in", ""));
  assert.deepEqual([refused, feed.refusal?.status], [1, 401]);
});

test("the desk's day, wherever the browser is", () => {
  const at = Date.parse("2026-11-30T16:05:00Z");
  assert.deepEqual(
    ["Asia/Shanghai", "UTC", "America/New_York"].map((zone) => isoDay(at, zone)),
    ["2026-12-01", "2026-11-30", "2026-11-30"],
  );
});
