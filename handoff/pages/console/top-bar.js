// The bar over the panes: the nearest deadline, mentions, search, the agent's load and state, notices, language, sign-out.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
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
   * @param {HTMLElement} options.due  the chip of the nearest deadline
   * @param {HTMLElement} options.mentions
   * @param {HTMLElement} options.presence
   * @param {HTMLElement[]} options.notices  the switches of sound and desktop notices
   * @param {() => void} options.onSearch
   * @param {() => void} options.onLocale
   * @param {() => void} options.onSignedOut
   */
  constructor({ say, me, due, mentions, presence, notices, onSearch, onLocale, onSignedOut }) {
    this.#say = say;
    this.#me = me;
    this.load = el("span", { class: "bar-item bar-load" });
    this.online = el("span", { class: "bar-item roomy-only" });
    this.node = el(
      "header",
      { class: "bar-top" },
      el("img", { src: "/pages/shared/logo.svg", alt: "", width: 28, height: 28 }),
      el("h1", {}, say("console.title")),
      due,
      mentions,
      el("span", { class: "spacer" }),
      el(
        "button",
        {
          type: "button",
          class: "search-entry",
          testid: "search-open",
          "aria-keyshortcuts": "Control+K",
          on: { click: onSearch },
        },
        icon("search", { size: 18 }),
        el("span", {}, say("search.open")),
        el("kbd", {}, "Ctrl K"),
      ),
      me.role === "supervisor"
        ? el(
            "a",
            { class: "quiet board-link", href: "/console/board", testid: "board-link" },
            icon("board", { size: 18 }),
            el("span", {}, say("board.link")),
          )
        : null,
      me.role === "supervisor"
        ? el(
            "a",
            { class: "quiet board-link", href: "/console/edit", testid: "workshop-link" },
            icon("edit", { size: 18 }),
            el("span", {}, say("workshop.link")),
          )
        : null,
      this.load,
      this.online,
      presence,
      el("span", { class: "bar-buttons wide-only" }, notices, this.#helpButton()),
      el(
        "button",
        {
          type: "button",
          class: "quiet wide-only",
          lang: say.locale === "en" ? "zh-CN" : "en",
          on: { click: onLocale },
        },
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

  #helpButton() {
    const say = this.#say;
    return el(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": say("shortcuts.title"),
        "aria-keyshortcuts": "?",
        title: `${say("shortcuts.title")} (?)`,
        testid: "shortcuts-open",
        on: { click: () => showShortcuts(say) },
      },
      icon("keyboard", { size: 22 }),
    );
  }

  /** @param {QueueFeed} feed */
  update({ agents, mine, self }) {
    const capacity = self?.capacity ?? this.#me.capacity;
    setText(this.load, this.#say("queue.load", mine.length, capacity));
    this.load.classList.toggle("full", mine.length >= capacity);
    setText(this.online, this.#say("queue.online", agents.filter((agent) => agent.online).length));
  }
}
