// One desk text or canned reply: its words in both languages, for a reply also title, shortcut and where it is suggested. The
// preview has real numbers.
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { askConflict } from "./conflict-dialog.js";
import { changedIn } from "./conflict-model.js";
import { lineField } from "./form-field.js";
import { NameChoice } from "./name-choice.js";
import { TextPair } from "./text-pair.js";
import { inLanguage } from "./workshop-types.js";

/** @import { UnsavedTexts } from "./unsaved-texts.js" */
/** @import { ViewContext } from "./views.js" */
/** @import { Fact, Problem } from "./workshop-types.js" */
/** @import { TextEntry, TextKind, TextValue } from "./text-kinds.js" */

const PREVIEW_MS = 350;

export class TextForm {
  #context;
  #kind;
  #entry;
  #revision;
  #unsaved;
  /** @type {TextValue} */
  #saved;
  #isReadOnly;
  #isSaving = false;
  #onSaved;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {AbortController | null} */
  #asking = null;
  /** @type {[keyof TextValue, import("./form-field.js").FormField<HTMLInputElement>][]} */
  #lines = [];
  /** @type {[keyof TextValue, NameChoice][]} */
  #choices = [];

  /**
   * @param {object} options
   * @param {ViewContext} options.context
   * @param {TextKind} options.kind
   * @param {TextEntry} options.entry
   * @param {string} options.revision  of the file
   * @param {readonly Fact[]} options.facts
   * @param {UnsavedTexts} options.unsaved
   * @param {() => Promise<void>} options.onSaved
   */
  constructor({ context, kind, entry, revision, facts, unsaved, onSaved }) {
    this.#context = context;
    this.#kind = kind;
    this.#entry = entry;
    this.#onSaved = onSaved;
    this.#unsaved = unsaved;
    const { say, names, me } = context;
    this.#isReadOnly = me.role !== "editor";
    /** @type {import("./unsaved-texts.js").Unsaved<TextValue> | null} */
    const kept = this.#isReadOnly ? null : unsaved.get(this.#key);
    this.#saved = kept?.base ?? entry.value;
    this.#revision = kept?.revision ?? revision;
    const onInput = () => this.#changed();
    const isReply = kind.id === "canned";
    if (isReply) {
      for (const key of /** @type {const} */ (["title_zh", "title_en", "shortcut"]))
        this.#lines.push([
          key,
          lineField({
            say,
            label: say(`texts.${key}`),
            hint: key === "shortcut" ? say("texts.shortcut.hint") : "",
            onInput,
            props: { readonly: this.#isReadOnly, testid: `text-${key}` },
          }),
        ]);
      for (const key of /** @type {const} */ (["reasons", "intents"])) {
        const choices = names.all(key);
        const label = say(`texts.${key}`);
        this.#choices.push([key, new NameChoice({ say, label, choices, isReadOnly: this.#isReadOnly, onInput })]);
      }
    }
    this.pair = new TextPair({
      say,
      facts,
      names: entry.names,
      speaker: kind.speaker,
      isReadOnly: this.#isReadOnly,
      onInput,
    });
    this.button = el(
      "button",
      {
        type: "button",
        class: "primary",
        testid: "text-save",
        "aria-keyshortcuts": "Control+S",
        on: { click: () => this.save() },
      },
      say("article.save"),
      el("kbd", {}, "Ctrl S"),
    );
    this.drop = el(
      "button",
      { type: "button", class: "quiet", testid: "text-drop", on: { click: () => this.#drop() } },
      say("article.drop"),
    );
    this.state = el("span", { class: "muted", role: "status" });
    this.node = el(
      "div",
      { class: "text-form" },
      el("h3", { tabindex: -1 }, entry.title),
      el("p", { class: "muted" }, el("code", {}, entry.id)),
      kept ? el("p", { class: "note-line" }, say("texts.kept")) : null,
      this.#lines.length ? el("div", { class: "form-row" }, ...this.#lines.map(([, field]) => field.node)) : null,
      this.pair.node,
      ...this.#choices.map(([, choice]) => choice.node),
      this.#isReadOnly ? null : el("div", { class: "form-actions" }, this.state, this.drop, this.button),
      el("h4", {}, say("preview.title")),
      this.pair.preview,
    );
    this.#show(kept?.value ?? entry.value);
  }

  get isChanged() {
    return !this.#isReadOnly && changedIn(this.#kind.shape, this.#value, this.#saved).length > 0;
  }

  close() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  get #key() {
    return `text.${this.#kind.id}.${this.#entry.id}`;
  }

  /** @returns {TextValue} */
  get #value() {
    return {
      ...this.#saved,
      ...this.pair.value,
      ...Object.fromEntries(this.#lines.map(([key, field]) => [key, field.value])),
      ...Object.fromEntries(this.#choices.map(([key, choice]) => [key, choice.value])),
    };
  }

  /** @param {TextValue} value */
  #show(value) {
    this.pair.show(this.#saved, value);
    for (const [key, field] of this.#lines) field.show(String(this.#saved[key] ?? ""), String(value[key] ?? ""));
    for (const [key, choice] of this.#choices) choice.show(/** @type {string[]} */ (value[key] ?? []));
    this.#drawState();
    this.#ask(0);
  }

  #changed() {
    if (this.isChanged) this.#unsaved.set(this.#key, this.#saved, this.#value, this.#revision);
    else this.#unsaved.remove(this.#key);
    this.#drawState();
    this.#ask(PREVIEW_MS);
  }

  #drawState() {
    const { say } = this.#context;
    const count = this.#isReadOnly ? 0 : changedIn(this.#kind.shape, this.#value, this.#saved).length;
    this.button.disabled = !count || this.#isSaving;
    this.drop.hidden = !count;
    setText(this.state, this.#isSaving ? say("article.saving") : count ? say("article.unsaved", count) : "");
  }

  /** Asks the desk for the text with real numbers, and for problems. @param {number} delay  ms */
  #ask(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      this.#asking?.abort();
      const asking = new AbortController();
      this.#asking = asking;
      const { api, onProblem } = this.#context;
      const value = this.#value;
      try {
        const found = await api.post(`${this.#kind.list}/preview`, this.#kind.tried(this.#entry.id, value), {
          signal: asking.signal,
        });
        if (!asking.signal.aborted && !changedIn(this.#kind.shape, value, this.#value).length)
          this.pair.showFound(found);
      } catch (error) {
        if (!asking.signal.aborted) onProblem(error);
      }
    }, delay);
  }

  async save() {
    if (!this.isChanged || this.#isSaving) return;
    const { say, toast, refreshCounts, onProblem } = this.#context;
    this.#isSaving = true;
    this.#drawState();
    try {
      if (!(await this.#send())) return;
      this.#unsaved.remove(this.#key);
      toast.show(say("article.saved"));
      refreshCounts();
      await this.#onSaved();
    } catch (error) {
      onProblem(error);
    } finally {
      this.#isSaving = false;
      this.#drawState();
    }
  }

  /** Whether it was saved. @returns {Promise<boolean>} */
  async #send() {
    const { api, say, toast } = this.#context;
    const value = this.#value;
    try {
      await api.put(this.#kind.address(this.#entry.id), { base_revision: this.#revision, ...this.#kind.body(value) });
      this.#saved = value;
      return true;
    } catch (error) {
      const failure = DeskError.of(error);
      const details = /** @type {import("../shared/contract-types.js").Json} */ (failure.details);
      if (failure.code === "content_refused") {
        this.#showRefused(details.problems ?? []);
        toast.show(say("article.refused"), { isProblem: true });
        return false;
      }
      if (failure.code !== "changed_meanwhile") throw error;
      const theirs = details.theirs ? this.#kind.valueOf(details.theirs) : value;
      const base = details.base ? this.#kind.valueOf(details.base) : this.#saved;
      const decided = await askConflict(
        say,
        this.#kind.shape,
        { base, mine: value, theirs },
        { labelOf: (field) => this.#label(field), by: details.theirs?.by_name, at: details.theirs?.at },
      );
      if (!decided) return false;
      this.#saved = theirs;
      this.#revision = details.revision ?? details.theirs?.revision ?? this.#revision;
      this.#show(decided);
      return this.isChanged ? this.#send() : true;
    }
  }

  /** @param {string} field */
  #label(field) {
    const { say } = this.#context;
    return say.knows(`texts.${field}`) ? say(`texts.${field}`) : say(`article.locale.${field}`);
  }

  /** @param {readonly Problem[]} problems */
  #showRefused(problems) {
    this.pair.setProblems(problems);
    for (const [key, field] of this.#lines) {
      const problem = problems.find(({ field: at }) => at === key || at === key.replace("_", "."));
      field.setProblem(problem ? inLanguage(problem, this.#context.say) : "");
    }
  }

  #drop() {
    this.#unsaved.remove(this.#key);
    this.#onSaved().catch(this.#context.onProblem);
  }
}
