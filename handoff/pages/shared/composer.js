// The text box for a message, shared by the chat and the console.
import { el, setText } from "./dom.js";
import { icon } from "./icons.js";

const LIMIT = 4_000; // characters, as the desk counts them
const COUNT_FROM = 3_600;
const TALLEST_PX = 132; // five lines

/** @import { BrowserStore } from "./browser-store.js" */
/** @import { Say } from "../words/speaker.js" */

/**
 * @typedef {object} ComposerOptions
 * @property {Say} say
 * @property {(text: string) => void} onSend  the box is empty again when it is called
 * @property {(event: KeyboardEvent) => boolean} [onKey]  true when it has dealt with a key first
 * @property {() => void} [onInput]
 * @property {(text: string) => boolean} [holds]  true for text that must not be sent
 * @property {string} placeholder
 * @property {{input: string, send: string}} testids
 */

/** A text's length as the desk counts it: in code points. @param {string} text */
const lengthOf = (text) => [...text].length;

/**
 * By how much `text` is too long, and its length when it is near the limit, else null. In code points.
 * @param {string} text
 * @returns {{excess: number, length: number | null}}
 */
export function lengthNotice(text) {
  const length = lengthOf(text);
  return { excess: Math.max(0, lengthOf(text.trim()) - LIMIT), length: length < COUNT_FROM ? null : length };
}

/**
 * What a key does in the box. An input method uses Enter to pick a word; Safari ends the composition before the key, hence 229.
 * @param {Pick<KeyboardEvent, "isComposing" | "keyCode" | "key" | "shiftKey" | "altKey">} event
 * @returns {"composes" | "sends" | "types"}
 */
export function keyMeaning({ isComposing, keyCode, key, shiftKey, altKey }) {
  if (isComposing || keyCode === 229) return "composes";
  return key === "Enter" && !shiftKey && !altKey ? "sends" : "types";
}

export class Composer {
  #onSend;
  #onKey;
  #say;
  #holds;
  /** @type {{store: BrowserStore, key: string} | null} */
  #draft = null;

  /** @param {ComposerOptions} options */
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
   * Stores the text in `store` under `key` at each change until it is sent, and restores a stored text.
   * @param {BrowserStore} store
   * @param {string} key
   */
  keepDraft(store, key) {
    this.#draft = { store, key };
    const kept = store.get(key);
    this.text = typeof kept === "string" ? kept : "";
  }

  /** @param {string} words */
  set placeholder(words) {
    this.input.placeholder = words;
    this.input.setAttribute("aria-label", words);
  }

  /** @param {boolean} off */
  set disabled(off) {
    this.input.disabled = off;
    this.refresh();
  }

  focus() {
    this.input.focus();
  }

  send() {
    const text = this.text.trim();
    if (!text || lengthNotice(text).excess > 0 || this.input.disabled || this.#holds(this.text)) return;
    this.text = "";
    this.#onSend(text);
  }

  /** Updates height, counter and button for the text. */
  refresh() {
    const { style } = this.input;
    style.height = "auto";
    const tall = this.input.scrollHeight; // 0 while the box is not on the page
    if (tall) style.height = `${Math.min(tall, TALLEST_PX)}px`;
    const { excess, length } = lengthNotice(this.text);
    setText(
      this.counter,
      length === null ? "" : excess > 0 ? this.#say("composer.too_long", excess) : `${length}/${LIMIT}`,
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

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    const meaning = keyMeaning(event);
    if (meaning === "composes" || this.#onKey(event)) return;
    if (meaning === "sends") {
      event.preventDefault();
      this.send();
    }
  }
}
