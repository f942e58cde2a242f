// Shown in place of a colleague's conversation until the agent has given a reason for reading it.
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { problemWords } from "./display-names.js";
import { isSignedOut } from "./outboxes.js";

export class AccessForm {
  #id = "";

  /**
   * @param {object} options
   * @param {import("../words/speaker.js").Say} options.say
   * @param {import("./drafts.js").Drafts} options.drafts
   * @param {(reason: string) => Promise<void>} options.onReason  resolves when the desk has written it down
   * @param {() => void} options.onExpired
   */
  constructor({ say, drafts, onReason, onExpired }) {
    /** @type {HTMLInputElement} */
    this.input = el("input", {
      id: "access-reason",
      testid: "access-reason",
      type: "text",
      required: true,
      maxlength: 200,
      autocomplete: "off",
      on: { input: () => drafts.set("access", this.#id, this.input.value) },
    });
    this.button = el("button", { type: "submit", class: "primary", testid: "access-confirm" }, say("access.confirm"));
    this.problem = el("p", { class: "problem", role: "alert" });
    this.drafts = drafts;
    this.node = el(
      "form",
      {
        class: "access",
        testid: "access",
        hidden: true,
        on: {
          submit: async (event) => {
            event.preventDefault();
            const reason = this.input.value.trim();
            if (!reason) return;
            this.button.disabled = true;
            setText(this.problem, "");
            try {
              await onReason(reason);
              drafts.set("access", this.#id, "");
            } catch (error) {
              const failure = DeskError.of(error);
              if (isSignedOut(failure)) onExpired();
              setText(this.problem, problemWords(failure, say));
            } finally {
              this.button.disabled = false;
            }
          },
        },
      },
      el("h3", {}, say("access.title")),
      el("p", { class: "muted" }, say("access.text")),
      el("label", { for: "access-reason" }, say("access.reason")),
      this.input,
      this.problem,
      this.button,
    );
  }

  /** @param {string} id */
  show(id) {
    this.#id = id;
    this.input.value = this.drafts.get("access", id);
    setText(this.problem, "");
  }
}
