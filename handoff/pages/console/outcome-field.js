// The choice of how a case ended: one button for each outcome, also by the keys 1 to 9.
import { el } from "../shared/dom.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { NamedId } from "./display-names.js" */

/**
 * @param {Say} say
 * @param {readonly NamedId[]} outcomes  those that fit the reason; none: the desk has no outcomes, and nothing is asked
 */
export function outcomeField(say, outcomes) {
  /** @type {HTMLInputElement[]} */
  const inputs = outcomes.map(({ id }, index) =>
    el("input", {
      type: "radio",
      name: "outcome",
      value: id,
      testid: `outcome-${id}`,
      autofocus: index === 0,
    }),
  );
  const node = el(
    "fieldset",
    {
      class: "outcomes",
      hidden: !outcomes.length,
      on: {
        keydown: (event) => {
          const input = inputs[Number(event.key) - 1];
          if (!input || event.ctrlKey || event.metaKey || event.altKey) return;
          event.preventDefault();
          input.checked = true;
          input.focus();
        },
      },
    },
    el("legend", {}, say("dialog.resolve.outcome")),
    el(
      "div",
      { class: "outcome-grid" },
      outcomes.map(({ name }, index) =>
        el(
          "label",
          { class: "outcome" },
          inputs[index],
          el("span", {}, name),
          el("kbd", { "aria-hidden": "true" }, index + 1 < 10 ? String(index + 1) : ""),
        ),
      ),
    ),
  );
  return {
    node,
    isNeeded: outcomes.length > 0,
    get value() {
      return inputs.find((input) => input.checked)?.value ?? null;
    },
  };
}
