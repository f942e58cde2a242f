// A text before and after: what is gone is struck through, what is new is underlined; both are said to screen readers.
import { el } from "../shared/dom.js";
import { differences } from "./text-differences.js";

/** @import { Say } from "../words/speaker.js" */

/** @param {string} before @param {string} after @param {Say} say */
export function differenceText(before, after, say) {
  return el(
    "div",
    { class: "difference" },
    differences(before, after).map(({ kind, text }) => {
      if (kind === "same") return text;
      return el(
        kind === "gone" ? "del" : "ins",
        {},
        el("span", { class: "off-screen" }, say(`difference.${kind}`)),
        text,
      );
    }),
  );
}
