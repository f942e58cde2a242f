// The board's keys: one table for the page and for the list under "?".
import { isComposed, isTypedIn } from "../console/shortcut-keys.js";
import { el } from "../shared/dom.js";

/** @import { Say } from "../words/speaker.js" */

/** The sections that a number key reaches, in their order. */
export const SECTIONS = ["matters", "deadlines", "lines", "agents", "timeline", "report"];

/** Keys of the page, then those of a row of conversations, then those of a row of agents: [keys, words]. */
const SHEET = /** @type {const} */ ([
  [
    "keys.page",
    [
      ["1 – 6", "sections"],
      ["j k ↓ ↑", "move"],
      ["b", "wall"],
      ["?", "help"],
      ["Esc", "back"],
    ],
  ],
  [
    "keys.conversation",
    [
      ["o Enter", "open"],
      ["g", "assign"],
      ["t", "take"],
      ["w", "whisper"],
    ],
  ],
  [
    "keys.agent",
    [
      ["l Enter", "held"],
      ["w", "whisper"],
      ["p", "presence"],
      ["f", "release"],
    ],
  ],
]);

/** Listens until close(). */
export class BoardKeys {
  #actions;
  #listen = (/** @type {KeyboardEvent} */ event) => this.#keydown(event);

  /** @param {{section: (id: string) => void, move: () => void, wall: () => void, help: () => void, back: () => void}} actions */
  constructor(actions) {
    this.#actions = actions;
    document.addEventListener("keydown", this.#listen);
  }

  close() {
    document.removeEventListener("keydown", this.#listen);
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.defaultPrevented || isComposed(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (isTypedIn(event.target) && event.key !== "Escape") return;
    const section = SECTIONS[Number(event.key) - 1];
    if (section) this.#actions.section(section);
    else if (event.key === "j" || event.key === "k") this.#actions.move();
    else if (event.key === "b") this.#actions.wall();
    else if (event.key === "?" || event.key === "？") this.#actions.help();
    else if (event.key === "Escape") this.#actions.back();
    else return;
    event.preventDefault();
  }
}

/** Opens the list of keys. @param {Say} say */
export function showBoardKeys(say) {
  /** @type {HTMLDialogElement} */
  const dialog = el(
    "dialog",
    { class: "shortcuts", "aria-label": say("shortcuts.title"), testid: "keys" },
    el("h2", {}, say("shortcuts.title")),
    SHEET.map(([title, rows]) => [
      el("h3", {}, say(title)),
      el(
        "dl",
        {},
        rows.map(([keys, does]) => [el("dt", {}, el("kbd", {}, keys)), el("dd", {}, say(`keys.${does}`))]),
      ),
    ]),
    el(
      "div",
      { class: "dialog-actions" },
      el(
        "button",
        { type: "button", class: "primary", autofocus: true, on: { click: () => dialog.close() } },
        say("shortcuts.close"),
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
