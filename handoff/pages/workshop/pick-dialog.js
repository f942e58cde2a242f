// A dialog in which one of many is found by typing: an intent, an article.
import { isComposed } from "../console/shortcut-keys.js";
import { el } from "../shared/dom.js";
import { matching } from "./pick-model.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Option } from "./pick-model.js" */

/**
 * Opens the dialog; resolves to the id of the chosen option, or to null when it is closed.
 * @param {object} settings
 * @param {Say} settings.say
 * @param {string} settings.title
 * @param {readonly Option[]} settings.options
 * @param {string} settings.testid
 * @returns {Promise<string | null>}
 */
export function pickOne({ say, title, options, testid }) {
  return new Promise((resolve) => {
    /** @type {string | null} */
    let chosen = null;
    let active = 0;
    let found = matching(options, "");
    const list = el("ul", { role: "listbox", id: "pick-list", class: "pick-list", "aria-label": title });
    const none = el("p", { class: "muted", hidden: true }, say("pick.none"));
    /** @type {HTMLInputElement} */
    const input = el("input", {
      type: "text",
      id: "pick-text",
      testid: "pick-text",
      role: "combobox",
      autocomplete: "off",
      "aria-controls": "pick-list",
      "aria-expanded": true,
      "aria-autocomplete": "list",
      placeholder: say("pick.placeholder"),
      "aria-label": title,
      on: {
        input: () => {
          found = matching(options, input.value);
          active = 0;
          draw();
        },
        keydown: (event) => {
          if (isComposed(event)) return;
          if (event.key === "ArrowDown") active = Math.min(active + 1, found.length - 1);
          else if (event.key === "ArrowUp") active = Math.max(active - 1, 0);
          else if (event.key === "Enter") {
            take(found[active]);
          } else return;
          event.preventDefault();
          draw();
        },
      },
    });
    const take = (/** @type {Option | undefined} */ option) => {
      if (!option) return;
      chosen = option.id;
      dialog.close();
    };
    const draw = () => {
      none.hidden = found.length > 0;
      list.replaceChildren(
        ...found.map((option, index) =>
          el(
            "li",
            {
              role: "option",
              id: `pick-${index}`,
              class: "pick-option",
              "aria-selected": index === active,
              data: { id: option.id },
              on: { click: () => take(option) },
            },
            el("span", {}, option.name),
            option.hint ? el("small", { class: "muted" }, option.hint) : null,
          ),
        ),
      );
      if (found.length) input.setAttribute("aria-activedescendant", `pick-${active}`);
      else input.removeAttribute("aria-activedescendant");
      list.children[active]?.scrollIntoView({ block: "nearest" });
    };
    /** @type {HTMLDialogElement} */
    const dialog = el(
      "dialog",
      { class: "pick", "aria-labelledby": "pick-title", testid, on: { close: () => done() } },
      el("h2", { id: "pick-title" }, title),
      input,
      none,
      list,
      el(
        "div",
        { class: "dialog-actions" },
        el("button", { type: "button", class: "quiet", on: { click: () => dialog.close() } }, say("action.cancel")),
      ),
    );
    const done = () => {
      dialog.remove();
      resolve(chosen);
    };
    document.body.append(dialog);
    dialog.showModal();
    draw();
    input.focus();
  });
}
