// The list of facts over the page: type to find one, Enter takes it.
import { isComposed } from "../console/shortcut-keys.js";
import { el } from "../shared/dom.js";
import { matchingFacts } from "./facts-model.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Fact } from "./workshop-types.js" */

/** Shown at once; typing finds the others. */
const MOST = 60;

/**
 * The name of the fact that the editor takes; null when none.
 * @param {Say} say
 * @param {readonly Fact[]} facts
 * @param {"zh" | "en"} locale  whose values are shown
 * @param {readonly string[]} [extraNames]  names that the desk fills in
 * @returns {Promise<string | null>}
 */
export function pickFact(say, facts, locale, extraNames = []) {
  return new Promise((resolve) => {
    /** @type {string | null} */
    let taken = null;
    let at = 0;
    /** @type {{name: string, value: string}[]} */
    let shown = [];
    const own = extraNames.map((name) => ({ name, value: say("text.filled_in") }));
    const list = el("ul", { class: "pick-list", role: "listbox", id: "fact-list", "aria-label": say("text.facts") });
    const none = el("p", { class: "empty", hidden: true }, say("text.no_fact"));
    const input = el("input", {
      type: "search",
      autocomplete: "off",
      autofocus: true,
      role: "combobox",
      "aria-expanded": true,
      "aria-controls": "fact-list",
      "aria-autocomplete": "list",
      "aria-label": say("text.find_fact"),
      placeholder: say("text.find_fact"),
      testid: "fact-find",
      on: {
        input: () => draw(0),
        keydown: (event) => {
          if (isComposed(event)) return;
          if (event.key === "ArrowDown") draw(at + 1);
          else if (event.key === "ArrowUp") draw(at - 1);
          else if (event.key === "Enter") take(shown[at]?.name);
          else return;
          event.preventDefault();
        },
      },
    });
    const take = (/** @type {string | undefined} */ name) => {
      taken = name ?? null;
      if (taken) dialog.close();
    };
    const draw = (/** @type {number} */ place) => {
      const found = matchingFacts(facts, input.value).map(({ name, zh, en }) => ({
        name,
        value: locale === "en" ? en : zh,
      }));
      const words = input.value.trim().toLowerCase();
      shown = [...own.filter(({ name }) => name.includes(words)), ...found].slice(0, MOST);
      at = Math.min(Math.max(place, 0), Math.max(shown.length - 1, 0));
      list.replaceChildren(
        ...shown.map(({ name, value }, index) =>
          el(
            "li",
            {
              role: "option",
              id: `fact-${index}`,
              "aria-selected": index === at,
              testid: "fact-option",
              data: { name },
              on: { click: () => take(name) },
            },
            el("b", {}, value),
            el("code", {}, name),
          ),
        ),
      );
      none.hidden = shown.length > 0;
      if (shown.length) input.setAttribute("aria-activedescendant", `fact-${at}`);
      else input.removeAttribute("aria-activedescendant");
      list.children[at]?.scrollIntoView({ block: "nearest" });
    };
    /** @type {HTMLDialogElement} */
    const dialog = el(
      "dialog",
      { class: "search", "aria-label": say("text.fact"), testid: "fact-picker" },
      input,
      list,
      none,
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(taken);
    });
    document.body.append(dialog);
    dialog.showModal();
    draw(0);
  });
}
