// <wallet-chat>: the chat as any site embeds it. Attributes: locale ("zh" | "en", default: the page's
// language), endpoint (default: where this script came from), open.
import { BrowserStore } from "../browser-store.js";
import { DeskApi } from "../desk-api.js";
import { el, setText } from "../dom.js";
import { icon } from "../icons.js";
import { localeOf, speaker } from "../strings.js";
import { ChatView } from "./chat-view.js";
import { chatSheets } from "./chat-style.js";
import { Conversation } from "./conversation.js";

const HOME = new URL(import.meta.url).origin;
const PHONE = matchMedia("(max-width: 640px)");

export class WalletChat extends HTMLElement {
  static observedAttributes = ["locale", "open"];
  #conversation = null;
  #view = null;
  #seen = 0; // seq of the newest message that was on the screen
  #pageOverflow = null;

  connectedCallback() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = chatSheets();
    const endpoint = this.getAttribute("endpoint") || HOME;
    const api = new DeskApi(endpoint, { locale: this.locale });
    const store = new BrowserStore(`wallet-chat:${endpoint}:`);
    this.#conversation = new Conversation({ api, store });
    this.#conversation.addEventListener("change", () => this.#changed());
    window.visualViewport?.addEventListener("resize", this.#fit);
    PHONE.addEventListener("change", this.#fit);
    this.addEventListener("keydown", this.#keydown);
    this.#build();
    this.#conversation.resume();
    if (new URLSearchParams(location.search).get("chat") === "open") this.open = true;
  }

  disconnectedCallback() {
    this.#view.close();
    this.#conversation.close();
    window.visualViewport?.removeEventListener("resize", this.#fit);
    PHONE.removeEventListener("change", this.#fit);
    this.removeEventListener("keydown", this.#keydown);
    this.#lockPage(false);
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#conversation || before === after) return;
    if (name === "locale") {
      this.#conversation.locale = this.locale;
      this.#build();
    }
    this.#showOpen();
  }

  get locale() {
    return localeOf(this.getAttribute("locale") || document.documentElement.lang);
  }

  get open() {
    return this.hasAttribute("open");
  }

  set open(open) {
    this.toggleAttribute("open", open);
  }

  /** Opens the chat and asks `text` in the customer's name: for a page's own "common questions". */
  ask(text) {
    this.open = true;
    this.#conversation.send(text);
  }

  /** Opens the chat and puts the cursor into it. */
  show() {
    this.open = true;
    this.#view.focus();
  }

  #build() {
    this.#view?.close();
    const draft = this.#view?.composer.text ?? "";
    const say = speaker(this.locale);
    this.#view = new ChatView({ conversation: this.#conversation, say, onClose: () => this.#closeByHand() });
    this.#view.composer.text = draft;
    this.badge = el("span", { class: "badge", hidden: true, "aria-hidden": "true" });
    this.launcher = el(
      "button",
      {
        type: "button",
        class: "launcher",
        testid: "chat-launcher",
        "aria-label": say("chat.launcher"),
        on: { click: () => this.show() },
      },
      icon("chat", { size: 24 }),
      el("span", { class: "launcher-words" }, say("chat.launcher")),
      this.badge,
    );
    this.say = say;
    this.shadowRoot.replaceChildren(
      el("div", { class: "chat", lang: this.locale === "en" ? "en" : "zh-CN" }, this.launcher, this.#view.node),
    );
    this.#showOpen();
  }

  #changed() {
    this.#view.draw();
    this.#countUnread();
  }

  #showOpen() {
    this.launcher.hidden = this.open;
    this.#view.node.hidden = !this.open;
    this.#fit();
    this.#view.node.setAttribute("aria-modal", String(PHONE.matches));
    if (this.open) this.#view.shown();
    this.#countUnread();
  }

  #closeByHand() {
    this.open = false;
    this.launcher.focus();
  }

  #countUnread() {
    const news = this.#conversation.events.filter((event) => event.type === "message" && event.by.kind !== "customer");
    const last = news.at(-1)?.seq ?? 0;
    if (last < this.#seen) this.#seen = 0; // a new conversation counts from the beginning
    if (this.open || !this.#conversation.synced) this.#seen = Math.max(this.#seen, last);
    const unread = news.filter((event) => event.seq > this.#seen).length;
    this.badge.hidden = unread === 0;
    setText(this.badge, unread > 9 ? "9+" : String(unread || ""));
    this.launcher.setAttribute(
      "aria-label",
      unread ? this.say("chat.launcher.unread", unread) : this.say("chat.launcher"),
    );
  }

  #keydown = (event) => {
    if (event.key !== "Escape" || event.isComposing || !this.open) return;
    event.stopPropagation();
    this.#closeByHand();
  };

  /** On a phone the panel is as tall as what the keyboard leaves, and the page behind it stands still. */
  #fit = () => {
    const fullScreen = PHONE.matches && this.open;
    const height = window.visualViewport?.height;
    const { style } = this.#view.node;
    if (fullScreen && height) style.setProperty("--visible-height", `${Math.round(height)}px`);
    else style.removeProperty("--visible-height");
    this.#lockPage(fullScreen);
  };

  #lockPage(locked) {
    const { style } = document.documentElement;
    if (locked && this.#pageOverflow === null) {
      this.#pageOverflow = style.overflow;
      style.overflow = "hidden";
    } else if (!locked && this.#pageOverflow !== null) {
      style.overflow = this.#pageOverflow;
      this.#pageOverflow = null;
    }
  }
}
