// Somebody else saved the same text meanwhile: both sides and what they came from, field by field; the editor takes one of them,
// or merges the text by hand.
import { timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { el } from "../shared/dom.js";
import { conflictsOf, fieldWords, resolved } from "./article-model.js";
import { differenceText } from "./difference-text.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Field } from "./article-model.js" */
/** @import { ArticleText } from "./workshop-types.js" */

/**
 * The text that the editor decided on; null when the dialog was left. The fields in which only one side changed are decided already.
 * @param {Say} say
 * @param {{base: ArticleText, mine: ArticleText, theirs: ArticleText}} sides
 * @returns {Promise<ArticleText | null>}
 */
export function askConflict(say, { base, mine, theirs }) {
  const conflicts = conflictsOf({ base, mine, theirs });
  /** @type {Partial<Record<Field, "mine" | "theirs">>} */
  const taken = {};
  /** The text merged by hand; null while a side is taken whole. @type {string | null} */
  let merged = null;
  return new Promise((resolve) => {
    /** @type {ArticleText | null} */
    let result = null;
    const sections = conflicts.map(({ field, changedBy, merged: proposal }) => {
      taken[field] = changedBy === "theirs" ? "theirs" : "mine";
      const isText = field === "text";
      if (isText && proposal !== null) merged = proposal;
      const hand = isText
        ? el("textarea", {
            rows: 8,
            testid: "conflict-hand",
            "aria-label": say("conflict.hand"),
            on: {
              input: () => {
                merged = hand?.value ?? null;
              },
            },
          })
        : null;
      if (hand) {
        hand.value = proposal ?? mine.text;
        hand.hidden = proposal === null;
      }
      const choice = (/** @type {"mine" | "theirs" | "hand"} */ side, /** @type {boolean} */ isChecked) =>
        el(
          "label",
          { class: "segment" },
          el("input", {
            type: "radio",
            name: `conflict-${field}`,
            checked: isChecked,
            testid: `take-${field}-${side}`,
            on: {
              change: () => {
                if (side !== "hand") taken[field] = side;
                if (!hand) return;
                hand.hidden = side !== "hand";
                merged = side === "hand" ? hand.value : null;
                if (side === "hand") hand.focus();
              },
            },
          }),
          say(`conflict.${side}`),
        );
      const isHand = isText && proposal !== null;
      const side = (/** @type {string} */ title, /** @type {string} */ before, /** @type {string} */ after) =>
        el("div", { class: "conflict-side" }, el("h4", {}, title), differenceText(before, after, say));
      return el(
        "section",
        { class: "conflict-field", testid: `conflict-${field}` },
        el("h3", {}, say(`article.${field}`), el("small", {}, say(`conflict.by.${changedBy}`))),
        isHand ? el("p", {}, say("conflict.merged")) : null,
        el(
          "div",
          { class: "conflict-sides" },
          side(say("conflict.mine.title"), fieldWords(base, field), fieldWords(mine, field)),
          side(say("conflict.theirs.title"), fieldWords(base, field), fieldWords(theirs, field)),
        ),
        el(
          "details",
          {},
          el("summary", {}, say("conflict.base")),
          el("div", { class: "difference" }, fieldWords(base, field) || say("conflict.empty")),
        ),
        el(
          "div",
          { class: "segments", role: "group", "aria-label": say("conflict.take") },
          choice("mine", !isHand && taken[field] === "mine"),
          choice("theirs", !isHand && taken[field] === "theirs"),
          isText ? choice("hand", isHand) : null,
        ),
        hand,
      );
    });
    const done = (/** @type {Event} */ event) => {
      event.preventDefault();
      result = resolved(mine, theirs, taken, merged);
      dialog.close();
    };
    /** @type {HTMLDialogElement} */
    const dialog = el(
      "dialog",
      { class: "conflict", "aria-labelledby": "conflict-title", testid: "conflict" },
      el(
        "form",
        { method: "dialog", on: { submit: done } },
        el("h2", { id: "conflict-title" }, say("conflict.title")),
        el(
          "p",
          {},
          isolated(theirs.by_name ?? say("conflict.somebody")),
          theirs.at ? ` · ${timeWords(theirs.at, say)}` : "",
          " ",
          say("conflict.text"),
        ),
        sections,
        el(
          "div",
          { class: "dialog-actions" },
          el(
            "button",
            { type: "button", class: "quiet", testid: "conflict-later", on: { click: () => dialog.close() } },
            say("conflict.later"),
          ),
          el("button", { type: "submit", class: "primary", testid: "conflict-save" }, say("conflict.save")),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
