// Shows a message's plain text: line breaks, hanging numbered steps and **bold**, nothing else.
import { el } from "./dom.js";

const STEP = /^\s*(\d{1,2}[.、．)）]\s*)(?=\S)/;
const BOLD = /\*\*(\S(?:.*?\S)?)\*\*/g;

/** A list of line elements for `text`; formatted: false shows the customer's own text as typed. */
export function messageLines(text, { formatted = true } = {}) {
  return text
    .replace(/\r\n?/g, "\n")
    .trimEnd()
    .split("\n")
    .map((line) => {
      if (!line.trim()) return el("div", { class: "line gap" }, el("br"));
      if (!formatted) return el("div", { class: "line" }, line);
      const step = STEP.exec(line);
      if (!step) return el("div", { class: "line" }, ...boldRuns(line));
      return el(
        "div",
        { class: "line step" },
        el("span", { class: "step-number" }, step[1]),
        ...boldRuns(line.slice(step[0].length)),
      );
    });
}

function boldRuns(line) {
  const runs = [];
  let from = 0;
  for (const match of line.matchAll(BOLD)) {
    runs.push(line.slice(from, match.index), el("strong", {}, match[1]));
    from = match.index + match[0].length;
  }
  return [...runs, line.slice(from)].filter((run) => run !== "");
}
