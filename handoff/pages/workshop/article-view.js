// One article: on the left its texts as forms, on the right what a customer will see. Nothing is saved by itself; what was typed
// stays in the browser until it is saved or thrown away.
import { timeWords } from "../console/display-names.js";
import { TabList } from "../console/tab-list.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { ArticleForm } from "./article-form.js";
import { ArticleHistory } from "./article-history.js";
import { changedFields, emptyText, LOCALES, titleOf } from "./article-model.js";
import { ArticlePreview } from "./article-preview.js";
import { askConflict } from "./conflict-dialog.js";
import { segments } from "./segments.js";
import { UnsavedTexts } from "./unsaved-texts.js";
import { usageWords } from "./usage-words.js";
import { inLanguage } from "./workshop-types.js";

/** @import { ArticleDetail, ArticleText, Fact, Problem, TextLocale } from "./workshop-types.js" */
/** @import { ViewContext } from "./views.js" */

const PREVIEW_MS = 350;

/**
 * One language of the open article.
 * @typedef {object} Side
 * @property {ArticleForm} form
 * @property {HTMLElement} panel
 * @property {ArticleText} saved  what the form started from
 * @property {string} revision  of `saved`; "" for a language that does not exist yet
 * @property {Problem[]} problems
 */

export class ArticleView {
  #context;
  #unsaved;
  #isReadOnly;
  #id = "";
  /** @type {ArticleDetail | null} */
  #detail = null;
  /** @type {Fact[]} */
  #facts = [];
  /** @type {Map<TextLocale, Side>} */
  #sides = new Map();
  /** @type {TextLocale} */
  #shown = "zh";
  #isSaving = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {AbortController | null} */
  #asking = null;

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { say, me, store } = context;
    this.#unsaved = new UnsavedTexts(store, me.login);
    this.#isReadOnly = me.role !== "editor";
    this.preview = new ArticlePreview({ say });
    this.title = el("h2", { testid: "article-heading", tabindex: -1 });
    this.state = el("span", { class: "save-state muted", role: "status", testid: "save-state" });
    this.saveButton = el(
      "button",
      {
        type: "button",
        class: "primary",
        testid: "save",
        "aria-keyshortcuts": "Control+S",
        disabled: true,
        on: { click: () => this.save() },
      },
      say("article.save"),
      el("kbd", {}, "Ctrl S"),
    );
    this.dropButton = el(
      "button",
      { type: "button", class: "quiet", testid: "drop", hidden: true, on: { click: () => this.#drop() } },
      say("article.drop"),
    );
    this.left = el("div", { class: "article-left" });
    this.notice = el("div", { class: "view-notice", hidden: true });
    this.body = el("div", { class: "article-columns" }, this.left, this.preview.node);
    this.node = el(
      "div",
      { class: "view article", testid: "article" },
      el(
        "div",
        { class: "view-head article-head" },
        el("a", { class: "quiet", href: "#articles", testid: "to-articles" }, say("article.back")),
        this.title,
        el("span", { class: "spacer" }),
        this.state,
        this.#isReadOnly
          ? el("span", { class: "badge" }, say("workshop.read_only"))
          : [this.dropButton, this.saveButton],
      ),
      segments(
        say,
        "pane",
        [
          ["edit", say("preview.edit")],
          ["phone", say("preview.phone")],
        ],
        (pane) => this.node.classList.toggle("shows-preview", pane === "phone"),
        "pane-switch",
      ),
      this.notice,
      this.body,
    );
  }

  /** @returns {readonly (readonly [string, string])[]} */
  get shortcuts() {
    const { say } = this.#context;
    return [
      ["Ctrl S", say("article.save")],
      ["Ctrl B", say("text.bold")],
      ["Ctrl J", say("text.fact")],
      ["Esc", say("article.back")],
    ];
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key !== "Escape") return false;
    this.#context.goTo("articles");
    return true;
  }

  isUnsaved() {
    return !this.#isReadOnly && [...this.#sides.values()].some((side) => this.#isChanged(side));
  }

  /** @param {string | null} argument  the article's id, and perhaps its language: "fees", "fees/en" */
  async open(argument) {
    const [id, locale] = (argument ?? "").split("/");
    if (!id) {
      this.#context.goTo("articles");
      return;
    }
    if (locale === "en" || locale === "zh") this.#shown = locale;
    if (id === this.#id && this.#detail) {
      this.tabs?.show(this.#shown);
      return;
    }
    this.#id = id;
    this.body.hidden = true;
    setText(this.title, this.#context.say("transcript.loading"));
    await this.#load();
  }

  close() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  async #load() {
    const { api } = this.#context;
    try {
      const [detail, { facts }] = await Promise.all([
        api.get(`/api/workshop/articles/${encodeURIComponent(this.#id)}`),
        api.get("/api/workshop/facts"),
      ]);
      this.#detail = detail;
      this.#facts = facts;
    } catch (error) {
      const failure = DeskError.of(error);
      setText(this.title, this.#id);
      if (failure.status !== 404 && failure.code !== "content_broken") throw error;
      this.notice.replaceChildren(el("p", { class: "problem" }, failure.message));
      this.notice.hidden = false;
      return;
    }
    this.notice.hidden = true;
    this.body.hidden = false;
    this.#draw();
    if (document.activeElement === document.body) this.title.focus({ preventScroll: true });
    this.#preview(0);
  }

  #draw() {
    const { say, names } = this.#context;
    const detail = /** @type {ArticleDetail} */ (this.#detail);
    setText(this.title, titleOf(detail, say.locale));
    this.#sides.clear();
    for (const locale of LOCALES) this.#sides.set(locale, this.#side(locale));
    this.tabs = new TabList({
      prefix: "article",
      label: say("article.languages"),
      tabs: LOCALES.map((locale) => {
        const isMissing = !detail.locales[locale];
        const words = say(`article.locale.${locale}`);
        return {
          name: locale,
          words: isMissing ? `${words} · ${say("articles.missing")}` : words,
          panel: /** @type {Side} */ (this.#sides.get(locale)).panel,
        };
      }),
      onShown: (locale) => {
        this.#shown = locale;
        this.#preview(0);
      },
    });
    this.history = new ArticleHistory({ say, names });
    this.history.show(detail.history ?? []);
    this.left.replaceChildren(
      el(
        "p",
        { class: "muted article-facts" },
        el("code", {}, detail.id),
        ` · ${say("article.answers", detail.intents.map((intent) => names.intent(intent)).join(say("list.comma")))}`,
        ` · ${usageWords(detail, say)}`,
      ),
      this.tabs.node,
      ...[...this.#sides.values()].map(({ panel }) => panel),
      this.history.node,
    );
    this.tabs.show(this.#shown);
    this.#drawState();
  }

  /** @param {TextLocale} locale @returns {Side} */
  #side(locale) {
    const { say, names } = this.#context;
    const detail = /** @type {ArticleDetail} */ (this.#detail);
    const stored = detail.locales[locale];
    const other = detail.locales[locale === "zh" ? "en" : "zh"];
    const broken = stored && "broken" in stored ? String(stored.broken) : null;
    const saved = stored && broken === null ? textOf(stored) : { ...emptyText(other ?? {}), intents: detail.intents };
    if (broken !== null) saved.text = bodyOf(broken);
    const revision = stored?.revision ?? "";
    const form = new ArticleForm({
      say,
      names,
      locale,
      facts: () => this.#facts,
      isReadOnly: this.#isReadOnly,
      onInput: () => this.#changed(locale),
    });
    const kept = /** @type {import("./unsaved-texts.js").Unsaved<ArticleText> | null} */ (
      this.#unsaved.get(this.#key(locale))
    );
    const note = el("div", { class: "side-notes" });
    const panel = el("div", { class: "article-panel" }, note, form.node);
    const problems = (detail.problems ?? []).filter((problem) => (problem.locale ?? locale) === locale);
    /** @type {Side} */
    const side = { form, panel, saved, revision, problems };
    // The revision from which the text was typed counts: what somebody else saved since then is found when it is saved.
    if (kept && !this.#isReadOnly) {
      side.saved = kept.base;
      side.revision = kept.revision;
      note.append(
        el(
          "p",
          { class: "note-line", testid: "kept" },
          say("article.kept", timeWords(new Date(kept.at).toISOString(), say)),
        ),
      );
      if (kept.revision !== revision) note.append(el("p", { class: "note-line" }, say("article.older")));
    }
    if (broken !== null) {
      const found = problems.find(({ code }) => code.includes("broken")) ?? problems[0];
      note.append(
        el("p", { class: "problem", testid: "broken" }, found ? brokenWords(found, say) : say("article.broken")),
        el("details", {}, el("summary", {}, say("article.broken.file")), el("pre", {}, broken)),
      );
    } else if (!stored) note.append(el("p", { class: "note-line" }, say(`article.new.${locale}`)));
    form.show(
      side.saved,
      kept && !this.#isReadOnly ? kept.value : saved,
      detail.door_intents ?? names.all("reasons").map(({ id }) => id),
    );
    form.setProblems(problems);
    return side;
  }

  /** @param {TextLocale} locale */
  #key(locale) {
    return `article.${this.#id}.${locale}`;
  }

  /** @param {Side} side */
  #isChanged({ form, saved }) {
    return changedFields(form.value, saved).length > 0;
  }

  /** @param {TextLocale} locale */
  #changed(locale) {
    const side = /** @type {Side} */ (this.#sides.get(locale));
    if (this.#isChanged(side)) this.#unsaved.set(this.#key(locale), side.saved, side.form.value, side.revision);
    else this.#unsaved.remove(this.#key(locale));
    this.#drawState();
    this.#preview(PREVIEW_MS);
  }

  #drawState() {
    const { say } = this.#context;
    const count = [...this.#sides.values()].reduce(
      (sum, { form, saved }) => sum + changedFields(form.value, saved).length,
      0,
    );
    this.saveButton.disabled = !count || this.#isSaving;
    this.dropButton.hidden = !count;
    setText(this.state, this.#isSaving ? say("article.saving") : count ? say("article.unsaved", count) : "");
    document.title = say("workshop.tab", `${count ? "• " : ""}${this.title.textContent}`);
  }

  /** Shows the text on the phone at once, and asks the desk for the exact one and for problems. @param {number} delay  ms */
  #preview(delay) {
    const side = this.#sides.get(this.#shown);
    if (!side) return;
    const value = side.form.value;
    this.preview.show(this.#shown, value, this.#facts);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(this.#shown, side, value), delay);
  }

  /** @param {TextLocale} locale @param {Side} side @param {ArticleText} value */
  async #ask(locale, side, value) {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const { api, onProblem } = this.#context;
    try {
      const found = await api.post(
        "/api/workshop/articles/preview",
        { locale, id: this.#id, ...value },
        { signal: asking.signal },
      );
      if (asking.signal.aborted || side.form.value.text !== value.text) return;
      side.problems = found.problems;
      side.form.setProblems(found.problems);
      if (locale === this.#shown) this.preview.show(locale, value, this.#facts, found);
    } catch (error) {
      if (!asking.signal.aborted) onProblem(error);
    }
  }

  async save() {
    if (this.#isReadOnly || this.#isSaving) return;
    const changed = LOCALES.filter((locale) => this.#isChanged(/** @type {Side} */ (this.#sides.get(locale))));
    if (!changed.length) return;
    this.#isSaving = true;
    this.#drawState();
    const { say, toast, onProblem, refreshCounts } = this.#context;
    try {
      for (const locale of changed) if (!(await this.#saveSide(locale))) return;
      toast.show(say("article.saved"));
      refreshCounts();
      await this.#reload();
    } catch (error) {
      onProblem(error);
    } finally {
      this.#isSaving = false;
      this.#drawState();
    }
  }

  /** Saves one language; whether it was saved. @param {TextLocale} locale @returns {Promise<boolean>} */
  async #saveSide(locale) {
    const { api, say, toast } = this.#context;
    const side = /** @type {Side} */ (this.#sides.get(locale));
    const { form } = side;
    const show = () => this.tabs?.show(locale);
    if (!form.check()) {
      show();
      form.check(); // the focus goes to the field, which was hidden
      return false;
    }
    const value = form.value;
    try {
      const { revision } = await api.put(`/api/workshop/articles/${encodeURIComponent(this.#id)}/${locale}`, {
        base_revision: side.revision,
        ...value,
      });
      this.#unsaved.remove(this.#key(locale));
      side.saved = value;
      side.revision = revision;
      return true;
    } catch (error) {
      const failure = DeskError.of(error);
      const details = /** @type {import("../shared/contract-types.js").Json} */ (failure.details);
      if (failure.code === "content_refused") {
        show();
        form.setProblems(details.problems ?? []);
        form.node.querySelector(".flaw-link")?.scrollIntoView({ block: "nearest" });
        toast.show(say("article.refused"), { isProblem: true });
        return false;
      }
      if (failure.code !== "changed_meanwhile") throw error;
      show();
      return this.#settle(locale, side, details);
    }
  }

  /**
   * @param {TextLocale} locale
   * @param {Side} side
   * @param {import("../shared/contract-types.js").Json} details
   */
  async #settle(locale, side, { theirs, base, revision }) {
    const { say } = this.#context;
    const mine = side.form.value;
    const theirText = theirs && !("broken" in theirs) ? textOf(theirs) : { ...emptyText(), ...theirs };
    const baseText = base && !("broken" in base) ? textOf(base) : side.saved;
    const decided = await askConflict(say, {
      base: baseText,
      mine,
      theirs: { ...theirText, by_name: theirs?.by_name, at: theirs?.at },
    });
    if (!decided) return false;
    side.saved = theirText;
    side.revision = theirs?.revision ?? revision ?? "";
    side.form.show(theirText, decided, this.#detail?.door_intents ?? []);
    this.#unsaved.set(this.#key(locale), side.saved, decided, side.revision);
    if (this.#isChanged(side)) return this.#saveSide(locale); // somebody may have saved again: asked again
    this.#unsaved.remove(this.#key(locale));
    return true;
  }

  /** Reads the article anew and keeps the place. */
  async #reload() {
    const active = document.activeElement;
    const place = { top: document.documentElement.scrollTop };
    await this.#load();
    document.documentElement.scrollTop = place.top;
    if (active === this.saveButton) this.title.focus({ preventScroll: true });
  }

  #drop() {
    for (const locale of LOCALES) this.#unsaved.remove(this.#key(locale));
    this.#context.toast.show(this.#context.say("article.dropped"));
    this.#reload().catch(this.#context.onProblem);
  }
}

/** @param {import("../shared/contract-types.js").Json} json @returns {ArticleText} */
const textOf = (json) => ({
  title: json.title ?? "",
  text: json.text ?? "",
  doors: json.doors ?? [],
  valid_from: json.valid_from ?? null,
  valid_until: json.valid_until ?? null,
  owner: json.owner ?? "",
  intents: json.intents ?? [],
});

/** The text below a head that cannot be read. @param {string} source */
const bodyOf = (source) =>
  source
    .split(/^---[ \t]*\r?$/m)
    .slice(2)
    .join("---")
    .trim();

/** @param {Problem & {file?: string, line?: number}} problem @param {import("../words/speaker.js").Say} say */
function brokenWords(problem, say) {
  const { file, line } = problem;
  const where = file ? (line ? say("broken.line", file, line) : file) : "";
  return [where, inLanguage(problem, say)].filter(Boolean).join(say("list.colon"));
}
