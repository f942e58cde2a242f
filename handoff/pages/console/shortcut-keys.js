// Keyboard shortcuts: one table for the actions and for the list under "?".
import { el } from "../shared/dom.js";

/**
 * @typedef {object} Shortcut
 * @property {string[]} [keys]
 * @property {string} [shown]  as it is written in the list
 * @property {string} does
 * @property {number} [step]
 */
/** @typedef {Record<string, (argument: number | Event) => unknown>} ShortcutActions  by the names under `does` */

/** @type {readonly Shortcut[]} */
const SHORTCUTS = [
  { keys: ["j", "ArrowDown"], shown: "j ↓", does: "move", step: 1 },
  { keys: ["k", "ArrowUp"], shown: "k ↑", does: "move", step: -1 },
  { shown: "Enter", does: "open" }, // handled by the cards of the queue
  { keys: ["c"], does: "claim" },
  { keys: ["r"], does: "reply" },
  { keys: ["n"], does: "note" },
  { keys: ["t"], does: "transfer" },
  { keys: ["b"], does: "return" },
  { keys: ["e"], does: "resolve" },
  { keys: ["/", "／", "、"], does: "canned" },
  { keys: ["?", "？"], shown: "?", does: "help" },
  { keys: ["Escape"], shown: "Esc", does: "back" },
  { shown: "Enter", does: "send" }, // in the reply box
];

/** Listens until close(); actions: {move(step), claim(), reply(), ...} by the names above. */
export class ShortcutKeys {
  #actions;
  #listen = (/** @type {KeyboardEvent} */ event) => this.#keydown(event);

  /** @param {ShortcutActions} actions */
  constructor(actions) {
    this.#actions = actions;
    document.addEventListener("keydown", this.#listen);
  }

  close() {
    document.removeEventListener("keydown", this.#listen);
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const target = event.target instanceof Element ? event.target : null;
    const typing = target?.closest("input, textarea, select");
    if (typing && event.key !== "Escape") return;
    // Arrows scroll the transcript when it has the focus; only letters move from there.
    if (event.key.startsWith("Arrow") && target?.closest("[role=log], [role=toolbar], .facts")) return;
    const shortcut = SHORTCUTS.find(({ keys }) => keys?.includes(event.key));
    if (!shortcut) return;
    event.preventDefault();
    this.#actions[shortcut.does](shortcut.step ?? event);
  }
}

/** @param {import("../words/speaker.js").Say} say */
export function showShortcuts(say) {
  const rows = SHORTCUTS.filter(({ step }) => step !== -1).map(({ keys, shown, does }) => [
    el("dt", {}, el("kbd", {}, does === "move" ? "j k ↓ ↑" : (shown ?? keys?.[0] ?? ""))),
    el("dd", {}, say(`shortcuts.${does}`)),
  ]);
  /** @type {HTMLDialogElement} */
  const dialog = el(
    "dialog",
    { class: "shortcuts", "aria-label": say("shortcuts.title"), testid: "shortcuts" },
    el("h2", {}, say("shortcuts.title")),
    el("dl", {}, rows),
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
