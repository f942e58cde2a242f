// All articles: what they are called, which languages are missing, until when they are valid, how often they are asked for and
// whether they help. Typing finds, the heads sort, j and k move.
import { timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { WindowedList } from "../console/windowed-list.js";
import { el, setText } from "../shared/dom.js";
import { FILTERS, fits, listed, SOON_DAYS } from "./article-list-model.js";
import { LOCALES, titleOf, validityOf } from "./article-model.js";
import { askNewArticle } from "./new-article.js";
import { UnsavedTexts } from "./unsaved-texts.js";
import { shareWords } from "./usage-words.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Filter, Order } from "./article-list-model.js" */
/** @import { ArticleEntry } from "./workshop-types.js" */
/** @import { ViewContext } from "./views.js" */

const NARROW = "(max-width: 840px)";
const ROW = { wide: 58, narrow: 112 };
/** The columns, and the order that their head gives. @type {readonly (readonly [string, Order | null])[]} */
const COLUMNS = [
  ["title", "title"],
  ["locales", null],
  ["owner", null],
  ["until", "until"],
  ["asked", "asked"],
  ["solved", "solved"],
  ["changed", "changed"],
];

/** @typedef {import("../console/windowed-list.js").Row & {button: HTMLAnchorElement, cells: Record<string, HTMLElement>}} ArticleRow */

export class ArticlesView {
  #context;
  /** @type {ArticleEntry[]} */
  #articles = [];
  #freeIntents = /** @type {string[]} */ ([]);
  #today = "";
  /** @type {Filter} */
  #filter = "all";
  /** @type {Order} */
  #order = "title";
  /** The article that had the focus. @type {string | null} */
  #current = null;
  #narrow = matchMedia(NARROW);
  #resized = () => this.#rebuild();

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { say, me } = context;
    this.find = el("input", {
      type: "search",
      class: "find",
      autocomplete: "off",
      "aria-label": say("articles.find"),
      placeholder: say("articles.find"),
      testid: "articles-find",
      on: {
        input: () => this.#show(),
        keydown: (event) => {
          if (event.isComposing || !["Enter", "ArrowDown", "Escape"].includes(event.key)) return;
          if (event.key === "Escape") this.find.blur();
          else this.#focusRow(0);
          event.preventDefault();
        },
      },
    });
    this.count = el("span", { class: "muted", role: "status", testid: "articles-count" });
    this.filters = el(
      "div",
      { class: "chips", role: "group", "aria-label": say("articles.filters") },
      FILTERS.map((filter) =>
        el(
          "button",
          {
            type: "button",
            class: "filter-chip",
            "aria-pressed": filter === "all",
            data: { filter },
            testid: `filter-${filter}`,
            on: { click: () => this.#setFilter(filter) },
          },
          say(`articles.filter.${filter}`),
          el("span", { class: "nav-count" }),
        ),
      ),
    );
    this.heads = el(
      "div",
      { class: "article-row article-heads" },
      COLUMNS.map(([column, order]) =>
        order
          ? el(
              "button",
              {
                type: "button",
                class: `cell-${column}`,
                data: { order },
                testid: `sort-${order}`,
                on: { click: () => this.#setOrder(order) },
              },
              say(`articles.column.${column}`),
            )
          : el("span", { class: `cell-${column}` }, say(`articles.column.${column}`)),
      ),
    );
    this.empty = el("p", { class: "empty", hidden: true }, say("articles.none"));
    this.frame = el("div", { class: "panel article-list", testid: "articles" });
    this.list = this.#makeList();
    this.node = el(
      "div",
      { class: "view articles" },
      el(
        "div",
        { class: "view-head" },
        el("h2", {}, say("workshop.view.articles")),
        this.count,
        el("span", { class: "spacer" }),
        this.find,
        me.role === "editor"
          ? el(
              "button",
              { type: "button", class: "tool", testid: "article-new", on: { click: () => this.#add() } },
              say("articles.new"),
            )
          : null,
      ),
      this.filters,
      this.frame,
    );
    this.#narrow.addEventListener("change", this.#resized);
  }

  /** @returns {readonly (readonly [string, string])[]} */
  get shortcuts() {
    const { say } = this.#context;
    return [
      ["j k", say("shortcuts.move")],
      ["Enter", say("articles.open")],
      ["/", say("articles.find")],
      ...(this.#context.me.role === "editor" ? [/** @type {const} */ (["n", say("articles.new")])] : []),
    ];
  }

  /** @param {KeyboardEvent} event */
  onKey({ key }) {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
    if (step) this.#move(step);
    else if (key === "/" || key === "、" || key === "／") this.find.focus();
    else if (key === "n" && this.#context.me.role === "editor") this.#add();
    else return false;
    return true;
  }

  /** @param {string | null} argument  a filter */
  async open(argument) {
    const known = FILTERS.find((filter) => filter === argument);
    if (known) this.#filter = known;
    const { articles, today, free_intents: free = [] } = await this.#context.api.get("/api/workshop/articles");
    this.#articles = articles;
    this.#today = today ?? new Date().toISOString().slice(0, 10);
    this.#freeIntents = free;
    this.#show();
  }

  close() {
    this.#narrow.removeEventListener("change", this.#resized);
    this.list.close();
  }

  #makeList() {
    const list = new WindowedList({
      height: this.#narrow.matches ? ROW.narrow : ROW.wide,
      create: () => this.#row(),
      draw: (row, article) => this.#draw(/** @type {ArticleRow} */ (row), article),
      onNearEnd: () => {},
    });
    this.frame.replaceChildren(this.heads, list.node, this.empty);
    return list;
  }

  #rebuild() {
    this.list.close();
    this.list = this.#makeList();
    this.#show();
  }

  #show() {
    const { say, names } = this.#context;
    const options = { today: this.#today, locale: say.locale, intentName: names.intent };
    const shown = listed(this.#articles, {
      ...options,
      query: this.find.value,
      filter: this.#filter,
      order: this.#order,
    });
    this.list.show(shown.map((article) => ({ key: article.id, item: article })));
    this.list.node.hidden = !shown.length;
    this.empty.hidden = shown.length > 0;
    setText(this.count, say("articles.count", shown.length, this.#articles.length));
    for (const chip of /** @type {NodeListOf<HTMLElement>} */ (this.filters.querySelectorAll("button"))) {
      const filter = /** @type {Filter} */ (chip.dataset.filter);
      chip.setAttribute("aria-pressed", String(filter === this.#filter));
      const count = this.#articles.filter((article) => fits(article, filter, this.#today)).length;
      chip.hidden = filter !== "all" && filter !== this.#filter && !count;
      setText(/** @type {HTMLElement} */ (chip.querySelector(".nav-count")), filter === "all" ? "" : String(count));
    }
    for (const head of /** @type {NodeListOf<HTMLElement>} */ (this.heads.querySelectorAll("button")))
      head.setAttribute("aria-pressed", String(head.dataset.order === this.#order));
  }

  /** @returns {ArticleRow} */
  #row() {
    const cells = Object.fromEntries(COLUMNS.map(([name]) => [name, el("span", { class: `cell-${name}` })]));
    const button = el("a", { class: "article-row", testid: "article-row" }, Object.values(cells));
    button.addEventListener("focus", () => {
      this.#current = button.dataset.id ?? null;
    });
    return { node: el("li", {}, button), button, cells, tick() {} };
  }

  /** @param {ArticleRow} row @param {ArticleEntry} article */
  #draw({ button, cells }, article) {
    const { say, store, me } = this.#context;
    if (button.dataset.drawn === `${article.id} ${article.changed_at}`) return;
    button.dataset.drawn = `${article.id} ${article.changed_at}`;
    button.dataset.id = article.id;
    button.href = `#article/${encodeURIComponent(article.id)}`;
    const { problems = [], missing_locales: missing } = article;
    const isUnsaved = new UnsavedTexts(store, me.login).ids(`article.${article.id}.`).length > 0;
    const worst = problems.find(({ severity }) => severity === "block") ?? problems[0];
    cells.title.replaceChildren(
      el("b", {}, titleOf(article, say.locale)),
      isUnsaved ? el("span", { class: "changed-mark" }, say("articles.unsaved")) : "",
      worst
        ? el("small", { class: worst.severity === "block" ? "bad-words" : "warn-words" }, inLanguage(worst, say))
        : el("small", { class: "muted" }, article.id),
    );
    cells.locales.replaceChildren(
      ...LOCALES.filter((locale) => article.locales[locale]).map((locale) =>
        el("span", { class: "locale" }, say(`article.locale.${locale}`)),
      ),
      ...missing.map((locale) =>
        el("span", { class: "locale bad-words" }, say("articles.lacks", say(`article.locale.${locale}`))),
      ),
    );
    cells.owner.replaceChildren(isolated(article.owner));
    const { state, until, days } = validityOf(article, this.#today);
    const isSoon = state === "expired" || state === "early" || (days !== null && days <= SOON_DAYS);
    cells.until.replaceChildren(
      until ? el("time", { datetime: until }, until) : say("articles.endless"),
      isSoon
        ? el(
            "small",
            { class: state === "expired" ? "bad-words" : "warn-words" },
            say(`articles.${state === "valid" ? "soon" : state}`, Math.abs(days ?? 0)),
          )
        : "",
    );
    const { asked_week: asked } = article;
    cells.asked.replaceChildren(asked === null || asked === undefined ? "–" : String(asked));
    cells.solved.replaceChildren(shareWords(article.solved_share, say));
    cells.changed.replaceChildren(
      ...(article.changed_at
        ? [isolated(article.changed_by ?? ""), el("small", { class: "muted" }, timeWords(article.changed_at, say))]
        : ["–"]),
    );
    for (const [name] of COLUMNS) cells[name].dataset.label = say(`articles.column.${name}`);
  }

  /** @param {Filter} filter */
  #setFilter(filter) {
    this.#filter = filter;
    this.#show();
    this.list.toTop();
  }

  /** @param {Order} order */
  #setOrder(order) {
    this.#order = order;
    this.#show();
    this.list.toTop();
  }

  /** @param {number} step */
  #move(step) {
    const keys = this.list.keys;
    const at = this.#current === null ? -1 : keys.indexOf(this.#current);
    this.#focusRow(at < 0 ? 0 : Math.min(Math.max(at + step, 0), keys.length - 1));
  }

  /** @param {number} index */
  #focusRow(index) {
    const key = this.list.keys[index];
    if (key !== undefined) this.list.reach(key)?.focus({ preventScroll: true });
  }

  #add() {
    askNewArticle(this.#context, this.#articles, this.#freeIntents);
  }
}
