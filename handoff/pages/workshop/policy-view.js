// The view "policy": what happens with each intent, promises, amounts, patterns, queues and clocks, as forms that explain each.
import { problemWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { checkReport } from "./check-report.js";
import { JobProgress } from "./job-progress.js";
import { policyField } from "./policy-field.js";
import { matchingFields, readSections } from "./policy-model.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */
/** @import { PolicyField, PolicySection } from "./policy-model.js" */

const PATH = "/api/workshop/policy";

export class PolicyView {
  #context;
  #revision = "";
  /** @type {PolicySection[]} */
  #sections = [];
  /** @type {string | null} */
  #section = null;
  /** @type {ReturnType<typeof policyField>[]} */
  #fields = [];

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { api, say, me, onProblem } = context;
    this.find = el("input", {
      type: "search",
      class: "find",
      "aria-label": say("policy.find"),
      placeholder: say("policy.find"),
      testid: "policy-find",
      on: { change: () => this.#draw() },
    });
    this.sections = el("nav", { class: "chips policy-sections", "aria-label": say("policy.sections") });
    this.check = el(
      "button",
      {
        type: "button",
        class: "tool",
        testid: "policy-effect",
        hidden: me.role !== "editor",
        on: { click: () => this.#effect() },
      },
      say("policy.effect"),
    );
    this.job = new JobProgress({ api, say, onProblem });
    this.effect = el("div", {});
    this.form = el("div", { class: "policy-form", testid: "policy-form" });
    this.state = el("p", { class: "empty", hidden: true });
    this.node = el(
      "div",
      { class: "view policy" },
      el(
        "div",
        { class: "view-head" },
        el("h2", {}, say("workshop.view.policy")),
        el("span", { class: "spacer" }),
        this.find,
        this.check,
      ),
      el("p", { class: "view-intro" }, say("policy.intro")),
      this.job.node,
      this.effect,
      this.sections,
      this.state,
      this.form,
    );
  }

  /** @param {string | null} argument  a section */
  async open(argument) {
    const { api, say, onProblem } = this.#context;
    this.#section = argument;
    try {
      const policy = await api.get(PATH);
      this.#revision = policy.revision ?? "";
      this.#sections = readSections(policy);
      this.state.hidden = true;
      this.#draw();
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.status === 401) onProblem(error);
      this.state.hidden = false;
      setText(this.state, problemWords(failure, say));
    }
  }

  close() {
    this.job.close();
  }

  isUnsaved() {
    return this.#fields.some((field) => field.isChanged());
  }

  #draw() {
    const { say, me } = this.#context;
    const typed = this.find.value;
    const open = this.#sections.find(({ id }) => id === this.#section) ?? this.#sections[0];
    this.sections.replaceChildren(
      ...this.#sections.map((section) =>
        el(
          "a",
          {
            class: "filter-chip",
            href: `#policy/${encodeURIComponent(section.id)}`,
            "aria-current": section === open && !typed ? "true" : null,
          },
          inLanguage(section, say),
        ),
      ),
    );
    const fields = typed
      ? matchingFields(
          this.#sections.flatMap((section) => section.fields),
          typed,
        )
      : (open?.fields ?? []);
    this.#fields = fields.map((field) =>
      policyField(field, { say, mayEdit: me.role === "editor", onSave: (value) => this.#save(field, value) }),
    );
    this.form.replaceChildren(
      ...this.#fields.map(({ node }) => node),
      ...(fields.length ? [] : [el("p", { class: "empty" }, say("policy.none"))]),
    );
  }

  /** @param {PolicyField} field @param {Json} value @returns {Promise<PolicyField | null>} */
  async #save(field, value) {
    const { api, say, toast, refreshCounts } = this.#context;
    try {
      const saved = await api.put(PATH, { base_revision: this.#revision, path: field.path, value });
      this.#revision = saved?.revision ?? this.#revision;
      toast.show(say("policy.saved", inLanguage(field, say)));
      refreshCounts();
      return saved?.field ?? { ...field, value };
    } catch (error) {
      const { code, details } = DeskError.of(error);
      // The next try is about what stands there now: the editor has read it.
      const now = /** @type {Json} */ (details).revision;
      if (code === "changed_meanwhile" && typeof now === "string") await this.#refresh();
      throw error;
    }
  }

  async #refresh() {
    const policy = await this.#context.api.get(PATH);
    this.#revision = policy.revision ?? this.#revision;
  }

  /** Checks the draft, and shows what it would have done with the last turns. */
  async #effect() {
    const { api, say, onProblem } = this.#context;
    this.check.disabled = true;
    this.effect.replaceChildren();
    try {
      const { job } = await api.post("/api/workshop/checks", {}, { timeout: 60_000 });
      const ended = await this.job.follow(String(job));
      this.effect.replaceChildren(
        el(
          "section",
          { class: "panel step" },
          ended.state === "done"
            ? [checkReport(ended.result, this.#context), el("a", { href: "#publish" }, say("workshop.view.publish"))]
            : el("p", { class: "problem" }, ended.error ? inLanguage(ended.error, say) : say("job.failed")),
        ),
      );
    } catch (error) {
      onProblem(error);
    } finally {
      this.check.disabled = false;
    }
  }
}
