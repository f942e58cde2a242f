// Rolls back to a publication: asks for the reason, and shows the progress until it is live.
import { DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";
import { JobProgress } from "./job-progress.js";
import { askNote } from "./note-dialog.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */

export class RollBack {
  #context;

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { api, say, onProblem } = context;
    this.job = new JobProgress({ api, say, onProblem });
    this.outcome = el("p", { class: "problem", role: "alert", testid: "roll-back-problem" });
    this.node = el("div", {}, this.job.node, this.outcome);
  }

  close() {
    this.job.close();
  }

  /**
   * Asks, and rolls back to a publication. `why` is needed.
   * @param {Json} publication  as in the list
   * @param {() => unknown} onDone  it is live
   */
  async ask(publication, onDone) {
    const { api, say, toast, onProblem } = this.#context;
    /** @type {Json} */
    let job = null;
    this.outcome.textContent = "";
    const why = await askNote({
      say,
      title: say("roll_back.title"),
      text: say("roll_back.text", publication.why ?? "", publication.who_name ?? publication.who ?? ""),
      label: say("publish.why"),
      confirm: say("roll_back.confirm"),
      testid: "roll-back-dialog",
      act: async (reason) => {
        ({ job } = await api.post(`/api/workshop/publications/${publication.id}/roll-back`, { why: reason }));
      },
    });
    if (why === null) return;
    try {
      const ended = await this.job.follow(String(job));
      if (ended.state === "done") {
        toast.show(say("roll_back.done"));
        await onDone();
      } else this.outcome.textContent = ended.error ? inLanguage(ended.error, say) : say("job.failed");
    } catch (error) {
      onProblem(error);
    }
  }

  /** Rolls back to what was live before. @param {() => unknown} onDone */
  async askForPrevious(onDone) {
    const { api, say, onProblem } = this.#context;
    try {
      const { publications = [] } = await api.get("/api/workshop/publications");
      const live = publications.findIndex((/** @type {Json} */ each) => each.is_live);
      const previous = publications.slice(live + 1).find((/** @type {Json} */ each) => each.can_roll_back !== false);
      if (live < 0 || !previous) throw new DeskError(409, "nothing_before", say("roll_back.none"));
      await this.ask(previous, onDone);
    } catch (error) {
      onProblem(error);
    }
  }
}
