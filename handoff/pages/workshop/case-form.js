// Adds a safety case: what a customer says, and what must happen then.
import { problemWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";
import { choiceField, lineField, textField } from "./form-field.js";

/** @import { ViewContext } from "./views.js" */

export class CaseForm {
  #context;
  #onAdded;
  #isSaving = false;

  /** @param {{context: ViewContext, onAdded: () => Promise<void>}} options */
  constructor({ context, onAdded }) {
    this.#context = context;
    this.#onAdded = onAdded;
    const { say } = context;
    this.text = textField({
      say,
      label: say("cases.text"),
      hint: say("cases.text.hint"),
      props: { rows: 2, testid: "case-text" },
    });
    this.article = choiceField({ say, label: say("cases.article"), choices: [], props: { testid: "case-article" } });
    this.article.node.hidden = true;
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
    this.must.show("person");
    this.note = lineField({ say, label: say("cases.note"), props: { testid: "case-note" } });
    this.add = el("button", { type: "submit", class: "primary", testid: "case-add" }, say("cases.add"));
    this.node = el(
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

  get isFilled() {
    return this.text.value.trim() !== "";
  }

  /** @param {readonly (readonly [string, string])[]} articles  ids with their titles */
  showArticles(articles) {
    const { value } = this.article;
    this.article.input.replaceChildren(...articles.map(([id, title]) => el("option", { value: id }, title)));
    if (value) this.article.input.value = value;
    this.article.show(this.article.value);
  }

  submit() {
    this.node.requestSubmit();
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
      this.text.show("");
      this.note.show("");
      toast.show(say("cases.added"));
      refreshCounts();
      await this.#onAdded();
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
}
