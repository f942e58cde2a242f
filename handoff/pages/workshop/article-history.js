// Who changed an article, when and what: the newest first, the texts before and after on request.
import { timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { el } from "../shared/dom.js";
import { changedFields, emptyText, fieldWords } from "./article-model.js";
import { differenceText } from "./difference-text.js";

/** @import { Names } from "../console/display-names.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { ArticleChange, ArticleText } from "./workshop-types.js" */

export class ArticleHistory {
  #say;

  /** @param {{say: Say, names: Names}} options */
  constructor({ say }) {
    this.#say = say;
    this.list = el("ol", { class: "history", role: "list" });
    this.node = el(
      "details",
      { class: "panel article-history", testid: "article-history" },
      el("summary", {}, say("history.title")),
      this.list,
    );
  }

  /** @param {readonly ArticleChange[]} changes */
  show(changes) {
    const say = this.#say;
    if (!changes.length) {
      this.list.replaceChildren(el("li", { class: "empty" }, say("history.none")));
      return;
    }
    this.list.replaceChildren(
      ...changes.map(({ at, by = "", by_name: name, locale = "", before, after }) => {
        const [old, now] = [before, after].map((text) => ({ ...emptyText(), ...text }));
        const fields = after ? changedFields(/** @type {ArticleText} */ (old), /** @type {ArticleText} */ (now)) : [];
        const what = !before
          ? say("history.added")
          : !after
            ? say("history.removed")
            : fields.map((field) => say(`article.${field}`)).join(say("list.comma"));
        return el(
          "li",
          {},
          el(
            "details",
            {},
            el(
              "summary",
              {},
              el("time", { datetime: at }, timeWords(at, say)),
              " · ",
              isolated(name || by),
              " · ",
              say.knows(`article.locale.${locale}`) ? say(`article.locale.${locale}`) : locale,
              " · ",
              what,
            ),
            fields.map((field) =>
              differenceText(
                fieldWords(/** @type {ArticleText} */ (old), field),
                fieldWords(/** @type {ArticleText} */ (now), field),
                say,
              ),
            ),
          ),
        );
      }),
    );
  }
}
