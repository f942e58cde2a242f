// The bar over the panes: urgent conversations, the agent's load, colleagues online, language, sign-out.
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { showShortcuts } from "./shortcut-keys.js";
import { isolated } from "./shown-text.js";

/** @import { Account } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { QueueFeed } from "./queue-feed.js" */

export class TopBar {
  #say;
  #me;

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {Account} options.me
   * @param {HTMLElement} options.alert  the alert of urgent conversations
   * @param {() => void} options.onLocale
   * @param {() => void} options.onSignedOut
   */
  constructor({ say, me, alert, onLocale, onSignedOut }) {
    this.#say = say;
    this.#me = me;
    this.load = el("span", { class: "bar-item" });
    this.online = el("span", { class: "bar-item wide-only" });
    this.node = el(
      "header",
      { class: "bar-top" },
      el("img", { src: "/pages/shared/logo.svg", alt: "", width: 32, height: 32 }),
      el("h1", {}, say("console.title")),
      alert,
      el("span", { class: "spacer" }),
      this.load,
      this.online,
      el(
        "button",
        {
          type: "button",
          class: "icon-button wide-only",
          "aria-label": say("shortcuts.title"),
          title: `${say("shortcuts.title")} (?)`,
          testid: "shortcuts-open",
          on: { click: () => showShortcuts(say) },
        },
        icon("keyboard", { size: 22 }),
      ),
      el(
        "button",
        { type: "button", class: "quiet", lang: say.locale === "en" ? "zh-CN" : "en", on: { click: onLocale } },
        say("console.switch"),
      ),
      el("span", { class: "bar-item me wide-only" }, isolated(me.name), el("small", {}, say(`role.${me.role}`))),
      el(
        "button",
        { type: "button", class: "quiet", testid: "sign-out", on: { click: onSignedOut } },
        say("login.sign_out"),
      ),
    );
  }

  /** @param {QueueFeed} feed */
  update({ agents, mine }) {
    const self = agents.find((agent) => agent.login === this.#me.login);
    setText(this.load, this.#say("queue.load", mine.length, self?.capacity ?? this.#me.capacity));
    setText(this.online, this.#say("queue.online", agents.filter((agent) => agent.online).length));
  }
}
