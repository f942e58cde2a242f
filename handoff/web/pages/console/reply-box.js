// Where an agent writes to the customer: the composer, and canned replies on a slash.
import { Composer } from "../composer.js";
import { el, setText } from "../dom.js";
import { CannedReplies } from "./canned-replies.js";

export class ReplyBox {
  constructor({ api, say, onSend }) {
    this.say = say;
    this.canned = new CannedReplies({
      api,
      say,
      onPick: (text) => {
        this.composer.text = text;
        this.composer.focus();
      },
    });
    this.composer = new Composer({
      say,
      onSend,
      placeholder: say("reply.input"),
      testids: { input: "reply-input", send: "reply-send" },
      onKey: (event) => this.canned.key(event),
      onInput: () => this.#lookUp(),
    });
    const { input } = this.composer;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", "canned-replies");
    input.setAttribute("aria-expanded", "false");
    this.canned.attach(input);
    input.addEventListener("blur", () => this.canned.hide());
    this.blocked = el("p", { class: "reply-blocked" });
    this.hint = el("p", { class: "reply-hint" }, say("reply.hint"));
    this.node = el("footer", { class: "reply" }, this.canned.node, this.blocked, this.composer.node, this.hint);
  }

  get text() {
    return this.composer.text;
  }

  set text(value) {
    this.composer.text = value;
  }

  focus() {
    this.composer.focus();
  }

  /** The reply box with the canned replies open. */
  showCanned() {
    if (this.composer.input.disabled) return;
    this.composer.focus();
    if (!this.text) this.composer.text = "/";
    this.#lookUp();
  }

  /** whose: "mine", "waiting" or "closed"; only one's own conversation can be answered. */
  allow(whose) {
    const mine = whose === "mine";
    if (this.composer.input.disabled === mine) this.composer.disabled = !mine;
    this.composer.node.hidden = !mine;
    this.hint.hidden = !mine;
    this.blocked.hidden = mine;
    setText(this.blocked, whose === "waiting" ? this.say("reply.claim_first") : this.say("reply.closed"));
    if (mine) this.composer.refresh();
  }

  #lookUp() {
    if (/^\/\S*$/.test(this.text)) this.canned.filter(this.text.slice(1));
    else this.canned.hide();
  }
}
