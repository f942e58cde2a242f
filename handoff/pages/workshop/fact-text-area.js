// A text field in which facts are chips: they are inserted from a list, deleted whole, and never cut by typing. A picture of the
// text lies under the field and draws chips and problems; the field itself stays an ordinary textarea with its own undo.
import { el } from "../shared/dom.js";
import { guardedSelection, insertable, piecesOf, placeholder } from "./fact-chips.js";
import { pickFact } from "./fact-picker.js";
import { insertWords, nextStep, toggleBold, toggleSteps } from "./text-commands.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Fact } from "./workshop-types.js" */
/** @import { Change } from "./text-commands.js" */

/** @typedef {{from: number, to: number, severity: "block" | "warn"}} Flaw  in UTF-16 units */

export class FactTextArea {
  #say;
  #facts;
  #locale;
  #onInput;
  /** @type {Flaw[]} */
  #flaws = [];

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {() => readonly Fact[]} options.facts
   * @param {() => "zh" | "en"} options.locale  of the text
   * @param {boolean} [options.isFormatted]  with buttons for steps and bold
   * @param {readonly string[]} [options.extraNames]  names that the desk fills in, besides the facts
   * @param {number} [options.rows]
   * @param {boolean} [options.readOnly]
   * @param {(text: string) => void} options.onInput
   */
  constructor({ say, facts, locale, isFormatted = true, extraNames = [], rows = 8, readOnly = false, onInput }) {
    this.#say = say;
    this.#facts = facts;
    this.#locale = locale;
    this.extraNames = extraNames;
    this.#onInput = onInput;
    this.picture = el("div", { class: "fact-picture", "aria-hidden": "true" });
    this.input = el("textarea", {
      class: "fact-input",
      rows,
      spellcheck: "false",
      readonly: readOnly,
      testid: "text-input",
      on: {
        input: () => this.#changed(),
        beforeinput: (event) => this.#beforeInput(/** @type {InputEvent} */ (event)),
        compositionstart: () => this.#leaveChip(),
        keydown: (event) => this.#keydown(event),
        dragover: (event) => event.preventDefault(), // a text that is dropped could land inside a chip
        drop: (event) => event.preventDefault(),
      },
    });
    const button = (/** @type {string} */ name, /** @type {() => void} */ click, /** @type {string} */ shortcut) =>
      el(
        "button",
        {
          type: "button",
          class: "tool",
          testid: `text-${name}`,
          title: shortcut || null,
          disabled: readOnly,
          on: { click },
        },
        say(`text.${name}`),
      );
    this.tools = el(
      "div",
      { class: "text-tools", role: "toolbar", "aria-label": say("text.tools") },
      isFormatted ? button("step", () => this.#apply(toggleSteps), "") : null,
      isFormatted ? button("bold", () => this.#apply(toggleBold), "Ctrl B") : null,
      button("fact", () => this.insertFact(), "Ctrl J"),
    );
    this.node = el(
      "div",
      { class: "fact-text" },
      this.tools,
      el("div", { class: "fact-stack" }, this.picture, this.input),
    );
  }

  get value() {
    return this.input.value;
  }

  /** @param {string} text */
  show(text) {
    if (this.input.value !== text) this.input.value = text;
    this.#flaws = [];
    this.#draw();
  }

  /** Underlines these places until the text changes. @param {Flaw[]} flaws */
  mark(flaws) {
    this.#flaws = flaws;
    this.#draw();
  }

  /** Puts the caret on a place and the field on the screen. @param {number} from @param {number} to */
  reveal(from, to) {
    this.input.focus({ preventScroll: true });
    this.input.setSelectionRange(from, to);
    this.input.scrollIntoView({ block: "nearest" });
  }

  /** Replaces a part of the text, as typing does: the browser can undo it. @param {Change} change */
  replace({ from, to, insert, start, end }) {
    this.input.focus({ preventScroll: true });
    this.input.setSelectionRange(from, to);
    write(this.input, insert);
    this.input.setSelectionRange(start, end);
    this.#changed();
  }

  async insertFact() {
    if (this.input.readOnly) return;
    const { selectionStart: start, selectionEnd: end } = this.input;
    const name = await pickFact(this.#say, this.#facts(), this.#locale(), this.extraNames);
    this.input.focus();
    if (!name) return;
    const text = this.value;
    const at = insertable(text, start, end);
    this.replace(insertWords({ text, ...at }, placeholder(name)));
  }

  #names() {
    return new Set([...this.#facts().map(({ name }) => name), ...this.extraNames]);
  }

  /** @param {(edited: import("./text-commands.js").Edited) => Change} command */
  #apply(command) {
    const { selectionStart: start, selectionEnd: end } = this.input;
    this.replace(command({ text: this.value, start, end }));
  }

  /** @param {InputEvent} event */
  #beforeInput(event) {
    if (event.isComposing || !event.cancelable || event.inputType.startsWith("history")) return;
    const { selectionStart: start, selectionEnd: end } = this.input;
    const guarded = guardedSelection(this.value, { start, end }, event.inputType);
    if (!guarded) return;
    event.preventDefault();
    this.input.setSelectionRange(guarded.start, guarded.end);
    if (event.inputType.startsWith("delete")) write(this.input, "");
    else {
      const isBreak = event.inputType === "insertLineBreak" || event.inputType === "insertParagraph";
      write(this.input, isBreak ? "\n" : (event.data ?? event.dataTransfer?.getData("text/plain") ?? ""));
    }
    this.#changed();
  }

  /** An input method's text cannot be refused, so it begins behind the chip. */
  #leaveChip() {
    const { selectionStart: start, selectionEnd: end } = this.input;
    const guarded = guardedSelection(this.value, { start, end }, "insertText");
    if (guarded) this.input.setSelectionRange(guarded.start, guarded.end);
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.isComposing || event.keyCode === 229 || this.input.readOnly) return;
    const hasCtrl = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const key = event.key.toLowerCase();
    if (hasCtrl && key === "b" && this.tools.querySelector('[data-testid="text-bold"]')) this.#apply(toggleBold);
    else if (hasCtrl && key === "j") this.insertFact();
    else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const { selectionStart: start, selectionEnd: end } = this.input;
      const change = nextStep({ text: this.value, start, end });
      if (!change) return;
      this.replace(change);
    } else return;
    event.preventDefault();
  }

  #changed() {
    this.#flaws = [];
    this.#draw();
    this.#onInput(this.value);
  }

  #draw() {
    const text = this.value;
    const names = this.#names();
    /** @type {(string | HTMLElement)[]} */
    const nodes = [];
    for (const piece of piecesOf(text)) {
      const words = text.slice(piece.from, piece.to);
      if (piece.kind === "fact") {
        const isKnown = names.has(piece.name ?? "");
        nodes.push(el("span", { class: isKnown ? "chip" : "chip unknown" }, words));
      } else if (piece.kind === "loose") nodes.push(el("span", { class: "chip unknown" }, words));
      else nodes.push(...this.#flawed(piece.from, piece.to));
    }
    this.picture.replaceChildren(...nodes, "\n");
    const unknown = [
      ...new Set(
        piecesOf(text).flatMap(({ kind, name }) => (kind === "fact" && name && !names.has(name) ? [name] : [])),
      ),
    ];
    this.picture.dataset.unknown = unknown.join(" ");
  }

  /** @param {number} from @param {number} to @returns {(string | HTMLElement)[]} */
  #flawed(from, to) {
    const text = this.value;
    const cuts = [from, to];
    for (const flaw of this.#flaws) cuts.push(...[flaw.from, flaw.to].filter((at) => from < at && at < to));
    cuts.sort((a, b) => a - b);
    return cuts.slice(0, -1).map((start, index) => {
      const end = cuts[index + 1];
      const at = this.#flaws.filter((flaw) => flaw.from <= start && end <= flaw.to);
      const words = text.slice(start, end);
      if (!at.length) return words;
      const isBad = at.some(({ severity }) => severity === "block");
      return el("span", { class: isBad ? "flaw block" : "flaw" }, words);
    });
  }
}

/**
 * Writes over the selection so that the browser's undo knows it. execCommand is the only way to that; without it the text is set.
 * @param {HTMLTextAreaElement} input
 * @param {string} words
 */
function write(input, words) {
  const { selectionStart: start, selectionEnd: end } = input;
  if (start === end && !words) return;
  if (words ? document.execCommand("insertText", false, words) : document.execCommand("delete")) return;
  input.setRangeText(words, start, end, "end");
}
