// <wallet-chat>: the custom element that sites embed. Attributes: locale ("zh" | "en", default: the browser's
// language, Chinese or English), endpoint (default: where this script came from), open.
import { BrowserStore } from "../shared/browser-store.js";
import { DeskApi } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { CHAT_LOCALES, chatSpeaker } from "../words/chat.js";
import { localeOf, localeOfBrowser } from "../words/locales.js";
import { chatSheets } from "./chat-style.js";
import { ChatView } from "./chat-view.js";
import { Conversation } from "./conversation.js";

/** @import { Say } from "../words/speaker.js" */

/**
 * @typedef {object} Parts
 * @property {Conversation} conversation
 * @property {BrowserStore} store
 * @property {BrowserStore} drafts
 * @property {Picture} picture
 */
/**
 * What is drawn in one language.
 * @typedef {object} Picture
 * @property {Say} say
 * @property {ChatView} view
 * @property {HTMLElement} badge
 * @property {HTMLElement} launcherWords
 * @property {HTMLElement} launcher
 */

const HOME = new URL(import.meta.url).origin;
const PHONE = matchMedia("(max-width: 640px)");
const SEEN = "seen";
// While a long history arrives, the chat draws at most once in this time.
const ARRIVING_DRAW_MS = 200;
const QUICK_SUCCESSION_MS = 50;
const FOCUSABLE = "button:not(:disabled), textarea:not(:disabled), [tabindex='0']";

export class WalletChat extends HTMLElement {
  static observedAttributes = ["locale", "open"];
  /** What there is while the element is on a page. @type {Parts | null} */
  #parts = null;
  #drawnAt = 0; // of performance.now()
  /** Whether a picture is due. @type {"soon" | "later" | null} */
  #drawing = null;
  /** The page's own overflow while the chat covers it. @type {string | null} */
  #pageOverflow = null;

  connectedCallback() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = chatSheets();
    const endpoint = this.getAttribute("endpoint") || HOME;
    const api = new DeskApi(endpoint, { locale: this.locale });
    const store = new BrowserStore(`wallet-chat:${endpoint}:`);
    const drafts = new BrowserStore(`wallet-chat:${endpoint}:`, { tabOnly: true });
    const conversation = new Conversation({ api, store });
    conversation.addEventListener("change", () => this.#changed());
    window.visualViewport?.addEventListener("resize", this.#fit);
    PHONE.addEventListener("change", this.#fit);
    this.addEventListener("keydown", this.#keydown);
    document.addEventListener("focusin", this.#focusMoved);
    this.#parts = { conversation, store, drafts, picture: this.#build(conversation, drafts) };
    this.#showOpen();
    conversation.resume();
    if (new URLSearchParams(location.search).get("chat") === "open") this.open = true;
  }

  disconnectedCallback() {
    this.#parts?.picture.view.close();
    this.#parts?.conversation.close();
    window.visualViewport?.removeEventListener("resize", this.#fit);
    PHONE.removeEventListener("change", this.#fit);
    this.removeEventListener("keydown", this.#keydown);
    document.removeEventListener("focusin", this.#focusMoved);
    this.#lockPage(false);
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    const parts = this.#parts;
    if (!parts || before === after) return;
    if (name === "locale") {
      parts.conversation.locale = this.locale;
      parts.picture.view.close();
      parts.picture = this.#build(parts.conversation, parts.drafts);
    }
    this.#showOpen();
  }

  get locale() {
    const chosen = this.getAttribute("locale");
    if (chosen) return localeOf(chosen, CHAT_LOCALES);
    return localeOfBrowser(CHAT_LOCALES) ?? localeOf(document.documentElement.lang, CHAT_LOCALES);
  }

  get open() {
    return this.hasAttribute("open");
  }

  set open(open) {
    this.toggleAttribute("open", open);
  }

  /**
   * Opens the chat and asks `text` in the customer's name: for a page's own "common questions".
   * @param {string} text
   */
  ask(text) {
    this.open = true;
    this.#parts?.conversation.send(text, { suggested: true });
  }

  /** Opens the chat and focuses its text box. */
  show() {
    this.open = true;
    this.#parts?.picture.view.focus();
  }

  /**
   * Draws everything in the page's language.
   * @param {Conversation} conversation
   * @param {BrowserStore} drafts
   * @returns {Picture}
   */
  #build(conversation, drafts) {
    const say = chatSpeaker(this.locale);
    const view = new ChatView({
      conversation,
      say,
      drafts,
      onClose: () => this.#closeByHand(),
    });
    const badge = el("span", { class: "badge", hidden: true, "aria-hidden": "true" });
    const launcherWords = el("span", { class: "launcher-words" });
    const launcher = el(
      "button",
      {
        type: "button",
        class: "launcher",
        testid: "chat-launcher",
        on: { click: () => this.show() },
      },
      icon("chat", { size: 24 }),
      launcherWords,
      badge,
    );
    this.shadowRoot?.replaceChildren(el("div", { class: "chat", lang: say.tag }, launcher, view.node));
    return { say, view, badge, launcherWords, launcher };
  }

  /** Draws a single change immediately, and changes in quick succession once a frame. */
  #changed() {
    if (!this.#parts) return;
    const { synced } = this.#parts.conversation;
    if (this.#drawing === "soon" || (this.#drawing === "later" && !synced)) return;
    const draw = () => {
      if (!this.#drawing || !this.isConnected) return;
      this.#drawing = null;
      this.#parts?.picture.view.draw();
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
    if (!this.#parts) return;
    const { launcher, view } = this.#parts.picture;
    launcher.hidden = this.open;
    view.node.hidden = !this.open;
    this.#fit();
    if (this.open) view.shown();
    this.#drawLauncher();
  }

  #closeByHand() {
    this.open = false;
    this.#parts?.picture.launcher.focus();
  }

  /** The launcher shows the state of the conversation and the number of unread messages. */
  #drawLauncher() {
    if (!this.#parts) return;
    const { conversation, picture } = this.#parts;
    const { say, badge, launcherWords, launcher } = picture;
    const { state, synced } = conversation;
    const words = say(state === "queued" || state === "assigned" ? `chat.launcher.${state}` : "chat.launcher");
    setText(launcherWords, words);
    const unread = synced ? this.#unread(this.#parts) : 0;
    badge.hidden = unread === 0;
    setText(badge, unread > 9 ? "9+" : String(unread || ""));
    launcher.setAttribute("aria-label", unread ? say("chat.launcher.unread", words, unread) : words);
  }

  /** @param {Parts} parts */
  #unread({ conversation, store }) {
    const { log } = conversation;
    const last = log.lastSeq;
    const seen = store.get(SEEN);
    // Without a stored number, or with one of an earlier conversation, all present messages count as read.
    if (this.open || seen === null || seen > last) {
      if (seen !== last) store.set(SEEN, last);
      return 0;
    }
    return log.unreadAfter(seen);
  }

  #keydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || !this.open) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      this.#closeByHand();
    } else if (event.key === "Tab" && this.#isModal) {
      this.#keepInside(event);
    }
  };

  /** On a phone the chat covers the page: it is modal, and the focus stays in it. */
  get #isModal() {
    return this.open && PHONE.matches;
  }

  /** @param {KeyboardEvent} event */
  #keepInside(event) {
    const focusable = this.#parts?.picture.view.node.querySelectorAll(FOCUSABLE) ?? [];
    const all = /** @type {HTMLElement[]} */ ([...focusable]).filter(
      (node) => node.tabIndex >= 0 && node.checkVisibility(),
    );
    const at = all.indexOf(/** @type {HTMLElement} */ (this.shadowRoot?.activeElement));
    const isLast = event.shiftKey ? at <= 0 : at < 0 || at === all.length - 1;
    if (!isLast) return;
    event.preventDefault();
    (event.shiftKey ? all.at(-1) : all[0])?.focus();
  }

  #focusMoved = (/** @type {FocusEvent} */ event) => {
    if (this.#isModal && !event.composedPath().includes(this)) this.#parts?.picture.view.node.focus();
  };

  /** On a phone the panel is as tall as the space above the keyboard, and the page behind it does not scroll. */
  #fit = () => {
    if (!this.#parts) return;
    const { node } = this.#parts.picture.view;
    const fullScreen = this.#isModal;
    if (fullScreen) node.setAttribute("aria-modal", "true");
    else node.removeAttribute("aria-modal");
    const height = window.visualViewport?.height;
    const { style } = node;
    if (fullScreen && height) style.setProperty("--visible-height", `${Math.round(height)}px`);
    else style.removeProperty("--visible-height");
    this.#lockPage(fullScreen);
  };

  /** @param {boolean} locked */
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
