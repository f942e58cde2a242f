// A text in Chinese and English, each with chips for facts: a text, or several sentences of which the desk uses one after the
// other. With the preview of both languages and of traditional Chinese.
import { el } from "../shared/dom.js";
import { factNames, unitsOf } from "./fact-chips.js";
import { FactTextArea } from "./fact-text-area.js";
import { FormField } from "./form-field.js";
import { PhonePreview } from "./phone-preview.js";
import { ProblemList } from "./problem-list.js";
import { segments } from "./segments.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Fact, Preview, Problem } from "./workshop-types.js" */

/** @typedef {string | string[]} Words */
/** @typedef {{zh: Words, en: Words}} PairValue */

const LOCALES = /** @type {const} */ (["zh", "en"]);

/** A value as sentences. @param {Words} words @returns {string[]} */
export const sentencesOf = (words) => (Array.isArray(words) ? words : [words]);

export class TextPair {
  #say;
  /** @type {PairValue} */
  #saved = { zh: "", en: "" };
  /** @type {Record<"zh" | "en", {area: FactTextArea, field: FormField<HTMLTextAreaElement>}[]>} */
  #fields = { zh: [], en: [] };
  #facts;
  #names;
  #isReadOnly;
  #onInput;
  /** @type {"zh" | "hant" | "en"} */
  #script = "zh";
  /** @type {Preview | null} */
  #found = null;

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {readonly Fact[]} options.facts
   * @param {readonly string[]} options.names  that are filled in when the text is sent
   * @param {"system" | "agent"} options.speaker  who says it to the customer
   * @param {boolean} options.isReadOnly
   * @param {() => void} options.onInput
   */
  constructor({ say, facts, names, speaker, isReadOnly, onInput }) {
    this.#say = say;
    this.#facts = facts;
    this.#names = names;
    this.#isReadOnly = isReadOnly;
    this.#onInput = onInput;
    this.panels = { zh: el("div", { class: "pair-side" }), en: el("div", { class: "pair-side" }) };
    this.problems = new ProblemList({
      say,
      onGo: (problem) => this.#goTo(problem),
      onFix: (problem) => this.#fix(problem),
    });
    this.phone = new PhonePreview({ say, speaker });
    this.preview = el(
      "div",
      { class: "pair-preview" },
      segments(
        say,
        "script",
        [
          ["zh", say("preview.zh")],
          ["hant", say("preview.hant")],
          ["en", say("preview.en")],
        ],
        (script) => {
          this.#script = /** @type {"zh" | "hant" | "en"} */ (script);
          this.#drawPreview();
        },
      ),
      this.phone.node,
    );
    this.node = el("div", { class: "pair" }, this.panels.zh, this.panels.en, this.problems.node);
  }

  /** @returns {PairValue} */
  get value() {
    const of = (/** @type {"zh" | "en"} */ locale) => {
      const words = this.#fields[locale].map(({ area }) => area.value);
      return Array.isArray(this.#saved[locale]) ? words : (words[0] ?? "");
    };
    return { zh: of("zh"), en: of("en") };
  }

  get isChanged() {
    return LOCALES.some((locale) => this.#fields[locale].some(({ field }) => field.isChanged));
  }

  /** @param {PairValue} saved @param {PairValue} [value]  what was typed and not saved */
  show(saved, value = saved) {
    this.#saved = saved;
    for (const locale of LOCALES) {
      const kept = sentencesOf(value[locale]);
      const sentences = sentencesOf(saved[locale]);
      this.#fields[locale] = sentences.map((sentence, index) => {
        const made = this.#field(locale, index, sentences.length);
        made.area.show(kept[index] ?? sentence);
        made.field.show(sentence, kept[index] ?? sentence);
        return made;
      });
      this.panels[locale].replaceChildren(...this.#fields[locale].map(({ field }) => field.node));
    }
    this.#drawPreview();
  }

  /** The desk's rendering, and what is wrong. @param {Preview} found */
  showFound(found) {
    this.#found = found;
    this.setProblems(found.problems);
    this.#drawPreview();
  }

  /** @param {readonly Problem[]} problems */
  setProblems(problems) {
    this.problems.show(problems);
    for (const locale of LOCALES) {
      // Places are known where there is one sentence; of several sentences the desk does not say which.
      const [only, ...more] = this.#fields[locale];
      const own = problems.filter(({ field, start }) => field === locale && start != null);
      if (only && !more.length)
        only.area.mark(
          own.map(({ start, end, severity }) => ({
            from: unitsOf(only.area.value, start ?? 0),
            to: unitsOf(only.area.value, end ?? 0),
            severity: severity === "block" ? "block" : "warn",
          })),
        );
    }
  }

  /** @param {"zh" | "en"} locale @param {number} index @param {number} count */
  #field(locale, index, count) {
    const say = this.#say;
    const area = new FactTextArea({
      say,
      facts: () => this.#facts,
      locale: () => locale,
      isFormatted: false,
      extraNames: this.#names,
      rows: 3,
      readOnly: this.#isReadOnly,
      onInput: (text) => {
        field.show(sentencesOf(this.#saved[locale])[index] ?? "", text);
        this.#found = null;
        this.#drawPreview();
        this.#onInput();
      },
    });
    area.input.dataset.testid = `text-${locale}`;
    area.input.lang = locale === "en" ? "en" : "zh-CN";
    const name = say(`article.locale.${locale}`);
    /** @type {FormField<HTMLTextAreaElement>} */
    const field = new FormField({
      say,
      label: count > 1 ? say("texts.sentence", name, index + 1) : name,
      input: area.input,
      control: area.node,
    });
    return { area, field };
  }

  #drawPreview() {
    const locale = this.#script === "en" ? "en" : "zh";
    const text = sentencesOf(this.value[locale]).join("\n");
    const rendered = this.#found?.[this.#script]?.text;
    // Conditions and numbers are filled in by the desk only; before it has answered the last rendering stays.
    if (rendered === undefined && (factNames(text).length || text.includes("{%") || this.#script === "hant")) return;
    this.phone.show({ script: this.#script, title: "", text, valueFor: () => undefined, rendered: rendered ?? text });
  }

  /** @param {Problem} problem */
  #goTo({ field, start, end }) {
    const [first] = this.#fields[field === "en" ? "en" : "zh"];
    if (!first) return;
    const text = first.area.value;
    if (start != null) first.area.reveal(unitsOf(text, start), unitsOf(text, end ?? start));
    else first.area.input.focus();
  }

  /** @param {Problem} problem */
  #fix({ field, start, end, fix }) {
    const fields = this.#fields[field === "en" ? "en" : "zh"];
    if (fields.length !== 1 || start == null || !fix) return;
    const [{ area }] = fields;
    const [from, to] = [unitsOf(area.value, start), unitsOf(area.value, end ?? start)];
    area.replace({ from, to, insert: fix, start: from + fix.length, end: from + fix.length });
  }
}
