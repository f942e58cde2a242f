// Following a stream of the desk: frames, resuming, falling back to plain requests, waiting.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { DeskApi } from "../../handoff/pages/shared/desk-api.js";
import { backoffMs, EventStream } from "../../handoff/pages/shared/event-stream.js";
import { SseParser } from "../../handoff/pages/shared/sse-parser.js";
import { installBrowser } from "./browser-parts.js";

/** @import { StreamSettings } from "../../handoff/pages/shared/event-stream.js" */

const realFetch = globalThis.fetch;
/** @type {EventStream | null} */
let stream = null;
/** @type {EventTarget} */
let browserWindow;

beforeEach(() => {
  ({ window: browserWindow } = installBrowser());
});
afterEach(() => {
  stream?.close();
  globalThis.fetch = realFetch;
});

/**
 * Follows a stream whose requests are answered in turn; after the last answer the line stays silent.
 * @param {(() => Response)[]} answers
 * @param {Partial<StreamSettings>} [more]
 */
function follow(answers, more = {}) {
  /** @type {{url: string, headers: Headers}[]} */
  const requests = [];
  globalThis.fetch = async (url, options) => {
    requests.push({ url: String(url), headers: new Headers(options?.headers) });
    const answer = answers.shift();
    if (answer) return answer();
    return new Promise((_, reject) => options?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
  };
  /** @type {{type: string, data: unknown, id?: string}[]} */
  const frames = [];
  /** @type {string[]} */
  const states = [];
  stream = new EventStream({
    api: new DeskApi("http://desk.example"),
    path: (after) => `/events?after=${after}`,
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
    poll: () => new Promise(() => {}),
    onRefused: (error) => states.push(`refused: ${error.code}`),
    ...more,
  });
  return { requests, frames, states };
}

/** @param {...string} pieces */
const streamOf =
  (...pieces) =>
  () => {
    const body = new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } });
  };

/** @param {() => boolean} holds */
async function until(holds) {
  const end = performance.now() + 5_000;
  while (!holds()) {
    assert.ok(performance.now() < end, "it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test("a stream that ended is resumed after its last event", async () => {
  const { requests, frames } = follow(
    [streamOf("retry: 1\n\n", "id: 7\nevent: event\nda", 'ta: {"seq": 7}\n\n'), streamOf(": ping\n\n")],
    { lastId: 3 },
  );
  await until(() => requests.length >= 2);
  assert.equal(requests[0].url, "http://desk.example/events?after=3");
  assert.equal(requests[0].headers.get("Last-Event-ID"), "3");
  assert.deepEqual(frames, [{ type: "event", data: { seq: 7 }, id: "7" }]);
  assert.equal(requests[1].url, "http://desk.example/events?after=7");
  assert.equal(requests[1].headers.get("Last-Event-ID"), "7");
});

test("it is told that the line is cut, and that it is there again", async () => {
  const { states } = follow([streamOf("retry: 1\n\n"), streamOf(": ping\n\n")]);
  await until(() => states.filter((state) => state === "open").length >= 2);
  assert.deepEqual(states.slice(0, 3), ["open", "reconnecting", "open"]);
});

test("a desk that does not know the caller is not asked again", async () => {
  const refusal = () => Response.json({ error: { code: "not_signed_in", message: "" } }, { status: 401 });
  const { requests, states } = follow([refusal, streamOf(": ping\n\n")]);
  await until(() => states.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(states, ["refused: not_signed_in"]);
  assert.equal(requests.length, 1);
});

test("where something in between does not pass streams on, plain requests are used", async () => {
  let asked = 0;
  const page = () => new Response("<p>proxy</p>", { headers: { "Content-Type": "text/html" } });
  const { requests } = follow([page, page], {
    poll: async (lastId, signal) => {
      asked += 1;
      if (asked > 2)
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("closed"))));
      return lastId + 1;
    },
  });
  await until(() => requests.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 5));
  browserWindow.dispatchEvent(new Event("online")); // ends the wait
  await until(() => asked > 2);
  assert.equal(requests.length, 1);
});

test("a closed stream asks nothing any more", async () => {
  const { requests } = follow([streamOf("retry: 1\n\n")]);
  stream?.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(requests.length, 1);
});

test("the wait doubles up to fifteen seconds; half of it is chance", () => {
  const wait = (/** @type {number} */ attempt, /** @type {number} */ chance) =>
    backoffMs({ attempt, retryMs: 1_000, retryAfter: null, chance });
  assert.deepEqual(
    [0, 1, 2, 3, 4, 9].map((attempt) => wait(attempt, 1)),
    [1_000, 2_000, 4_000, 8_000, 15_000, 15_000],
  );
  assert.equal(wait(4, 0), 7_500);
});

test("the wait is never shorter than the desk asks", () => {
  assert.equal(backoffMs({ attempt: 0, retryMs: 1_000, retryAfter: 30, chance: 0 }), 30_000);
});

// The stream's text as the HTML standard, section 9.2.6, has it.
for (const [name, text, frames] of /** @type {[string, string, unknown[]][]} */ ([
  ["fields and a blank line", "event: a\ndata: 1\nid: 5\n\n", [{ type: "a", data: "1", id: "5" }]],
  ["no type", "data: 1\n\n", [{ type: "message", data: "1", id: undefined }]],
  ["several lines of data", "data: a\ndata\ndata:b\n\n", [{ type: "message", data: "a\n\nb", id: undefined }]],
  ["comments", ": ping\n\n:\ndata: 1\n\n", [{ type: "message", data: "1", id: undefined }]],
  ["no data", "event: a\nid: 1\n\n", []],
  [
    "\\r\\n and \\r",
    "data: 1\r\n\r\ndata: 2\r\rdata: 3\n\n",
    ["1", "2", "3"].map((data) => ({ type: "message", data, id: undefined })),
  ],
  ["an unknown field", "data: 1\nfoo: bar\n\n", [{ type: "message", data: "1", id: undefined }]],
  ["one space of a value is taken off", "data:  1\n\n", [{ type: "message", data: " 1", id: undefined }]],
  ["an unfinished frame", "data: 1\n", []],
  ["an id with NUL", "id: a\0b\ndata: 1\n\n", [{ type: "message", data: "1", id: undefined }]],
]))
  test(`frames: ${name}, however the text is cut`, () => {
    for (const size of [1, 2, 3, text.length]) {
      /** @type {unknown[]} */
      const found = [];
      const parser = new SseParser((frame) => found.push(frame));
      for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
      assert.deepEqual(found, frames, `pieces of ${size}`);
    }
  });

test("the desk says how long to wait; nonsense is ignored", () => {
  /** @type {number[]} */
  const waits = [];
  const parser = new SseParser(
    () => {},
    (ms) => waits.push(ms),
  );
  parser.push("retry: 2500\n\nretry: soon\n\nretry: -1\n\n");
  assert.deepEqual(waits, [2_500]);
});
