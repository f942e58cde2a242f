// The account of a page: sign-in, the dialog over the page when the session has ended, sign-out and the language. The page says
// what an account sees.
import { DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";
import { SignIn } from "./sign-in.js";

/** @import { BrowserStore } from "../shared/browser-store.js" */
/** @import { Account, Demo } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */

/**
 * What fills the page.
 * @typedef {object} View
 * @property {HTMLElement} node
 * @property {() => void} close
 * @property {() => void} lock  takes from the page what only a signed-in account may read
 * @property {() => void} shown
 */

const LOCALE = "locale"; // one key: all pages of the console speak one language
const ANSWER_MS = 3_000;

export class PageSession {
  /** The account that is signed in, or was when the session ended. @type {Account | null} */
  me = null;
  #place;
  #api;
  #store;
  #speak;
  #title;
  #signInTitle;
  #open;
  /** @type {View | null} */
  #view = null;
  /** The sign-in dialog over the page. @type {HTMLDialogElement | null} */
  #gate = null;
  /** @type {Demo | null} */
  #demo = null;
  #isChecking = false;

  /**
   * @param {object} options
   * @param {HTMLElement} options.place  where the view stands
   * @param {DeskApi} options.api
   * @param {BrowserStore} options.store
   * @param {(locale: string) => Promise<Say>} options.speak
   * @param {string} options.title  key of the page's title
   * @param {string} [options.signInTitle]  key of the title over the sign-in form
   * @param {(me: Account, say: Say) => View | Promise<View>} options.open  what this account sees
   */
  constructor({ place, api, store, speak, title, signInTitle, open }) {
    this.#place = place;
    this.#api = api;
    this.#store = store;
    this.#speak = speak;
    this.#title = title;
    this.#signInTitle = signInTitle;
    this.#open = open;
  }

  /** Shows what the account sees, or the sign-in form. */
  async start() {
    // The session is asked for while the words are on their way.
    const account = this.#api.get("/api/session");
    account.catch(() => null); // handled below
    const say = await this.#speak(this.#api.locale);
    document.documentElement.lang = say.tag;
    document.title = say(this.#title);
    try {
      await this.work(await account);
    } catch (error) {
      await this.#askSignIn(DeskError.of(error).status === 0 ? say("error.network") : null);
    }
  }

  /** @param {Account} me */
  async work(me) {
    this.me = me;
    this.#show(await this.#open(me, await this.#speak(this.#api.locale)));
  }

  /** The other language of the page. */
  async switchLocale() {
    this.#api.locale = this.#api.locale === "en" ? "zh" : "en";
    this.#store.set(LOCALE, this.#api.locale);
    await this.start();
  }

  async signOut() {
    this.#view?.lock();
    await this.#api.delete("/api/session").catch(() => null); // the session is ended or will expire
    this.me = null;
    await this.#askSignIn();
  }

  /** The desk refused the session. Another tab may have signed in with another account; otherwise the page asks, over itself. */
  async ended() {
    if (this.#gate || this.#isChecking) return;
    this.#isChecking = true;
    this.#view?.lock();
    try {
      const now = await this.#api.get("/api/session", { timeout: ANSWER_MS }).catch(() => null);
      if (now && (now.login !== this.me?.login || now.role !== this.me?.role)) await this.work(now);
      else await this.#askSignInOver();
    } finally {
      this.#isChecking = false;
    }
  }

  /** @param {View} next */
  #show(next) {
    this.#gate?.remove();
    this.#gate = null;
    this.#view?.close();
    this.#view = next;
    this.#place.replaceChildren(next.node);
    next.shown();
  }

  async #demoAccounts() {
    this.#demo ??= await this.#api.get("/api/demo").catch(() => null); // a desk without demo accounts may not have this route
    return this.#demo;
  }

  /** @param {string | null} [reason] */
  async #askSignIn(reason = null) {
    const say = await this.#speak(this.#api.locale);
    this.#show(
      new SignIn({
        api: this.#api,
        say,
        demo: await this.#demoAccounts(),
        reason,
        login: this.me?.login ?? "",
        title: this.#signInTitle,
        onSignedIn: (me) => this.work(me),
        onLocale: () => this.switchLocale(),
      }),
    );
  }

  async #askSignInOver() {
    const say = await this.#speak(this.#api.locale);
    const form = new SignIn({
      api: this.#api,
      say,
      demo: await this.#demoAccounts(),
      reason: say("login.expired"),
      login: this.me?.login ?? "",
      title: this.#signInTitle,
      isOver: true,
      onSignedIn: (me) => this.work(me),
    });
    const gate = el(
      "dialog",
      { class: "sign-in-over", "aria-labelledby": "sign-in-title", testid: "sign-in-over" },
      form.node,
    );
    gate.addEventListener("cancel", (event) => event.preventDefault()); // Esc must not close it
    gate.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
    document.body.append(gate);
    gate.showModal();
    form.shown();
    this.#gate = gate;
  }
}
