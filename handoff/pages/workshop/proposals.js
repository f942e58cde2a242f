// Publications that other editors propose: each with its reports, to approve or to reject.
import { timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { el } from "../shared/dom.js";
import { checkReport } from "./check-report.js";
import { askNote } from "./note-dialog.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */

export class Proposals {
  #context;
  #onApproved;
  /** Whether the policy wants a second person for each publication. */
  needsSecond = false;

  /** @param {ViewContext} context @param {(job: string) => void} onApproved */
  constructor(context, onApproved) {
    this.#context = context;
    this.#onApproved = onApproved;
    this.list = el("div", {});
    this.node = el(
      "section",
      { class: "panel step", testid: "proposals", hidden: true },
      el("h3", {}, context.say("proposals.title")),
      this.list,
    );
  }

  /** Throws DeskError. */
  async open() {
    const { proposals = [], needs_second_person = false } = await this.#context.api.get("/api/workshop/proposals");
    this.needsSecond = needs_second_person;
    const open = proposals.filter((/** @type {Json} */ each) => each.state === "open");
    this.node.hidden = open.length === 0;
    this.list.replaceChildren(...open.map((/** @type {Json} */ each) => this.#draw(each)));
  }

  /** @param {Json} proposal */
  #draw(proposal) {
    const { say, me } = this.#context;
    const isMine = proposal.is_mine ?? proposal.by === me.login;
    const report = el("div", {}, checkReport(proposal, this.#context));
    const mayDecide = me.role === "editor" || me.role === "supervisor";
    /** @param {"approve" | "reject" | "withdraw"} act @param {string} style */
    const button = (act, style) =>
      el(
        "button",
        {
          type: "button",
          class: style,
          testid: `proposal-${act}`,
          on: { click: () => this.#decide(proposal, act) },
        },
        say(`proposals.${act}`),
      );
    return el(
      "article",
      { class: "proposal", testid: "proposal" },
      el(
        "p",
        {},
        el("b", {}, isolated(proposal.by_name ?? proposal.by)),
        " · ",
        timeWords(proposal.created_at, say),
        proposal.at ? ` · ${say("publish.at", timeWords(proposal.at, say))}` : null,
      ),
      el("p", {}, isolated(say("proposals.why", proposal.why))),
      el(
        "details",
        { open: !isMine },
        el("summary", {}, say("proposals.report")),
        report,
        el(
          "button",
          { type: "button", class: "quiet", on: { click: () => this.#whole(proposal, report) } },
          say("proposals.whole"),
        ),
      ),
      isMine ? el("p", { class: "muted" }, say("proposals.mine")) : null,
      mayDecide
        ? el(
            "div",
            { class: "proposal-actions" },
            isMine ? null : button("approve", "primary"),
            isMine ? button("withdraw", "tool") : button("reject", "tool"),
          )
        : null,
    );
  }

  /** The check's report with its examples. @param {Json} proposal @param {HTMLElement} place */
  async #whole(proposal, place) {
    const { api, onProblem } = this.#context;
    try {
      const job = await api.get(`/api/workshop/jobs/${proposal.check_job}`);
      place.replaceChildren(checkReport(job.result, this.#context));
    } catch (error) {
      onProblem(error);
    }
  }

  /** @param {Json} proposal @param {"approve" | "reject" | "withdraw"} act */
  async #decide(proposal, act) {
    const { api, say, toast, onProblem } = this.#context;
    /** @type {Json} */
    let answer = null;
    const why = await askNote({
      say,
      title: say(`proposals.${act}.title`),
      text: say("proposals.why", proposal.why),
      label: say("publish.why"),
      confirm: say(`proposals.${act}`),
      testid: `proposal-${act}-dialog`,
      act: async (reason) => {
        const call = act === "approve" ? "approve" : "reject"; // the proposer's own rejection withdraws it
        answer = await api.post(`/api/workshop/proposals/${proposal.id}/${call}`, { why: reason });
      },
    });
    if (why === null) return;
    try {
      await this.open();
      if (act === "approve" && answer?.job !== undefined) this.#onApproved(String(answer.job));
      else toast.show(say(act === "withdraw" ? "proposals.withdrawn" : "proposals.rejected"));
    } catch (error) {
      onProblem(error);
    }
  }
}
