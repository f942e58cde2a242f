// A choice of a few, as a row of buttons.
import { el } from "../shared/dom.js";

/** @import { Say } from "../words/speaker.js" */

let lastId = 0;

/**
 * @param {Say} say
 * @param {string} name  what is chosen: words under `preview.NAME`
 * @param {readonly (readonly [string, string])[]} choices  values with their words; the first is chosen
 * @param {(value: string) => void} onChange
 * @param {string} [className]
 */
export function segments(say, name, choices, onChange, className = "") {
  lastId += 1;
  return el(
    "div",
    { class: `segments ${className}`.trim(), role: "group", "aria-label": say(`preview.${name}`) },
    choices.map(([value, words], index) =>
      el(
        "label",
        { class: "segment" },
        el("input", {
          type: "radio",
          name: `segments-${lastId}`,
          class: "off-screen",
          checked: !index,
          testid: `preview-${value}`,
          on: { change: () => onChange(value) },
        }),
        words,
      ),
    ),
  );
}
