// The health of an intent's examples: how the model reads each one left out, how they are written, and which words decide alone.
import { isolated } from "../console/shown-text.js";
import { el } from "../shared/dom.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */

/** @param {Json} health @param {Pick<ViewContext, "say" | "names">} context */
export function healthPanel(health, { say, names }) {
  const percent = new Intl.NumberFormat(say.tag, { style: "percent", maximumFractionDigits: 1 });
  const style = (/** @type {string} */ id) => (say.knows(`style.${id}`) ? say(`style.${id}`) : id);
  /** @type {[string, number][]} */
  const styles = Object.entries(health.styles ?? {}).flatMap(([id, value]) =>
    typeof value === "number"
      ? [/** @type {[string, number]} */ ([id, value])]
      : Object.entries(value ?? {}).flatMap(([sub, n]) =>
          typeof n === "number" ? [/** @type {[string, number]} */ ([sub, n])] : [],
        ),
  );
  return el(
    "div",
    { class: "health", testid: "health" },
    el(
      "p",
      {},
      health.count ? say("health.read", health.count, percent.format((health.read_rightly ?? 0) / health.count)) : null,
    ),
    health.confused_with?.length
      ? el(
          "p",
          { class: "muted" },
          say("health.confused"),
          " ",
          health.confused_with
            .slice(0, 5)
            .map((/** @type {Json} */ each) => `${names.intent(each.intent)} ×${each.count}`)
            .join(say("health.comma")),
        )
      : null,
    styles.length
      ? el(
          "div",
          {},
          el("h4", {}, say("health.styles")),
          el(
            "ul",
            { class: "chip-list" },
            styles.map(([id, n]) => el("li", { class: "chip" }, `${style(id)} ${n}`)),
          ),
        )
      : null,
    health.missing_styles?.length
      ? el(
          "p",
          { class: "warn-words", testid: "health-missing" },
          say(
            "health.missing",
            health.missing_styles
              .map((/** @type {Json} */ each) => style(String(each?.style ?? each)))
              .join(say("health.comma")),
          ),
        )
      : null,
    health.deciding_words?.length
      ? el(
          "div",
          {},
          el("h4", {}, say("health.words")),
          el("p", { class: "muted" }, say("health.words.text")),
          el(
            "ul",
            { class: "chip-list" },
            health.deciding_words
              .slice(0, 20)
              .map((/** @type {Json} */ each) =>
                el(
                  "li",
                  { class: "chip" },
                  isolated(String(each.ngram ?? "")),
                  ` ${percent.format(each.probability ?? 0)}`,
                ),
              ),
          ),
        )
      : null,
  );
}
