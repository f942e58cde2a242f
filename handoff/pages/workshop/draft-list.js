// What the draft changes, as sentences; each with its text before and after, and a way back.
import { timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { el } from "../shared/dom.js";
import { differenceText } from "./difference-text.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Say } from "../words/speaker.js" */

/**
 * @typedef {object} DraftChange
 * @property {string} file
 * @property {string} kind  article, fact, text, canned, policy, sentences, case ...
 * @property {string | null} [id]
 * @property {string} zh
 * @property {string} en
 * @property {string | null} [before]
 * @property {string | null} [after]
 * @property {string | null} [by]
 * @property {string | null} [by_name]
 * @property {string | null} [at]
 */

const SHOWN = 40;

/** @param {readonly DraftChange[]} changes @param {Say} say @param {((file: string) => void) | null} onRevert */
export function draftList(changes, say, onRevert) {
  const rest = changes.length - SHOWN;
  const files = new Set();
  return el(
    "ul",
    { class: "draft-list", testid: "draft-changes" },
    changes.slice(0, SHOWN).map((change) => {
      const isFirst = !files.has(change.file); // a file is taken back as a whole
      files.add(change.file);
      return el(
        "li",
        { data: { file: change.file } },
        el(
          "div",
          { class: "draft-line" },
          el("p", {}, isolated(inLanguage(change, say))),
          el(
            "small",
            { class: "muted" },
            [change.by_name ?? change.by ?? say("draft.by_hand"), change.at ? timeWords(change.at, say) : ""]
              .filter(Boolean)
              .join(" · "),
          ),
          isFirst && onRevert
            ? el(
                "button",
                { type: "button", class: "quiet", testid: "draft-revert", on: { click: () => onRevert(change.file) } },
                say("draft.revert"),
              )
            : null,
        ),
        typeof change.before === "string" || typeof change.after === "string"
          ? el(
              "details",
              {},
              el("summary", {}, say("draft.compare")),
              differenceText(text(change.before), text(change.after), say),
            )
          : null,
      );
    }),
    rest > 0 ? el("li", { class: "muted" }, say("draft.more", rest)) : null,
  );
}

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : value == null ? "" : JSON.stringify(value));
