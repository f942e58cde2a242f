// One fact as a form: its value in both languages. Sending it first shows every text before and after; sending it again saves.
import { problemWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { differenceText } from "./difference-text.js";
import { lineField } from "./form-field.js";
import { useList, useWords } from "./use-list.js";

/** @import { ViewContext } from "./views.js" */
/** @import { ChangedText, Fact } from "./workshop-types.js" */

export class FactForm {
  #context;
  #fact;
  #revision;
  #onSaved;
  /** The values whose effect was shown. @type {{zh: string, en: string} | null} */
  #seen = null;
  #isBusy = false;

  /**
   * @param {object} options
   * @param {ViewContext} options.context
   * @param {Fact} options.fact
   * @param {string} options.revision  of the file
   * @param {boolean} options.isReadOnly
   * @param {() => Promise<void>} options.onSaved
   */
  constructor({ context, fact, revision, isReadOnly, onSaved }) {
    this.#context = context;
    this.#fact = fact;
    this.#revision = revision;
    this.#onSaved = onSaved;
    const { say } = context;
    /** @param {"zh" | "en"} locale */
    const field = (locale) => {
      const found = lineField({
        say,
        label: say(`facts.${locale}`),
        onInput: () => this.#changed(),
        props: { readonly: isReadOnly, testid: `fact-${locale}`, lang: locale === "en" ? "en" : "zh-CN" },
      });
      found.show(fact[locale]);
      return found;
    };
    this.zh = field("zh");
    this.en = field("en");
    this.button = el(
      "button",
      { type: "submit", class: "primary", testid: "fact-save", disabled: true },
      say("facts.preview"),
    );
    this.effect = el("div", { class: "effect", role: "status" });
    this.node = el(
      "div",
      {},
      el(
        "form",
        {
          on: {
            submit: (event) => {
              event.preventDefault();
              this.submit();
            },
          },
        },
        el("h3", { tabindex: -1 }, el("code", {}, fact.name)),
        fact.comment ? el("p", { class: "muted" }, fact.comment) : null,
        el("div", { class: "form-row" }, this.zh.node, this.en.node),
        isReadOnly ? null : el("div", { class: "form-actions" }, this.button),
        this.effect,
      ),
      el("h3", {}, say("facts.uses", fact.uses?.length ?? 0)),
      useList(fact.uses ?? [], context),
    );
  }

  get isChanged() {
    return this.zh.isChanged || this.en.isChanged;
  }

  #changed() {
    this.#seen = null;
    this.effect.replaceChildren();
    setText(this.button, this.#context.say("facts.preview"));
    this.button.disabled = !this.isChanged;
  }

  async submit() {
    const { api, say, toast, onProblem, refreshCounts } = this.#context;
    if (this.#isBusy || !this.isChanged) return;
    // Not trimmed: the blank at the end of "500 MB " stands between it and the Chinese word that follows.
    const values = { zh: this.zh.value, en: this.en.value };
    for (const field of [this.zh, this.en]) if (!field.value.trim()) field.setProblem(say("facts.empty"));
    if (!values.zh.trim() || !values.en.trim()) return;
    const isSeen = this.#seen?.zh === values.zh && this.#seen.en === values.en;
    this.#isBusy = true;
    this.button.disabled = true;
    try {
      const answer = await api.put(`/api/workshop/facts/${encodeURIComponent(this.#fact.name)}`, {
        base_revision: this.#revision,
        ...values,
        dry_run: !isSeen,
      });
      if (isSeen) {
        this.zh.show(values.zh);
        this.en.show(values.en);
        toast.show(say("facts.saved", answer.changed_texts.length));
        refreshCounts();
        await this.#onSaved();
      } else {
        this.#seen = values;
        this.#drawEffect(answer.changed_texts);
        setText(this.button, say("facts.save", answer.changed_texts.length));
      }
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.code === "changed_meanwhile") this.#drawMeanwhile(failure);
      else if (failure.code === "content_refused") this.zh.setProblem(problemWords(failure, say));
      else onProblem(error);
    } finally {
      this.#isBusy = false;
      this.button.disabled = !this.isChanged;
    }
  }

  /** @param {readonly ChangedText[]} changed */
  #drawEffect(changed) {
    const { say } = this.#context;
    const title = el("h4", { tabindex: -1 }, say("facts.effect", changed.length));
    this.effect.replaceChildren(
      title,
      el(
        "ul",
        { class: "effect-list", role: "list", testid: "fact-effect" },
        changed.map(({ before, after, ...use }) =>
          el(
            "li",
            {},
            el("b", {}, use.title || use.id),
            el("small", { class: "muted" }, useWords(use, say)),
            differenceText(before, after, say),
          ),
        ),
      ),
    );
    title.focus();
  }

  /** Somebody else changed this fact: their values stand at the fields, and the editor's stay in them. @param {DeskError} failure */
  #drawMeanwhile(failure) {
    const { say } = this.#context;
    const { theirs, revision } = /** @type {import("../shared/contract-types.js").Json} */ (failure.details);
    this.#revision = revision ?? this.#revision;
    for (const [field, their] of /** @type {const} */ ([
      [this.zh, theirs?.zh],
      [this.en, theirs?.en],
    ])) {
      const mine = field.value;
      if (typeof their !== "string") continue;
      field.show(their, mine);
      if (their !== mine) field.setProblem(say("facts.meanwhile", their));
    }
    this.effect.replaceChildren();
    this.#seen = null;
    setText(this.button, say("facts.preview"));
  }
}
