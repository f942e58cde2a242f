// A decision before and after, side by side, in short.
import { el } from "../shared/dom.js";

/** @import { ViewContext } from "./views.js" */
/** @import { Brief } from "./shadow-model.js" */

/** The route and what it is about. @param {Brief} brief @param {Pick<ViewContext, "say" | "names">} context */
export function briefWords({ route, intent, reason }, { say, names }) {
  const name = say.knows(`route.${route}`) ? say(`route.${route}`) : route;
  const about = reason ? names.reason(reason) : intent ? names.intent(intent) : "";
  return [name, about].filter(Boolean).join(" · ");
}

/**
 * @param {Brief} before @param {Brief} after @param {Pick<ViewContext, "say" | "names">} context
 * @param {readonly [string, string]} [sides]  the keys of what stands before each
 */
export function decisionPair(before, after, context, sides = ["pair.before", "pair.after"]) {
  const { say } = context;
  /** @param {string} side @param {Brief} brief */
  const half = (side, brief) =>
    el(
      "div",
      { class: "pair-half", data: { route: brief.route } },
      el("small", { class: "muted" }, say(side)),
      el("b", {}, briefWords(brief, context)),
      brief.priority === "urgent" ? el("span", { class: "chip" }, say("priority.urgent")) : null,
    );
  return el("div", { class: "decision-pair" }, half(sides[0], before), half(sides[1], after));
}
