// The box one writes a message in; the chat and the console share it.
import { el, setText } from "./dom.js";
import { icon } from "./icons.js";

const LIMIT = 4_000; // characters, as the desk counts them
const COUNT_FROM = 3_600;
const TALLEST_PX = 132; // five lines

export class Composer {
  #onSend;
  #onKey;
  #say;
  #holds;
  #draft = null; // {store, key}

  /**
   * onSend(text): the box is empty again when it is called; onKey(event) returns true when it has dealt
   * with a key first; holds(text) returns true for text that must not be sent; testids: {input, send}.
   */
  constructor({ say, onSend, onKey = () => false, onInput = () => {}, holds = () => false, placeholder, testids }) {
    this.#say = say;
    this.#onSend = onSend;
    this.#onKey = onKey;
    this.#holds = holds;
    this.input = el("textarea", {
      class: "composer-input",
      rows: 1,
      testid: testids.input,
      placeholder,
      "aria-label": placeholder,
      enterkeyhint: "send",
      autocomplete: "off",
      spellcheck: "false",
      on: {
        keydown: (event) => this.#keydown(event),
        input: () => {
          this.refresh();
          this.#keep();
          onInput();
        },
      },
    });
    this.counter = el("span", { class: "composer-count", "aria-live": "polite" });
    this.button = el(
      "button",
      {
        class: "composer-send",
        type: "button",
        testid: testids.send,
        "aria-label": say("composer.send"),
        on: {
          click: () => {
            this.send();
            this.input.focus();
          },
        },
      },
      icon("send"),
    );
    this.node = el(
      "div",
      { class: "composer" },
      el("div", { class: "composer-field" }, this.input, this.counter),
      this.button,
    );
    this.refresh();
  }

  get text() {
    return this.input.value;
  }

  set text(value) {
    this.input.value = value;
    this.refresh();
    this.#keep();
  }

  /**
   * From now on what is typed is kept in `store` (a BrowserStore) under `key` until it is sent, and what was
   * kept there stands in the box; without a store nothing is kept and the box stays as it is.
   */
  keepDraft(store, key) {
    this.#draft = store ? { store, key } : null;
    const kept = store?.get(key);
    if (store) this.text = typeof kept === "string" ? kept : "";
  }

  set placeholder(words) {
    this.input.placeholder = words;
    this.input.setAttribute("aria-label", words);
  }

  set disabled(off) {
    this.input.disabled = off;
    this.refresh();
  }

  focus() {
    this.input.focus();
  }

  send() {
    const text = this.text.trim();
    if (!text || this.#excess() > 0 || this.input.disabled || this.#holds(this.text)) return;
    this.text = "";
    this.#onSend(text);
  }

  /** Height, counter and button follow the text. */
  refresh() {
    const { style } = this.input;
    style.height = "auto";
    const tall = this.input.scrollHeight; // 0 while the box is not on the page
    if (tall) style.height = `${Math.min(tall, TALLEST_PX)}px`;
    const length = [...this.text].length;
    const excess = this.#excess();
    setText(
      this.counter,
      length < COUNT_FROM ? "" : excess > 0 ? this.#say("composer.too_long", excess) : `${length}/${LIMIT}`,
    );
    this.counter.classList.toggle("over", excess > 0);
    this.button.disabled = this.input.disabled || excess > 0 || !this.text.trim();
  }

  #keep() {
    if (!this.#draft) return;
    const { store, key } = this.#draft;
    if (this.text) store.set(key, this.text);
    else store.remove(key);
  }

  #excess() {
    return [...this.text.trim()].length - LIMIT;
  }

  #keydown(event) {
    // An input method uses Enter to pick a word; Safari ends the composition before the key, hence 229.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.#onKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.send();
    }
  }
}
