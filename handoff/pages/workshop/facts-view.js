// Facts: one value in Chinese and English, used by many texts. A change shows every text before and after; only then it is saved.
import { problemWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { differenceText } from "./difference-text.js";
import { matchingFacts } from "./facts-model.js";
import { lineField } from "./form-field.js";
import { askNewFact } from "./new-fact.js";
import { useList } from "./use-list.js";
import { inLanguage } from "./workshop-types.js";

/** @import { ViewContext } from "./views.js" */
/** @import { ChangedText, Fact } from "./workshop-types.js" */

export class FactsView {
  #context;
  #isReadOnly;
  #revision = "";
  /** @type {Fact[]} */
  #facts = [];
  /** @type {Fact | null} */
  #open = null;
  /** What the values would change, once it was shown. @type {{zh: string, en: string} | null} */
  #seen = null;

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
                on: { click: () => askNewFact(context, this.#facts, this.#revision, (name) => context.goTo(`facts/${name}`)) },
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
    return Boolean(this.zh?.isChanged || this.en?.isChanged);
  }

  save() {
    if (this.isUnsaved()) this.#submit();
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
    const { say } = this.#context;
    const fact = this.#open;
    this.detail.hidden = !fact;
    this.node.classList.toggle("has-open", Boolean(fact));
    this.zh = this.en = undefined;
    this.#seen = null;
    if (!fact) return;
    const changed = () => {
      this.#seen = null;
      this.effect.replaceChildren();
      setText(this.button, say("facts.preview"));
      this.button.disabled = !this.isUnsaved();
    };
    const props = { readonly: this.#isReadOnly };
    this.zh = lineField({ say, label: say("facts.zh"), onInput: changed, props: { ...props, testid: "fact-zh", lang: "zh-CN" } });
    this.en = lineField({ say, label: say("facts.en"), onInput: changed, props: { ...props, testid: "fact-en", lang: "en" } });
    this.zh.show(fact.zh);
    this.en.show(fact.en);
    this.button = el(
      "button",
      { type: "submit", class: "primary", testid: "fact-save", disabled: true },
      say("facts.preview"),
    );
    this.effect = el("div", { class: "effect", role: "status" });
    this.detail.replaceChildren(
      el(
        "form",
        {
          on: {
            submit: (event) => {
              event.preventDefault();
              this.#submit();
            },
          },
        },
        el("h3", {}, fact.name),
        fact.comment ? el("p", { class: "muted" }, fact.comment) : null,
        el("div", { class: "form-row" }, this.zh.node, this.en.node),
        this.#isReadOnly ? null : el("div", { class: "form-actions" }, this.button),
        this.effect,
      ),
      el("h3", {}, say("facts.uses", fact.uses?.length ?? 0)),
      useList(fact.uses ?? [], this.#context),
    );
  }

  /** Shows the texts before and after, and saves what was shown. */
  async #submit() {
    const { api, say, toast, onProblem, refreshCounts } = this.#context;
    const fact = this.#open;
    if (!fact || !this.zh || !this.en || this.button?.disabled) return;
    const values = { zh: this.zh.value.trim(), en: this.en.value.trim() };
    for (const field of [this.zh, this.en]) if (!field.value.trim()) field.setProblem(say("facts.empty"));
    if (!values.zh || !values.en) return;
    const isSeen = this.#seen?.zh === values.zh && this.#seen.en === values.en;
    this.button.disabled = true;
    try {
      const answer = await api.put(`/api/workshop/facts/${encodeURIComponent(fact.name)}`, {
        base_revision: this.#revision,
        ...values,
        dry_run: !isSeen,
      });
      if (isSeen) {
        this.zh.show(values.zh);
        this.en.show(values.en);
        toast.show(say("facts.saved", answer.changed_texts.length));
        refreshCounts();
        await this.open(fact.name);
        return;
      }
      this.#seen = values;
      this.#drawEffect(answer.changed_texts);
      setText(this.button, say("facts.save", answer.changed_texts.length));
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.code === "changed_meanwhile") await this.#changedMeanwhile(values, failure);
      else if (failure.status === 422 || failure.status === 400) this.zh.setProblem(problemWords(failure, say));
      else onProblem(error);
    } finally {
      this.button.disabled = !this.isUnsaved();
    }
  }

  /** @param {readonly ChangedText[]} changed */
  #drawEffect(changed) {
    const { say } = this.#context;
    this.effect.replaceChildren(
      el("h4", { tabindex: -1 }, say("facts.effect", changed.length)),
      el(
        "ul",
        { role: "list", testid: "fact-effect" },
        changed.map(({ kind, id, locale, title, before, after }) =>
          el(
            "li",
            {},
            el("b", {}, title || id),
            el("small", { class: "muted" }, [say.knows(`use.${kind}`) ? say(`use.${kind}`) : kind, locale].filter(Boolean).join(" · ")),
            differenceText(before, after, say),
          ),
        ),
      ),
    );
    /** @type {HTMLElement | null} */ (this.effect.querySelector("h4"))?.focus();
  }

  /** Somebody else changed this fact: their values stand at the fields, and the editor's stay in them. @param {{zh: string, en: string}} mine @param {DeskError} failure */
  async #changedMeanwhile(mine, failure) {
    const { say } = this.#context;
    const { theirs } = /** @type {import("../shared/contract-types.js").Json} */ (failure.details);
    await this.open(this.#open?.name ?? null);
    if (!this.zh || !this.en || !this.#open) return;
    const their = theirs && typeof theirs === "object" ? theirs : this.#open;
    this.zh.show(this.#open.zh, mine.zh);
    this.en.show(this.#open.en, mine.en);
    this.zh.setProblem(say("facts.meanwhile", inLanguage({ zh: their.zh ?? this.#open.zh, en: their.en ?? this.#open.en }, say)));
    if (this.button) this.button.disabled = !this.isUnsaved();
  }
}
