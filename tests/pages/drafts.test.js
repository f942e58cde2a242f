// Text that an agent has typed and not sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../../handoff/pages/console/drafts.js";
import { BrowserStore } from "../../handoff/pages/shared/browser-store.js";
import { installBrowser } from "./browser-parts.js";

const DAY_MS = 86_400_000;

installBrowser(); // without localStorage: the store falls back to memory

test("a draft belongs to one agent, one kind and one conversation", () => {
  const store = new BrowserStore("console:");
  const drafts = new Drafts(store, "lin");
  drafts.set("reply", "c1", "Hello");
  assert.equal(drafts.get("reply", "c1"), "Hello");
  assert.equal(drafts.get("note", "c1"), "");
  assert.equal(drafts.get("reply", "c2"), "");
  assert.equal(new Drafts(store, "zhou").get("reply", "c1"), "", "a colleague on the same machine must not see it");
  assert.equal(new Drafts(store, "lin").get("reply", "c1"), "Hello", "it outlives a reload");
});

test("an emptied box leaves nothing behind", () => {
  const store = new BrowserStore("console:");
  const drafts = new Drafts(store, "lin");
  drafts.set("reply", "c1", "Hello");
  drafts.set("reply", "c1", "");
  assert.deepEqual(store.keys(), []);
});

test("drafts older than a week are removed, and other things of the store are not", () => {
  const store = new BrowserStore("console:");
  store.set("draft.lin.reply.old", { text: "old", at: Date.now() - 8 * DAY_MS });
  store.set("draft.zhou.reply.old", { text: "old", at: Date.now() - 8 * DAY_MS });
  store.set("draft.lin.reply.broken", "no draft");
  store.set("draft.lin.reply.new", { text: "new", at: Date.now() - 6 * DAY_MS });
  store.set("locale", "en");
  assert.equal(new Drafts(store, "lin").get("reply", "new"), "new");
  assert.deepEqual(store.keys().sort(), ["draft.lin.reply.new", "locale"]);
});

test("a broken value of the store is no value", () => {
  const store = new BrowserStore("console:");
  store.set("x", { a: 1 });
  assert.deepEqual(store.get("x"), { a: 1 });
  assert.equal(store.get("y"), null);
});
