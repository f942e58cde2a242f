// The box under the transcript: a reply to the customer or a note for colleagues, with canned replies, suggestions, and a
// question before something is sent that a customer should not read.
import { Composer } from "../shared/composer.js";
import { el, setText } from "../shared/dom.js";
import { CannedReplies, shortcutIn } from "./canned-replies.js";
import { languageWords } from "./display-names.js";
import { NoteBox } from "./note-box.js";
import { warningsOf } from "./reply-warnings.js";
import { SuggestionStrip } from "./suggestion-strip.js";
import { TabList } from "./tab-list.js";

/** @import { Colleague, FoundArticle } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */
/** @import { Drafts } from "./drafts.js" */
/** @import { NewNote } from "./note-box.js" */
/** @import { OpenConversation } from "./open-conversation.js" */

/** @typedef {"reply" | "note"} TabName */

const BOLD = /\*\*(\S(?:.*?\S)?)\*\*/g;
/** Links to these hosts need no warning. */
const OWN_HOSTS = ["wallet.example"];

export class ReplyBox {
  #onChange;
  #confirmed = ""; // a text that is sent though it has a warning
  #id = "";

  /**
   * @param {object} options
   * @param {DeskApi} options.api
   * @param {Say} options.say
   * @param {Names} options.names
   * @param {Drafts} options.drafts
   * @param {() => readonly Colleague[]} options.colleagues
   * @param {(text: string, id: string) => void} options.onSend  id: the conversation for which the text was typed
   * @param {(text: string) => void} options.onChange  what stands in the box now, each time it changed by the agent's doing
   * @param {(id: string, note: NewNote) => Promise<boolean>} options.onNote
   * @param {() => void} options.onArticles  shows the search for articles
   */
  constructor({ api, say, names, drafts, colleagues, onSend, onChange, onNote, onArticles }) {
    this.say = say;
    this.names = names;
    this.#onChange = onChange;
    this.onArticles = onArticles;
    this.canned = new CannedReplies({
      api,
      say,
      onPick: (text) => {
        this.put(text);
        this.composer.focus();
      },
    });
    this.suggestions = new SuggestionStrip({
      say,
      cannedReplies: (ids) => this.canned.withIds(ids),
      onTake: ({ text, article }) => this.insert(text, article),
    });
    this.composer = new Composer({
      say,
      onSend: (text) => {
        onSend(text, this.#id);
        onChange(""); // the draft ends only when the reply is in the outbox
        this.#sourceOf(null);
      },
      holds: (text) => this.#isShortcut(text) || this.#isDoubtful(text),
      placeholder: say("reply.input"),
      testids: { input: "reply-input", send: "reply-send" },
      onKey: (event) => this.canned.key(event) || this.#key(event),
      onInput: () => {
        onChange(this.text);
        this.warning.hidden = true;
        if (!this.text) this.#sourceOf(null);
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
    this.note = new NoteBox({ say, drafts, colleagues, onNote, onDone: () => this.#leaveNote() });
    this.language = el("span", { class: "language-chip", testid: "customer-language" });
    this.cannedButton = this.#tool("canned", "/", () => this.showCanned());
    this.articlesButton = this.#tool("articles", "Ctrl /", () => this.showArticles());
    this.blocked = el("p", { class: "reply-blocked" });
    this.warningWords = el("span", {});
    this.anyway = el(
      "button",
      { type: "button", class: "tool", testid: "send-anyway", on: { click: () => this.#sendAnyway() } },
      say("warning.anyway"),
    );
    this.warning = el(
      "div",
      { class: "reply-warning", role: "alert", testid: "reply-warning", hidden: true },
      this.warningWords,
      this.anyway,
    );
    this.source = el("p", { class: "reply-source", testid: "reply-source", hidden: true });
    this.hint = el("p", { class: "reply-hint" }, say("reply.hint"));
    this.replyPanel = el(
      "div",
      { class: "reply-panel" },
      this.canned.node,
      this.suggestions.node,
      this.blocked,
      this.warning,
      this.composer.node,
      this.source,
      this.hint,
    );
    /** @type {TabList<TabName>} */
    this.tabs = new TabList({
      prefix: "reply",
      label: say("reply.tabs"),
      tabs: [
        { name: "reply", words: say("reply.tab.reply"), key: "r", panel: this.replyPanel },
        { name: "note", words: say("reply.tab.note"), key: "n", panel: this.note.node },
      ],
      onShown: () => this.#tabShown(),
    });
    this.node = el(
      "footer",
      { class: "reply", data: { tab: "reply" } },
      el(
        "div",
        { class: "reply-tabs" },
        this.tabs.node,
        this.language,
        el("span", { class: "spacer" }),
        this.cannedButton,
        this.articlesButton,
      ),
      this.replyPanel,
      this.note.node,
    );
  }

  /** What is typed. */
  get text() {
    return this.composer.text;
  }

  /** Changes what is shown, as another tab of the browser did. @param {string} value */
  set text(value) {
    this.canned.hide();
    this.composer.text = value;
  }

  /** Shows another conversation's texts: from now on, what is sent goes there. @param {OpenConversation} conversation @param {string} draft */
  show(conversation, draft) {
    this.#id = conversation.id;
    this.text = draft;
    this.#confirmed = "";
    this.warning.hidden = true;
    this.#sourceOf(null);
    this.note.show(conversation.id);
    this.suggestions.show(conversation);
    this.showTab("reply");
  }

  /** The language in which the customer reads: canned replies come in it. @param {string} locale */
  set customerLocale(locale) {
    this.canned.customerLocale = locale;
    setText(this.language, this.say("reply.language", languageWords(locale, this.say, this.names)));
    this.language.classList.toggle("other", !locale.startsWith(this.say.locale));
  }

  /** Changes the text of this conversation. @param {string} text */
  put(text) {
    this.composer.text = text;
    this.#onChange(text);
  }

  /**
   * Inserts a text at the caret; the agent reads it and sends it.
   * @param {string} text
   * @param {FoundArticle | null} [article]  from which it comes
   */
  insert(text, article = null) {
    const { input } = this.composer;
    if (input.disabled) return;
    this.showTab("reply");
    this.composer.focus();
    const { selectionStart: from, selectionEnd: to, value } = input;
    const plain = article ? text.replaceAll(BOLD, "$1") : text; // customers see an agent's text as it is typed
    this.put(value.slice(0, from) + plain + value.slice(to));
    input.setSelectionRange(from + plain.length, from + plain.length);
    this.#sourceOf(article);
  }

  focus() {
    this.showTab("reply");
    this.composer.focus();
  }

  /** @param {TabName} name */
  showTab(name) {
    if (this.tabs.shown !== name) this.tabs.show(name);
  }

  showNote() {
    this.showTab("note");
    this.note.focus();
  }

  /** The reply box with the canned replies open. */
  showCanned() {
    if (this.composer.input.disabled) return;
    this.focus();
    if (!this.text) this.put("/");
    this.#lookUp();
  }

  showArticles() {
    this.onArticles();
  }

  /** Only one's own conversation can be answered. @param {"mine" | "waiting" | "closed"} whose */
  allow(whose) {
    const mine = whose === "mine";
    const changed = this.composer.node.hidden === mine;
    if (this.composer.input.disabled === mine) this.composer.disabled = !mine;
    this.composer.node.hidden = !mine;
    this.hint.hidden = !mine;
    this.blocked.hidden = mine;
    this.#drawTools();
    setText(this.blocked, whose === "waiting" ? this.say("reply.claim_first") : this.say("reply.closed"));
    if (mine && changed) this.composer.refresh();
    this.suggestions.update();
  }

  /** True when the key was for the suggestions. @param {KeyboardEvent} event */
  #key(event) {
    const { key, shiftKey, ctrlKey, altKey, metaKey } = event;
    if (shiftKey || ctrlKey || altKey || metaKey) return false;
    const isTaken =
      (key === "Tab" && !this.text && this.suggestions.takeFirst()) || (key === "Escape" && this.suggestions.dismiss());
    if (!isTaken) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** A shortcut is never sent: the canned reply that it means takes its place, as soon as the list is there. @param {string} text */
  #isShortcut(text) {
    const shortcut = shortcutIn(text);
    if (shortcut === null) return false;
    this.canned.pickBest(shortcut);
    return true;
  }

  /** Whether the agent is asked before this text is sent. @param {string} text */
  #isDoubtful(text) {
    const warnings = text === this.#confirmed ? [] : warningsOf(text, OWN_HOSTS);
    this.warning.hidden = !warnings.length;
    if (!warnings.length) return false;
    setText(this.warningWords, warnings.map((warning) => this.say(`warning.${warning}`)).join(" "));
    return true;
  }

  #sendAnyway() {
    this.#confirmed = this.text;
    this.composer.send();
    this.composer.focus();
  }

  #tabShown() {
    this.node.dataset.tab = this.tabs.shown;
    this.#drawTools();
    if (this.tabs.shown === "reply") this.composer.refresh();
  }

  #drawTools() {
    const isReply = this.tabs.shown === "reply" && !this.composer.input.disabled;
    this.cannedButton.hidden = this.articlesButton.hidden = this.language.hidden = !isReply;
  }

  #leaveNote() {
    this.showTab("reply");
    if (!this.composer.input.disabled) this.composer.focus();
  }

  #lookUp() {
    const shortcut = shortcutIn(this.text);
    if (shortcut === null) this.canned.hide();
    else this.canned.filter(shortcut);
  }

  /** Names the article and its revision under the box. @param {FoundArticle | null} article */
  #sourceOf(article) {
    this.source.hidden = !article;
    setText(this.source, article ? this.say("reply.source", article.title, article.revision.slice(0, 8)) : "");
  }

  /** @param {"canned" | "articles"} name @param {string} key @param {() => void} click */
  #tool(name, key, click) {
    return el(
      "button",
      { type: "button", class: "quiet reply-tool", testid: `open-${name}`, title: key, on: { click } },
      this.say(`reply.${name}`),
      el("kbd", { "aria-hidden": "true" }, key),
    );
  }
}
