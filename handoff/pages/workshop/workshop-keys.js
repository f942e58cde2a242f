// The workshop's keys: Ctrl+S saves, "g" and a letter goes to a view, "?" lists the keys; the open view has its own.
import { isComposed, isTypedIn } from "../console/shortcut-keys.js";
import { el } from "../shared/dom.js";
import { VIEWS } from "./views.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { WorkshopView } from "./views.js" */

/** How long "g" waits for its letter. */
const PREFIX_MS = 1_500;

/** Listens until close(). */
export class WorkshopKeys {
  #options;
  /** Until when (event.timeStamp) a letter names a view. */
  #prefixUntil = 0;
  #listen = (/** @type {KeyboardEvent} */ event) => this.#keydown(event);

  /** @param {{view: () => WorkshopView | null, goTo: (address: string) => void, onHelp: () => void, onBack: () => boolean}} options */
  constructor(options) {
    this.#options = options;
    document.addEventListener("keydown", this.#listen);
  }

  close() {
    document.removeEventListener("keydown", this.#listen);
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.defaultPrevented || isComposed(event) || document.querySelector("dialog[open]")) return;
    if (this.#isUsed(event)) event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #isUsed(event) {
    const { view, goTo, onHelp, onBack } = this.#options;
    const open = view();
    const { key } = event;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && key.toLowerCase() === "s") {
      open?.save?.();
      return true; // also without anything to save: the browser must not offer to save the page
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (isTypedIn(event.target)) {
      if (key !== "Escape") return false;
      /** @type {HTMLElement} */ (event.target).blur(); // the next Esc goes back
      return true;
    }
    const isPrefixed = event.timeStamp < this.#prefixUntil;
    this.#prefixUntil = 0;
    if (isPrefixed) {
      const entry = VIEWS.find((other) => other.key === key.toLowerCase());
      if (entry) goTo(entry.id);
      return Boolean(entry);
    }
    if (open?.onKey?.(event)) return true;
    if (key === "g") this.#prefixUntil = event.timeStamp + PREFIX_MS;
    else if (key === "?" || key === "？") onHelp();
    else if (key === "Escape") return onBack();
    else return false;
    return true;
  }
}

/**
 * Opens the list of keys: those of the page, then those of the open view.
 * @param {Say} say
 * @param {readonly (readonly [string, string])[]} ofView
 */
export function showKeys(say, ofView) {
  /** @param {string} title @param {readonly (readonly [string, string])[]} rows */
  const section = (title, rows) =>
    rows.length
      ? el(
          "section",
          {},
          el("h3", {}, title),
          el(
            "dl",
            {},
            rows.map(([keys, words]) => [
              el(
                "dt",
                {},
                keys.split(" ").map((key) => el("kbd", {}, key)),
              ),
              el("dd", {}, words),
            ]),
          ),
        )
      : null;
  /** @type {HTMLDialogElement} */
  const dialog = el(
    "dialog",
    { class: "shortcuts", "aria-label": say("shortcuts.title"), testid: "keys" },
    el("h2", {}, say("shortcuts.title")),
    el(
      "div",
      { class: "shortcut-groups" },
      section(say("workshop.keys.view"), ofView),
      section(say("workshop.keys.page"), [
        ["Ctrl S", say("workshop.keys.save")],
        ["Esc", say("workshop.keys.back")],
        ["?", say("workshop.keys.help")],
      ]),
      section(
        say("workshop.keys.go"),
        VIEWS.filter(({ key }) => key).map(({ id, key }) => [`g ${key}`, say(`workshop.view.${id}`)]),
      ),
    ),
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
