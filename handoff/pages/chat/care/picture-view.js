// Draws pictures on canvases: a site's policy need not allow images from blob addresses, and a picture of the desk needs a token.
import { el } from "../../shared/dom.js";

/** @import { LogEvent } from "../../shared/contract-types.js" */
/** @import { Say } from "../../words/speaker.js" */
/** @import { Conversation } from "../conversation.js" */
/** @import { Sheet } from "./sheet.js" */

const TYPES = new Set(["image/png", "image/jpeg", "image/webp"]);
const IN_LOG_PX = 220;
const LARGE_PX = 1_600;

/** @param {Blob} file */
export const isPicture = (file) => TYPES.has(file.type);

/**
 * Draws a picture, at most `most` pixels wide and high. Whether it could be read.
 * @param {HTMLCanvasElement} canvas
 * @param {Blob} blob
 * @param {number} most
 */
export async function paintPicture(canvas, blob, most) {
  let image;
  try {
    image = await createImageBitmap(blob);
  } catch {
    return false; // damaged, or no picture
  }
  const scale = Math.min(1, (most * devicePixelRatio) / Math.max(image.width, image.height));
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return true;
}

/**
 * Draws a picture of the log in its place, as a button that enlarges it.
 * @param {Conversation} conversation
 * @param {Say} say
 * @param {HTMLElement} place
 * @param {LogEvent & {attachment_id?: string}} event
 * @param {() => Sheet} sheet
 */
export async function drawPicture(conversation, say, place, event, sheet) {
  const path = conversation.path(`/attachments/${encodeURIComponent(event.attachment_id ?? "")}`);
  const blob = await fetchPicture(conversation, path);
  const canvas = el("canvas", { class: "picture-canvas" });
  if (!blob || !(await paintPicture(canvas, blob, IN_LOG_PX))) {
    const again = () => drawPicture(conversation, say, place, event, sheet);
    place.replaceChildren(
      el("button", { type: "button", class: "quiet", on: { click: again } }, say("care.picture.lost")),
    );
    return;
  }
  const enlarge = async () => {
    const large = el("canvas", { class: "picture-large", role: "img", "aria-label": say("care.picture.drop") });
    if (await paintPicture(large, blob, LARGE_PX)) sheet().open(say("care.picture.drop"), [large]);
  };
  const props = {
    type: "button",
    class: "picture-button",
    "aria-label": say("care.picture.open"),
    on: { click: enlarge },
  };
  place.removeAttribute("role");
  place.removeAttribute("aria-label");
  place.replaceChildren(el("button", props, canvas));
}

/** @param {Conversation} conversation @param {string} path @returns {Promise<Blob | null>} */
async function fetchPicture({ api }, path) {
  try {
    const response = await fetch(api.endpoint + path, api.options({ Accept: "image/*" }));
    return response.ok ? await response.blob() : null;
  } catch {
    return null; // no network: the place offers to try again
  }
}
