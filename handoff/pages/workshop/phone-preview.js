// What a customer will see: the text as a chat bubble, drawn by the chat itself with its own styles, and as a page of the help
// centre. Values of facts are marked, unknown facts are marked in red.
import { chatSheets } from "../chat/chat-style.js";
import { MessageBubble } from "../chat/message-bubble.js";
import { el } from "../shared/dom.js";
import { messageLines } from "../shared/message-text.js";
import { chatSpeaker } from "../words/chat.js";
import { MARKED_VALUE, withMarkedValues, withoutMarks } from "./fact-chips.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Door } from "./workshop-types.js" */

/** @typedef {"zh" | "hant" | "en"} Script */
/**
 * @typedef {object} Shown
 * @property {string} title
 * @property {string} text  as the editor wrote it
 * @property {Door[]} [doors]
 * @property {(name: string) => string | undefined} valueFor
 * @property {string} [rendered]  the desk's text; it counts where it differs from the page's own rendering
 * @property {string} [updated]  the day of the last change
 */

const NO_ACTIONS = { choose: () => {}, retry: () => {}, edit: () => {} };
const LANGUAGE = /** @type {const} */ ({ zh: "zh-CN", hant: "zh-Hant", en: "en" });

const OWN_CSS = `
.chat { display: block; border-radius: 20px; overflow: hidden; background: var(--ground); }
.screen { padding: 16px 14px 20px; }
.help-page { padding: 18px 16px 24px; background: var(--surface); }
.help-page h3 { margin: 0 0 4px; font-size: 19px; line-height: 1.4; }
.help-page .day { margin: 0 0 12px; color: var(--muted); font-size: 13px; }
.help-page .doors { position: static; margin-block-start: 16px; }
mark { border-radius: 4px; background: var(--accent-soft); color: inherit; box-shadow: 0 0 0 1px var(--accent-soft); }
mark.unknown { background: var(--bad-soft); color: var(--bad); box-shadow: inset 0 -2px 0 var(--bad); }
.phone mark { text-decoration: inherit; }
`;
/** @type {CSSStyleSheet[] | null} */
let sheets = null;

function previewSheets() {
  if (!sheets) {
    const own = new CSSStyleSheet();
    own.replaceSync(OWN_CSS);
    sheets = [...chatSheets(), own];
  }
  return sheets;
}

export class PhonePreview {
  #say;
  #root;
  #isHelpPage = false;
  /** @type {(Shown & {script: Script}) | null} */
  #shown = null;

  /** @param {{say: Say, speaker?: "bot" | "system" | "agent"}} options */
  constructor({ say, speaker = "bot" }) {
    this.#say = say;
    this.speaker = speaker;
    this.frame = el("div", {
      class: "phone-screen",
      testid: "preview",
      role: "region",
      "aria-label": say("preview.title"),
      tabindex: 0,
    });
    this.#root = this.frame.attachShadow({ mode: "open" });
    this.#root.adoptedStyleSheets = previewSheets();
    this.node = el("div", { class: "phone" }, this.frame);
  }

  /** Shows the text as a page of the help centre, or as a bubble. @param {boolean} isHelpPage */
  asHelpPage(isHelpPage) {
    this.#isHelpPage = isHelpPage;
    if (this.#shown) this.show(this.#shown);
  }

  /** @param {Shown & {script: Script}} shown */
  show(shown) {
    this.#shown = shown;
    const { script, rendered } = shown;
    const own = withMarkedValues(shown.text, shown.valueFor);
    // Values can be marked where this page's own rendering is the desk's; traditional texts are converted by the desk.
    const isOwn = script !== "hant" && (rendered === undefined || squeezed(rendered) === squeezed(withoutMarks(own)));
    const text = isOwn ? own : (rendered ?? withoutMarks(own));
    const page = this.#isHelpPage ? this.#helpPage(shown, text) : this.#bubble(shown, text);
    markValues(page);
    const chat = el("div", { class: "chat", lang: LANGUAGE[script] }, page);
    this.#root.replaceChildren(chat);
  }

  /** @param {Shown & {script: Script}} shown @param {string} text */
  #bubble({ title, doors = [], script }, text) {
    const speak = chatSpeaker(script === "en" ? "en" : "zh");
    const bubble = new MessageBubble({ say: speak, on: NO_ACTIONS });
    const isBot = this.speaker === "bot";
    bubble.update({
      kind: this.speaker,
      speaker: this.speaker === "agent" ? speak("speaker.agent", "") : speak(`speaker.${this.speaker}`),
      text,
      formatting: isBot ? (title ? "article" : "steps") : this.speaker === "system" ? "steps" : "none",
      isFirst: true,
      article: isBot && title ? { id: "", title } : null,
      buttons: doors.map(({ intent, label }) => ({ choice: intent, label, kind: "door" })),
      locale: script === "en" ? "en" : "zh",
    });
    return el("div", { class: "screen" }, el("ol", { class: "messages", role: "list" }, bubble.node));
  }

  /** @param {Shown & {script: Script}} shown @param {string} text */
  #helpPage({ title, doors = [], updated, script }, text) {
    const speak = chatSpeaker(script === "en" ? "en" : "zh");
    return el(
      "div",
      { class: "help-page" },
      el("h3", {}, title),
      updated ? el("p", { class: "day" }, this.#say("preview.updated", updated)) : null,
      el("div", {}, messageLines(text, { formatting: "article" })),
      doors.length
        ? el(
            "div",
            { class: "doors" },
            el("span", {}, speak("chat.doors")),
            doors.map(({ label }) => el("button", { type: "button", class: "door" }, label)),
          )
        : null,
    );
  }
}

/** @param {string} text */
const squeezed = (text) => text.replaceAll(/\s+/g, " ").trim();

/** Puts what stands between marks into <mark>. @param {HTMLElement} root */
function markValues(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  /** @type {Text[]} */
  const texts = [];
  while (walker.nextNode()) texts.push(/** @type {Text} */ (walker.currentNode));
  for (const node of texts) {
    const words = node.data;
    /** @type {(string | Node)[]} */
    const parts = [];
    let from = 0;
    for (const match of words.matchAll(MARKED_VALUE)) {
      parts.push(words.slice(from, match.index));
      parts.push(el("mark", { class: match[1].startsWith("{{") ? "unknown" : null }, match[1]));
      from = match.index + match[0].length;
    }
    if (from) node.replaceWith(...parts, words.slice(from));
  }
}
