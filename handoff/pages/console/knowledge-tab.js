// The tab "knowledge": search the articles by meaning and by words in the customer's language, read one, insert it.

import { DeskError } from "../shared/desk-api.js";
import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
import { messageLines } from "../shared/message-text.js";
import { problemWords } from "./display-names.js";

/** @import { FoundArticle } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */

const PAUSE_MS = 250; // after a key, before the desk is asked

export class KnowledgeTab {
  /** @type {FoundArticle[]} */
  #found = [];
  #at = 0;
  #asked = 0;
  #locale = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} options
   * @param {DeskApi} options.api
   * @param {Say} options.say
   * @param {(article: FoundArticle) => void} options.onInsert
   * @param {() => void} options.onLeave  Esc in the search field
   */
  constructor({ api, say, onInsert, onLeave }) {
    this.api = api;
    this.say = say;
    this.onInsert = onInsert;
    this.input = el("input", {
      type: "search",
      testid: "article-query",
      maxlength: 200,
      autocomplete: "off",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": "article-list",
      "aria-expanded": "false",
      "aria-label": say("knowledge.input"),
      placeholder: say("knowledge.input"),
      on: {
        input: () => {
          clearTimeout(this.#timer);
          this.#timer = setTimeout(() => this.search(), PAUSE_MS);
        },
        keydown: (event) => this.#keydown(event, onLeave),
      },
    });
    this.state = el("p", { class: "muted", role: "status" });
    this.list = el("div", {
      class: "article-list",
      id: "article-list",
      role: "listbox",
      "aria-label": say("knowledge.found"),
      testid: "article-list",
    });
    this.preview = el("div", { class: "article-preview", testid: "article-preview", hidden: true });
    this.node = el("section", {}, this.input, this.state, this.list, this.preview);
  }

  /** Articles come in the customer's language. @param {string} locale */
  set customerLocale(locale) {
    if (locale === this.#locale) return;
    this.#locale = locale;
    this.clear();
  }

  clear() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.input.value = "";
    this.#show([]);
    setText(this.state, "");
  }

  focus() {
    this.input.focus();
    this.input.select();
    if (!this.#found.length) this.search(); // without words: all articles
  }

  async search() {
    clearTimeout(this.#timer);
    const query = this.input.value.trim();
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const parameters = new URLSearchParams({ ...(query && { q: query }), locale: this.#locale });
      const { articles, by_meaning: isByMeaning = true } = await this.api.get(`/api/articles?${parameters}`);
      if (asked !== this.#asked) return; // another text was typed meanwhile
      this.#show(articles);
      const words = articles.length ? "" : this.say("knowledge.none");
      setText(this.state, query && !isByMeaning ? this.say("knowledge.words_only") : words);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#show([]);
      setText(this.state, problemWords(DeskError.of(error), this.say));
    }
  }

  /** @param {FoundArticle[]} articles */
  #show(articles) {
    this.#found = articles;
    this.#at = 0;
    this.#draw();
  }

  #draw() {
    const { say } = this;
    this.list.replaceChildren(
      ...this.#found.map(({ title, by }, index) =>
        el(
          "div",
          {
            class: "article-option",
            role: "option",
            id: `article-${index}`,
            "aria-selected": index === this.#at,
            testid: "article",
            on: {
              click: () => {
                this.#at = index;
                this.#draw();
              },
            },
          },
          icon("book", { size: 16 }),
          el("span", {}, title),
          by ? el("small", { class: "muted" }, say(`knowledge.by.${by === "words" ? "words" : "meaning"}`)) : null,
        ),
      ),
    );
    this.input.setAttribute("aria-expanded", String(this.#found.length > 0));
    const article = this.#found[this.#at];
    if (article) this.input.setAttribute("aria-activedescendant", `article-${this.#at}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.list.children[this.#at]?.scrollIntoView({ block: "nearest" });
    this.preview.hidden = !article;
    if (!article) return;
    this.preview.replaceChildren(
      el("h4", {}, article.title),
      el("p", { class: "muted" }, say("facts.revision", article.revision.slice(0, 8))),
      el("div", { class: "preview-text" }, messageLines(article.text)),
      el(
        "button",
        { type: "button", class: "primary", testid: "article-insert", on: { click: () => this.onInsert(article) } },
        say("knowledge.insert"),
        el("kbd", { "aria-hidden": "true" }, "Enter"),
      ),
    );
  }

  /** @param {KeyboardEvent} event @param {() => void} onLeave */
  #keydown(event, onLeave) {
    if (event.isComposing || event.keyCode === 229) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const article = this.#found[this.#at];
    if (step && article) {
      this.#at = (this.#at + step + this.#found.length) % this.#found.length;
      this.#draw();
    } else if (event.key === "Enter") {
      if (article) this.onInsert(article);
      else this.search();
    } else if (event.key === "Escape") {
      onLeave();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
