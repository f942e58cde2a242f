// The board's address for an account that is no supervisor: whose page it is, and where this account's own work is.
import { isolated } from "../console/shown-text.js";
import { el } from "../shared/dom.js";

/** @import { Account } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */

export class OtherRolePage {
  /** @param {{say: Say, me: Account, bar: HTMLElement}} options */
  constructor({ say, me, bar }) {
    this.node = el(
      "div",
      { class: "board" },
      el(
        "header",
        { class: "bar-top" },
        el("img", { src: "/pages/shared/logo.svg", alt: "", width: 32, height: 32 }),
        el("h1", {}, say("board.title")),
        el("span", { class: "spacer" }),
        el("span", { class: "bar-item me wide-only" }, isolated(me.name), el("small", {}, say(`role.${me.role}`))),
        bar,
      ),
      el(
        "main",
        { class: "other-role", testid: "other-role" },
        el("h2", {}, say("other.title")),
        el("p", {}, say("other.text", say(`role.${me.role}`))),
        el("p", {}, say(`other.${me.role}`)),
        el("a", { class: "primary", href: "/console", testid: "to-console" }, say("other.console")),
      ),
    );
  }

  close() {}

  lock() {}

  shown() {}
}
