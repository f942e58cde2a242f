// The right side of an article: the phone, with the choice of language and of bubble or help page.
import { el } from "../shared/dom.js";
import { valuesIn } from "./facts-model.js";
import { PhonePreview } from "./phone-preview.js";
import { segments } from "./segments.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Script } from "./phone-preview.js" */
/** @import { ArticleText, Fact, TextLocale } from "./workshop-types.js" */

/** What the desk's preview says of one script. @typedef {{text: string, title?: string, doors?: string[]}} Rendered */

export class ArticlePreview {
  /** Traditional Chinese is shown in place of the simplified text. */
  #isTraditional = false;
  #redraw = () => {};

  /** @param {{say: Say}} options */
  constructor({ say }) {
    this.phone = new PhonePreview({ say });
    this.scripts = segments(
      say,
      "script",
      [
        ["zh", say("preview.zh")],
        ["hant", say("preview.hant")],
      ],
      (value) => {
        this.#isTraditional = value === "hant";
        this.#redraw();
      },
    );
    this.node = el(
      "aside",
      { class: "article-right", "aria-label": say("preview.title") },
      el(
        "div",
        { class: "preview-head" },
        segments(
          say,
          "form",
          [
            ["chat", say("preview.chat")],
            ["help", say("preview.help")],
          ],
          (value) => this.phone.asHelpPage(value === "help"),
        ),
        this.scripts,
      ),
      this.phone.node,
      el("p", { class: "muted preview-note" }, say("preview.note")),
    );
  }

  /**
   * @param {TextLocale} locale
   * @param {ArticleText} value
   * @param {readonly Fact[]} facts
   * @param {Partial<Record<Script, Rendered>>} [found]  the desk's rendering
   */
  show(locale, value, facts, found) {
    this.scripts.hidden = locale !== "zh";
    const before = found;
    this.#redraw = () => {
      const script = locale === "zh" && this.#isTraditional ? "hant" : locale;
      const rendered = before?.[script];
      // Until the desk has converted the text, the phone shows the one of a moment ago.
      if (script === "hant" && !rendered) return;
      this.phone.show({
        script,
        title: rendered?.title ?? value.title,
        text: value.text,
        doors: value.doors.map((door, index) => ({ ...door, label: rendered?.doors?.[index] ?? door.label })),
        valueFor: valuesIn(facts, locale),
        rendered: rendered?.text,
      });
    };
    this.#redraw();
  }
}
