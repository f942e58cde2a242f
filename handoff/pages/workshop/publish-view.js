// The view "publish": what the draft changes, the check with its report, and the publication; other editors' proposals.
import { askDialog } from "../console/action-dialogs.js";
import { problemWords, timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { keepCase } from "./case-keeping.js";
import { checkReport } from "./check-report.js";
import { draftList } from "./draft-list.js";
import { hasEnded } from "./job-model.js";
import { JobProgress } from "./job-progress.js";
import { Proposals } from "./proposals.js";
import { publishForm } from "./publish-form.js";
import { RollBack } from "./roll-back.js";
import { draftState } from "./shadow-model.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */
/** @import { Job } from "./job-model.js" */
/** @import { ShadowExample } from "./shadow-model.js" */

export class PublishView {
  #context;
  #isOpen = false;
  /** @type {Json} */
  #draft = null;
  /** The last check that ended. @type {Job | null} */
  #check = null;
  #needsSecond = false;
  #rollBack;

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { say, api, onProblem } = context;
    this.changes = el("div", {});
    this.checkButton = el(
      "button",
      { type: "button", class: "primary", testid: "check", on: { click: () => this.#startCheck() } },
      say("check.start"),
      el("kbd", { "aria-hidden": "true" }, "c"),
    );
    this.checkState = el("p", { role: "status", testid: "check-state" });
    this.checking = new JobProgress({ api, say, onProblem });
    this.report = el("div", {});
    this.form = el("div", {});
    this.publishing = new JobProgress({ api, say, onProblem });
    this.outcome = el("div", { role: "status" });
    this.proposals = new Proposals(context, (job) => this.#followPublication(job));
    this.#rollBack = new RollBack(context);
    this.node = el(
      "div",
      { class: "view publish", testid: "publish-view" },
      el("div", { class: "view-head" }, el("h2", {}, say("workshop.view.publish"))),
      el(
        "div",
        { class: "publish-columns" },
        el("section", { class: "panel step" }, el("h3", {}, say("publish.step.changes")), this.changes),
        el(
          "section",
          { class: "panel step" },
          el("h3", {}, say("publish.step.check")),
          el("div", { class: "step-head" }, this.checkButton, this.checkState),
          this.checking.node,
          this.report,
        ),
        el(
          "section",
          { class: "panel step" },
          el("h3", {}, say("publish.step.publish")),
          this.form,
          this.publishing.node,
          this.outcome,
        ),
        this.proposals.node,
      ),
    );
    /** @type {[string, string][]} */
    this.shortcuts = [
      ["c", say("check.start")],
      ["j k", say("shadow.key.move")],
      ["p", say("case.person")],
      ["a", say("case.article_short")],
    ];
  }

  async open() {
    this.#isOpen = true;
    await Promise.all([this.#load(), this.proposals.open()]);
  }

  close() {
    this.#isOpen = false;
    this.checking.close();
    this.publishing.close();
    this.#rollBack.close();
    this.#context.refreshCounts();
  }

  /** @param {KeyboardEvent} event */
  onKey({ key }) {
    const example = document.activeElement?.closest(".example");
    if (key === "j" || key === "k") return this.#move(key === "j" ? 1 : -1);
    if (key === "c" && !this.checkButton.disabled) this.#startCheck();
    else if (example && (key === "p" || key === "a"))
      /** @type {HTMLElement | null} */ (
        example.querySelector(`[data-testid="keep-${key === "p" ? "person" : "article"}"]`)
      )?.click();
    else return false;
    return true;
  }

  /** @param {number} step */
  #move(step) {
    const rows = [.../** @type {NodeListOf<HTMLElement>} */ (this.report.querySelectorAll(".example"))];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    next?.focus();
    return Boolean(next);
  }

  /** Reads the draft, the last check, and what runs now. */
  async #load() {
    const { api, say } = this.#context;
    try {
      const [draft, listed] = await Promise.all([
        api.get("/api/workshop/draft", { timeout: 30_000 }),
        api.get("/api/workshop/jobs"),
      ]);
      this.#draft = draft;
      const jobs = /** @type {Job[]} */ (listed?.jobs ?? []);
      const running = jobs.find((job) => job.kind === "check" && !hasEnded(job));
      const last = jobs.find((job) => job.kind === "check" && hasEnded(job));
      if (last) this.#check = await api.get(`/api/workshop/jobs/${last.id}`);
      this.#draw();
      if (running) this.#follow(String(running.id));
      const publication = jobs.find((job) => job.kind === "publish" && job.state === "running");
      if (publication) this.#followPublication(String(publication.id));
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.status === 401) this.#context.onProblem(error);
      this.changes.replaceChildren(
        el("p", { class: "problem empty" }, problemWords(failure, say)),
        el("button", { type: "button", class: "tool", on: { click: () => this.#load() } }, say("view.again")),
      );
    }
  }

  get #state() {
    return draftState(this.#draft, this.#check?.state === "done" ? this.#check.result : null);
  }

  #draw() {
    const { say, me } = this.#context;
    const state = this.#state;
    const mayEdit = me.role === "editor";
    const changes = this.#draft?.changes ?? [];
    const { problem } = this.#draft ?? {};
    this.changes.replaceChildren(
      ...(problem
        ? [
            el(
              "p",
              { class: "problem", role: "alert", testid: "draft-problem" },
              inLanguage(problem, say),
              problem.file ? el("small", {}, ` ${problem.file}${problem.line ? `:${problem.line}` : ""}`) : null,
            ),
          ]
        : []),
      changes.length
        ? draftList(changes, say, mayEdit ? (file) => this.#revert(file) : null)
        : el("p", { class: "muted", testid: "draft-none" }, say("draft.none")),
    );
    // While the draft could not be read, the desk says what is wrong with it.
    const isChecked = this.#draft === null || (state !== "none" && state !== "broken");
    this.checkButton.disabled = !mayEdit || !isChecked;
    const failure = this.#check?.state === "failed" ? this.#check.error : null;
    setText(this.checkState, failure ? say("check.failed", inLanguage(failure, say)) : say(`check.state.${state}`));
    const result = this.#check?.state === "done" ? this.#check.result : null;
    this.report.replaceChildren(
      ...(result && state !== "none"
        ? [checkReport(result, this.#context, mayEdit ? (...args) => this.#keep(...args) : null)]
        : []),
    );
    this.form.replaceChildren(
      state === "passed" && mayEdit
        ? publishForm({
            context: this.#context,
            needsSecond: this.#needsSecond || this.proposals.needsSecond,
            onPublish: (why, at) => this.#publish(why, at),
          })
        : el("p", { class: "muted" }, say(`publish.wait.${state === "passed" ? "reader" : state}`)),
    );
  }

  async #startCheck() {
    const { api, onProblem } = this.#context;
    this.checkButton.disabled = true;
    this.outcome.replaceChildren();
    try {
      const { job } = await api.post("/api/workshop/checks", {}, { timeout: 60_000 });
      await this.#follow(String(job));
    } catch (error) {
      onProblem(error);
      this.#draw();
    }
  }

  /** @param {string} job */
  async #follow(job) {
    const { say, onProblem } = this.#context;
    this.checkButton.disabled = true;
    setText(this.checkState, say("check.running"));
    this.report.replaceChildren();
    this.form.replaceChildren(el("p", { class: "muted" }, say("publish.wait.checking")));
    try {
      this.#check = await this.checking.follow(job);
      if (!this.#isOpen) return;
      this.#draft = await this.#context.api.get("/api/workshop/draft", { timeout: 30_000 });
    } catch (error) {
      onProblem(error);
    }
    this.#draw();
  }

  /** @param {string} why @param {string | null} at  ISO 8601 */
  async #publish(why, at) {
    const { api, say, toast } = this.#context;
    const answer = await api.post("/api/workshop/publications", {
      check_job: Number(this.#check?.id),
      why,
      ...(at ? { at } : {}),
    });
    if (answer.proposal !== undefined) {
      toast.show(say("publish.proposed"));
      this.outcome.replaceChildren(el("p", { testid: "proposed" }, say("publish.proposed")));
      await this.proposals.open();
    } else if (at) {
      this.outcome.replaceChildren(
        el("p", { testid: "scheduled" }, say("publish.scheduled", timeWords(at, say)), " "),
        el("a", { href: "#history" }, say("workshop.view.history")),
      );
    } else this.#followPublication(String(answer.job));
  }

  /** @param {string} id  of a job of kind publish */
  async #followPublication(id) {
    const { say, onProblem } = this.#context;
    this.outcome.replaceChildren();
    this.form.replaceChildren(el("p", { class: "muted" }, say("publish.running")));
    try {
      const job = await this.publishing.follow(id);
      if (!this.#isOpen) return;
      if (job.state === "done") this.#published(job.result);
      else
        this.outcome.replaceChildren(
          el(
            "p",
            { class: "problem", testid: "publish-failed" },
            job.error ? inLanguage(job.error, say) : say("job.failed"),
          ),
        );
      await this.#load();
    } catch (error) {
      onProblem(error);
    }
  }

  /** @param {Json} result */
  #published(result) {
    const { say, toast } = this.#context;
    toast.show(say("publish.live"));
    const seconds = result?.seconds;
    this.outcome.replaceChildren(
      el(
        "div",
        { class: "verdict-box pass", testid: "published" },
        el("h4", {}, say("publish.live")),
        el(
          "p",
          {},
          typeof seconds === "number" ? say("publish.live.seconds", Math.round(seconds)) : say("publish.live.text"),
        ),
        el(
          "button",
          {
            type: "button",
            class: "tool",
            testid: "publish-undo",
            on: { click: () => this.#rollBack.askForPrevious(() => this.#load()) },
          },
          say("publish.undo"),
        ),
        this.#rollBack.node,
      ),
    );
  }

  /** @param {ShadowExample} example @param {"person" | "article"} must @param {string | null} article */
  #keep(example, must, article) {
    keepCase(this.#context, { text: example.text, must, article, note: this.#context.say("case.from_check") });
  }

  /** @param {string} file */
  #revert(file) {
    const { api, say } = this.#context;
    const touched = (this.#draft?.changes ?? []).filter((/** @type {Json} */ change) => change.file === file);
    askDialog({
      say,
      title: say("draft.revert.title"),
      text: say("draft.revert.text"),
      fields: el(
        "ul",
        { class: "last-words" },
        touched.map((/** @type {Json} */ change) => el("li", {}, isolated(inLanguage(change, say)))),
      ),
      confirm: say("draft.revert"),
      testid: "draft-revert-dialog",
      explain: (error) => problemWords(DeskError.of(error), say),
      onConfirm: async () => {
        await api.post("/api/workshop/draft/revert", { file, base_revision: touched[0]?.revision ?? null });
        await this.#load();
        return null;
      },
    });
  }
}
