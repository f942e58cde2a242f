// The box for a reply to the customer: the composer, and canned replies after a slash.
import { Composer } from "../shared/composer.js";
import { el, setText } from "../shared/dom.js";
import { CannedReplies, shortcutIn } from "./canned-replies.js";

/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */

export class ReplyBox {
  #onChange;

  /**
   * @param {object} options
   * @param {DeskApi} options.api
   * @param {Say} options.say
   * @param {(text: string) => void} options.onSend
   * @param {(text: string) => void} options.onChange  what stands in the box now, each time it changed by the agent's doing
   */
  constructor({ api, say, onSend, onChange }) {
    this.say = say;
    this.#onChange = onChange;
    this.canned = new CannedReplies({
      api,
      say,
      onPick: (text) => {
        this.put(text);
        this.composer.focus();
      },
    });
    this.composer = new Composer({
      say,
      onSend: (text) => {
        onSend(text);
        onChange(""); // the draft ends only when the reply is in the outbox
      },
      holds: (text) => this.#isShortcut(text),
      placeholder: say("reply.input"),
      testids: { input: "reply-input", send: "reply-send" },
      onKey: (event) => this.canned.key(event),
      onInput: () => {
        onChange(this.text);
        this.#lookUp();
      },
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

  /** What is typed. */
  get text() {
    return this.composer.text;
  }

  /** Shows another conversation's text. @param {string} value */
  set text(value) {
    this.canned.hide();
    this.composer.text = value;
  }

  /** The language in which the customer reads: canned replies come in it. @param {string | undefined} locale */
  set customerLocale(locale) {
    this.canned.customerLocale = locale;
  }

  /** Changes the text of this conversation. @param {string} text */
  put(text) {
    this.composer.text = text;
    this.#onChange(text);
  }

  focus() {
    this.composer.focus();
  }

  /** The reply box with the canned replies open. */
  showCanned() {
    if (this.composer.input.disabled) return;
    this.composer.focus();
    if (!this.text) this.put("/");
    this.#lookUp();
  }

  /** Only one's own conversation can be answered. @param {"mine" | "waiting" | "closed"} whose */
  allow(whose) {
    const mine = whose === "mine";
    const changed = this.composer.node.hidden === mine;
    if (this.composer.input.disabled === mine) this.composer.disabled = !mine;
    this.composer.node.hidden = !mine;
    this.hint.hidden = !mine;
    this.blocked.hidden = mine;
    setText(this.blocked, whose === "waiting" ? this.say("reply.claim_first") : this.say("reply.closed"));
    if (mine && changed) this.composer.refresh();
  }

  /** A shortcut is never sent: the canned reply that it means takes its place, as soon as the list is there. @param {string} text */
  #isShortcut(text) {
    const shortcut = shortcutIn(text);
    if (shortcut === null) return false;
    this.canned.pickBest(shortcut);
    return true;
  }

  #lookUp() {
    const shortcut = shortcutIn(this.text);
    if (shortcut === null) this.canned.hide();
    else this.canned.filter(shortcut);
  }
}
