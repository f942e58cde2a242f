// <wallet-chat>: the chat as any site embeds it. Attributes: locale ("zh" | "en", default: the browser's
// language, Chinese or English), endpoint (default: where this script came from), open.
import { BrowserStore } from "../shared/browser-store.js";
import { DeskApi } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { chatSpeaker } from "../words/chat.js";
import { localeOf, localeOfBrowser } from "../words/locales.js";
import { ChatView } from "./chat-view.js";
import { chatSheets } from "./chat-style.js";
import { Conversation } from "./conversation.js";

const HOME = new URL(import.meta.url).origin;
const PHONE = matchMedia("(max-width: 640px)");
const SEEN = "seen";
// While a long history arrives, drawing each piece of it would only delay the next.
const ARRIVING_DRAW_MS = 200;
const QUICK_SUCCESSION_MS = 50;
const FOCUSABLE = "button:not(:disabled), textarea:not(:disabled), [tabindex='0']";

export class WalletChat extends HTMLElement {
  static observedAttributes = ["locale", "open"];
  #conversation = null;
  #view = null;
  #store = null;
  #drafts = null;
  #drawnAt = 0; // of performance.now()
  #drawing = null; // null | "soon" | "later": whether a picture is due
  #pageOverflow = null;

  connectedCallback() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = chatSheets();
    const endpoint = this.getAttribute("endpoint") || HOME;
    const api = new DeskApi(endpoint, { locale: this.locale });
    this.#store = new BrowserStore(`wallet-chat:${endpoint}:`);
    this.#drafts = new BrowserStore(`wallet-chat:${endpoint}:`, { tabOnly: true });
    this.#conversation = new Conversation({ api, store: this.#store });
    this.#conversation.addEventListener("change", () => this.#changed());
    window.visualViewport?.addEventListener("resize", this.#fit);
    PHONE.addEventListener("change", this.#fit);
    this.addEventListener("keydown", this.#keydown);
    document.addEventListener("focusin", this.#focusMoved);
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
    document.removeEventListener("focusin", this.#focusMoved);
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
    const chosen = this.getAttribute("locale");
    return chosen ? localeOf(chosen) : (localeOfBrowser() ?? localeOf(document.documentElement.lang));
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
    this.#conversation.send(text, { suggested: true });
  }

  /** Opens the chat and puts the cursor into it. */
  show() {
    this.open = true;
    this.#view.focus();
  }

  #build() {
    this.#view?.close();
    const say = chatSpeaker(this.locale);
    this.#view = new ChatView({
      conversation: this.#conversation,
      say,
      drafts: this.#drafts,
      onClose: () => this.#closeByHand(),
    });
    this.badge = el("span", { class: "badge", hidden: true, "aria-hidden": "true" });
    this.launcherWords = el("span", { class: "launcher-words" });
    this.launcher = el(
      "button",
      {
        type: "button",
        class: "launcher",
        testid: "chat-launcher",
        on: { click: () => this.show() },
      },
      icon("chat", { size: 24 }),
      this.launcherWords,
      this.badge,
    );
    this.say = say;
    this.shadowRoot.replaceChildren(el("div", { class: "chat", lang: say.tag }, this.launcher, this.#view.node));
    this.#showOpen();
  }

  /** Draws at once what comes alone, and once a frame what comes in quick succession. */
  #changed() {
    const { synced } = this.#conversation;
    if (this.#drawing === "soon" || (this.#drawing === "later" && !synced)) return;
    const draw = () => {
      if (!this.#drawing || !this.isConnected) return;
      this.#drawing = null;
      this.#view.draw();
      this.#drawLauncher();
      this.#drawnAt = performance.now();
    };
    this.#drawing = synced ? "soon" : "later";
    if (synced && performance.now() - this.#drawnAt > QUICK_SUCCESSION_MS) draw();
    else if (!synced) setTimeout(draw, ARRIVING_DRAW_MS);
    else if (document.visibilityState === "hidden") setTimeout(draw);
    else requestAnimationFrame(draw);
  }

  #showOpen() {
    this.launcher.hidden = this.open;
    this.#view.node.hidden = !this.open;
    this.#fit();
    if (this.open) this.#view.shown();
    this.#drawLauncher();
  }

  #closeByHand() {
    this.open = false;
    this.launcher.focus();
  }

  /** The launcher says where the customer stands, and how much is new since the chat was last open. */
  #drawLauncher() {
    const { say } = this;
    const { state, synced } = this.#conversation;
    const words = say(state === "queued" || state === "assigned" ? `chat.launcher.${state}` : "chat.launcher");
    setText(this.launcherWords, words);
    const unread = synced ? this.#unread() : 0;
    this.badge.hidden = unread === 0;
    setText(this.badge, unread > 9 ? "9+" : String(unread || ""));
    this.launcher.setAttribute("aria-label", unread ? say("chat.launcher.unread", words, unread) : words);
  }

  #unread() {
    const { log } = this.#conversation;
    const last = log.lastSeq;
    const seen = this.#store.get(SEEN);
    // Without a note of it, or with one of an earlier conversation, what is there now is the beginning.
    if (this.open || seen === null || seen > last) {
      if (seen !== last) this.#store.set(SEEN, last);
      return 0;
    }
    return log.unreadAfter(seen);
  }

  #keydown = (event) => {
    if (event.isComposing || !this.open) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      this.#closeByHand();
    } else if (event.key === "Tab" && this.#isModal) {
      this.#keepInside(event);
    }
  };

  /** On a phone the chat covers the page: assistive technology is told so, and the focus stays in it. */
  get #isModal() {
    return this.open && PHONE.matches;
  }

  #keepInside(event) {
    const all = [...this.#view.node.querySelectorAll(FOCUSABLE)].filter(
      (node) => node.tabIndex >= 0 && node.checkVisibility(),
    );
    const at = all.indexOf(this.shadowRoot.activeElement);
    const isLast = event.shiftKey ? at <= 0 : at < 0 || at === all.length - 1;
    if (!isLast) return;
    event.preventDefault();
    (event.shiftKey ? all.at(-1) : all[0]).focus();
  }

  #focusMoved = (event) => {
    if (this.#isModal && !event.composedPath().includes(this)) this.#view.node.focus();
  };

  /** On a phone the panel is as tall as what the keyboard leaves, and the page behind it stands still. */
  #fit = () => {
    const fullScreen = this.#isModal;
    if (fullScreen) this.#view.node.setAttribute("aria-modal", "true");
    else this.#view.node.removeAttribute("aria-modal");
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
