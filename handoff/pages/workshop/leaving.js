// Asks before unsaved changes are left. The text stays in the browser either way, so nothing is lost by a wrong answer.
import { el } from "../shared/dom.js";

/** @import { Say } from "../words/speaker.js" */

/**
 * Whether the editor wants to leave; Esc stays.
 * @param {Say} say
 * @returns {Promise<boolean>}
 */
export function askToLeave(say) {
  return new Promise((resolve) => {
    let mayLeave = false;
    const button = (/** @type {string} */ testid, /** @type {string} */ kind, /** @type {boolean} */ leaves) =>
      el(
        "button",
        {
          type: "button",
          class: kind,
          testid,
          autofocus: !leaves,
          on: {
            click: () => {
              mayLeave = leaves;
              dialog.close();
            },
          },
        },
        say(leaves ? "workshop.leave.go" : "workshop.leave.stay"),
      );
    /** @type {HTMLDialogElement} */
    const dialog = el(
      "dialog",
      { "aria-labelledby": "leave-title", testid: "leave" },
      el("h2", { id: "leave-title" }, say("workshop.leave.title")),
      el("p", {}, say("workshop.leave.text")),
      el("div", { class: "dialog-actions" }, button("leave-go", "quiet", true), button("leave-stay", "primary", false)),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(mayLeave);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
