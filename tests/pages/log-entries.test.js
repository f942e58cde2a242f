// Each event type of the log has its line in the pages.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { chatRenderers, messageItem } from "../../handoff/pages/chat/log-entries.js";
import { namesOf } from "../../handoff/pages/console/display-names.js";
import { consoleRenderers } from "../../handoff/pages/console/log-entries.js";
import { ConversationLog } from "../../handoff/pages/shared/conversation-log.js";
import { LogRows } from "../../handoff/pages/shared/log-rows.js";
import { chatSpeaker } from "../../handoff/pages/words/chat.js";
import { consoleSpeaker } from "../../handoff/pages/words/console.js";
import { event } from "./browser-parts.js";

const say = await consoleSpeaker("en");
const CONSOLE = consoleRenderers({
  say,
  names: namesOf({}, "en"),
  onDecision: () => {},
  onRetry: () => {},
  onEdit: () => {},
  textOf: () => "",
  isEpisodeOpen: () => false,
  onEpisode: () => {},
});

/** The event types in the table of docs/conversation.md. */
function documentedTypes() {
  const lines = readFileSync(new URL("../../docs/conversation.md", import.meta.url), "utf8").split("\n");
  const at = lines.findIndex((line) => line.startsWith("| `handoff_requested` |"));
  let from = at;
  while (lines[from - 1].startsWith("| `")) from -= 1;
  const rows = lines.slice(
    from,
    lines.findIndex((line, index) => index > at && !line.startsWith("| `")),
  );
  return rows.map((row) => row.split("`")[1]);
}

test("agents see every event type of the documentation, or the page says that they need not", () => {
  const types = documentedTypes();
  assert.ok(types.includes("message") && types.includes("accessed") && types.length > 10);
  assert.deepEqual(
    types.filter((type) => !Object.hasOwn(CONSOLE, type)),
    [],
  );
});

/** What the chat shows of the last event of a log. @param {Parameters<typeof event>[1][]} events @param {import("../../handoff/pages/shared/contract-types.js").State} state @param {string[]} [intake] */
function lastItem(events, state, intake) {
  const log = new ConversationLog({ items: [], settle: () => {} });
  for (const [index, more] of events.entries()) log.add(event(index + 1, more));
  const rows = new LogRows({ message: true }, { trimAt: 200 });
  rows.update(log, { isAtEnd: true, isComplete: true });
  const row = rows.visible([]).findLast((each) => each.event?.buttons) ?? rows.visible([])[0];
  return messageItem(row, { log, state, status: { status: state, intake } }, chatSpeaker("zh"));
}

const BUTTONS = [{ choice: "solved", label: "已解决" }];
const BOT = /** @type {const} */ ({ by: { kind: "bot", name: "" }, buttons: BUTTONS });
const DESK = /** @type {const} */ ({ by: { kind: "system", name: "" }, buttons: BUTTONS });

test("buttons are offered until the customer's next message, and only while their author has the conversation", () => {
  assert.deepEqual(lastItem([{}, BOT], "with_bot").buttons, BUTTONS);
  assert.equal(lastItem([{}, BOT, {}], "with_bot").buttons, undefined, "answered");
  assert.equal(lastItem([{}, BOT], "queued").buttons, undefined, "the bot no longer has the conversation");
  assert.deepEqual(lastItem([{}, DESK], "queued").buttons, BUTTONS);
  assert.equal(lastItem([{}, DESK], "with_bot").buttons, undefined);
  for (const state of /** @type {const} */ (["with_bot", "queued", "assigned"]))
    assert.deepEqual(lastItem([{}, { ...DESK, kind: "first_aid" }], state).buttons, BUTTONS, state);
  assert.equal(lastItem([{}, { ...DESK, kind: "first_aid" }], "resolved").buttons, undefined);
});

test("the chat has a line only for what a customer may read", () => {
  const renderers = chatRenderers({
    conversation: /** @type {import("../../handoff/pages/chat/conversation.js").Conversation} */ ({}),
    say: chatSpeaker("zh"),
    on: { choose: () => {}, retry: () => {}, edit: () => {} },
    onSuggestion: () => {},
    onEarlier: () => {},
    onReturn: () => {},
    onPicture: () => {},
  });
  for (const type of ["triage", "note", "bot_failed", "accessed", "language_changed", "feedback_recorded", "unknown"])
    assert.equal(Object.hasOwn(renderers, type), false, type);
});

test("the buttons of an open question outlive other words of the customer, and end with the question", () => {
  const question = { ...DESK, kind: "intake", buttons: [{ choice: "intake:when:now", label: "刚刚" }] };
  const words = { by: { kind: /** @type {const} */ ("customer"), name: "" }, text: "还要等多久" };
  assert.deepEqual(lastItem([question, words], "queued", ["intake:when:now"]).buttons, question.buttons);
  assert.equal(lastItem([question, words], "queued", []).buttons, undefined);
});
