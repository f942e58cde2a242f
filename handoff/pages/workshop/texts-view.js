// The desk's texts and the agents' canned replies: the list on the left, the open one on the right.
import { askDialog, Incomplete } from "../console/action-dialogs.js";
import { problemWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";
import { lineField } from "./form-field.js";
import { TextForm } from "./text-form.js";
import { matchingTexts, TEXT_KINDS } from "./text-kinds.js";
import { UnsavedTexts } from "./unsaved-texts.js";

/** @import { ViewContext } from "./views.js" */
/** @import { TextEntry, TextKind } from "./text-kinds.js" */

export class TextsView {
  #context;
  #isReadOnly;
  #unsaved;
  /** @type {TextKind} */
  #kind = TEXT_KINDS.desk;
  /** @type {TextEntry[]} */
  #entries = [];
  /** @type {string | null} */
  #openId = null;
  /** @type {TextForm | null} */
  #form = null;

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { say, me, store } = context;
    this.#isReadOnly = me.role !== "editor";
    this.#unsaved = new UnsavedTexts(store, me.login);
    this.find = el("input", {
      type: "search",
      class: "find",
      autocomplete: "off",
      placeholder: say("texts.find"),
      "aria-label": say("texts.find"),
      testid: "texts-find",
      on: {
        input: () => this.#draw(),
        keydown: (event) => {
          if (event.isComposing || (event.key !== "Enter" && event.key !== "ArrowDown")) return;
          /** @type {HTMLElement | null} */ (this.list.querySelector("a"))?.focus();
          event.preventDefault();
        },
      },
    });
    this.tabs = el(
      "nav",
      { class: "chips", "aria-label": say("texts.kinds") },
      Object.values(TEXT_KINDS).map(({ id }) =>
        el("a", { class: "filter-chip", href: `#texts/${id}`, testid: `kind-${id}` }, say(`texts.kind.${id}`)),
      ),
    );
    this.list = el("ul", { class: "fact-list", role: "list", testid: "texts" });
    this.detail = el("div", { class: "panel fact-detail", testid: "text", hidden: true });
    this.add = el(
      "button",
      { type: "button", class: "tool", testid: "canned-new", hidden: true, on: { click: () => this.#add() } },
      say("texts.new"),
    );
    this.node = el(
      "div",
      { class: "view texts" },
      el(
        "div",
        { class: "view-head" },
        el("h2", {}, say("workshop.view.texts")),
        this.tabs,
        el("span", { class: "spacer" }),
        this.find,
        this.#isReadOnly ? el("span", { class: "badge" }, say("workshop.read_only")) : this.add,
      ),
      el("div", { class: "two-panes" }, el("div", { class: "panel list-pane" }, this.list), this.detail),
    );
  }

  /** @returns {readonly (readonly [string, string])[]} */
  get shortcuts() {
    const { say } = this.#context;
    return [
      ["j k", say("shortcuts.move")],
      ["/", say("texts.find")],
      ["Ctrl S", say("article.save")],
      ["Ctrl J", say("text.fact")],
    ];
  }

  /** @param {KeyboardEvent} event */
  onKey({ key }) {
    const step = { j: 1, k: -1 }[key];
    if (step) this.#move(step);
    else if (key === "/" || key === "、" || key === "／") this.find.focus();
    else if (key === "Escape" && this.#openId) this.#context.goTo(`texts/${this.#kind.id}`);
    else return false;
    return true;
  }

  isUnsaved() {
    return this.#form?.isChanged ?? false;
  }

  save() {
    this.#form?.save();
  }

  /** @param {string | null} argument  "desk", "canned/greeting" */
  async open(argument) {
    const [kind, ...rest] = (argument ?? "").split("/");
    this.#kind = kind === "canned" ? TEXT_KINDS.canned : TEXT_KINDS.desk;
    this.#openId = rest.join("/") || null;
    const { api, say, names } = this.#context;
    const [listed, { facts }] = await Promise.all([api.get(this.#kind.list), api.get("/api/workshop/facts")]);
    this.#entries = this.#kind.entries(listed, say, names);
    this.add.hidden = this.#kind.id !== "canned";
    for (const tab of this.tabs.querySelectorAll("a"))
      if (tab.dataset.testid === `kind-${this.#kind.id}`) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    this.#draw();
    const entry = this.#entries.find(({ id }) => id === this.#openId);
    this.#form?.close();
    this.#form = entry
      ? new TextForm({
          context: this.#context,
          kind: this.#kind,
          entry,
          revision: listed.revision,
          facts,
          unsaved: this.#unsaved,
          onSaved: () => this.open(`${this.#kind.id}/${entry.id}`),
        })
      : null;
    this.detail.hidden = !entry;
    this.detail.replaceChildren(...(this.#form ? [this.#form.node] : []));
    this.node.classList.toggle("has-open", Boolean(entry));
    this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.#form?.close();
  }

  #draw() {
    const { say } = this.#context;
    const found = matchingTexts(this.#entries, this.find.value);
    this.list.replaceChildren(
      ...found.map(({ id, title, note }) =>
        el(
          "li",
          {},
          el(
            "a",
            {
              href: `#texts/${this.#kind.id}/${encodeURIComponent(id)}`,
              "aria-current": id === this.#openId ? "true" : null,
              testid: "text-row",
              data: { id },
            },
            el("b", {}, title),
            el("small", { class: "muted" }, note),
          ),
        ),
      ),
    );
    if (!found.length) this.list.replaceChildren(el("li", { class: "empty" }, say("texts.none")));
  }

  /** @param {number} step */
  #move(step) {
    const links = [.../** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll("a"))];
    const focused = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const at = focused >= 0 ? focused : links.findIndex((link) => link.getAttribute("aria-current"));
    links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
  }

  #add() {
    const { api, say, goTo, refreshCounts } = this.#context;
    /** @param {string} key @param {string} [hint] */
    const line = (key, hint) => lineField({ say, label: say(`texts.${key}`), hint, props: { testid: `new-${key}` } });
    const fields = {
      id: line("id", say("texts.id.hint")),
      shortcut: line("shortcut", say("texts.shortcut.hint")),
      title_zh: line("title_zh"),
      title_en: line("title_en"),
      zh: line("first_zh"),
      en: line("first_en"),
    };
    for (const field of Object.values(fields)) field.show("");
    askDialog({
      say,
      title: say("texts.new"),
      fields: Object.values(fields).map(({ node }) => node),
      confirm: say("facts.add"),
      testid: "new-canned",
      explain: (error) => problemWords(DeskError.of(error), say),
      async onConfirm() {
        const missing = Object.values(fields).filter((field) => !field.value.trim());
        for (const field of missing) field.setProblem(say("new_article.needed"));
        if (missing.length) throw new Incomplete("");
        const { id, ...value } = Object.fromEntries(
          Object.entries(fields).map(([key, field]) => [key, field.value.trim()]),
        );
        const body = TEXT_KINDS.canned.body({
          zh: value.zh,
          en: value.en,
          title_zh: value.title_zh,
          title_en: value.title_en,
          shortcut: value.shortcut,
          reasons: [],
          intents: [],
        });
        await api.post("/api/workshop/canned", { id, ...body });
        refreshCounts();
        goTo(`texts/canned/${id}`);
        return null;
      },
    });
  }
}
