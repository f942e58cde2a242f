// The demo page: its language switch, and the buttons that open the chat.
import english from "../words/help.en.js";
import { localeOf, localeOfBrowser } from "../words/locales.js";

const LOCALES = ["zh", "en"];
const REMEMBERED = "wallet.language";

/** @typedef {import("../chat/chat-element.js").WalletChat} WalletChat */

const chat = /** @type {WalletChat} */ (document.querySelector("wallet-chat"));
const language = /** @type {HTMLButtonElement} */ (document.querySelector("#language"));
const said = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-say]")]);
/** @type {Record<string, string>} */
const chinese = Object.fromEntries(said.map((node) => [node.dataset.say, node.textContent]));
chinese.title = document.title;
chinese["locale.tag"] = document.documentElement.lang;

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null; // storage refused: the page's own language is used
  }
}

/** @param {string} locale */
function speak(locale) {
  /** @type {Record<string, string>} */
  const words = locale === "en" ? english : chinese;
  document.documentElement.lang = words["locale.tag"];
  document.title = words.title;
  for (const node of said) node.textContent = words[node.dataset.say ?? ""];
  language.textContent = locale === "en" ? "中文" : "English";
  language.lang = locale === "en" ? "zh-CN" : "en";
  chat.setAttribute("locale", locale);
}

/** What the customer chose holds for the next visit; what the browser says is asked each time. @param {string} locale */
function remember(locale) {
  try {
    localStorage.setItem(REMEMBERED, locale);
  } catch {
    // Storage refused: the choice holds for this visit.
  }
}

/** @param {string} locale */
function choose(locale) {
  speak(locale);
  remember(locale);
}

language.addEventListener("click", () => choose(document.documentElement.lang === "en" ? "zh" : "en"));
const asked = new URLSearchParams(location.search).get("lang") ?? remembered();
const preferred = localeOfBrowser(LOCALES);
if (asked) choose(localeOf(asked, LOCALES));
else if (preferred) speak(preferred);

// In demo mode the desk stands in for the wallet's app: ?as=u-1002&assurance=2 signs that customer in. On any other desk there is no
// such address, and the customer stays anonymous.
const { as: subject, assurance = "2" } = Object.fromEntries(new URLSearchParams(location.search));
if (subject) {
  chat.getIdentity = async () => {
    const answer = await fetch(`/demo/identity?${new URLSearchParams({ subject, assurance })}`);
    return (await answer.json()).identity ?? null;
  };
}

await customElements.whenDefined("wallet-chat");
for (const button of document.querySelectorAll("[data-chat]")) button.addEventListener("click", () => chat.show());
for (const button of document.querySelectorAll("[data-ask]"))
  button.addEventListener("click", () => chat.ask(button.textContent ?? ""));
// On a desktop there is room for both; on a phone the chat would cover the page.
if (matchMedia("(min-width: 1100px)").matches) chat.open = true;
