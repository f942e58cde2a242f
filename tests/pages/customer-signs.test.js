// What agents learn of a customer at the screen.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { CustomerSigns } from "../../handoff/pages/chat/care/customer-signs.js";
import { ConversationLog } from "../../handoff/pages/shared/conversation-log.js";
import { event, installBrowser } from "./browser-parts.js";

const { document } = installBrowser();
const AGENT = /** @type {const} */ ({ by: { kind: "agent", name: "小林" } });

/** Signs of a conversation, and what was sent. @param {"with_bot" | "queued" | "assigned"} state */
function signsOf(state) {
  /** @type {[string, object][]} */
  const sent = [];
  const log = new ConversationLog({ items: [], settle: () => {} });
  const conversation = {
    id: "c",
    state,
    log,
    synced: true,
    isShown: true,
    path: (/** @type {string} */ rest) => rest,
    api: {
      post: async (/** @type {string} */ path, /** @type {object} */ body) => {
        sent.push([path, body]);
        throw new Error("the desk is away");
      },
    },
  };
  const signs = new CustomerSigns(
    /** @type {import("../../handoff/pages/chat/conversation.js").Conversation} */ (
      /** @type {unknown} */ (conversation)
    ),
  );
  return { sent, log, conversation, signs };
}

const TYPES = ["/typing", { is_typing: true }];
const RESTS = ["/typing", { is_typing: false }];

test("typing is told when it begins, every 5 s while it goes on, and when it ends", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { sent, signs } = signsOf("assigned");
  for (let key = 0; key < 8; key += 1) {
    signs.typed("x".repeat(key + 1));
    mock.timers.tick(1_000);
  }
  assert.deepEqual(sent, [TYPES, TYPES]);
  mock.timers.tick(6_000);
  assert.deepEqual(sent, [TYPES, TYPES, RESTS]);
  signs.typed("x");
  signs.typed("");
  assert.deepEqual(sent.slice(3), [TYPES, RESTS], "the text was sent or removed");
  signs.close();
  mock.timers.reset();
});

test("nobody is told of typing while the bot has the conversation", () => {
  const { sent, signs } = signsOf("with_bot");
  signs.typed("x");
  assert.deepEqual(sent, []);
});

test("an agent's message is read once it was on the screen for a moment, and each only once", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { sent, log, signs, conversation } = signsOf("assigned");
  for (const [seq, more] of /** @type {[number, object][]} */ ([
    [1, {}],
    [2, AGENT],
    [3, {}],
  ]))
    log.add(event(seq, more));
  document.visibilityState = "hidden";
  signs.update();
  mock.timers.tick(2_000);
  document.visibilityState = "visible";
  conversation.isShown = false;
  signs.update();
  mock.timers.tick(2_000);
  assert.deepEqual(sent, [], "nobody looks");
  conversation.isShown = true;
  signs.update();
  mock.timers.tick(2_000);
  signs.update();
  mock.timers.tick(2_000);
  assert.deepEqual(sent, [["/read", { seq: 2 }]]);
  log.add(event(4, AGENT));
  signs.update();
  mock.timers.tick(2_000);
  assert.deepEqual(sent[1], ["/read", { seq: 4 }]);
  signs.close();
  mock.timers.reset();
});
