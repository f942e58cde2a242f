// Sign-in of agents; in a demo with the list of demo accounts.
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { problemWords } from "./display-names.js";

/** @import { Account, Demo } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */

export class SignIn {
  /**
   * @param {object} options
   * @param {DeskApi} options.api
   * @param {Say} options.say
   * @param {Demo | null} options.demo
   * @param {string | null} options.reason  why one has to sign in
   * @param {string} [options.login]  the account that was signed in before
   * @param {string} [options.title]  the key of the title
   * @param {boolean} [options.isOver]  it stands in a dialog over the page
   * @param {(me: Account) => Promise<void>} options.onSignedIn
   * @param {() => void} [options.onLocale]
   */
  constructor({
    api,
    say,
    demo,
    reason,
    login = "",
    title = "login.title",
    isOver = false,
    onSignedIn,
    onLocale = () => {},
  }) {
    this.api = api;
    this.say = say;
    this.onSignedIn = onSignedIn;
    this.login = el("input", {
      id: "login",
      testid: "login-name",
      type: "text",
      autocomplete: "username",
      required: true,
      autocapitalize: "none",
      spellcheck: "false",
    });
    this.login.value = login;
    this.password = el("input", {
      id: "password",
      testid: "login-password",
      type: "password",
      autocomplete: "current-password",
      required: true,
    });
    this.button = el("button", { class: "primary", type: "submit", testid: "login-submit" }, say("login.submit"));
    this.problem = el("p", { class: "problem", role: "alert" }, reason ?? "");
    this.node = el(
      isOver ? "div" : "main",
      { class: "sign-in" },
      el(
        "form",
        { on: { submit: (event) => this.#submit(event) } },
        el("img", { src: "/pages/shared/logo.svg", alt: "", width: 52, height: 52 }),
        el("h1", { id: "sign-in-title" }, say(title)),
        el("label", { for: "login" }, say("login.name")),
        this.login,
        el("label", { for: "password" }, say("login.password")),
        this.password,
        this.problem,
        isOver ? el("p", { class: "muted" }, say("login.kept")) : null,
        this.button,
        this.#demo(demo),
      ),
      isOver
        ? null
        : el("button", { class: "quiet", type: "button", on: { click: () => onLocale() } }, say("console.switch")),
    );
  }

  close() {}

  lock() {}

  shown() {
    (this.login.value ? this.password : this.login).focus();
  }

  /** @param {Demo | null} demo */
  #demo(demo) {
    if (!demo?.demo || !demo.accounts?.length) return null;
    const { say } = this;
    return el(
      "section",
      { class: "demo", testid: "demo-accounts" },
      el("h2", {}, say("login.demo"), el("small", {}, say("login.demo.hint"))),
      el(
        "ul",
        {},
        demo.accounts.map((account) => {
          const password = account.password ?? demo.password ?? account.login; // the password of a demo account is its login
          const pick = () => {
            this.login.value = account.login;
            this.password.value = password;
            this.button.focus();
          };
          return el(
            "li",
            {},
            el(
              "button",
              { type: "button", on: { click: pick } },
              el("b", {}, account.login),
              el("span", {}, `${account.name} · ${say(`role.${account.role}`)}`),
              el("code", {}, password),
            ),
          );
        }),
      ),
    );
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    this.button.disabled = true;
    setText(this.problem, "");
    try {
      await this.onSignedIn(
        await this.api.post("/api/session", { login: this.login.value.trim(), password: this.password.value }),
      );
    } catch (error) {
      const failure = DeskError.of(error);
      setText(this.problem, failure.status === 401 ? this.say("login.failed") : problemWords(failure, this.say));
      this.password.select();
    } finally {
      this.button.disabled = false;
    }
  }
}
