// The view "history": who published what, when and why, with its reports; and the way back.
import { problemWords, timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";
import { checkReport } from "./check-report.js";
import { RollBack } from "./roll-back.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */

export class HistoryView {
  #context;
  #rollBack;

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { say } = context;
    this.#rollBack = new RollBack(context);
    this.scheduled = el("div", {});
    this.list = el("ol", { class: "history", testid: "history" });
    this.node = el(
      "div",
      { class: "view" },
      el("div", { class: "view-head" }, el("h2", {}, say("workshop.view.history"))),
      el("p", { class: "view-intro" }, say("history.intro")),
      this.#rollBack.node,
      this.scheduled,
      this.list,
    );
  }

  async open() {
    const { api, say } = this.#context;
    try {
      const { publications = [], scheduled = [] } = await api.get("/api/workshop/publications");
      this.scheduled.replaceChildren(...scheduled.map((/** @type {Json} */ each) => this.#planned(each)));
      this.list.replaceChildren(
        ...(publications.length
          ? publications.map((/** @type {Json} */ each) => this.#entry(each))
          : [el("li", { class: "empty" }, say("publications.none"))]),
      );
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.status === 401) this.#context.onProblem(error);
      this.list.replaceChildren(
        el("li", { class: "problem empty" }, problemWords(failure, say)),
        el(
          "li",
          {},
          el("button", { type: "button", class: "tool", on: { click: () => this.open() } }, say("view.again")),
        ),
      );
    }
  }

  close() {
    this.#rollBack.close();
  }

  /** A publication that waits for its time. @param {Json} planned */
  #planned({ job, at, by_name, why }) {
    const { api, say, me, toast, onProblem } = this.#context;
    const stop = async () => {
      try {
        await api.post(`/api/workshop/jobs/${job}/cancel`);
        toast.show(say("history.cancelled"));
        await this.open();
      } catch (error) {
        onProblem(error);
      }
    };
    return el(
      "div",
      { class: "panel step", testid: "scheduled" },
      el("p", {}, el("b", {}, say("publish.scheduled", timeWords(at, say)))),
      el("p", {}, isolated(by_name ?? ""), " · ", isolated(why ?? "")),
      me.role === "editor"
        ? el("button", { type: "button", class: "tool", on: { click: stop } }, say("history.cancel"))
        : null,
    );
  }

  /** @param {Json} publication */
  #entry(publication) {
    const { say, me } = this.#context;
    const { who, who_name, second, second_name, why, when, is_live, rolled_back_to, gone = [] } = publication;
    const missing = Array.isArray(gone) ? gone : [gone];
    const bound = publication.missed_rate?.upper_bound;
    const percent = new Intl.NumberFormat(say.tag, { style: "percent", maximumSignificantDigits: 2 });
    return el(
      "li",
      {
        class: is_live ? "panel publication live" : "panel publication",
        testid: "publication",
        data: { id: publication.id },
      },
      el(
        "div",
        { class: "publication-head" },
        el("b", {}, timeWords(when, say)),
        is_live ? el("span", { class: "chip live" }, say("history.live")) : null,
        rolled_back_to == null ? null : el("span", { class: "chip" }, say("history.roll_back", rolled_back_to)),
        el("span", { class: "muted" }, say("history.number", publication.id)),
        el("span", { class: "spacer" }),
        !is_live && publication.can_roll_back !== false && me.role === "editor"
          ? el(
              "button",
              {
                type: "button",
                class: "tool",
                testid: "roll-back",
                on: { click: () => this.#rollBack.ask(publication, () => this.open()) },
              },
              say("roll_back"),
            )
          : null,
      ),
      el("p", { class: "publication-why" }, isolated(why ?? "")),
      el(
        "p",
        { class: "muted" },
        isolated(who_name ?? who ?? ""),
        second ? [" · ", isolated(say("history.second", second_name ?? second))] : null,
        bound == null ? null : ` · ${say("history.bound", percent.format(bound))}`,
      ),
      missing.filter(Boolean).length ? el("p", { class: "muted" }, say("history.gone")) : null,
      publication.gate || publication.shadow
        ? el("details", {}, el("summary", {}, say("history.report")), checkReport(publication, this.#context))
        : null,
    );
  }
}
