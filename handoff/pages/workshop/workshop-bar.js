// The bar over the workshop: the menu of a small screen, ways to the other pages, the keys, language, sign-out.
import { isolated } from "../console/shown-text.js";
import { icon } from "../shared/desk-icons.js";
import { el } from "../shared/dom.js";

/** @import { Account } from "../shared/contract-types.js" */
/** @import { Child } from "../shared/dom.js" */
/** @import { Say } from "../words/speaker.js" */

export class WorkshopBar {
  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {Account} options.me
   * @param {Child} [options.menu]  the button that opens the navigation on a small screen
   * @param {() => void} [options.onHelp]
   * @param {() => void} options.onLocale
   * @param {() => void} options.onSignedOut
   */
  constructor({ say, me, menu = null, onHelp, onLocale, onSignedOut }) {
    const isSupervisor = me.role === "supervisor";
    /** @param {string} href @param {string} key @param {import("../shared/desk-icons.js").IconName} picture */
    const link = (href, key, picture) =>
      el(
        "a",
        {
          class: "quiet bar-link",
          href,
          "aria-label": say(key),
          testid: key.replace("workshop.", "").replaceAll("_", "-"),
        },
        icon(picture, { size: 18 }),
        el("span", {}, say(key)),
      );
    this.node = el(
      "header",
      { class: "bar-top" },
      menu,
      el("img", { src: "/pages/shared/logo.svg", alt: "", width: 28, height: 28 }),
      el("h1", {}, say("workshop.title")),
      el("span", { class: "spacer" }),
      isSupervisor ? link("/console/board", "workshop.to_board", "board") : null,
      isSupervisor ? link("/console", "workshop.to_console", "chat") : null,
      onHelp
        ? el(
            "button",
            {
              type: "button",
              class: "icon-button wide-only",
              "aria-label": say("shortcuts.title"),
              "aria-keyshortcuts": "?",
              title: `${say("shortcuts.title")} (?)`,
              testid: "keys-open",
              on: { click: onHelp },
            },
            icon("keyboard", { size: 22 }),
          )
        : null,
      el(
        "button",
        {
          type: "button",
          class: "quiet",
          testid: "switch-language",
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
}
