// The open conversation: of the cards that come by several ways, the newest counts.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { OpenConversation } from "../../handoff/pages/console/open-conversation.js";
import { DeskApi } from "../../handoff/pages/shared/desk-api.js";
import { Outbox } from "../../handoff/pages/shared/outbox.js";
import { event, installBrowser, MemoryStore, settled } from "./browser-parts.js";

/** @import { Account, Card } from "../../handoff/pages/shared/contract-types.js" */

const ME = /** @type {Account} */ ({ login: "agent", name: "小林", role: "agent" });

/** @param {number} lastSeq @param {Partial<Card>} [more] @returns {Card} */
const card = (lastSeq, more = {}) => ({
  id: "c1",
  status: "queued",
  last_seq: lastSeq,
  locale: "zh",
  channel: "web",
  priority: "normal",
  queued_at: "2026-11-30T09:00:00Z",
  ...more,
});
/** @type {Partial<Card>} */
const MINE = { status: "assigned", agent: "agent" };

const realFetch = globalThis.fetch;
/** @type {OpenConversation | null} */
let conversation = null;

afterEach(() => {
  conversation?.close();
  globalThis.fetch = realFetch;
});

/** A conversation whose log is answered when the test says so, and whose stream the test writes. */
function open() {
  installBrowser();
  /** @type {((answer: unknown) => void)[]} */
  const reads = [];
  /** @type {ReadableStreamDefaultController<Uint8Array>[]} */
  const lines = [];
  globalThis.fetch = async (_, options) => {
    const body = new ReadableStream({
      start: (controller) => {
        lines.push(controller);
        options?.signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };
  const api = new DeskApi("http://desk.example");
  api.get = () => new Promise((resolve) => reads.push(resolve));
  api.post = async (path) => (path.endsWith("/claim") ? card(3, MINE) : null);
  const outbox = new Outbox({ store: new MemoryStore(), key: "outbox", send: () => new Promise(() => {}) });
  conversation = new OpenConversation({ api, id: "c1", me: ME, card: card(2), outbox });
  const send = (/** @type {string} */ type, /** @type {unknown} */ data) =>
    lines[0].enqueue(new TextEncoder().encode(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`));
  return {
    conversation,
    log: (/** @type {Card} */ read) =>
      reads.shift()?.({
        conversation: read,
        events: [event(1), event(2)],
        lookers: [],
        signs: { is_typing: true, read_seq: 2 },
      }),
    send,
    frame: (/** @type {Card} */ sent) => send("conversation", sent),
  };
}

test("what was read before a claim does not take the conversation from the agent again", async () => {
  const { conversation, log, frame } = open();
  await conversation.claim();
  assert.equal(conversation.isMine, true);
  log(card(2)); // the desk read it before the claim; the answer is late
  await settled();
  assert.equal(conversation.loaded, true);
  assert.equal(conversation.isMine, true);
  frame(card(2)); // the stream began before the claim, too
  await settled();
  assert.equal(conversation.isMine, true);
});

test("an agent sees that the customer types and has read, from the log and from its stream", async () => {
  const { conversation, log, send } = open();
  assert.deepEqual(conversation.signs, { is_typing: false, read_seq: 0 });
  log(card(2));
  await settled();
  assert.deepEqual(conversation.signs, { is_typing: true, read_seq: 2 });
  send("signs", { is_typing: false, read_seq: 3 });
  await settled();
  assert.deepEqual(conversation.signs, { is_typing: false, read_seq: 3 });
});

test("what comes later counts, also without a new event", async () => {
  const { conversation, log, frame } = open();
  log(card(2));
  await settled();
  frame(card(2, { preview: "text 2" }));
  await settled();
  assert.equal(conversation.card?.preview, "text 2");
  frame(card(4, { status: "assigned", agent: "agent2" }));
  await settled();
  assert.equal(conversation.isWaiting, false);
  conversation.heard(card(5, MINE));
  assert.equal(conversation.isMine, true);
});
