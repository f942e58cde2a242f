// Try a sentence: what the draft or the live bot would decide, with the whole trace and the nearest examples.
import { decisionPanel } from "../console/decision-panel.js";
import { problemWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";
import { JobProgress } from "./job-progress.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */

export class TrialBox {
  #context;

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { api, say, onProblem } = context;
    this.input = el("input", {
      type: "text",
      id: "trial-text",
      testid: "trial-text",
      maxlength: 2_000,
      autocomplete: "off",
      placeholder: say("trial.placeholder"),
    });
    this.of = el(
      "select",
      { id: "trial-of", testid: "trial-of", "aria-label": say("trial.of") },
      ["draft", "live"].map((id) => el("option", { value: id }, say(`trial.of.${id}`))),
    );
    this.button = el("button", { type: "submit", class: "tool", testid: "trial-run" }, say("trial.run"));
    this.job = new JobProgress({ api, say, onProblem });
    this.outcome = el("div", { testid: "trial-outcome" });
    this.node = el(
      "section",
      { class: "panel trial" },
      el("h3", {}, el("label", { for: "trial-text" }, say("trial.title"))),
      el(
        "form",
        {
          class: "trial-form",
          on: {
            submit: (event) => {
              event.preventDefault();
              this.#run();
            },
          },
        },
        this.input,
        this.of,
        this.button,
      ),
      this.job.node,
      this.outcome,
    );
  }

  close() {
    this.job.close();
  }

  async #run() {
    const { api, say } = this.#context;
    const text = this.input.value.trim();
    if (!text || this.button.disabled) return;
    this.button.disabled = true;
    this.outcome.replaceChildren();
    try {
      const { job } = await api.post("/api/workshop/tries", { text, locale: say.locale, of: this.of.value });
      const ended = await this.job.follow(String(job));
      if (ended.state === "done") this.#show(text, ended.result);
      else this.#fail(ended.error ? inLanguage(ended.error, say) : say("job.failed"));
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.status === 401) this.#context.onProblem(error);
      this.#fail(problemWords(failure, say));
    } finally {
      this.button.disabled = false;
    }
  }

  /** @param {string} words */
  #fail(words) {
    this.outcome.replaceChildren(el("p", { class: "problem", role: "alert" }, words));
  }

  /** @param {string} text @param {Json} result */
  #show(text, { decision, nearest = [], model_is_live = false }) {
    const { say, names } = this.#context;
    this.outcome.replaceChildren(
      ...(model_is_live ? [el("p", { class: "muted" }, say("trial.untrained"))] : []),
      decisionPanel(decision, { message: text, silent: false }, { say, names }),
      el("h4", {}, say("trial.nearest")),
      el(
        "ol",
        { class: "trial-nearest", testid: "trial-nearest" },
        nearest.map((/** @type {Json} */ each) =>
          el(
            "li",
            {},
            isolated(each.text),
            " ",
            el("a", { href: `#sentences/${encodeURIComponent(each.intent)}` }, names.intent(each.intent)),
            el("small", { class: "muted" }, ` ${Number(each.score).toFixed(2)}`),
          ),
        ),
      ),
    );
  }
}
