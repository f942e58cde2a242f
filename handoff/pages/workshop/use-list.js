// Where a fact stands: a link to each text.
import { el } from "../shared/dom.js";

/** @import { ViewContext } from "./views.js" */
/** @import { TextUse } from "./workshop-types.js" */

/** The address of a text; null for one without a view. @param {TextUse} use */
export function addressOf({ kind, id, locale }) {
  if (kind === "article") return `#article/${encodeURIComponent(id)}${locale === "en" ? "/en" : ""}`;
  if (kind === "text" || kind === "desk") return `#texts/desk/${encodeURIComponent(id)}`;
  if (kind === "canned") return `#texts/canned/${encodeURIComponent(id)}`;
  return null;
}

/** What kind of text it is, and its language. @param {TextUse} use @param {ViewContext["say"]} say */
export const useWords = ({ kind, locale }, say) =>
  [
    say.knows(`use.${kind}`) ? say(`use.${kind}`) : kind,
    locale && say.knows(`article.locale.${locale}`) ? say(`article.locale.${locale}`) : locale,
  ]
    .filter(Boolean)
    .join(" · ");

/** @param {readonly TextUse[]} uses @param {Pick<ViewContext, "say">} context */
export function useList(uses, { say }) {
  if (!uses.length) return el("p", { class: "empty" }, say("facts.unused"));
  return el(
    "ul",
    { class: "use-list", role: "list", testid: "fact-uses" },
    uses.map((use) => {
      const address = addressOf(use);
      const words = use.title || use.id;
      return el(
        "li",
        {},
        address ? el("a", { href: address }, words) : words,
        el("small", { class: "muted" }, useWords(use, say)),
      );
    }),
  );
}
