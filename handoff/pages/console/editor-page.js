// The page for accounts with the role editor: no conversations, but where an editor's work is done.
import { el } from "../shared/dom.js";
import { isolated } from "./shown-text.js";

const STEPS = ["articles", "facts", "sentences", "check", "publish"];

export class EditorPage {
  /**
   * @param {object} options
   * @param {import("../words/speaker.js").Say} options.say
   * @param {import("../shared/contract-types.js").Account} options.me
   * @param {() => void} options.onLocale
   * @param {() => void} options.onSignedOut
   */
  constructor({ say, me, onLocale, onSignedOut }) {
    /** @param {string} testid @param {string} words @param {() => void} click @param {import("../shared/dom.js").Props} [props] */
    const button = (testid, words, click, props = {}) =>
      el("button", { type: "button", class: "quiet", testid, on: { click }, ...props }, words);
    this.node = el(
      "div",
      { class: "editor-page" },
      el(
        "header",
        { class: "bar-top" },
        el("img", { src: "/pages/shared/logo.svg", alt: "", width: 32, height: 32 }),
        el("h1", {}, say("console.title")),
        el("span", { class: "spacer" }),
        button("switch-language", say("console.switch"), onLocale, { lang: say.locale === "en" ? "zh-CN" : "en" }),
        el("span", { class: "bar-item me wide-only" }, isolated(me.name), el("small", {}, say(`role.${me.role}`))),
        button("sign-out", say("login.sign_out"), onSignedOut),
      ),
      el(
        "main",
        { class: "editor-body", testid: "editor-page" },
        el("h2", {}, say("editor.title", me.name)),
        el("p", {}, say("editor.text")),
        el(
          "ol",
          { class: "editor-steps" },
          STEPS.map((step) =>
            el("li", {}, el("code", {}, say(`editor.${step}.where`)), el("span", {}, say(`editor.${step}`))),
          ),
        ),
        el("p", { class: "muted" }, say("editor.more")),
      ),
    );
  }

  close() {}

  lock() {}

  shown() {}
}
