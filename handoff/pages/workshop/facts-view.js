// Facts: one value in Chinese and English, used by many texts. A change shows every text before and after; only then it is saved.
import { el } from "../shared/dom.js";
import { FactForm } from "./fact-form.js";
import { matchingFacts } from "./facts-model.js";
import { askNewFact } from "./new-fact.js";

/** @import { ViewContext } from "./views.js" */
/** @import { Fact } from "./workshop-types.js" */

export class FactsView {
  #context;
  #isReadOnly;
  #revision = "";
  /** @type {Fact[]} */
  #facts = [];
  /** @type {Fact | null} */
  #open = null;
  /** @type {FactForm | null} */
  #form = null;

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { say, me } = context;
    this.#isReadOnly = me.role !== "editor";
    this.find = el("input", {
      type: "search",
      class: "find",
      autocomplete: "off",
      placeholder: say("facts.find"),
      "aria-label": say("facts.find"),
      testid: "facts-find",
      on: {
        input: () => this.#draw(),
        keydown: (event) => {
          if (event.isComposing || (event.key !== "Enter" && event.key !== "ArrowDown")) return;
          /** @type {HTMLElement | null} */ (this.list.querySelector("a"))?.focus();
          event.preventDefault();
        },
      },
    });
    this.list = el("ul", { class: "fact-list", role: "list", testid: "facts" });
    this.detail = el("div", { class: "panel fact-detail", testid: "fact", hidden: true });
    this.node = el(
      "div",
      { class: "view facts" },
      el(
        "div",
        { class: "view-head" },
        el("h2", {}, say("workshop.view.facts")),
        el("span", { class: "spacer" }),
        this.find,
        this.#isReadOnly
          ? el("span", { class: "badge" }, say("workshop.read_only"))
          : el(
              "button",
              {
                type: "button",
                class: "tool",
                testid: "fact-new",
                on: { click: () => askNewFact(context, this.#facts, (name) => context.goTo(`facts/${name}`)) },
              },
              say("facts.new"),
            ),
      ),
      el("p", { class: "muted view-intro" }, say("facts.intro")),
      el("div", { class: "two-panes" }, el("div", { class: "panel list-pane" }, this.list), this.detail),
    );
  }

  /** @returns {readonly (readonly [string, string])[]} */
  get shortcuts() {
    const { say } = this.#context;
    return [
      ["j k", say("shortcuts.move")],
      ["/", say("facts.find")],
      ["Ctrl S", say("facts.preview")],
    ];
  }

  /** @param {KeyboardEvent} event */
  onKey({ key }) {
    const step = { j: 1, k: -1 }[key];
    if (step) this.#move(step);
    else if (key === "/" || key === "、" || key === "／") this.find.focus();
    else if (key === "Escape" && this.#open) this.#context.goTo("facts");
    else return false;
    return true;
  }

  isUnsaved() {
    return this.#form?.isChanged ?? false;
  }

  save() {
    this.#form?.submit();
  }

  /** @param {string | null} name */
  async open(name) {
    const { facts, revision } = await this.#context.api.get("/api/workshop/facts");
    this.#facts = facts;
    this.#revision = revision;
    this.#open = this.#facts.find((fact) => fact.name === name) ?? null;
    this.#draw();
    this.#drawDetail();
  }

  close() {}

  #draw() {
    const { say } = this.#context;
    const found = matchingFacts(this.#facts, this.find.value);
    this.list.replaceChildren(
      ...found.map((fact) =>
        el(
          "li",
          {},
          el(
            "a",
            {
              href: `#facts/${fact.name}`,
              "aria-current": fact === this.#open ? "true" : null,
              testid: "fact-row",
              data: { name: fact.name },
            },
            el("b", {}, say.locale === "en" ? fact.en : fact.zh),
            el("small", { class: "muted" }, fact.name),
            el("span", { class: "nav-count" }, String(fact.uses?.length ?? 0)),
          ),
        ),
      ),
    );
    if (!found.length) this.list.replaceChildren(el("li", { class: "empty" }, say("facts.none")));
  }

  /** @param {number} step */
  #move(step) {
    const links = [.../** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll("a"))];
    const at = links.findIndex((link) => link === document.activeElement || link.getAttribute("aria-current"));
    links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
  }

  #drawDetail() {
    const fact = this.#open;
    this.detail.hidden = !fact;
    this.node.classList.toggle("has-open", Boolean(fact));
    this.#form = fact
      ? new FactForm({
          context: this.#context,
          fact,
          revision: this.#revision,
          isReadOnly: this.#isReadOnly,
          onSaved: () => this.open(fact.name),
        })
      : null;
    this.detail.replaceChildren(...(this.#form ? [this.#form.node] : []));
  }
}
