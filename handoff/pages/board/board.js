// The supervisors' board at /console/board; with ?wall=1 for a screen on the wall. The account decides what is shown: the
// sign-in form, the board, or for other roles a page that says whose page this is.
import { SignIn } from "../console/sign-in.js";
import { BrowserStore } from "../shared/browser-store.js";
import { DeskApi, DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";
import { boardSpeaker } from "../words/board.js";
import { CONSOLE_LOCALES } from "../words/console.js";
import { localeOf } from "../words/locales.js";
import { loadBoardNames } from "./board-names.js";
import { BoardPage } from "./board-page.js";
import { OtherRolePage } from "./other-role-page.js";
import { WallPage } from "./wall-page.js";

/** @import { Account, Demo } from "../shared/contract-types.js" */

/** @typedef {{node: HTMLElement, close: () => void, lock: () => void, shown: () => void}} View */

const LOCALE = "locale"; // the console's own key: both pages speak one language
const ANSWER_MS = 3_000;
const place = /** @type {HTMLElement} */ (document.querySelector("#board"));
const store = new BrowserStore("wallet-console:");
const address = new URLSearchParams(location.search);
const locale = localeOf(address.get("lang") ?? store.get(LOCALE), CONSOLE_LOCALES);
const api = new DeskApi(location.origin, { credentials: "same-origin", locale });
const account = api.get("/api/session"); // while the words are on their way
account.catch(() => null); // start() shows it
let say = await boardSpeaker(locale);
/** @type {View | null} */
let view = null;
/** The account that is signed in, or was when the session ended. @type {Account | null} */
let me = null;
/** The sign-in dialog over the page. @type {HTMLDialogElement | null} */
let gate = null;
/** @type {Demo | null} */
let demo = null;

const isWall = () => new URLSearchParams(location.search).get("wall") === "1";

/** @param {View} next */
function show(next) {
  gate?.remove();
  gate = null;
  view?.close();
  view = next;
  place.replaceChildren(next.node);
  next.shown();
}

async function switchLocale() {
  const next = api.locale === "en" ? "zh" : "en";
  say = await boardSpeaker(next);
  api.locale = next;
  store.set(LOCALE, next);
  await start(api.get("/api/session"));
}

function switchWall() {
  const next = new URL(location.href);
  if (isWall()) next.searchParams.delete("wall");
  else next.searchParams.set("wall", "1");
  history.pushState(null, "", next);
  if (me) work(me);
}

async function signOut() {
  view?.lock();
  await api.delete("/api/session").catch(() => null); // the session is ended or will expire
  me = null;
  await askSignIn();
}

async function demoAccounts() {
  demo ??= await api.get("/api/demo").catch(() => null); // a desk without demo accounts may not have this route
  return demo;
}

/** @param {string | null} [reason] */
async function askSignIn(reason = null) {
  show(
    new SignIn({
      api,
      say,
      demo: await demoAccounts(),
      reason,
      login: me?.login ?? "",
      onSignedIn: work,
      onLocale: switchLocale,
    }),
  );
}

/** The desk refused the session. Another tab may have signed in with another account; otherwise the page asks, over itself. */
async function ended() {
  if (gate) return;
  view?.lock();
  const now = await api.get("/api/session", { timeout: ANSWER_MS }).catch(() => null);
  if (now && (now.login !== me?.login || now.role !== me?.role)) {
    await work(now);
    return;
  }
  const form = new SignIn({
    api,
    say,
    demo: await demoAccounts(),
    reason: say("login.expired"),
    login: me?.login ?? "",
    isOver: true,
    onSignedIn: work,
  });
  if (gate) return;
  gate = el("dialog", { class: "sign-in-over", "aria-labelledby": "sign-in-title", testid: "sign-in-over" }, form.node);
  gate.addEventListener("cancel", (event) => event.preventDefault()); // Esc must not close it
  gate.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
  document.body.append(gate);
  gate.showModal();
  form.shown();
}

/** The language and the way out, at the end of the bar. */
function barButtons() {
  const button = (
    /** @type {string} */ testid,
    /** @type {string} */ words,
    /** @type {() => void} */ click,
    lang = "",
  ) => el("button", { type: "button", class: "quiet", testid, lang: lang || null, on: { click } }, words);
  return el(
    "span",
    { class: "bar-buttons" },
    button("switch-language", say("console.switch"), switchLocale, say.locale === "en" ? "zh-CN" : "en"),
    button("sign-out", say("login.sign_out"), signOut),
  );
}

/** @param {Account} account */
async function work(account) {
  me = account;
  document.title = say("board.title");
  if (account.role !== "supervisor") {
    show(new OtherRolePage({ say, me: account, bar: barButtons() }));
    return;
  }
  const name = await loadBoardNames(api);
  if (isWall()) show(new WallPage({ api, say, name, onLeave: switchWall, onExpired: ended }));
  else show(new BoardPage({ api, say, name, me: account, bar: barButtons(), onWall: switchWall, onExpired: ended }));
}

/** @param {Promise<Account>} session */
async function start(session) {
  document.documentElement.lang = say.tag;
  document.title = say("board.title");
  try {
    await work(await session);
  } catch (error) {
    await askSignIn(DeskError.of(error).status === 0 ? say("error.network") : null);
  }
}

window.addEventListener("popstate", () => {
  if (me) work(me);
});
start(account);
