// Several of a list of names: folded to those that are chosen, opened to all with a box each.
import { el, setText } from "../shared/dom.js";

/** @import { Say } from "../words/speaker.js" */

export class NameChoice {
  #say;
  #choices;
  /** @type {Set<string>} */
  #chosen = new Set();
  #boxes = new Map();

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {string} options.label
   * @param {readonly {id: string, name: string}[]} options.choices
   * @param {boolean} options.isReadOnly
   * @param {() => void} options.onInput
   */
  constructor({ say, label, choices, isReadOnly, onInput }) {
    this.#say = say;
    this.#choices = choices;
    this.summary = el("span", { class: "muted" });
    this.node = el(
      "details",
      { class: "name-choice form-field" },
      el("summary", {}, el("b", {}, label), " ", this.summary),
      el(
        "div",
        { class: "name-boxes", role: "group", "aria-label": label },
        choices.map(({ id, name }) => {
          const box = el("input", {
            type: "checkbox",
            disabled: isReadOnly,
            on: {
              change: () => {
                if (box.checked) this.#chosen.add(id);
                else this.#chosen.delete(id);
                this.#draw();
                onInput();
              },
            },
          });
          this.#boxes.set(id, box);
          return el("label", {}, box, name);
        }),
      ),
    );
  }

  /** The ids that are chosen, in the order in which they were given. */
  get value() {
    return [...this.#chosen];
  }

  /** @param {readonly string[]} chosen */
  show(chosen) {
    this.#chosen = new Set(chosen);
    for (const [id, box] of this.#boxes) box.checked = this.#chosen.has(id);
    this.#draw();
  }

  #draw() {
    const names = new Map(this.#choices.map(({ id, name }) => [id, name]));
    const words = [...this.#chosen].map((id) => names.get(id) ?? id).join(this.#say("list.comma"));
    setText(this.summary, words || this.#say("texts.none_chosen"));
  }
}
