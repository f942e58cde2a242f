// A button that copies a text and says so.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";

/** @import { Say } from "../words/speaker.js" */

const COPIED_MS = 1_500;

/** @param {string} text @param {Say} say */
export function copyButton(text, say) {
  const label = el("span", { class: "copied", role: "status" });
  const button = el(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": say("facts.copy", text),
      title: say("facts.copy", text),
      on: {
        click: async () => {
          await copy(text);
          setText(label, say("facts.copied"));
          setTimeout(() => setText(label, ""), COPIED_MS);
        },
      },
    },
    icon("copy", { size: 18 }),
  );
  return el("span", { class: "copy" }, label, button);
}

/** The clipboard API exists on secure origins only; the old command works everywhere else. @param {string} text */
async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch {
      // The browser refused permission: use the old command.
    }
  }
  const box = el("textarea", { class: "off-screen", readonly: true });
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}
