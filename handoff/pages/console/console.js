// The agents' page. The account decides what is shown: the sign-in form or the workbench; an editor's account goes to the workshop. The open conversation and the list's view are in the address: /console?c=ID&view=dispute.
import { BrowserStore } from "../shared/browser-store.js";
import { DeskApi, DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";
import { CONSOLE_LOCALES, consoleSpeaker } from "../words/console.js";
import { localeOf } from "../words/locales.js";
import { loadNames } from "./display-names.js";
import { ALL } from "./queue-views.js";
import { SignIn } from "./sign-in.js";
import { Workbench } from "./workbench.js";

/** @import { Account, Demo } from "../shared/contract-types.js" */

/**
 * What fills the page.
 * @typedef {object} View
 * @property {HTMLElement} node
 * @property {() => void} close
 * @property {() => void} lock  takes from the page what only a signed-in agent may read
 * @property {() => void} shown
 * @property {(id: string | null, view: string) => void} [goTo]  follows the address
 */

const LOCALE = "locale";
const AGAIN_MS = 5_000;
const ANSWER_MS = 3_000;
const place = /** @type {HTMLElement} */ (document.querySelector("#console"));
const store = new BrowserStore("wallet-console:");
const address = new URLSearchParams(location.search);
const locale = localeOf(address.get("lang") ?? store.get(LOCALE), CONSOLE_LOCALES);
const api = new DeskApi(location.origin, { credentials: "same-origin", locale });
let say = await consoleSpeaker(locale);
/** @type {View | null} */
let view = null;
/** The account that is signed in, or was when the session ended. @type {Account | null} */
let account = null;
/** The sign-in dialog over the page. @type {{close: () => void} | null} */
let gate = null;
/** @type {Demo | null} */
let demo = null;
let checking = false;
let restartedAt = -AGAIN_MS;

const openId = () => new URLSearchParams(location.search).get("c");
const openView = () => new URLSearchParams(location.search).get("view") ?? ALL;

/**
 * Writes the open conversation or the list's view into the address.
 * @param {{c?: string | null, view?: string}} change
 * @param {boolean} [isNew]  as a step that the back button takes back
 */
function setAddress(change, isNew = true) {
  const next = new URL(location.href);
  for (const [key, value] of Object.entries(change)) {
    if (value && value !== ALL) next.searchParams.set(key, value);
    else next.searchParams.delete(key);
  }
  if (next.href === location.href) return;
  history[isNew ? "pushState" : "replaceState"](null, "", next);
}

/** @param {View} next */
function show(next) {
  gate?.close();
  view?.close();
  view = next;
  place.replaceChildren(next.node);
  next.shown();
}

async function switchLocale() {
  const next = api.locale === "en" ? "zh" : "en";
  say = await consoleSpeaker(next);
  api.locale = next;
  store.set(LOCALE, next);
  await start();
}

async function signOut() {
  view?.lock();
  await api.delete("/api/session").catch(() => null); // the session is ended or will expire
  account = null;
  setAddress({ c: null }, false);
  await askSignIn();
}

/** The demo accounts, requested once: when a session ends, the form must not wait for them. */
async function demoAccounts() {
  demo ??= await api.get("/api/demo").catch(() => null); // a desk without demo accounts may not have this route
  return demo;
}

/** @param {string | null} [reason] */
async function askSignIn(reason = null) {
  const login = account?.login ?? "";
  show(new SignIn({ api, say, demo: await demoAccounts(), reason, login, onSignedIn: work, onLocale: switchLocale }));
}

/** Asks to sign in over the page, which shows nothing of any customer until then. @param {string} reason */
async function askSignInOver(reason) {
  const demo = await demoAccounts();
  const form = new SignIn({ api, say, demo, reason, login: account?.login, isOver: true, onSignedIn: work });
  const dialog = el(
    "dialog",
    { class: "sign-in-over", "aria-labelledby": "sign-in-title", testid: "sign-in-over" },
    form.node,
  );
  const stay = (/** @type {Event} */ event) => event.preventDefault();
  dialog.addEventListener("cancel", stay); // Esc must not close it
  dialog.addEventListener("keydown", (event) => event.key === "Escape" && stay(event));
  document.body.append(dialog);
  dialog.showModal();
  form.shown();
  gate = {
    close() {
      gate = null;
      dialog.remove();
    },
  };
}

/** The desk refused the session: hides the conversations and asks the desk for the current account. */
async function ended() {
  if (checking || gate) return;
  checking = true;
  view?.lock();
  try {
    // Without an answer in time and without a session the agent signs in.
    const me = await api.get("/api/session", { timeout: ANSWER_MS }).catch(() => null);
    const isSame = me?.login === account?.login && me?.role === account?.role;
    // Another role, or another tab has signed in. Not twice in a row: the same account may be refused again.
    if (me && !(isSame && performance.now() - restartedAt < AGAIN_MS)) {
      restartedAt = performance.now();
      await work(me);
    } else {
      await askSignInOver(say("login.expired"));
    }
  } finally {
    checking = false;
  }
}

/** After a lost connection: another tab may have signed in with another account, and this page must not act for it. */
async function checkAccount() {
  const me = await api.get("/api/session").catch(() => null); // the streams notice an ended session
  if (me && (me.login !== account?.login || me.role !== account?.role)) await ended();
}

/** @param {Account} me */
async function work(me) {
  if (account && account.login !== me.login) setAddress({ c: null }, false);
  account = me;
  if (me.role === "editor") {
    location.replace("/console/edit"); // editors have no conversations
    return;
  }
  demoAccounts();
  const names = await loadNames(api);
  show(
    new Workbench({
      api,
      say,
      names,
      me,
      store,
      openId: openId(),
      view: openView(),
      onOpened: (c) => setAddress({ c }),
      onView: (shown) => setAddress({ view: shown }),
      onLocale: switchLocale,
      onSignedOut: signOut,
      onExpired: ended,
      onReconnected: checkAccount,
    }),
  );
}

async function start() {
  document.documentElement.lang = say.tag;
  document.title = say("console.title");
  try {
    await work(await api.get("/api/session"));
  } catch (error) {
    await askSignIn(DeskError.of(error).status === 0 ? say("error.network") : null);
  }
}

window.addEventListener("popstate", () => view?.goTo?.(openId(), openView()));
start();
