// The workshop's address for an account that may not edit: whose page it is, and where this account's own work is.
import { el } from "../shared/dom.js";
import { WorkshopBar } from "./workshop-bar.js";

/** @import { Account } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */

export class OtherRolePage {
  /** @param {{say: Say, me: Account, onLocale: () => void, onSignedOut: () => void}} options */
  constructor({ say, me, onLocale, onSignedOut }) {
    this.node = el(
      "div",
      { class: "workshop" },
      new WorkshopBar({ say, me, onLocale, onSignedOut }).node,
      el(
        "main",
        { class: "other-role", testid: "other-role" },
        el("h2", {}, say("workshop.other.title")),
        el("p", {}, say("workshop.other.text", say(`role.${me.role}`))),
        el("a", { class: "primary", href: "/console", testid: "to-console" }, say("workshop.other.console")),
      ),
    );
  }

  close() {}

  lock() {}

  shown() {}
}
