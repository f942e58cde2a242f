// The view "look-back": closed conversations that the draft, or what is live now, would have sent to a person; and their cases.
import { problemWords, timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { decisionPair } from "./decision-pair.js";
import { hasEnded } from "./job-model.js";
import { JobProgress } from "./job-progress.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */

const PATH = "/api/workshop/look-backs";
/** Conversations that are listed; the file has all of them. */
const LISTED = 200;

export class LookBackView {
  #context;
  /** @type {string | null} */
  #job = null;
  /** @type {Json[]} */
  #found = [];
  /** @type {Set<string>} */
  #ticked = new Set();

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { api, say, me, onProblem } = context;
    this.version = el(
      "select",
      { id: "look-back-version", testid: "look-back-version" },
      ["live", "draft"].map((id) => el("option", { value: id }, say(`look_back.version.${id}`))),
    );
    this.start = el(
      "button",
      { type: "button", class: "primary", testid: "look-back-start", on: { click: () => this.#start() } },
      say("look_back.start"),
    );
    this.job = new JobProgress({ api, say, onProblem });
    this.summary = el("p", { role: "status", testid: "look-back-summary" });
    this.openButton = el("button", {
      type: "button",
      class: "primary",
      testid: "look-back-open",
      hidden: true,
      on: { click: () => this.#open() },
    });
    this.csv = el("a", { class: "tool", hidden: true, download: "", testid: "look-back-csv" }, say("look_back.csv"));
    this.list = el("ul", { class: "look-back-list", testid: "look-back-list" });
    this.mayOpen = me.role === "editor" || me.role === "supervisor";
    this.node = el(
      "div",
      { class: "view" },
      el("div", { class: "view-head" }, el("h2", {}, say("workshop.view.look-back"))),
      el("p", { class: "view-intro" }, say("look_back.intro")),
      el(
        "div",
        { class: "view-tools" },
        el("label", { for: "look-back-version" }, say("look_back.version")),
        this.version,
        this.start,
      ),
      this.job.node,
      this.summary,
      el("div", { class: "view-tools" }, this.openButton, this.csv),
      this.list,
    );
  }

  async open() {
    const { api, onProblem } = this.#context;
    try {
      const { jobs = [] } = await api.get("/api/workshop/jobs?kind=look_back");
      const running = jobs.find((/** @type {Json} */ job) => !hasEnded(job));
      const last = jobs.find((/** @type {Json} */ job) => job.state === "done");
      if (running) await this.#follow(String(running.id));
      else if (last) await this.#show(String(last.id));
    } catch (error) {
      onProblem(error);
    }
  }

  close() {
    this.job.close();
  }

  async #start() {
    const { api, onProblem } = this.#context;
    this.start.disabled = true;
    try {
      const { job } = await api.post(PATH, { version: this.version.value });
      await this.#follow(String(job));
    } catch (error) {
      onProblem(error);
    } finally {
      this.start.disabled = false;
    }
  }

  /** @param {string} job */
  async #follow(job) {
    const { say } = this.#context;
    setText(this.summary, "");
    const ended = await this.job.follow(job);
    if (ended.state === "done") await this.#show(job);
    else setText(this.summary, ended.error ? inLanguage(ended.error, say) : say("job.failed"));
  }

  /** @param {string} job */
  async #show(job) {
    const { api, say } = this.#context;
    this.#job = job;
    const result = await api.get(`${PATH}/${encodeURIComponent(job)}`);
    const shown = result?.result ?? result;
    this.#found = (shown?.found ?? []).slice(0, LISTED);
    const day = shown?.day ?? "";
    setText(this.summary, say("look_back.found", shown?.n ?? 0, shown?.count ?? this.#found.length, day));
    this.csv.hidden = this.#found.length === 0;
    this.csv.setAttribute("href", `${PATH}/${encodeURIComponent(job)}/csv`);
    this.#ticked = new Set();
    this.#draw();
  }

  #draw() {
    const { say } = this.#context;
    this.list.replaceChildren(
      ...this.#found.map((each) => {
        const id = String(each.conversation_id);
        const canOpen = each.is_closed !== false && !each.case_opened;
        const box = el("input", {
          type: "checkbox",
          value: id,
          checked: this.#ticked.has(id),
          disabled: !canOpen || !this.mayOpen,
          "aria-label": say("look_back.tick", each.text ?? ""),
          on: {
            change: () => {
              if (!this.#ticked.delete(id)) this.#ticked.add(id);
              this.#count();
            },
          },
        });
        return el(
          "li",
          { class: "panel look-back-row", testid: "look-back-row", data: { conversation: id } },
          box,
          el(
            "div",
            {},
            el("p", { class: "example-text" }, isolated(each.text ?? "")),
            el(
              "p",
              { class: "muted" },
              [
                timeWords(each.at, say),
                each.ended_by && say.knows(`look_back.ended.${each.ended_by}`)
                  ? say(`look_back.ended.${each.ended_by}`)
                  : "",
                each.case_opened ? say("look_back.opened") : "",
              ]
                .filter(Boolean)
                .join(" · "),
            ),
            decisionPair(each.before ?? { route: "" }, each.after ?? { route: "" }, this.#context, [
              "look_back.then",
              "look_back.now",
            ]),
          ),
        );
      }),
    );
    this.#count();
  }

  #count() {
    const { say } = this.#context;
    this.openButton.hidden = this.#found.length === 0 || !this.mayOpen;
    this.openButton.disabled = this.#ticked.size === 0;
    setText(this.openButton, say("look_back.open", this.#ticked.size));
  }

  async #open() {
    const { api, say, toast } = this.#context;
    this.openButton.disabled = true;
    try {
      const { opened = [], refused = [] } = await api.post(`${PATH}/${this.#job}/open`, {
        conversation_ids: [...this.#ticked],
      });
      if (refused.length)
        toast.show(`${say("look_back.done", opened.length)} ${inLanguage(refused[0], say)}`, { isProblem: true });
      else toast.show(say("look_back.done", opened.length));
      await this.#show(/** @type {string} */ (this.#job));
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.status === 401) this.#context.onProblem(error);
      else toast.show(problemWords(failure, say), { isProblem: true });
      this.#count();
    }
  }
}
