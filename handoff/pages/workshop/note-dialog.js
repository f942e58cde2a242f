// A dialog that asks for a text: the reason of a publication, what a new intent is about.
import { askDialog, Incomplete } from "../console/action-dialogs.js";
import { problemWords } from "../console/display-names.js";
import { isComposed } from "../console/shortcut-keys.js";
import { DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";

/** @import { Child } from "../shared/dom.js" */
/** @import { Say } from "../words/speaker.js" */

/**
 * Opens the dialog; resolves to the text, or to null when it is closed. While `act` fails, the dialog stays open and shows why.
 * @param {object} settings
 * @param {Say} settings.say
 * @param {string} settings.title
 * @param {string | null} [settings.text]
 * @param {string | null} [settings.warning]
 * @param {string} settings.label  of the field
 * @param {string} settings.confirm
 * @param {string} settings.testid
 * @param {readonly Child[]} [settings.more]  further fields
 * @param {(note: string) => Promise<unknown>} [settings.act]
 * @returns {Promise<string | null>}
 */
export function askNote({ say, title, text, warning, label, confirm, testid, more = [], act = async () => {} }) {
  return new Promise((resolve) => {
    /** @type {string | null} */
    let said = null;
    /** @type {HTMLTextAreaElement} */
    const input = el("textarea", {
      rows: 3,
      id: "note-text",
      testid: "note-text",
      maxlength: 500,
      autofocus: true,
      on: {
        keydown: (event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || isComposed(event)) return;
          event.preventDefault();
          input.form?.requestSubmit();
        },
      },
    });
    const dialog = askDialog({
      say,
      title,
      text,
      warning,
      fields: [el("div", { class: "field" }, el("label", { for: "note-text" }, label), input), ...more],
      confirm,
      testid,
      explain: (error) => problemWords(DeskError.of(error), say),
      onConfirm: async () => {
        const note = input.value.trim();
        if (!note) throw new Incomplete(say("note.needed", label));
        await act(note);
        said = note;
        return null;
      },
    });
    dialog.addEventListener("close", () => resolve(said));
  });
}
