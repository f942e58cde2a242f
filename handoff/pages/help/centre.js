// The help centre's buttons that lead into the chat. Without this script the pages show links and numbers only.

/** @typedef {import("../chat/chat-element.js").WalletChat} WalletChat */

export {};

/** What the button for emergencies says in the customer's name: the desk's floor brings a person at once. */
const EMERGENCY = /** @type {Record<string, string>} */ ({
  zh: "我的钱正在被转走，请马上找人",
  "zh-Hant": "我的錢正在被轉走，請馬上找人",
  en: "My money is being taken right now, get me a person",
});

const chat = /** @type {WalletChat} */ (document.querySelector("wallet-chat"));
document.documentElement.classList.add("has-script");

await customElements.whenDefined("wallet-chat");
document.addEventListener("click", (event) => {
  const button =
    event.target instanceof Element
      ? event.target.closest("[data-ask], [data-chat], [data-person], [data-print]")
      : null;
  if (!(button instanceof HTMLElement)) return;
  if ("print" in button.dataset) window.print();
  else if ("ask" in button.dataset) chat.ask(button.dataset.ask ?? "");
  else if ("person" in button.dataset) {
    event.preventDefault();
    chat.ask(EMERGENCY[chat.locale] ?? EMERGENCY.zh);
  } else chat.show();
});
