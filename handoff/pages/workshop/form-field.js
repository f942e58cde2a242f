// A field of a form: its label with a mark while it differs from what is saved, a hint, and the sentence that says what is wrong.
import { el, setText } from "../shared/dom.js";

/** @import { Props } from "../shared/dom.js" */
/** @import { Say } from "../words/speaker.js" */

let lastId = 0;

/**
 * @template {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} [Input=HTMLInputElement]
 */
export class FormField {
  #saved = "";
  #mark;
  #problem;

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {string} options.label
   * @param {Input} options.input  gets an id, and `aria-describedby` for the hint and the problem
   * @param {string} [options.hint]
   * @param {HTMLElement} [options.control]  what stands under the label, with the input in it; by default the input
   * @param {(value: string) => void} [options.onInput]
   */
  constructor({ say, label, input, control = input, hint = "", onInput = () => {} }) {
    lastId += 1;
    const id = `field-${lastId}`;
    this.input = input;
    input.id = id;
    input.setAttribute("aria-describedby", hint ? `${id}-hint ${id}-problem` : `${id}-problem`);
    this.#mark = el("span", { class: "changed-mark", hidden: true }, say("form.changed"));
    this.#problem = el("p", { class: "problem", id: `${id}-problem`, role: "alert" });
    this.node = el(
      "div",
      { class: "form-field" },
      el("label", { for: id }, label, this.#mark),
      control,
      hint ? el("p", { class: "hint", id: `${id}-hint` }, hint) : null,
      this.#problem,
    );
    input.addEventListener("input", () => {
      this.setProblem("");
      this.#draw();
      onInput(this.value);
    });
  }

  get value() {
    return this.input.value;
  }

  /** Whether it differs from what is saved. */
  get isChanged() {
    return this.value !== this.#saved;
  }

  /** Shows the saved value; `value`: what the editor had typed and not saved. @param {string} saved @param {string} [value] */
  show(saved, value = saved) {
    this.#saved = saved;
    if (this.input.value !== value) this.input.value = value;
    this.#draw();
  }

  focus() {
    this.input.focus();
  }

  /** Shows a sentence at the field; "" for none. @param {string} words */
  setProblem(words) {
    setText(this.#problem, words);
    this.node.classList.toggle("bad", Boolean(words));
    if (words) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  #draw() {
    this.#mark.hidden = !this.isChanged;
  }
}

/**
 * A field for one line.
 * @param {{say: Say, label: string, hint?: string, onInput?: (value: string) => void} & {props?: Props}} options
 * @returns {FormField<HTMLInputElement>}
 */
export function lineField({ props = {}, ...options }) {
  return new FormField({ ...options, input: el("input", { type: "text", autocomplete: "off", ...props }) });
}

/**
 * A field for several lines.
 * @param {{say: Say, label: string, hint?: string, onInput?: (value: string) => void} & {props?: Props}} options
 * @returns {FormField<HTMLTextAreaElement>}
 */
export function textField({ props = {}, ...options }) {
  return new FormField({ ...options, input: el("textarea", { rows: 4, ...props }) });
}

/**
 * A choice of a list.
 * @param {{say: Say, label: string, choices: readonly {id: string, name: string}[], hint?: string, onInput?: (value: string) => void} & {props?: Props}} options
 * @returns {FormField<HTMLSelectElement>}
 */
export function choiceField({ props = {}, choices, ...options }) {
  const input = el(
    "select",
    props,
    choices.map(({ id, name }) => el("option", { value: id }, name)),
  );
  return new FormField({ ...options, input });
}
