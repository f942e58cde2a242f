// The view "sentences": the intents, the examples of one of them with their health, and a box to try a sentence.
import { problemWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { JobProgress } from "./job-progress.js";
import { pickOne } from "./pick-dialog.js";
import { matching } from "./pick-model.js";
import { healthPanel } from "./sentence-health.js";
import { SentenceList } from "./sentence-list.js";
import { FLAWS, findingsOf, flawCounts, listedSentences } from "./sentences-model.js";
import { TrialBox } from "./trial-box.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */
/** @import { Finding, Flaw, Sentence } from "./sentences-model.js" */

/** Sentences that one request brings. */
const PART = 1_000;
const TYPING_MS = 250;
const PATH = "/api/workshop/sentences";

export class SentencesView {
  #context;
  /** @type {string | null} */
  #intent = null;
  /** @type {Json[]} */
  #intents = [];
  /** @type {Sentence[]} */
  #sentences = [];
  /** @type {Map<string, Finding[]>} */
  #findings = new Map();
  /** @type {Flaw | ""} */
  #flaw = "";
  #loads = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { api, say, me, onProblem } = context;
    const mayEdit = me.role === "editor";
    this.findIntent = el("input", {
      type: "search",
      class: "find",
      "aria-label": say("sentences.find_intent"),
      placeholder: say("sentences.find_intent"),
      testid: "find-intent",
      on: { input: () => this.#drawIntents() },
    });
    this.intents = el("ul", { class: "intent-list", testid: "intents" });
    this.title = el("h2", { tabindex: -1 }, say("workshop.view.sentences"));
    this.count = el("span", { class: "muted", role: "status", testid: "sentence-count" });
    this.find = el("input", {
      type: "search",
      class: "find",
      "aria-label": say("sentences.find"),
      placeholder: say("sentences.find"),
      testid: "find-sentence",
      on: {
        input: () => {
          clearTimeout(this.#typing);
          this.#typing = setTimeout(() => (this.#intent ? this.#drawList(true) : this.#load()), TYPING_MS);
        },
      },
    });
    this.flaws = el("div", { class: "chips", role: "group", "aria-label": say("sentences.flaws") });
    this.add = el("input", {
      type: "text",
      id: "sentence-add",
      testid: "sentence-add",
      maxlength: 200,
      autocomplete: "off",
      placeholder: say("sentences.add.placeholder"),
      "aria-label": say("sentences.add"),
      on: { input: () => setText(this.problem, "") },
    });
    this.problem = el("p", { class: "problem", role: "alert", testid: "sentence-problem" });
    this.addForm = el(
      "form",
      {
        class: "sentence-add",
        hidden: true,
        on: {
          submit: (event) => {
            event.preventDefault();
            this.#add();
          },
        },
      },
      this.add,
      el("button", { type: "submit", class: "primary", testid: "sentence-save" }, say("sentences.add")),
    );
    this.list = new SentenceList(context, {
      mayEdit,
      onMove: (sentence) => this.#move(sentence),
      onRemove: (sentence) => this.#remove(sentence),
    });
    this.empty = el("p", { class: "empty", hidden: true });
    this.health = el("div", {});
    this.measuring = new JobProgress({ api, say, onProblem });
    this.trial = new TrialBox(context);
    this.node = el(
      "div",
      { class: "view sentences", testid: "sentences" },
      el(
        "div",
        { class: "sentence-columns" },
        el(
          "nav",
          { class: "panel intent-pane", "aria-label": say("sentences.intents") },
          this.findIntent,
          this.intents,
        ),
        el(
          "div",
          { class: "sentence-pane" },
          el(
            "div",
            { class: "view-head" },
            el("a", { class: "back-link", href: "#sentences" }, say("sentences.intents")),
            this.title,
            this.count,
            el("span", { class: "spacer" }),
            this.find,
          ),
          mayEdit ? this.addForm : null,
          this.problem,
          this.flaws,
          this.list.node,
          this.empty,
          this.health,
          this.measuring.node,
        ),
        this.trial.node,
      ),
    );
    /** @type {[string, string][]} */
    this.shortcuts = [
      ["j k", say("sentences.key.move")],
      ["m", say("sentences.move")],
      ["d", say("sentences.remove")],
      ["n", say("sentences.add")],
      ["/", say("sentences.find")],
      ["t", say("trial.title")],
    ];
  }

  /** @param {string | null} argument  an intent */
  async open(argument) {
    if (argument !== this.#intent) {
      this.find.value = "";
      this.#flaw = "";
    }
    this.#intent = argument;
    this.node.classList.toggle("has-open", argument !== null);
    setText(this.problem, "");
    await this.#load();
  }

  close() {
    clearTimeout(this.#typing);
    this.#loads += 1;
    this.list.close();
    this.measuring.close();
    this.trial.close();
  }

  /** @param {KeyboardEvent} event */
  onKey({ key }) {
    const sentence = this.list.focused;
    const mayEdit = this.#context.me.role === "editor";
    if (key === "j" || key === "ArrowDown") this.list.move(1);
    else if (key === "k" || key === "ArrowUp") this.list.move(-1);
    else if (key === "m" && sentence && mayEdit) this.#move(sentence);
    else if ((key === "d" || key === "Delete") && sentence && mayEdit) this.#remove(sentence);
    else if (key === "n" && !this.addForm.hidden) this.add.focus();
    else if (key === "/") this.find.focus();
    else if (key === "t") this.trial.input.focus();
    else return false;
    return true;
  }

  async #load() {
    const { api, say } = this.#context;
    this.#loads += 1;
    const load = this.#loads;
    const intent = this.#intent;
    const words = intent ? "" : this.find.value.trim();
    try {
      /** @type {Sentence[]} */
      let sentences = [];
      for (let total = 1; sentences.length < total; ) {
        const query = new URLSearchParams({ offset: String(sentences.length), limit: String(PART) });
        if (intent) query.set("intent", intent);
        if (words) query.set("q", words);
        const part = await api.get(`${PATH}?${query}`);
        if (load !== this.#loads) return;
        this.#intents = part.intents ?? [];
        total = part.total ?? 0;
        if (!part.sentences?.length) break;
        const wasEmpty = sentences.length === 0;
        sentences = [...sentences, ...part.sentences];
        this.#sentences = sentences;
        if (!wasEmpty) continue;
        this.#draw(total); // the first part is read while the others come
        this.list.toTop();
      }
      this.#sentences = sentences;
      this.#draw(sentences.length);
    } catch (error) {
      if (load !== this.#loads) return;
      const failure = DeskError.of(error);
      if (failure.status === 401) this.#context.onProblem(error);
      setText(this.problem, problemWords(failure, say));
      return;
    }
    await this.#loadHealth(load);
  }

  /** @param {number} load */
  async #loadHealth(load) {
    const { api, say, onProblem } = this.#context;
    this.#findings = new Map();
    this.health.replaceChildren();
    if (!this.#intent) return;
    const measure = el(
      "button",
      { type: "button", class: "tool", testid: "health-measure", on: { click: () => this.#measure() } },
      say("health.measure"),
    );
    try {
      const health = await api.get(`/api/workshop/intents/${encodeURIComponent(this.#intent)}/health`);
      if (load !== this.#loads) return;
      this.#findings = findingsOf(health);
      this.health.replaceChildren(el("h3", {}, say("health.title")), healthPanel(health, this.#context), measure);
      this.#drawList();
    } catch (error) {
      if (load !== this.#loads) return;
      const failure = DeskError.of(error);
      if (failure.status !== 404) onProblem(error);
      this.health.replaceChildren(
        el("h3", {}, say("health.title")),
        el("p", { class: "muted" }, say("health.none")),
        measure,
      );
    }
  }

  async #measure() {
    const { api, say, toast, onProblem } = this.#context;
    try {
      const { job } = await api.post("/api/workshop/intents/health");
      const ended = await this.measuring.follow(String(job));
      if (ended.state === "done") await this.#loadHealth(this.#loads);
      else toast.show(ended.error ? inLanguage(ended.error, say) : say("job.failed"), { isProblem: true });
    } catch (error) {
      onProblem(error);
    }
  }

  /** @param {number} total */
  #draw(total) {
    const { say } = this.#context;
    const entry = this.#intents.find(({ id }) => id === this.#intent);
    setText(this.title, entry ? inLanguage(entry, say) : say("workshop.view.sentences"));
    const route = entry && say.knows(`sentences.route.${entry.route}`) ? say(`sentences.route.${entry.route}`) : "";
    setText(
      this.count,
      this.#intent || this.find.value
        ? [say("sentences.count", total), route].filter(Boolean).join(" · ")
        : say("sentences.choose"),
    );
    this.addForm.hidden = !entry;
    this.#drawIntents();
    this.#drawList();
  }

  #drawIntents() {
    const { say } = this.#context;
    const options = this.#intents.map((each) => ({ id: each.id, name: inLanguage(each, say), count: each.count }));
    const found = this.findIntent.value ? matching(options, this.findIntent.value) : options;
    const counts = new Map(options.map(({ id, count }) => [id, count]));
    this.intents.replaceChildren(
      ...found.map(({ id, name }) =>
        el(
          "li",
          {},
          el(
            "a",
            { href: `#sentences/${encodeURIComponent(id)}`, "aria-current": id === this.#intent ? "true" : null },
            name,
            el("span", { class: "nav-count" }, String(counts.get(id) ?? 0)),
          ),
        ),
      ),
    );
  }

  #drawList(toTop = false) {
    const { say } = this.#context;
    const counts = flawCounts(this.#sentences, this.#findings);
    const chip = (/** @type {Flaw | ""} */ flaw, /** @type {string} */ words, /** @type {number} */ n) =>
      el(
        "button",
        {
          type: "button",
          class: "filter-chip",
          "aria-pressed": flaw === this.#flaw,
          testid: `flaw-${flaw || "all"}`,
          on: {
            click: () => {
              this.#flaw = flaw;
              this.#drawList(true);
            },
          },
        },
        words,
        el("span", { class: "nav-count" }, String(n)),
      );
    this.flaws.hidden = this.#findings.size === 0;
    this.flaws.replaceChildren(
      chip("", say("sentences.all"), this.#sentences.length),
      ...FLAWS.filter((flaw) => counts[flaw] || flaw === this.#flaw).map((flaw) =>
        chip(flaw, say(`sentences.flaw.${flaw}`), counts[flaw]),
      ),
    );
    const listed = listedSentences(this.#sentences, this.#findings, this.#flaw, this.#intent ? this.find.value : "");
    this.list.show(listed.map((sentence) => ({ sentence, findings: this.#findings.get(sentence.text) ?? [] })));
    if (toTop) this.list.toTop();
    this.empty.hidden = listed.length > 0 || (!this.#intent && !this.find.value);
    setText(this.empty, say("sentences.none"));
  }

  async #add() {
    const { api, say, toast, names } = this.#context;
    const text = this.add.value.trim();
    const intent = this.#intent;
    if (!text || !intent) return;
    setText(this.problem, "");
    try {
      const { is_changed } = await api.post(PATH, { intent, text });
      if (is_changed === false) {
        setText(this.problem, say("sentences.here"));
        return;
      }
      this.add.value = "";
      toast.offerUndo(say("sentences.added", names.intent(intent)), () => this.#take(text, intent));
      this.#insert({ text, intent, file: "" });
    } catch (error) {
      this.#refused(error);
    }
  }

  /** @param {Sentence} sentence */
  async #remove(sentence) {
    const { api, say, toast } = this.#context;
    try {
      await this.#delete(sentence);
      toast.offerUndo(say("sentences.removed"), async () => {
        try {
          await api.post(PATH, { intent: sentence.intent, text: sentence.text });
          this.#insert(sentence);
        } catch (error) {
          this.#refused(error);
        }
      });
      this.#drop(sentence.text);
    } catch (error) {
      this.#refused(error);
    }
  }

  /** @param {Sentence} sentence */
  async #move(sentence) {
    const { api, say, names, toast } = this.#context;
    const to = await pickOne({
      say,
      title: say("sentences.move.title"),
      options: names
        .all("intents")
        .filter(({ id }) => id !== sentence.intent)
        .map(({ id, name }) => ({ id, name, hint: id })),
      testid: "sentence-move-dialog",
    });
    if (!to) return;
    const { text, intent: from } = sentence;
    try {
      await api.post(`${PATH}/move`, { text, from, to });
      toast.offerUndo(say("sentences.moved", names.intent(to)), async () => {
        try {
          await api.post(`${PATH}/move`, { text, from: to, to: from });
          this.#insert(sentence);
        } catch (error) {
          this.#refused(error);
        }
      });
      this.#drop(text);
    } catch (error) {
      this.#refused(error);
    }
  }

  /** @param {Sentence} sentence */
  #delete({ text, intent }) {
    return this.#context.api.delete(PATH, { intent, text });
  }

  /** Takes an added sentence out again. @param {string} text @param {string} intent */
  async #take(text, intent) {
    try {
      await this.#delete({ text, intent, file: "" });
      this.#drop(text);
    } catch (error) {
      this.#refused(error);
    }
  }

  /** @param {Sentence} sentence */
  #insert(sentence) {
    if (this.#intent && sentence.intent !== this.#intent) return;
    this.#sentences = [sentence, ...this.#sentences.filter(({ text }) => text !== sentence.text)];
    this.#recount(sentence.intent, 1);
    this.list.toTop(); // where it is shown
  }

  /** @param {string} text */
  #drop(text) {
    const gone = this.#sentences.find((sentence) => sentence.text === text);
    this.#sentences = this.#sentences.filter((sentence) => sentence !== gone);
    if (gone) this.#recount(gone.intent, -1);
  }

  /** @param {string} intent @param {number} by */
  #recount(intent, by) {
    const entry = this.#intents.find(({ id }) => id === intent);
    if (entry) entry.count += by;
    this.#draw(this.#sentences.length);
    this.#context.refreshCounts();
  }

  /** @param {unknown} error */
  #refused(error) {
    const failure = DeskError.of(error);
    if (failure.status === 401) this.#context.onProblem(error);
    else setText(this.problem, problemWords(failure, this.#context.say));
  }
}
