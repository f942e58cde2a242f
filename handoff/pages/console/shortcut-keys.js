// Keyboard shortcuts: one table for the actions, for the list under "?" and for what the buttons show.
import { el } from "../shared/dom.js";

/**
 * @typedef {object} Shortcut
 * @property {string[]} [keys]  as KeyboardEvent.key; a capital letter is one with Shift
 * @property {string} [shown]  as it is written in the list
 * @property {string} does
 * @property {number} [argument]
 * @property {"move" | "case" | "write" | "page"} group  of the list
 */
/** @typedef {Record<string, (argument: number) => unknown>} ShortcutActions  by the names under `does` */

/** @type {readonly Shortcut[]} */
export const SHORTCUTS = [
  { group: "move", keys: ["u"], does: "urgent" },
  { group: "move", keys: ["m"], does: "next" },
  ...[1, 2, 3, 4, 5].map(
    (place) =>
      /** @type {Shortcut} */ ({ group: "move", keys: [String(place)], shown: "1 – 5", does: "slot", argument: place }),
  ),
  { group: "move", keys: ["j", "ArrowDown"], shown: "j k ↓ ↑", does: "move", argument: 1 },
  { group: "move", keys: ["k", "ArrowUp"], shown: "j k ↓ ↑", does: "move", argument: -1 },
  { group: "move", shown: "Enter", does: "open" }, // handled by the rows of the list
  { group: "move", keys: ["Escape"], shown: "Esc", does: "back" },
  { group: "case", keys: ["c"], does: "claim" },
  { group: "case", keys: ["C"], shown: "Shift C", does: "greet" },
  { group: "case", keys: ["x"], does: "decline" },
  { group: "case", keys: ["t"], does: "transfer" },
  { group: "case", keys: ["b"], does: "return" },
  { group: "case", keys: ["e"], does: "resolve" },
  { group: "case", keys: ["z"], does: "undo" },
  { group: "case", keys: ["l"], does: "link" },
  { group: "case", keys: ["h"], does: "mark_late" },
  { group: "case", keys: ["y"], does: "mark_needless" },
  { group: "case", keys: ["w"], does: "mark_article" },
  { group: "write", keys: ["r"], does: "reply" },
  { group: "write", keys: ["n"], does: "note" },
  { group: "write", keys: ["/", "／", "、"], does: "canned" },
  { group: "write", shown: "Ctrl /", does: "articles" }, // also while typing
  { group: "write", shown: "Enter", does: "send" }, // in the reply box
  { group: "write", shown: "Ctrl Enter", does: "send_next" }, // in the reply box
  { group: "page", shown: "Ctrl K", does: "search" }, // also while typing
  { group: "page", keys: ["p"], does: "presence" },
  { group: "page", keys: ["?", "？"], shown: "?", does: "help" },
];
/** @type {readonly Shortcut["group"][]} */
const GROUPS = ["move", "case", "write", "page"];
/** Fields in which letters are typed; keys work on a checkbox. */
const TYPED_IN = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]";

/** Keys with Ctrl or Cmd, which work while typing, too. @type {Record<string, string>} */
const WITH_CTRL = { k: "search", "/": "articles" };

/** @typedef {Pick<KeyboardEvent, "key" | "keyCode" | "isComposing" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">} Press */

/**
 * What a key means on the page; null for no shortcut. A key that an input method takes is none, also in browsers that report it
 * only by the code 229.
 * @param {Press} press
 * @param {{isTyping?: boolean, isScrolling?: boolean}} [where]  isScrolling: arrows scroll what has the focus
 * @returns {Shortcut | null}
 */
export function shortcutOf(press, { isTyping = false, isScrolling = false } = {}) {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = press;
  if (isComposed(press)) return null;
  if ((ctrlKey || metaKey) && !altKey && !shiftKey) return found(WITH_CTRL[key.toLowerCase()]);
  if (ctrlKey || metaKey || altKey) return null;
  if (isTyping && key !== "Escape") return null;
  if (isScrolling && key.startsWith("Arrow")) return null;
  // With Caps Lock a letter comes as a capital: only Shift makes another shortcut of it.
  const isLetter = /^[a-z]$/i.test(key);
  const meant = isLetter ? (shiftKey ? key.toUpperCase() : key.toLowerCase()) : key;
  return SHORTCUTS.find(({ keys }) => keys?.includes(meant)) ?? null;
}

/**
 * Whether the key belongs to an input method (Chinese): browsers report that in three ways.
 * @param {Pick<Press, "key" | "keyCode" | "isComposing">} press
 */
export const isComposed = ({ key, keyCode, isComposing }) =>
  Boolean(isComposing) || keyCode === 229 || key === "Process";

/**
 * Whether a key on this target is text: it has the focus, and letters are typed in it. A dialog that closes keeps the focus until
 * the browser draws the page again; what is pressed before that is for the page.
 * @param {EventTarget | null} target
 */
export const isTypedIn = (target) =>
  target instanceof Element && Boolean(target.closest(TYPED_IN)) && !target.closest("dialog:not([open])");

/** @param {string | undefined} does */
const found = (does) => SHORTCUTS.find((shortcut) => shortcut.does === does) ?? null;

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
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const target = event.target instanceof Element ? event.target : null;
    const shortcut = shortcutOf(event, {
      isTyping: isTypedIn(target),
      // Arrows scroll the transcript when it has the focus; only letters move from there.
      isScrolling: Boolean(target?.closest("[role=log], [role=toolbar], .facts")),
    });
    const act = shortcut && this.#actions[shortcut.does];
    if (!act) return;
    event.preventDefault();
    act(shortcut.argument ?? 0);
  }
}

/** @param {import("../words/speaker.js").Say} say */
export function showShortcuts(say) {
  const lists = GROUPS.map((group) => {
    /** @type {Map<string, string>} */
    const rows = new Map();
    for (const { keys, shown, does, ...of } of SHORTCUTS)
      if (of.group === group) rows.set(does, shown ?? keys?.[0] ?? "");
    return el(
      "section",
      {},
      el("h3", {}, say(`shortcuts.group.${group}`)),
      el(
        "dl",
        {},
        [...rows].map(([does, shown]) => [
          el(
            "dt",
            {},
            shown.split(" ").map((key) => (key === "–" ? key : el("kbd", {}, key))),
          ),
          el("dd", {}, say(`shortcuts.${does}`)),
        ]),
      ),
    );
  });
  /** @type {HTMLDialogElement} */
  const dialog = el(
    "dialog",
    { class: "shortcuts", "aria-label": say("shortcuts.title"), testid: "shortcuts" },
    el("h2", {}, say("shortcuts.title")),
    el("div", { class: "shortcut-groups" }, lists),
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
