// The strip of the first screen for a customer whose money is being taken: freeze, call, or a person, each with one press.
import { el } from "../shared/dom.js";
import { icon } from "../shared/icons.js";

/** @import { Say } from "../words/speaker.js" */

export class SosStrip {
  #say;

  /** @param {{say: Say, onFreeze: () => void, onPerson: () => void}} options */
  constructor({ say, onFreeze, onPerson }) {
    this.#say = say;
    this.call = el(
      "a",
      { class: "sos-button", testid: "chat-sos-call", hidden: true },
      icon("phone", { size: 20 }),
      say("chat.sos.call"),
    );
    this.node = el(
      "section",
      { class: "sos", testid: "chat-sos", "aria-label": say("chat.sos") },
      el("h3", {}, icon("alert", { size: 20 }), say("chat.sos")),
      el(
        "div",
        { class: "sos-buttons" },
        el(
          "button",
          { type: "button", class: "sos-button first", testid: "chat-sos-freeze", on: { click: onFreeze } },
          icon("shield", { size: 20 }),
          say("chat.sos.freeze"),
        ),
        this.call,
        el(
          "button",
          { type: "button", class: "sos-button", testid: "chat-emergency", on: { click: onPerson } },
          icon("person", { size: 20 }),
          say("chat.emergency"),
        ),
      ),
    );
  }

  /** The service's number; without one there is no button to call. @param {string | undefined} number */
  set number(number) {
    this.call.hidden = !number;
    if (!number) return;
    this.call.href = `tel:${number.replace(/[^+\d]/g, "")}`;
    this.call.setAttribute("aria-label", `${this.#say("chat.sos.call")} ${number}`);
    this.call.title = this.#say("chat.sos.call.number", number);
  }
}
