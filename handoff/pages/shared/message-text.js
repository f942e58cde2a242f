// Renders the text of a message: line breaks; in texts of editors and of the desk also numbered steps and **bold**.
import { el } from "./dom.js";

const STEP = /^\s*((\d{1,2})(?:[、．)）]|\.(?!\d))\s*)(?=\S)/; // 3.5 is a number, not a third step
// A phone number is a link, and is never broken over two lines.
const PHONE = /(?<![\d-])(?:\d{3,4}-\d{3,4}-\d{3,4}|0\d{2,3}-\d{7,8})(?![\d-])/g;
const BOLD = /\*\*(\S(?:.*?\S)?)\*\*/g;

/** @import { LogEvent } from "./contract-types.js" */
/** @typedef {"article" | "steps" | "none"} Formatting */

/**
 * How an event's text may be formatted: "article" (steps, phone numbers and bold) for articles, "steps" (without bold) for
 * other texts of the bot and the desk, "none" for texts that people typed.
 * @param {LogEvent} event
 * @returns {Formatting}
 */
export function formattingOf(event) {
  if (event.by.kind === "bot") return event.article ? "article" : "steps";
  return event.by.kind === "system" ? "steps" : "none";
}

/**
 * A list of elements for `text`: one per line, consecutive steps as one list.
 * Each line is isolated (bdi), so that marks of writing direction do not affect other lines.
 * @param {string} text
 * @param {{formatted?: boolean, formatting?: Formatting}} [options]  formatting: as formattingOf() says; formatted: false is "none"
 */
export function messageLines(text, { formatted = true, formatting = formatted ? "article" : "none" } = {}) {
  /** @type {Record<Formatting, (line: string) => Runs>} */
  const allRuns = {
    article: (line) => split(line, BOLD, (match) => el("strong", {}, phoneRuns(match[1])), phoneRuns),
    steps: phoneRuns,
    none: (line) => [line],
  };
  const runs = allRuns[formatting];
  /** @type {HTMLElement[]} */
  const nodes = [];
  /** @type {HTMLOListElement | null} */
  let list = null;
  for (const line of text.replace(/\r\n?/g, "\n").trimEnd().split("\n")) {
    const step = formatting === "none" ? null : STEP.exec(line);
    if (step) {
      if (!list) {
        list = el("ol", { class: "steps", role: "list" });
        nodes.push(list);
      }
      list.append(
        el(
          "li",
          { class: "line step", value: step[2] },
          el("span", { class: "step-number" }, step[1]),
          el("bdi", {}, runs(line.slice(step[0].length))),
        ),
      );
      continue;
    }
    list = null;
    nodes.push(
      line.trim()
        ? el("div", { class: "line" }, el("bdi", {}, runs(line)))
        : el("div", { class: "line gap" }, el("br")),
    );
  }
  return nodes;
}

/** @typedef {(string | HTMLElement)[]} Runs  pieces of a line */

/** @param {string} text @returns {Runs} */
function phoneRuns(text) {
  return split(text, PHONE, ([number]) => el("a", { class: "phone", href: `tel:${number}` }, number));
}

/**
 * `text` with each match of `pattern` replaced by a node, and the pieces between the matches by `between`.
 * @param {string} text
 * @param {RegExp} pattern
 * @param {(match: RegExpExecArray) => HTMLElement} node
 * @param {(piece: string) => Runs} [between]
 * @returns {Runs}
 */
function split(text, pattern, node, between = (piece) => [piece]) {
  /** @type {Runs} */
  const runs = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) runs.push(...between(text.slice(from, match.index)));
    runs.push(node(match));
    from = match.index + match[0].length;
  }
  if (from < text.length) runs.push(...between(text.slice(from)));
  return runs;
}
