// The examples of an intent as a long list: only the rows near the screen are in the page.
import { isolated, withoutControls } from "../console/shown-text.js";
import { WindowedList } from "../console/windowed-list.js";
import { el, setText } from "../shared/dom.js";

/** @import { ViewContext } from "./views.js" */
/** @import { Finding, Sentence } from "./sentences-model.js" */
/** @import { Row } from "../console/windowed-list.js" */

const NARROW = "(max-width: 760px)";
const ROW = { wide: 46, narrow: 84 };

/** @typedef {{sentence: Sentence, findings: Finding[]}} Listed */

export class SentenceList {
  #context;
  #options;
  /** @type {string | null} */
  #current = null;
  #narrow = matchMedia(NARROW);
  #resized = () => this.#rebuild();
  /** @type {{key: string, item: Listed}[]} */
  #entries = [];
  /** @type {WindowedList<Listed>} */
  #list;

  /**
   * @param {ViewContext} context
   * @param {{onMove: (sentence: Sentence) => void, onRemove: (sentence: Sentence) => void, mayEdit: boolean}} options
   */
  constructor(context, options) {
    this.#context = context;
    this.#options = options;
    this.node = el("div", { class: "panel sentence-list", testid: "sentence-list" });
    this.#list = this.#make();
    this.#narrow.addEventListener("change", this.#resized);
  }

  close() {
    this.#narrow.removeEventListener("change", this.#resized);
    this.#list.close();
  }

  /** @param {Listed[]} items */
  show(items) {
    this.#entries = items.map((item) => ({ key: item.sentence.text, item }));
    this.#list.show(this.#entries);
    this.node.hidden = items.length === 0;
  }

  toTop() {
    this.#list.toTop();
  }

  /** The sentence whose row has the focus. */
  get focused() {
    const row = document.activeElement?.closest("[data-sentence]");
    const text = row instanceof HTMLElement ? row.dataset.sentence : undefined;
    return this.#entries.find(({ key }) => key === text)?.item.sentence ?? null;
  }

  /** Moves the focus by rows. @param {number} step */
  move(step) {
    const keys = this.#entries.map(({ key }) => key);
    const at = this.#current === null ? -1 : keys.indexOf(this.#current);
    const next = keys[Math.min(Math.max(at + step, 0), keys.length - 1)];
    if (next === undefined) return;
    this.#current = next;
    this.#list.reach(next)?.focus();
  }

  #rebuild() {
    this.#list.close();
    this.#list = this.#make();
    this.#list.show(this.#entries);
  }

  #make() {
    const list = /** @type {WindowedList<Listed>} */ (
      new WindowedList({
        height: this.#narrow.matches ? ROW.narrow : ROW.wide,
        create: (entry) => this.#row(entry.item),
        draw: (row, item) => this.#draw(row, item),
        onNearEnd: () => {},
      })
    );
    this.node.replaceChildren(list.node);
    return list;
  }

  /** @param {Listed} item @returns {Row} */
  #row({ sentence }) {
    const { say } = this.#context;
    const { onMove, onRemove, mayEdit } = this.#options;
    const words = el("span", { class: "sentence-text", tabindex: 0 }, isolated(sentence.text));
    words.addEventListener("focus", () => {
      this.#current = sentence.text;
    });
    const act = (/** @type {string} */ id, /** @type {() => void} */ click) =>
      el(
        "button",
        {
          type: "button",
          class: "quiet",
          tabindex: -1,
          testid: `sentence-${id}`,
          "aria-label": say(`sentences.${id}.of`, withoutControls(sentence.text)),
          on: { click },
        },
        say(`sentences.${id}`),
      );
    const node = el(
      "li",
      { class: "sentence-row", data: { sentence: sentence.text } },
      words,
      el("span", { class: "sentence-flaws" }),
      mayEdit
        ? el(
            "span",
            { class: "sentence-acts" },
            act("move", () => onMove(sentence)),
            act("remove", () => onRemove(sentence)),
          )
        : null,
    );
    return { node, button: words, tick: () => {} };
  }

  /** @param {Row} row @param {Listed} item */
  #draw(row, { findings }) {
    const { say, names } = this.#context;
    const place = /** @type {HTMLElement} */ (row.node.querySelector(".sentence-flaws"));
    const words = findings
      .map(({ flaw, rival, otherIntent }) => {
        const other = rival ?? otherIntent;
        return other ? say(`sentences.flag.${flaw}`, names.intent(other)) : say(`sentences.flaw.${flaw}`);
      })
      .join(" · ");
    setText(place, words);
    row.node.classList.toggle("flawed", Boolean(words));
  }
}
