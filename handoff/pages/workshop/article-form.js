// One language of an article as a form: title, text with facts, doors, dates, owner.
import { el } from "../shared/dom.js";
import { doorProblem } from "./article-model.js";
import { DoorsField } from "./doors-field.js";
import { unitsOf } from "./fact-chips.js";
import { FactTextArea } from "./fact-text-area.js";
import { FormField, lineField } from "./form-field.js";
import { ProblemList } from "./problem-list.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Names } from "../console/display-names.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { ArticleText, Fact, Problem, TextLocale } from "./workshop-types.js" */

export class ArticleForm {
  #say;
  #locale;
  #onInput;
  /** @type {ArticleText | null} */
  #saved = null;

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {Names} options.names
   * @param {TextLocale} options.locale
   * @param {() => readonly Fact[]} options.facts
   * @param {boolean} options.isReadOnly
   * @param {() => void} options.onInput
   */
  constructor({ say, names, locale, facts, isReadOnly, onInput }) {
    this.#say = say;
    this.#locale = locale;
    this.#onInput = onInput;
    const changed = () => this.#changed();
    /** @param {string} key @param {import("../shared/dom.js").Props} props @param {string} [hint] */
    const line = (key, props, hint) =>
      lineField({
        say,
        label: say(`article.${key}`),
        hint,
        onInput: changed,
        props: { readonly: isReadOnly, ...props },
      });
    this.title = line(
      "title",
      { testid: "article-title", lang: locale === "en" ? "en" : "zh-CN" },
      say("article.title.hint"),
    );
    this.area = new FactTextArea({
      say,
      facts,
      locale: () => locale,
      readOnly: isReadOnly,
      rows: 12,
      onInput: changed,
    });
    this.area.input.lang = locale === "en" ? "en" : "zh-CN";
    this.text = new FormField({
      say,
      label: say("article.text"),
      input: this.area.input,
      control: this.area.node,
      hint: say("article.text.hint"),
    });
    this.problems = new ProblemList({
      say,
      onGo: (problem) => this.#goTo(problem),
      onFix: (problem) => this.#fix(problem),
    });
    this.doors = new DoorsField({ say, names, locale, isReadOnly, onInput: changed });
    this.from = line("valid_from", { type: "date", testid: "valid-from" });
    this.until = line("valid_until", { type: "date", testid: "valid-until" }, say("article.valid_until.hint"));
    this.owner = line("owner", { testid: "article-owner" }, say("article.owner.hint"));
    this.node = el(
      "div",
      { class: "article-form" },
      this.title.node,
      this.text.node,
      this.problems.node,
      this.doors.node,
      el("div", { class: "form-row" }, this.from.node, this.until.node, this.owner.node),
    );
  }

  /** @returns {ArticleText} */
  get value() {
    return {
      title: this.title.value.trim(),
      text: this.area.value,
      doors: this.doors.value,
      valid_from: this.from.value || null,
      valid_until: this.until.value || null,
      owner: this.owner.value.trim(),
      intents: this.#saved?.intents ?? [],
    };
  }

  /**
   * @param {ArticleText} saved
   * @param {ArticleText} value  with what was typed and not saved
   * @param {readonly string[]} doorIntents
   */
  show(saved, value, doorIntents) {
    this.#saved = saved;
    this.title.show(saved.title, value.title);
    this.area.show(value.text);
    this.text.show(saved.text, value.text);
    this.doors.show(value.doors, doorIntents);
    this.from.show(saved.valid_from ?? "", value.valid_from ?? "");
    this.until.show(saved.valid_until ?? "", value.valid_until ?? "");
    this.owner.show(saved.owner, value.owner);
    this.setProblems([]);
  }

  /** Shows problems at their fields and in the text. @param {readonly Problem[]} problems */
  setProblems(problems) {
    const of = (/** @type {string} */ field) =>
      problems.find((problem) => problem.field === field && problem.severity === "block");
    const words = (/** @type {string} */ field) => {
      const problem = of(field);
      return problem ? inLanguage(problem, this.#say) : "";
    };
    this.title.setProblem(words("title"));
    this.doors.setProblem(words("doors"));
    this.from.setProblem(words("valid_from"));
    this.until.setProblem(words("valid_until"));
    this.owner.setProblem(words("owner"));
    this.problems.show(problems);
    this.area.mark(
      problems
        .filter(({ start, end, field = "text" }) => field === "text" && start != null && end != null)
        .map(({ start, end, severity }) => ({
          from: unitsOf(this.area.value, start ?? 0),
          to: unitsOf(this.area.value, end ?? 0),
          severity: severity === "block" ? "block" : "warn",
        })),
    );
  }

  /** Shows what is missing before the desk is asked; whether all is there. */
  check() {
    const say = this.#say;
    const { title, text, doors, valid_from: from, valid_until: until } = this.value;
    const door = doorProblem(doors, this.#locale);
    /** @type {[{setProblem: (words: string) => void, focus: () => void}, string][]} */
    const found = [];
    if (!title) found.push([this.title, say("article.no_title")]);
    if (!text.trim()) found.push([this.text, say("article.no_text")]);
    if (door) found.push([this.doors, say(door.key, door.index + 1)]);
    if (!from) found.push([this.from, say("article.no_from")]);
    if (from && until && until < from) found.push([this.until, say("article.until_before")]);
    for (const [field, words] of found) field.setProblem(words);
    found[0]?.[0].focus();
    return !found.length;
  }

  #changed() {
    if (this.#saved) this.text.show(this.#saved.text, this.area.value);
    this.text.setProblem("");
    this.#onInput();
  }

  /** @param {Problem} problem */
  #goTo({ field = "text", start, end }) {
    if (field === "text" && start != null) {
      const text = this.area.value;
      this.area.reveal(unitsOf(text, start), unitsOf(text, end ?? start));
      return;
    }
    /** @type {Record<string, HTMLElement>} */
    const inputs = {
      title: this.title.input,
      valid_from: this.from.input,
      valid_until: this.until.input,
      owner: this.owner.input,
    };
    if (field === "doors") this.doors.focus();
    else (inputs[field] ?? this.area.input).focus();
  }

  /** @param {Problem} problem */
  #fix({ start, end, fix }) {
    if (start == null || !fix) return;
    const text = this.area.value;
    const [from, to] = [unitsOf(text, start), unitsOf(text, end ?? start)];
    this.area.replace({ from, to, insert: fix, start: from + fix.length, end: from + fix.length });
  }
}
