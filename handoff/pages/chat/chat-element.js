// <wallet-chat>: the custom element that sites embed. Attributes: locale ("zh" | "zh-Hant" | "en", default: the browser's
// language, Chinese or English), endpoint (default: where this script came from), open, identity (the proof that the site's app signed).
// Properties: identity, and getIdentity, a function that gives a fresh proof.
import { BrowserStore } from "../shared/browser-store.js";
import { DeskApi } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { CHAT_LOCALES, chatSpeaker, loadChatWords } from "../words/chat.js";
import { languageOfStart, localeOf, localeOfBrowser } from "../words/locales.js";
import { chatSheets } from "./chat-style.js";
import { ChatView } from "./chat-view.js";
import { Conversation } from "./conversation.js";
import { CustomerIdentity } from "./identity.js";
import { ServiceState } from "./service-state.js";

/** @import { Say } from "../words/speaker.js" */

/**
 * @typedef {object} Parts
 * @property {Conversation} conversation
 * @property {BrowserStore} store
 * @property {BrowserStore} drafts
 * @property {ServiceState} service
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
const LANGUAGE = "language"; // that the customer chose in the chat
const LARGE = "large-type";
// While a long history arrives, the chat draws at most once in this time.
const ARRIVING_DRAW_MS = 200;
const QUICK_SUCCESSION_MS = 50;
const FOCUSABLE = "button:not(:disabled), textarea:not(:disabled), [tabindex='0']";

export class WalletChat extends HTMLElement {
  static observedAttributes = ["locale", "open", "identity"];
  #identity = new CustomerIdentity();
  /** What there is while the element is on a page. @type {Parts | null} */
  #parts = null;
  #drawnAt = 0; // of performance.now()
  /** Whether a picture is due. @type {"soon" | "later" | null} */
  #drawing = null;
  /** @type {BrowserStore | null} */
  #device = null;
  /** The page's own overflow while the chat covers it. @type {string | null} */
  #pageOverflow = null;

  connectedCallback() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = chatSheets();
    const endpoint = this.getAttribute("endpoint") || HOME;
    const prefix = `wallet-chat:${endpoint}:`;
    // What belongs to the device has a store of its own: it stays when another customer signs in.
    this.#device = new BrowserStore(`wallet-chat-device:${endpoint}:`);
    this.#upgrade();
    const api = new DeskApi(endpoint, { locale: this.locale });
    const store = new BrowserStore(prefix);
    const drafts = new BrowserStore(prefix, { tabOnly: true });
    const conversation = new Conversation({ api, store, identity: this.#identity });
    conversation.addEventListener("change", () => this.#changed());
    conversation.addEventListener("ended", () => this.#ended());
    const service = new ServiceState(api);
    window.visualViewport?.addEventListener("resize", this.#fit);
    PHONE.addEventListener("change", this.#fit);
    this.addEventListener("keydown", this.#keydown);
    document.addEventListener("focusin", this.#focusMoved);
    this.#parts = { conversation, store, drafts, service, picture: this.#build({ conversation, drafts, service }) };
    this.#showOpen();
    conversation.resume();
    if (new URLSearchParams(location.search).get("chat") === "open") this.open = true;
  }

  disconnectedCallback() {
    this.#parts?.picture.view.close();
    this.#parts?.conversation.close();
    this.#parts = null;
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
    if (name === "identity") this.#identity.set(after);
    if (name === "locale") {
      // A site that sets its language when it loads has not switched it. Its switch is newer than what was chosen in the chat.
      if (before !== null) {
        this.#device?.remove(LANGUAGE);
        this.#tellLanguage();
      }
      this.#rebuild();
    }
    this.#showOpen();
  }

  get locale() {
    const own = this.#device?.get(LANGUAGE);
    if (CHAT_LOCALES.includes(own)) return own;
    const chosen = this.getAttribute("locale");
    if (chosen) return languageOfStart(localeOf(chosen, CHAT_LOCALES));
    return localeOfBrowser(CHAT_LOCALES) ?? localeOf(document.documentElement.lang, CHAT_LOCALES);
  }

  /** The proof that the site's app signed; null for nobody. */
  get identity() {
    return this.#identity.proof;
  }

  set identity(proof) {
    this.#identity.set(proof || null);
  }

  /** Gives a fresh proof, or null when nobody is signed in. It is called at once, and before a proof expires. */
  get getIdentity() {
    return this.#identity.source;
  }

  set getIdentity(source) {
    this.#identity.source = source;
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

  /** Properties that were set before this script arrived become the element's own. */
  #upgrade() {
    for (const name of ["identity", "getIdentity", "open"]) {
      if (!Object.hasOwn(this, name)) continue;
      const value = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
    const attribute = this.getAttribute("identity");
    if (attribute && !this.#identity.proof) this.#identity.set(attribute);
  }

  #rebuild() {
    const parts = this.#parts;
    if (!parts) return;
    parts.conversation.locale = this.locale;
    parts.picture.view.close();
    parts.picture = this.#build(parts);
    this.#showOpen();
  }

  /** The customer or the site chose another language: the conversation goes on in it. */
  #tellLanguage() {
    // When it does not get through, the desk follows the language of the customer's next words.
    this.#parts?.conversation.chooseLanguage(this.locale).catch(() => {});
  }

  /** Another customer is at the page: nothing of the one before stays. */
  #ended() {
    this.#parts?.drafts.clear();
    this.#rebuild();
  }

  /**
   * Draws everything in the page's language.
   * @param {Pick<Parts, "conversation" | "drafts" | "service">} parts
   * @returns {Picture}
   */
  #build({ conversation, drafts, service }) {
    const { locale } = this;
    const say = chatSpeaker(locale);
    if (say.locale !== locale) loadChatWords(locale).then((isNew) => isNew && this.#rebuild());
    const view = new ChatView({
      conversation,
      say,
      drafts,
      service,
      settings: {
        isLarge: Boolean(this.#device?.get(LARGE)),
        onClose: () => this.#closeByHand(),
        onLarge: (isLarge) => {
          this.#device?.set(LARGE, isLarge);
          this.shadowRoot?.querySelector(".chat")?.classList.toggle("large", isLarge);
        },
        onLocale: (chosen) => {
          this.#device?.set(LANGUAGE, chosen);
          this.#tellLanguage();
          this.#rebuild();
          this.show();
        },
        onStyles: (styles) => {
          const root = this.shadowRoot;
          if (root && !root.adoptedStyleSheets.includes(styles)) root.adoptedStyleSheets.push(styles);
        },
      },
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
    const look = this.#device?.get(LARGE) ? "chat large" : "chat";
    this.shadowRoot?.replaceChildren(el("div", { class: look, lang: say.tag }, launcher, view.node));
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
    this.#parts.conversation.isShown = this.open;
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
    const { state, status, synced } = conversation;
    const place = state === "queued" ? status?.queue_position : null;
    const isOn = state === "queued" || state === "assigned";
    const words = place ? say("chat.launcher.place", place) : say(isOn ? `chat.launcher.${state}` : "chat.launcher");
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
      if (this.#parts?.picture.view.part.care?.closeSheet()) return;
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
