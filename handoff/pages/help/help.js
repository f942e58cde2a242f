// The demo page: its language switch, and the places from which it opens the chat.
import english from "../words/help.en.js";
import { localeOf, localeOfBrowser } from "../words/locales.js";

const REMEMBERED = "wallet.language";

const chat = document.querySelector("wallet-chat");
const language = document.querySelector("#language");
const chinese = { title: document.title };
for (const node of document.querySelectorAll("[data-say]")) chinese[node.dataset.say] = node.textContent;

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null; // storage refused: the page's own language it is
  }
}

function speak(locale) {
  const words = locale === "en" ? english : chinese;
  document.documentElement.lang = locale === "en" ? "en" : "zh-CN";
  document.title = words.title;
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = words[node.dataset.say];
  language.textContent = locale === "en" ? "中文" : "English";
  language.lang = locale === "en" ? "zh-CN" : "en";
  chat.setAttribute("locale", locale);
}

/** What the customer chose holds for the next visit; what the browser says is asked each time. */
function remember(locale) {
  try {
    localStorage.setItem(REMEMBERED, locale);
  } catch {
    // Storage refused: the choice holds for this visit.
  }
}

function choose(locale) {
  speak(locale);
  remember(locale);
}

language.addEventListener("click", () => choose(localeOf(document.documentElement.lang) === "en" ? "zh" : "en"));
const asked = new URLSearchParams(location.search).get("lang") ?? remembered();
if (asked) choose(localeOf(asked));
else if (localeOfBrowser()) speak(localeOfBrowser());

await customElements.whenDefined("wallet-chat");
for (const button of document.querySelectorAll("[data-chat]")) button.addEventListener("click", () => chat.show());
for (const button of document.querySelectorAll("[data-ask]"))
  button.addEventListener("click", () => chat.ask(button.textContent));
// On a desktop there is room for both; on a phone the chat would cover the page, so it waits for a tap.
if (matchMedia("(min-width: 1100px)").matches) chat.open = true;
