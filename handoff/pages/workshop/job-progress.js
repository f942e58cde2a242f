// The progress of one job: what it does, how far it is, how long it still takes, and a button that stops it.

import { durationWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { hasEnded, readJob, secondsLeft } from "./job-model.js";
import { inLanguage } from "./workshop-types.js";

/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Job } from "./job-model.js" */

const ASK_MS = 1_000;
const ASK_AGAIN_MS = 3_000; // after an outage

export class JobProgress {
  #api;
  #say;
  #onProblem;
  #follows = 0;
  /** @type {string | null} */
  #id = null;

  /** @param {{api: DeskApi, say: Say, onProblem: (error: unknown) => void}} options */
  constructor({ api, say, onProblem }) {
    this.#api = api;
    this.#say = say;
    this.#onProblem = onProblem;
    this.words = el("p", { class: "job-words", role: "status", testid: "job-words" });
    this.bar = el("progress", { max: 1, value: 0, "aria-label": say("job.progress") });
    this.left = el("span", { class: "muted", testid: "job-left" });
    this.stop = el(
      "button",
      { type: "button", class: "quiet", testid: "job-cancel", on: { click: () => this.#cancel() } },
      say("job.cancel"),
    );
    this.node = el(
      "div",
      { class: "job", testid: "job", hidden: true },
      this.words,
      this.bar,
      el("div", { class: "job-foot" }, this.left, this.stop),
    );
  }

  /**
   * Shows a job until it has ended, and resolves to it; never, when close() or another follow() comes first.
   * @param {string} id
   * @returns {Promise<Job>}
   */
  follow(id) {
    this.#follows += 1;
    const follow = this.#follows;
    this.#id = id;
    this.node.hidden = false;
    this.stop.disabled = false;
    setText(this.words, this.#say("job.queued"));
    setText(this.left, "");
    this.bar.removeAttribute("value");
    return new Promise((resolve, reject) => {
      const ask = async () => {
        if (follow !== this.#follows) return;
        let pause = ASK_MS;
        try {
          const job = readJob(await this.#api.get(`/api/workshop/jobs/${encodeURIComponent(id)}`));
          if (follow !== this.#follows) return;
          this.#draw(job);
          if (hasEnded(job)) {
            this.node.hidden = true;
            resolve(job);
            return;
          }
        } catch (caught) {
          const error = DeskError.of(caught);
          if (follow !== this.#follows) return;
          if (!error.isPassing) {
            this.node.hidden = true;
            reject(error);
            return;
          }
          setText(this.words, this.#say("job.unreachable"));
          pause = ASK_AGAIN_MS;
        }
        setTimeout(ask, pause);
      };
      ask();
    });
  }

  close() {
    this.#follows += 1;
    this.node.hidden = true;
  }

  /** @param {Job} job */
  #draw(job) {
    const { progress } = job;
    setText(this.words, progress ? inLanguage(progress, this.#say) : this.#say(`job.${job.state}`));
    if (progress && job.state === "running") this.bar.value = progress.share;
    else this.bar.removeAttribute("value");
    const left = secondsLeft(job, Date.now());
    setText(this.left, left === null ? "" : this.#say("job.left", durationWords(left, this.#say)));
  }

  async #cancel() {
    this.stop.disabled = true;
    try {
      await this.#api.post(`/api/workshop/jobs/${encodeURIComponent(this.#id ?? "")}/cancel`);
    } catch (error) {
      this.stop.disabled = false;
      this.#onProblem(error);
    }
  }
}
