// Safety cases: sentences that must go to a person, or must get a certain article. Publishing is refused while one of them fails.
import { timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { WindowedList } from "../console/windowed-list.js";
import { el, setText } from "../shared/dom.js";
import { titleOf } from "./article-model.js";
import { CaseForm } from "./case-form.js";
import { listedCases } from "./cases-model.js";

/** @import { SafetyCase } from "./cases-model.js" */
/** @import { ViewContext } from "./views.js" */

const ROW = 64;

export class CasesView {
  #context;
  /** @type {SafetyCase[]} */
  #cases = [];
  /** The titles of articles by id. @type {Map<string, string>} */
  #titles = new Map();
  /** @type {"all" | "person" | "article"} */
  #must = "all";

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { say, me } = context;
    this.find = el("input", {
      type: "search",
      class: "find",
      autocomplete: "off",
      placeholder: say("cases.find"),
      "aria-label": say("cases.find"),
      testid: "cases-find",
      on: { input: () => this.#draw() },
    });
    this.count = el("span", { class: "muted", role: "status" });
    this.filters = el(
      "div",
      { class: "chips", role: "group", "aria-label": say("articles.filters") },
      /** @type {const} */ (["all", "person", "article"]).map((must) =>
        el(
          "button",
          {
            type: "button",
            class: "filter-chip",
            "aria-pressed": must === "all",
            data: { must },
            on: {
              click: () => {
                this.#must = must;
                this.#draw();
              },
            },
          },
          say(`cases.must.${must}`),
        ),
      ),
    );
    this.list = new WindowedList({
      height: ROW,
      create: () => {
        const button = el("div", { class: "case-row", tabindex: 0, testid: "case-row" });
        return { node: el("li", {}, button), button, tick() {} };
      },
      draw: ({ button }, item) => this.#drawRow(button, item),
      onNearEnd: () => {},
    });
    this.empty = el("p", { class: "empty", hidden: true }, say("cases.none"));
    this.form = new CaseForm({ context, onAdded: () => this.open() });
    this.node = el(
      "div",
      { class: "view cases" },
      el(
        "div",
        { class: "view-head" },
        el("h2", {}, say("workshop.view.cases")),
        this.count,
        el("span", { class: "spacer" }),
        this.find,
        me.role === "editor" ? null : el("span", { class: "badge" }, say("workshop.read_only")),
      ),
      el("p", { class: "muted view-intro" }, say("cases.intro")),
      me.role === "editor" ? this.form.node : null,
      this.filters,
      el("div", { class: "panel case-list", testid: "cases" }, this.list.node, this.empty),
    );
  }

  /** @returns {readonly (readonly [string, string])[]} */
  get shortcuts() {
    const { say } = this.#context;
    return [
      ["n", say("cases.new")],
      ["/", say("cases.find")],
      ["Ctrl S", say("cases.add")],
    ];
  }

  /** @param {KeyboardEvent} event */
  onKey({ key }) {
    if (key === "n") this.form.text.focus();
    else if (key === "/" || key === "、" || key === "／") this.find.focus();
    else return false;
    return true;
  }

  isUnsaved() {
    return this.form.isFilled;
  }

  save() {
    if (this.isUnsaved()) this.form.submit();
  }

  async open() {
    const { api, say } = this.#context;
    const [{ cases }, { articles }] = await Promise.all([
      api.get("/api/workshop/cases"),
      api.get("/api/workshop/articles"),
    ]);
    this.#cases = cases;
    this.#titles = new Map(
      articles.map((/** @type {import("./workshop-types.js").ArticleEntry} */ article) => [
        article.id,
        titleOf(article, say.locale),
      ]),
    );
    this.form.showArticles([...this.#titles].sort(([, a], [, b]) => a.localeCompare(b, say.tag)));
    this.#draw();
  }

  close() {
    this.list.close();
  }

  #draw() {
    const { say } = this.#context;
    const shown = listedCases(this.#cases, { query: this.find.value, must: this.#must });
    this.list.show(shown.map((item) => ({ key: `${item.must} ${item.text}`, item })));
    this.list.node.hidden = !shown.length;
    this.empty.hidden = shown.length > 0;
    setText(this.count, say("cases.count", shown.length, this.#cases.length));
    for (const chip of this.filters.querySelectorAll("button"))
      chip.setAttribute("aria-pressed", String(chip.dataset.must === this.#must));
  }

  /** @param {HTMLElement} row @param {SafetyCase} item */
  #drawRow(row, item) {
    const { say, names } = this.#context;
    const { text, must, article, reason, note, by_name: name, by, at } = item;
    if (row.dataset.text === text && row.dataset.must === must) return;
    row.dataset.text = text;
    row.dataset.must = must;
    const target = must === "article" ? this.#titles.get(article ?? "") || article : reason ? names.reason(reason) : "";
    const words = [say(`cases.must.${must}`), target].filter(Boolean).join(say("list.colon"));
    row.replaceChildren(
      el("span", { class: "case-text" }, isolated(text)),
      el(
        "small",
        { class: "muted" },
        [words, note, name || by, at ? timeWords(at, say) : ""].filter(Boolean).join(" · "),
      ),
    );
  }
}
