// Characters that change the writing direction can make a name or a preview read as another text. They are shown as code
// points, and the text is isolated from its neighbours.
import { el } from "../shared/dom.js";

const DIRECTION = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/**
 * `text` with each directional control as ‹U+202E›.
 * @param {string} text
 */
export function withoutControls(text) {
  return text.replace(
    DIRECTION,
    (control) => `‹U+${(control.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`,
  );
}

/**
 * An element for text that customers or agents chose: a name, a preview, a channel.
 * @param {string} text
 * @param {import("../shared/dom.js").Props} [props]
 */
export function isolated(text, props = {}) {
  return el("bdi", props, withoutControls(text));
}
