// Safety cases: sentences that must go to a person, or must get a certain article. Publishing is refused while one of them fails.
import { problemWords, timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { WindowedList } from "../console/windowed-list.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { titleOf } from "./article-model.js";
import { listedCases } from "./cases-model.js";
import { choiceField, lineField, textField } from "./form-field.js";

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
  #isSaving = false;

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
    this.form = this.#makeForm();
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
      me.role === "editor" ? this.form : null,
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
    if (key === "n") this.text.input.focus();
    else if (key === "/" || key === "、" || key === "／") this.find.focus();
    else return false;
    return true;
  }

  isUnsaved() {
    return this.text.value.trim() !== "";
  }

  save() {
    if (this.isUnsaved()) this.form.requestSubmit();
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
    this.article.input.replaceChildren(
      ...[...this.#titles]
        .sort(([, a], [, b]) => a.localeCompare(b, say.tag))
        .map(([id, title]) => el("option", { value: id }, title)),
    );
    this.#draw();
  }

  close() {
    this.list.close();
  }

  #makeForm() {
    const { say } = this.#context;
    this.text = textField({
      say,
      label: say("cases.text"),
      hint: say("cases.text.hint"),
      props: { rows: 2, testid: "case-text" },
    });
    this.must = choiceField({
      say,
      label: say("cases.must"),
      choices: [
        { id: "person", name: say("cases.must.person") },
        { id: "article", name: say("cases.must.article") },
      ],
      onInput: (must) => {
        this.article.node.hidden = must !== "article";
      },
      props: { testid: "case-must" },
    });
    this.article = choiceField({ say, label: say("cases.article"), choices: [], props: { testid: "case-article" } });
    this.article.node.hidden = true;
    this.note = lineField({ say, label: say("cases.note"), props: { testid: "case-note" } });
    this.add = el("button", { type: "submit", class: "primary", testid: "case-add" }, say("cases.add"));
    return el(
      "form",
      {
        class: "panel case-form",
        on: {
          submit: (event) => {
            event.preventDefault();
            this.#submit();
          },
        },
      },
      this.text.node,
      el("div", { class: "form-row" }, this.must.node, this.article.node, this.note.node),
      el("div", { class: "form-actions" }, this.add),
    );
  }

  async #submit() {
    const { api, say, toast, onProblem, refreshCounts } = this.#context;
    const text = this.text.value.trim();
    if (this.#isSaving) return;
    if (!text) {
      this.text.setProblem(say("cases.no_text"));
      this.text.focus();
      return;
    }
    this.#isSaving = true;
    this.add.disabled = true;
    const must = this.must.value;
    try {
      await api.post("/api/workshop/cases", {
        text,
        must,
        ...(must === "article" ? { article: this.article.value } : {}),
        note: this.note.value.trim(),
      });
      this.text.show("", "");
      this.note.show("", "");
      toast.show(say("cases.added"));
      refreshCounts();
      await this.open();
      this.text.focus();
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.status === 422 || failure.status === 409) this.text.setProblem(problemWords(failure, say));
      else onProblem(error);
    } finally {
      this.#isSaving = false;
      this.add.disabled = false;
    }
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
