// Who is at the page: proofs of identity, and whose conversation may be shown.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { CustomerIdentity, claimsOf } from "../../handoff/pages/chat/identity.js";
import { Session } from "../../handoff/pages/chat/session.js";
import { installBrowser, MemoryStore, settled } from "./browser-parts.js";

installBrowser();

/** A proof as an app makes it; nobody has signed it. @param {object} claims */
const proofOf = (claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;

test("the page reads whom a proof names and when it expires, and takes nothing else for a proof", () => {
  assert.deepEqual(claimsOf(proofOf({ sub: "u-李", exp: 2 })), { subject: "u-李", expiresAt: 2_000 });
  assert.deepEqual(claimsOf(proofOf({ sub: "u-1" })), { subject: "u-1", expiresAt: 0 });
  for (const bad of [
    "",
    "u-1001",
    "a.b",
    "a.b.c",
    "..",
    proofOf({ sub: "" }),
    proofOf({ sub: 7 }),
    `e30.${btoa("[1")}.x`,
  ])
    assert.equal(claimsOf(bad), null, bad);
});

test("a proof is renewed before it expires, and another try follows when the site has none", async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
  const identity = new CustomerIdentity();
  let changes = 0;
  identity.addEventListener("change", () => {
    changes += 1;
  });
  const answers = [proofOf({ sub: "u-1", exp: 600 }), new Error("signed out"), proofOf({ sub: "u-1", exp: 1_200 })];
  identity.source = async () => {
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return /** @type {string} */ (next);
  };
  await settled();
  assert.equal(identity.subject, "u-1");
  mock.timers.tick(539_000);
  assert.equal(answers.length, 2, "too early");
  mock.timers.tick(2_000);
  await settled();
  assert.equal(answers.length, 1);
  assert.equal(identity.subject, "u-1", "without an answer the present proof stays");
  mock.timers.tick(60_000);
  await settled();
  assert.equal(changes, 2);
  identity.close();
  mock.timers.reset();
});

/** A session of this browser, and its store. @param {string | null} subject @param {object} [kept] */
function sessionOf(subject, kept) {
  const store = Object.assign(new MemoryStore(), {
    watchEnd: () => () => {},
    exclusively: (/** @type {() => unknown} */ work) => work(),
    clear: () => store.items.clear(),
  });
  const identity = new CustomerIdentity();
  if (subject) identity.set(proofOf({ sub: subject }));
  if (kept) store.set("conversation", kept);
  store.set("outbox.m1", { text: "words of the one before" });
  const session = new Session({
    store: /** @type {import("../../handoff/pages/shared/browser-store.js").BrowserStore} */ (
      /** @type {unknown} */ (store)
    ),
    identity,
    onOtherTab: () => {},
  });
  return { session, store, identity };
}

const ANONYMOUS = { id: "a", token: "t" };
const OF_ONE = { id: "b", token: "t", subject: "u-1" };

test("a conversation is shown to its customer, and an anonymous one to whoever signs in", () => {
  assert.deepEqual(sessionOf(null, ANONYMOUS).session.find(), ANONYMOUS);
  assert.deepEqual(sessionOf("u-1", ANONYMOUS).session.find(), ANONYMOUS);
  assert.deepEqual(sessionOf("u-1", OF_ONE).session.find(), OF_ONE);
});

test("another customer's conversation is not shown, and nothing of it is kept", () => {
  const { session, store } = sessionOf("u-2", OF_ONE);
  assert.equal(session.find(), null);
  assert.equal(store.items.size, 0);
});

test("without a signed-in customer a kept conversation is hidden, and removed unless its customer is named soon", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { session, store } = sessionOf(null, OF_ONE);
  assert.equal(session.find(), null);
  mock.timers.tick(9_000);
  assert.equal(store.items.size, 2);
  mock.timers.tick(2_000);
  assert.equal(store.items.size, 0);

  const late = sessionOf(null, OF_ONE);
  assert.equal(late.session.find(), null);
  mock.timers.tick(5_000);
  late.identity.set(proofOf({ sub: "u-1" }));
  assert.deepEqual(late.session.find(), OF_ONE);
  mock.timers.tick(20_000);
  assert.equal(late.store.items.size, 2);
  mock.timers.reset();
});

test("what is kept of one customer goes when the conversation of another is kept", () => {
  const { session, store } = sessionOf("u-2", OF_ONE);
  session.keep({ id: "c", token: "t", subject: "u-2" });
  assert.deepEqual([...store.items.keys()], ["conversation"]);
});
