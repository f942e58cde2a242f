// Somebody else saved the same thing meanwhile: both sides and what they came from, field by field; the editor takes one of them,
// or merges a text by hand.
import { timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { el } from "../shared/dom.js";
import { conflictsOf, resolved } from "./conflict-model.js";
import { differenceText } from "./difference-text.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { FieldConflict, Shape, Sides } from "./conflict-model.js" */

/**
 * The version that the editor decided on; null when the dialog was left.
 * @template Thing
 * @param {Say} say
 * @param {Shape<Thing>} shape
 * @param {Sides<Thing>} sides
 * @param {{labelOf: (field: string) => string, by?: string | null, at?: string | null}} options  by, at: of the other change
 * @returns {Promise<Thing | null>}
 */
export function askConflict(say, shape, { base, mine, theirs }, { labelOf, by, at }) {
  /** @type {Record<string, "mine" | "theirs">} */
  const taken = {};
  /** @type {Record<string, string>} */
  const merged = {};
  /** @param {FieldConflict} conflict */
  const section = ({ field, changedBy, merged: proposal }) => {
    const [was, my, their] = [base, mine, theirs].map((side) => shape.words(side, field));
    const name = labelOf(field);
    taken[field] = changedBy === "theirs" ? "theirs" : "mine";
    if (proposal !== null) merged[field] = proposal;
    const isHand = proposal !== null;
    const hand = el("textarea", {
      rows: 8,
      testid: `hand-${field}`,
      "aria-label": say("conflict.hand"),
      hidden: !isHand,
      on: {
        input: () => {
          merged[field] = hand.value;
        },
      },
    });
    hand.value = proposal ?? my;
    const take = (/** @type {"mine" | "theirs" | "hand"} */ side) => {
      if (side !== "hand") taken[field] = side;
      if (side === "hand") merged[field] = hand.value;
      else delete merged[field];
      hand.hidden = side !== "hand";
      if (side === "hand") hand.focus();
    };
    const choice = (/** @type {"mine" | "theirs" | "hand"} */ side, /** @type {boolean} */ isChecked) =>
      el(
        "label",
        { class: "segment" },
        el("input", {
          type: "radio",
          name: `conflict-${field}`,
          checked: isChecked,
          testid: `take-${field}-${side}`,
          on: { change: () => take(side) },
        }),
        say(`conflict.${side}`),
      );
    const side = (/** @type {string} */ title, /** @type {string} */ after) =>
      el("div", { class: "conflict-side" }, el("h4", {}, title), differenceText(was, after, say));
    return el(
      "section",
      { class: "conflict-field", "aria-label": name, testid: `conflict-${field}` },
      el("h3", {}, name, el("small", {}, say(`conflict.by.${changedBy}`))),
      isHand ? el("p", {}, say("conflict.merged")) : null,
      el(
        "div",
        { class: "conflict-sides" },
        side(say("conflict.mine.title"), my),
        side(say("conflict.theirs.title"), their),
      ),
      el(
        "details",
        {},
        el("summary", {}, say("conflict.base")),
        el("div", { class: "difference" }, was || say("conflict.empty")),
      ),
      el(
        "div",
        { class: "segments", role: "group", "aria-label": say("conflict.take") },
        choice("mine", !isHand && taken[field] === "mine"),
        choice("theirs", !isHand && taken[field] === "theirs"),
        shape.written[field] ? choice("hand", isHand) : null,
      ),
      hand,
    );
  };
  return new Promise((resolve) => {
    /** @type {Thing | null} */
    let result = null;
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      result = resolved(shape, mine, theirs, taken, merged);
      dialog.close();
    };
    /** @type {HTMLDialogElement} */
    const dialog = el(
      "dialog",
      { class: "conflict", "aria-labelledby": "conflict-title", testid: "conflict" },
      el(
        "form",
        { method: "dialog", on: { submit } },
        el("h2", { id: "conflict-title", tabindex: -1, autofocus: true }, say("conflict.title")),
        el(
          "p",
          {},
          isolated(by || say("conflict.somebody")),
          at ? ` (${timeWords(at, say)}) ` : " ",
          say("conflict.text"),
        ),
        conflictsOf(shape, { base, mine, theirs }).map(section),
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
