// Beside the inbox: how much is done and at which pace, what it brings, and the import of past logs.
import { problemWords } from "../console/display-names.js";
import { DeskError, errorOf } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { pace } from "./inbox-model.js";
import { JobProgress } from "./job-progress.js";
import { learningCurve } from "./learning-curve.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */
/** @import { InboxModel } from "./inbox-model.js" */

/** Refused lines that are listed. */
const LISTED = 20;

export class InboxAside {
  #context;
  #onNew;
  #startedAt = Date.now();
  #isOpen = false;

  /** @param {ViewContext} context @param {() => void} onNew  new groups may be there */
  constructor(context, onNew) {
    this.#context = context;
    this.#onNew = onNew;
    const { api, say, onProblem } = context;
    this.today = el("b", { testid: "inbox-today" });
    this.pace = el("b", { testid: "inbox-pace" });
    this.left = el("b", { testid: "inbox-left" });
    this.sending = el("p", { class: "muted", testid: "inbox-sending", hidden: true });
    this.curve = el("div", { class: "inbox-curve" });
    this.job = new JobProgress({ api, say, onProblem });
    this.outcome = el("div", { class: "inbox-outcome", role: "status", testid: "import-outcome" });
    /** @type {HTMLInputElement} */
    this.file = el("input", {
      type: "file",
      id: "import-file",
      testid: "import-file",
      accept: ".csv,.jsonl,.json,.txt,text/csv,application/x-ndjson",
      on: { change: () => this.#import() },
    });
    this.refresh = el(
      "button",
      { type: "button", class: "tool", testid: "inbox-refresh", on: { click: () => this.#refresh() } },
      say("inbox.refresh"),
    );
    const figure = (/** @type {HTMLElement} */ value, /** @type {string} */ words) =>
      el("div", {}, el("dt", {}, words), el("dd", {}, value));
    this.node = el(
      "aside",
      { class: "inbox-aside", "aria-label": say("inbox.progress") },
      el(
        "dl",
        { class: "inbox-figures" },
        figure(this.today, say("inbox.today")),
        figure(this.pace, say("inbox.pace")),
        figure(this.left, say("inbox.left")),
      ),
      this.sending,
      el("h3", {}, say("curve.title")),
      this.curve,
      el("h3", {}, say("inbox.more")),
      this.refresh,
      el(
        "div",
        { class: "field" },
        el("label", { for: "import-file" }, say("inbox.import")),
        this.file,
        el("p", { class: "muted" }, say("inbox.import.text")),
      ),
      this.job.node,
      this.outcome,
    );
  }

  open() {
    this.#startedAt = Date.now();
    this.#isOpen = true;
    this.#loadCurve();
  }

  close() {
    this.#isOpen = false;
    this.job.close();
  }

  /** @param {InboxModel} model */
  update(model) {
    const { say } = this.#context;
    const { counts, confirmed, pending } = model;
    setText(this.today, String(counts.done_today ?? confirmed));
    const speed = counts.done_hour ?? pace(confirmed, this.#startedAt, Date.now());
    setText(this.pace, speed === null ? "–" : String(speed));
    setText(this.left, counts.left === undefined ? "–" : String(counts.left));
    this.sending.hidden = pending === 0;
    setText(this.sending, pending ? say("inbox.sending", pending) : "");
  }

  async #loadCurve() {
    const { api, say } = this.#context;
    try {
      const curve = await api.get("/api/workshop/inbox/curve");
      this.curve.replaceChildren(learningCurve(curve?.points ?? [], say));
    } catch (error) {
      this.curve.replaceChildren(el("p", { class: "muted" }, problemWords(DeskError.of(error), say)));
    }
  }

  async #refresh() {
    const { api, onProblem } = this.#context;
    this.refresh.disabled = true;
    try {
      const { job } = await api.post("/api/workshop/inbox/refresh");
      await this.#follow(job);
    } catch (error) {
      onProblem(error);
    } finally {
      this.refresh.disabled = false;
    }
  }

  /** @param {Json} job  its id */
  async #follow(job) {
    const ended = await this.job.follow(String(job?.id ?? job));
    if (!this.#isOpen) return;
    if (ended.state === "failed") this.#say([ended.error ? inLanguage(ended.error, this.#context.say) : ""], true);
    else this.#onNew();
  }

  async #import() {
    const { api, say } = this.#context;
    const file = this.file.files?.[0];
    if (!file) return;
    this.file.disabled = true;
    this.#say([say("inbox.import.reading", file.name)]);
    try {
      // The file itself is the body: it may be larger than what a form may hold in memory.
      const response = await fetch(`${api.endpoint}/api/workshop/imports?${new URLSearchParams({ name: file.name })}`, {
        ...api.options({ "Content-Type": file.type || "application/octet-stream" }),
        method: "POST",
        body: file,
      });
      if (!response.ok) throw await errorOf(response);
      const read = await response.json();
      this.#show(read);
      if (read.job) this.outcome.append(el("p", { class: "muted" }, say("inbox.wait")));
      if (read.job) await this.#follow(read.job);
    } catch (error) {
      const failure = error instanceof DeskError ? error : new DeskError(0, "network", String(error)); // fetch rejects without an answer
      if (failure.status === 401) this.#context.onProblem(failure);
      this.#say([problemWords(failure, say)], true);
    } finally {
      this.file.disabled = false;
      this.file.value = "";
    }
  }

  /** What happened to the lines of a file. @param {Json} read */
  #show({ lines = 0, taken = 0, known = 0, masked = 0, others = 0, skipped = [], skipped_count = skipped.length }) {
    const { say } = this.#context;
    this.#say([
      say("inbox.import.done", lines, taken),
      known ? say("inbox.import.known", known) : "",
      others ? say("inbox.import.others", others) : "",
      masked ? say("inbox.import.masked", masked) : "",
      skipped_count ? say("inbox.import.skipped", skipped_count) : "",
    ]);
    if (!skipped.length) return;
    this.outcome.append(
      el(
        "ul",
        { class: "import-skipped" },
        skipped
          .slice(0, LISTED)
          .map((/** @type {Json} */ each) =>
            el("li", {}, el("b", {}, say("inbox.import.line", each.line)), " ", inLanguage(each, say)),
          ),
      ),
    );
  }

  /** @param {string[]} lines @param {boolean} [isProblem] */
  #say(lines, isProblem = false) {
    this.outcome.replaceChildren(
      ...lines.filter(Boolean).map((line) => el("p", { class: isProblem ? "problem" : null }, line)),
    );
  }
}
