// The first view: what needs an editor, and what is saved but not live yet.
import { askDialog } from "../console/action-dialogs.js";
import { problemWords, timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { DeskError } from "../shared/desk-api.js";
import { icon } from "../shared/desk-icons.js";
import { el } from "../shared/dom.js";
import { titleOf, validityOf } from "./article-model.js";
import { lineField } from "./form-field.js";
import { spreadOf, tasksOf } from "./home-model.js";
import { shareWords } from "./usage-words.js";
import { VIEWS } from "./views.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Children } from "../shared/dom.js" */
/** @import { ViewContext } from "./views.js" */
/** @import { ArticleEntry, Contradiction, Draft } from "./workshop-types.js" */

const SHOWN = 6;
/** Each article is saved and recorded one after the other. */
const SPREAD_MS = 120_000;

export class HomeView {
  #context;
  #today = "";

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { say, me } = context;
    this.draft = el(
      "section",
      { class: "panel home-draft", "aria-label": say("home.draft"), testid: "home-draft" },
      el("h3", {}, say("home.draft")),
    );
    this.tasks = el("div", { class: "home-tasks", testid: "home-tasks" });
    this.node = el(
      "div",
      { class: "view home" },
      el("div", { class: "view-head" }, el("h2", {}, say("home.title", me.name))),
      this.draft,
      this.tasks,
    );
  }

  async open() {
    const { api, onProblem } = this.#context;
    // Each part is drawn with its own answer: a broken file of one kind must not hide the others.
    const parts = [
      api.get("/api/workshop/draft").then((draft) => this.#drawDraft(draft)),
      api.get("/api/workshop/articles").then((listed) => this.#drawTasks(listed)),
    ];
    for (const outcome of await Promise.allSettled(parts)) if (outcome.status === "rejected") onProblem(outcome.reason);
  }

  close() {}

  /** @param {Draft} draft */
  #drawDraft({ is_valid: isValid, problem, changes }) {
    const { say } = this.#context;
    const hasPublish = VIEWS.some(({ id }) => id === "publish");
    this.draft.classList.toggle("bad", !isValid);
    this.draft.replaceChildren(
      el("h3", {}, say("home.draft"), el("span", { class: "nav-count" }, changes.length ? String(changes.length) : "")),
      problem
        ? el(
            "p",
            { class: "problem", role: "alert", testid: "draft-problem" },
            problem.line ? say("broken.line", problem.file, problem.line) : problem.file,
            say("list.colon"),
            inLanguage(problem, say),
          )
        : "",
      changes.length
        ? el(
            "ul",
            { class: "home-list", role: "list" },
            changes
              .slice(0, SHOWN)
              .map(({ zh, en, by, at }) =>
                el(
                  "li",
                  {},
                  el("span", {}, inLanguage({ zh, en }, say)),
                  el("small", { class: "muted" }, isolated(by ?? ""), at ? ` · ${timeWords(at, say)}` : ""),
                ),
              ),
            changes.length > SHOWN ? el("li", { class: "muted" }, say("home.more", changes.length - SHOWN)) : null,
          )
        : el("p", { class: "muted" }, say("home.draft.none")),
      changes.length && hasPublish
        ? el("p", {}, el("a", { class: "primary", href: "#publish", testid: "to-publish" }, say("home.to_publish")))
        : "",
    );
  }

  /** @param {{articles: ArticleEntry[], contradictions?: Contradiction[], today: string}} listed */
  #drawTasks({ articles, contradictions = [], today }) {
    const { say, me } = this.#context;
    this.#today = today;
    const tasks = tasksOf(articles, today);
    const { crowded } = tasks;
    const cards = [
      this.#card(
        "blocked",
        tasks.blocked,
        (article) =>
          inLanguage(article.problems?.find(({ severity }) => severity === "block") ?? { zh: "", en: "" }, say),
        "problems",
      ),
      this.#card("expired", tasks.expired, (article) => validityOf(article, today).until ?? "", "expiring"),
      this.#card(
        "expiring",
        tasks.expiring,
        (article) => say("articles.soon", validityOf(article, today).days ?? 0),
        "expiring",
      ),
      crowded
        ? this.#frame("crowded", crowded.ids.length, [
            el("p", {}, say("home.crowded.text", crowded.ids.length, crowded.until)),
            me.role === "editor"
              ? el(
                  "button",
                  { type: "button", class: "tool", testid: "spread", on: { click: () => this.#spread(crowded) } },
                  say("home.spread"),
                )
              : null,
          ])
        : null,
      contradictions.length
        ? this.#frame(
            "contradictions",
            contradictions.length,
            el(
              "ul",
              { class: "home-list", role: "list" },
              contradictions.slice(0, SHOWN).map((contradiction) =>
                el(
                  "li",
                  {},
                  el("span", {}, inLanguage(contradiction, say)),
                  el(
                    "small",
                    {},
                    contradiction.articles.map(({ id, locale }) => [
                      el(
                        "a",
                        { href: `#article/${encodeURIComponent(id)}${locale === "en" ? "/en" : ""}` },
                        this.#title(articles, id),
                      ),
                      " ",
                    ]),
                  ),
                ),
              ),
            ),
          )
        : null,
      this.#card(
        "unsolved",
        tasks.unsolved,
        (article) => say("home.unsolved.words", article.asked_week ?? 0, shareWords(article.solved_share, say)),
        "unsolved",
      ),
      this.#card(
        "missing",
        tasks.missing,
        (article) =>
          article.missing_locales
            .map((locale) => say("articles.lacks", say(`article.locale.${locale}`)))
            .join(say("list.comma")),
        "missing",
      ),
    ].filter((card) => card !== null);
    this.tasks.replaceChildren(
      el("h3", { class: "off-screen" }, say("home.tasks")),
      ...(cards.length ? cards : [el("p", { class: "panel empty" }, icon("check", { size: 18 }), say("home.nothing"))]),
    );
  }

  /** @param {readonly ArticleEntry[]} articles @param {string} id */
  #title(articles, id) {
    const article = articles.find((other) => other.id === id);
    return article ? titleOf(article, this.#context.say.locale) : id;
  }

  /** @param {string} key @param {number} count @param {Children} content */
  #frame(key, count, content) {
    const { say } = this.#context;
    return el(
      "section",
      { class: "panel home-card", data: { card: key }, testid: `home-${key}` },
      el("h3", {}, say(`home.${key}`), el("span", { class: "nav-count" }, String(count))),
      content,
    );
  }

  /**
   * A card of articles; null when there is none.
   * @param {string} key
   * @param {readonly ArticleEntry[]} articles
   * @param {(article: ArticleEntry) => string} words
   * @param {string} filter  of the list of articles
   */
  #card(key, articles, words, filter) {
    if (!articles.length) return null;
    const { say } = this.#context;
    return this.#frame(key, articles.length, [
      el(
        "ul",
        { class: "home-list", role: "list" },
        articles
          .slice(0, SHOWN)
          .map((article) =>
            el(
              "li",
              {},
              el("a", { href: `#article/${encodeURIComponent(article.id)}` }, titleOf(article, say.locale)),
              el("small", { class: "muted" }, words(article)),
            ),
          ),
      ),
      articles.length > SHOWN
        ? el("p", {}, el("a", { href: `#articles/${filter}` }, say("home.more", articles.length - SHOWN)))
        : null,
    ]);
  }

  /** Gives articles that all end on one day different days. @param {{until: string, ids: string[]}} crowded */
  #spread({ until, ids }) {
    const { api, say, toast, refreshCounts, onProblem } = this.#context;
    const proposed = spreadOf(until, this.#today);
    const from = lineField({ say, label: say("home.spread.from"), props: { type: "date", testid: "spread-from" } });
    const to = lineField({ say, label: say("home.spread.until"), props: { type: "date", testid: "spread-until" } });
    from.show(proposed.from);
    to.show(proposed.until);
    askDialog({
      say,
      title: say("home.spread"),
      text: say("home.spread.text", ids.length),
      fields: [from.node, to.node],
      confirm: say("home.spread.confirm"),
      testid: "spread-dialog",
      explain: (error) => problemWords(DeskError.of(error), say),
      onConfirm: async () => {
        const days = { from: from.value, until: to.value };
        const { changed } = await api.post("/api/workshop/articles/spread", { ids, ...days }, { timeout: SPREAD_MS });
        toast.show(say("home.spread.done", changed.length));
        refreshCounts();
        this.open().catch(onProblem);
        return null;
      },
    });
  }
}
