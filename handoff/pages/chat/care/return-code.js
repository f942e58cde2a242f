// The code that leads back to a conversation from another device, or from a browser that keeps nothing.
import { DeskError } from "../../shared/desk-api.js";
import { el, setText } from "../../shared/dom.js";

/** @import { Say } from "../../words/speaker.js" */
/** @import { Conversation } from "../conversation.js" */
/** @import { Sheet } from "./sheet.js" */

const LENGTH = 8;

export class ReturnCode {
  #conversation;
  #say;
  #sheet;

  /** @param {{conversation: Conversation, say: Say, sheet: Sheet}} options */
  constructor({ conversation, say, sheet }) {
    this.#conversation = conversation;
    this.#say = say;
    this.#sheet = sheet;
  }

  /** Shows a new code. */
  async make() {
    const say = this.#say;
    const shown = await newCode(this.#conversation, say);
    this.#sheet.open(say("care.code"), [shown, el("p", { class: "sheet-note" }, say("care.code.note"))]);
  }

  /** Asks for a code, and goes on with its conversation. */
  enter() {
    const say = this.#say;
    const input = el("input", {
      class: "field",
      testid: "chat-code-input",
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      maxlength: LENGTH + 4,
      "aria-label": say("care.code.enter"),
    });
    const problem = el("p", { class: "sheet-problem", role: "alert" });
    const go = el("button", { type: "submit", class: "primary", testid: "chat-code-go" }, say("care.code.go"));
    const submit = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      go.disabled = true;
      setText(problem, "");
      try {
        await this.#conversation.returnBy(input.value.replace(/[\s-]/g, "").toUpperCase());
        this.#sheet.close();
      } catch (error) {
        const failure = DeskError.of(error);
        const key = failure.isTooMany ? "care.too_many" : failure.isPassing ? "care.failed" : "care.code.wrong";
        setText(problem, say(key));
      } finally {
        go.disabled = false;
      }
    };
    this.#sheet.open(say("care.code.enter"), [el("form", { class: "form", on: { submit } }, input, problem, go)]);
  }
}

/**
 * Shows a code without being asked, in a browser that keeps nothing.
 * @param {Conversation} conversation
 * @param {Say} say
 * @param {HTMLElement} place
 */
export async function keepCode(conversation, say, place) {
  const shown = await newCode(conversation, say);
  place.replaceChildren(
    el("div", { class: "kept-code", testid: "chat-kept-code" }, el("p", {}, say("care.code.keep")), shown),
  );
}

/** @param {Conversation} conversation @param {Say} say */
async function newCode(conversation, say) {
  let code;
  try {
    ({ code } = await conversation.post("/return-code"));
  } catch {
    return el("p", { class: "sheet-problem", role: "alert" }, say("care.failed"));
  }
  const copy = el("button", { type: "button", class: "quiet" }, say("care.code.copy"));
  copy.hidden = !navigator.clipboard; // on insecure origins there is none
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code).then(
      () => setText(copy, say("care.code.copied")),
      () => {
        copy.hidden = true; // refused: the code can be read
      },
    );
  });
  return el("div", { class: "code-line" }, el("output", { class: "code", testid: "chat-code" }, code), copy);
}
