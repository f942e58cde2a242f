// The customer's pictures: small ones that open large in a dialog, with the pointer or the keyboard.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
import { timeWords } from "./display-names.js";

/** @import { LogEvent } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */

/** @param {LogEvent} picture */
const addressOf = ({ attachment_id: id }) => `/api/attachments/${encodeURIComponent(id ?? "")}`;

/** @param {readonly LogEvent[]} pictures  events `attached` @param {Say} say */
export function pictureStrip(pictures, say) {
  if (!pictures.length) return el("p", { class: "muted" }, say("picture.none"));
  return el(
    "ul",
    { class: "pictures" },
    pictures.map((_, index) => el("li", {}, pictureButton(pictures, index, say))),
  );
}

/** @param {readonly LogEvent[]} pictures @param {number} index @param {Say} say */
export function pictureButton(pictures, index, say) {
  const picture = pictures[index];
  const missing = el("span", { class: "muted", hidden: true }, say("picture.missing"));
  const image = el("img", {
    src: addressOf(picture),
    alt: say("picture.alt", index + 1, timeWords(picture.at, say)),
    loading: "lazy",
    width: picture.width,
    height: picture.height,
    on: {
      error: () => {
        image.hidden = true;
        missing.hidden = false;
      },
    },
  });
  return el(
    "button",
    {
      type: "button",
      class: "picture",
      testid: "picture",
      title: say("picture.open"),
      on: { click: () => showPictures(pictures, index, say) },
    },
    image,
    missing,
  );
}

/**
 * Opens a picture in its size, as far as it fits; the arrows go to the others.
 * @param {readonly LogEvent[]} pictures
 * @param {number} first
 * @param {Say} say
 */
export function showPictures(pictures, first, say) {
  let at = first;
  const image = el("img", { testid: "picture-large" });
  const title = el("h2", { id: "picture-title" });
  const about = el("p", { class: "muted picture-hash" });
  const button = (/** @type {"back" | "next"} */ name, /** @type {number} */ step) =>
    el(
      "button",
      { type: "button", class: "tool", testid: `picture-${name}`, on: { click: () => show(at + step) } },
      say(`picture.${name}`),
    );
  const [back, next] = [button("back", -1), button("next", 1)];
  const show = (/** @type {number} */ index) => {
    if (!pictures[index]) return;
    at = index;
    const picture = pictures[at];
    const words = say("picture.alt", at + 1, timeWords(picture.at, say));
    image.src = addressOf(picture);
    image.alt = words;
    setText(title, words);
    setText(about, say("picture.about", picture.width ?? 0, picture.height ?? 0, (picture.sha256 ?? "").slice(0, 16)));
    back.disabled = at === 0;
    next.disabled = at === pictures.length - 1;
  };
  show(first);
  /** @type {HTMLDialogElement} */
  const dialog = el(
    "dialog",
    {
      class: "picture-dialog",
      "aria-labelledby": "picture-title",
      testid: "picture-dialog",
      on: {
        keydown: (event) => {
          const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
          if (!step) return;
          event.preventDefault();
          show(at + step);
        },
      },
    },
    el(
      "header",
      { class: "picture-head" },
      title,
      el(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": say("shortcuts.close"),
          testid: "picture-close",
          autofocus: true,
          on: { click: () => dialog.close() },
        },
        icon("close", { size: 22 }),
      ),
    ),
    // A place with the focus, so that the keyboard can scroll a long screenshot.
    el("div", { class: "picture-place", tabindex: 0, role: "region", "aria-label": say("picture.open") }, image),
    about,
    pictures.length > 1 ? el("div", { class: "dialog-actions" }, back, next) : null,
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
