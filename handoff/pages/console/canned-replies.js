// The list of canned replies that opens above the reply box on a slash: typing filters, Enter inserts.
import { el } from "../shared/dom.js";

// A Chinese keyboard types "／" for the slash, or "、" where the slash key has that sign; letters may be full-width.
const SHORTCUT = /^(?:[/／]([^\s/／]*)|、([!-~！-～]*))$/;

/** @import { CannedReply } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */

/**
 * The text after the slash, in lower case and half width, when the whole text is a shortcut; else null.
 * @param {string} text
 */
export function shortcutIn(text) {
  const found = SHORTCUT.exec(text);
  return found && (found[1] ?? found[2]).normalize("NFKC").toLowerCase();
}

export class CannedReplies {
  /** @type {CannedReply[] | null} */
  #replies = null;
  /** @type {Promise<void> | null} */
  #loading = null;
  #failed = false;
  /** @type {CannedReply[]} */
  #matches = [];
  #at = 0;
  /** Undefined until a conversation is shown. @type {string | undefined} */
  #customerLocale;
  /** @type {HTMLTextAreaElement | null} */
  #input = null;
  /** What the list is to fit. @type {string | null} */
  #asked = null;

  /** @param {{api: DeskApi, say: Say, onPick: (text: string) => void}} options */
  constructor({ api, say, onPick }) {
    this.api = api;
    this.say = say;
    this.onPick = onPick;
    this.node = el("div", {
      class: "canned",
      id: "canned-replies",
      role: "listbox",
      "aria-label": say("canned.title"),
      testid: "canned-replies",
      hidden: true,
    });
  }

  /** The text box that has the focus meanwhile: it tells assistive technology which reply is chosen. @param {HTMLTextAreaElement} input */
  attach(input) {
    this.#input = input;
  }

  /** Texts come in the customer's language, titles in the agent's. @param {string | undefined} locale */
  set customerLocale(locale) {
    if (locale === this.#customerLocale) return;
    this.#customerLocale = locale;
    this.#replies = this.#loading = null;
    this.#load(); // before the first slash is typed
  }

  /**
   * Shows the replies that match `typed`; resolves when they are shown, or when another text was typed meanwhile.
   * @param {string} typed
   */
  async filter(typed) {
    this.#asked = typed;
    if (!this.#replies) {
      this.#draw();
      let language;
      do {
        language = this.#customerLocale;
        await this.#load();
      } while (language !== this.#customerLocale);
    }
    if (this.#asked !== typed) return;
    const fits = (/** @type {CannedReply} */ reply) =>
      [reply.shortcut, reply.title, reply.text].some((words) => (words ?? "").toLowerCase().includes(typed));
    const rank = (/** @type {CannedReply} */ { shortcut }) => {
      const name = (shortcut ?? "").toLowerCase();
      return name === typed ? 0 : name.startsWith(typed) ? 1 : 2;
    };
    this.#matches = (this.#replies ?? []).filter(fits).sort((a, b) => rank(a) - rank(b));
    this.#at = 0;
    this.#draw();
  }

  /**
   * The replies with these ids, in their order, in the customer's language; without those that are not in the list.
   * @param {readonly string[]} ids
   * @returns {Promise<CannedReply[]>}
   */
  async withIds(ids) {
    if (!ids.length) return [];
    if (!this.#replies) await this.#load();
    return ids.flatMap((id) => (this.#replies ?? []).filter((reply) => reply.id === id));
  }

  /** Inserts the reply that fits `typed` best. When none fits, or "/" alone was typed, the list says so. @param {string} typed */
  async pickBest(typed) {
    await this.filter(typed);
    if (typed && this.#asked === typed && this.#matches.length) this.#pick(0);
  }

  hide() {
    this.#asked = null;
    this.node.hidden = true;
    this.#input?.setAttribute("aria-expanded", "false");
    this.#input?.removeAttribute("aria-activedescendant");
  }

  /** True when the key was for the list. @param {KeyboardEvent} event */
  key(event) {
    if (this.node.hidden) return false;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step && this.#matches.length) {
      this.#at = (this.#at + step + this.#matches.length) % this.#matches.length;
      this.#draw();
    } else if ((event.key === "Enter" || event.key === "Tab") && this.#matches.length) {
      this.#pick(this.#at);
    } else if (event.key === "Escape") {
      this.hide();
    } else {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** Resolves when the list is there or could not be read; the next call tries again then. */
  #load() {
    const language = this.#customerLocale;
    const query = new URLSearchParams({ locale: this.api.locale, ...(language && { customer_locale: language }) });
    this.#loading ??= this.api
      .get(`/api/canned-replies?${query}`)
      .then(({ canned_replies: replies }) => {
        if (language !== this.#customerLocale) return; // another conversation is open, or the customer changed the language
        this.#replies = replies;
        this.#failed = false;
      })
      .catch(() => {
        if (language !== this.#customerLocale) return;
        this.#failed = true;
        this.#loading = null;
      });
    return this.#loading;
  }

  /** @param {number} index */
  #pick(index) {
    const { text } = this.#matches[index];
    this.hide();
    this.onPick(text);
  }

  #draw() {
    this.node.hidden = false;
    this.#input?.setAttribute("aria-expanded", "true");
    this.#input?.removeAttribute("aria-activedescendant");
    this.node.replaceChildren(
      ...(this.#matches.length
        ? this.#matches.map((reply, index) => this.#option(reply, index))
        : [el("div", { class: "muted" }, this.say(this.#emptyWords()))]),
    );
    if (this.#matches.length) this.#input?.setAttribute("aria-activedescendant", `canned-${this.#at}`);
    this.node.children[this.#at]?.scrollIntoView({ block: "nearest" });
  }

  #emptyWords() {
    if (this.#replies) return "canned.none";
    return this.#failed && !this.#loading ? "canned.failed" : "canned.loading";
  }

  /** @param {CannedReply} reply @param {number} index */
  #option(reply, index) {
    return el(
      "div",
      {
        class: "canned-reply",
        role: "option",
        id: `canned-${index}`,
        "aria-selected": index === this.#at,
        testid: "canned-reply",
        // Before the text box loses the focus and closes the list.
        on: {
          mousedown: (event) => {
            event.preventDefault();
            this.#pick(index);
          },
        },
      },
      el("div", { class: "canned-head" }, el("b", {}, reply.title), el("code", {}, `/${reply.shortcut}`)),
      el("div", { class: "canned-text" }, reply.text),
    );
  }
}
