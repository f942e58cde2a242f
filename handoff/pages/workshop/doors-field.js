// The doors of an article: buttons under the answer that lead straight to a person. Each is an intent and what its button says.
import { el, setText } from "../shared/dom.js";
import { LONGEST_LABEL, MOST_DOORS } from "./article-model.js";

/** @import { Names } from "../console/display-names.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Door } from "./workshop-types.js" */

export class DoorsField {
  #say;
  #names;
  #locale;
  #onInput;
  #isReadOnly;
  /** @type {readonly string[]} */
  #intents = [];
  /** @type {Door[]} */
  #doors = [];

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {Names} options.names
   * @param {"zh" | "en"} options.locale  of the labels
   * @param {boolean} options.isReadOnly
   * @param {() => void} options.onInput
   */
  constructor({ say, names, locale, isReadOnly, onInput }) {
    this.#say = say;
    this.#names = names;
    this.#locale = locale;
    this.#isReadOnly = isReadOnly;
    this.#onInput = onInput;
    this.rows = el("ul", { class: "door-rows", role: "list" });
    this.add = el(
      "button",
      { type: "button", class: "quiet", testid: "door-add", disabled: isReadOnly, on: { click: () => this.#add() } },
      say("doors.add"),
    );
    this.problem = el("p", { class: "problem", role: "alert" });
    this.node = el(
      "fieldset",
      { class: "form-field doors-field" },
      el("legend", {}, say("article.doors")),
      el("p", { class: "hint" }, say("doors.hint")),
      this.rows,
      this.add,
      this.problem,
    );
  }

  /** @returns {Door[]} */
  get value() {
    return this.#doors.map((door) => ({ ...door }));
  }

  /** @param {readonly Door[]} doors @param {readonly string[]} intents  that a door may lead to */
  show(doors, intents) {
    this.#intents = intents;
    this.#doors = doors.map((door) => ({ ...door }));
    this.#draw();
  }

  /** @param {string} words */
  setProblem(words) {
    setText(this.problem, words);
    this.node.classList.toggle("bad", Boolean(words));
  }

  focus() {
    const first = /** @type {HTMLElement | null} */ (this.rows.querySelector("input, select"));
    (first ?? this.add).focus();
  }

  #add() {
    const free = this.#intents.find((intent) => !this.#doors.some((door) => door.intent === intent)) ?? "";
    this.#doors.push({ intent: free, label: "" });
    this.#draw();
    const select = /** @type {HTMLElement | null | undefined} */ (this.rows.lastElementChild?.querySelector("select"));
    select?.focus();
    this.#changed();
  }

  #changed() {
    this.setProblem("");
    this.#onInput();
  }

  #draw() {
    const say = this.#say;
    this.add.hidden = this.#doors.length >= MOST_DOORS || this.#isReadOnly;
    this.rows.replaceChildren(
      ...this.#doors.map((door, index) => {
        const known = [...new Set([...this.#intents, door.intent])].filter(Boolean);
        const left = el("span", { class: "label-left" });
        const count = () =>
          setText(left, say("doors.left", LONGEST_LABEL[this.#locale] - [...door.label.trim()].length));
        count();
        const select = el(
          "select",
          {
            "aria-label": say("doors.intent", index + 1),
            testid: "door-intent",
            disabled: this.#isReadOnly,
            on: {
              change: () => {
                door.intent = select.value;
                this.#changed();
              },
            },
          },
          known.map((id) => el("option", { value: id }, this.#names.intent(id))),
        );
        select.value = door.intent;
        const label = el("input", {
          type: "text",
          "aria-label": say("doors.label", index + 1),
          placeholder: say("doors.label.example"),
          testid: "door-label",
          readonly: this.#isReadOnly,
          autocomplete: "off",
          on: {
            input: () => {
              door.label = label.value;
              count();
              this.#changed();
            },
          },
        });
        label.value = door.label;
        return el(
          "li",
          { class: "door-row" },
          select,
          label,
          left,
          el(
            "button",
            {
              type: "button",
              class: "quiet",
              disabled: this.#isReadOnly,
              "aria-label": say("doors.remove", index + 1),
              testid: "door-remove",
              on: {
                click: () => {
                  this.#doors.splice(index, 1);
                  this.#draw();
                  this.add.focus();
                  this.#changed();
                },
              },
            },
            say("doors.remove.short"),
          ),
        );
      }),
    );
  }
}
