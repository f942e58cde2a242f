// The view "waves": many customers write alike in a short time; what they write, the proposed pattern, and what it would catch.
import { askDialog } from "../console/action-dialogs.js";
import { problemWords, timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { checkReport } from "./check-report.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { ViewContext } from "./views.js" */

const REFRESH_MS = 15_000;
const PATH = "/api/workshop/waves";
/** States in which something can be done. */
const OPEN = new Set(["new", "proposed"]);
/** The incident that a pattern names unless the messages were understood as another, as at the desk. */
const USUAL = "scam_report";

export class WavesView {
  #context;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** The waves as they are drawn: an editor who types is not disturbed. */
  #drawn = "";
  /** The incidents that a pattern may name. @type {string[]} */
  #incidents = [];

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { say } = context;
    this.state = el("p", { class: "muted", role: "status", testid: "waves-state" });
    this.list = el("div", { class: "waves", testid: "waves" });
    this.node = el(
      "div",
      { class: "view" },
      el("div", { class: "view-head" }, el("h2", {}, say("workshop.view.waves")), this.state),
      el("p", { class: "view-intro" }, say("waves.intro")),
      this.list,
    );
  }

  async open() {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#load(), REFRESH_MS);
    this.#drawn = "";
    await this.#load();
  }

  close() {
    clearInterval(this.#timer);
    this.#context.refreshCounts();
  }

  async #load() {
    const { api, say } = this.#context;
    try {
      const { waves = [], intents = [] } = await api.get(PATH);
      this.#incidents = intents;
      setText(this.state, waves.length ? "" : say("waves.none"));
      const drawn = JSON.stringify(waves);
      const isTyping =
        this.list.contains(document.activeElement) && document.activeElement?.matches("textarea, select") === true;
      if (drawn === this.#drawn || isTyping) return;
      this.#drawn = drawn;
      const opened = new Set(
        [...this.list.querySelectorAll("details[open]")].map((each) => each.getAttribute("data-key")),
      );
      this.list.replaceChildren(...waves.map((/** @type {Json} */ wave) => this.#wave(wave, opened)));
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.status === 401) this.#context.onProblem(error);
      setText(this.state, problemWords(failure, say));
    }
  }

  /** @param {Json} wave @param {Set<string | null>} opened */
  #wave(wave, opened) {
    const { say, names } = this.#context;
    const isOpen = OPEN.has(wave.state) && !wave.is_over;
    const topic = wave.topic ? inLanguage(wave.topic, say) : say("waves.no_topic");
    const state = wave.is_over && OPEN.has(wave.state) ? "over" : wave.state;
    return el(
      "article",
      { class: isOpen ? "panel wave open" : "panel wave", testid: "wave", data: { wave: wave.id, state: wave.state } },
      el(
        "div",
        { class: "publication-head" },
        el("h3", {}, isolated(topic)),
        el(
          "span",
          { class: isOpen ? "chip bad" : "chip" },
          say.knows(`waves.state.${state}`) ? say(`waves.state.${state}`) : state,
        ),
        el("span", { class: "muted" }, say("waves.since", timeWords(wave.first_at, say))),
      ),
      el(
        "p",
        {},
        say("waves.count", wave.count ?? 0, wave.conversations ?? wave.count ?? 0, wave.origins ?? "–"),
        wave.rate != null ? ` · ${say("waves.rate", wave.rate)}` : null,
        wave.expected != null && wave.window_minutes
          ? ` · ${say("waves.expected", wave.window_minutes, Number(wave.expected).toFixed(1))}`
          : null,
      ),
      el(
        "ul",
        { class: "wave-texts", testid: "wave-texts" },
        (wave.texts ?? [])
          .slice(0, 5)
          .map((/** @type {Json} */ each) =>
            el(
              "li",
              {},
              isolated(each.text ?? String(each)),
              each.route
                ? el(
                    "small",
                    { class: "muted" },
                    ` → ${say.knows(`route.${each.route}`) ? say(`route.${each.route}`) : each.route}`,
                  )
                : null,
            ),
          ),
      ),
      wave.texts?.length > 5
        ? el(
            "details",
            { data: { key: wave.id }, open: opened.has(wave.id) },
            el("summary", {}, say("waves.more", wave.texts.length - 5)),
            el(
              "ul",
              { class: "wave-texts" },
              wave.texts.slice(5).map((/** @type {Json} */ each) => el("li", {}, isolated(each.text ?? String(each)))),
            ),
          )
        : null,
      wave.near_intents?.length
        ? el(
            "p",
            { class: "muted" },
            say("waves.near"),
            " ",
            wave.near_intents
              .slice(0, 3)
              .map((/** @type {Json} */ each) => names.intent(each.intent ?? each))
              .join(say("health.comma")),
          )
        : null,
      isOpen || wave.proposal ? this.#acts(wave, isOpen) : null,
    );
  }

  /** @param {Json} wave @param {boolean} isOpen */
  #acts(wave, isOpen) {
    const { say, me } = this.#context;
    const { proposal } = wave;
    const button = (/** @type {string} */ id, /** @type {string} */ style, /** @type {() => void} */ click) =>
      el("button", { type: "button", class: style, testid: `wave-${id}`, on: { click } }, say(`waves.${id}`));
    if (proposal)
      return el(
        "div",
        { class: "wave-proposal", testid: "wave-proposal" },
        el(
          "p",
          {},
          isolated(
            say(
              "waves.proposed",
              proposal.by_name ?? proposal.by ?? "",
              proposal.at ? timeWords(proposal.at, say) : "",
            ),
          ),
        ),
        el("code", { class: "pattern" }, isolated(proposal.pattern ?? "")),
        this.#proposalReport(proposal),
        isOpen && proposal.by === me.login ? el("p", { class: "muted" }, say("waves.second")) : null,
        isOpen
          ? el(
              "div",
              { class: "proposal-actions" },
              proposal.by === me.login || !isChecked(proposal)
                ? null
                : button("approve", "primary", () => this.#approve(wave)),
              button("dismiss", "tool", () => this.#dismiss(wave)),
            )
          : null,
      );
    const pattern = el("textarea", {
      rows: 2,
      class: "code",
      spellcheck: "false",
      id: `pattern-${wave.id}`,
      testid: "wave-pattern",
    });
    pattern.value = wave.proposed_pattern ?? "";
    const near = (wave.near_intents ?? []).map((/** @type {Json} */ each) => each.intent);
    const usual = near.find((/** @type {string} */ intent) => this.#incidents.includes(intent)) ?? USUAL;
    const incident = el(
      "select",
      { id: `incident-${wave.id}`, testid: "wave-incident" },
      this.#incidents.map((intent) =>
        el("option", { value: intent, selected: intent === usual }, this.#context.names.intent(intent)),
      ),
    );
    const matches = wave.matches;
    return el(
      "div",
      { class: "wave-proposal" },
      el("label", { for: `pattern-${wave.id}` }, say("waves.pattern")),
      pattern,
      matches?.covers != null
        ? el(
            "p",
            { class: "muted" },
            say("waves.matches", matches.covers, matches.of, matches.others, matches.others_of),
          )
        : el("p", { class: "muted" }, say("waves.pattern.text")),
      this.#incidents.length ? [el("label", { for: incident.id }, say("waves.incident")), incident] : null,
      el(
        "div",
        { class: "proposal-actions" },
        button("propose", "primary", () => this.#propose(wave, pattern, incident.value)),
        button("dismiss", "tool", () => this.#dismiss(wave)),
      ),
    );
  }

  /** The check of a proposal, as far as it is. @param {Json} proposal */
  #proposalReport(proposal) {
    const { say } = this.#context;
    const job = proposal.check;
    if (proposal.gate || proposal.shadow) return checkReport(proposal, this.#context);
    if (job?.state === "failed")
      return el("p", { class: "problem" }, job.error ? inLanguage(job.error, say) : say("job.failed"));
    return el(
      "p",
      { class: "muted", testid: "wave-measuring" },
      say("waves.measuring"),
      job?.progress ? ` ${inLanguage(job.progress, say)}` : null,
    );
  }

  /** @param {Json} wave @param {HTMLTextAreaElement} field @param {string} intent */
  async #propose(wave, field, intent) {
    const { say, toast } = this.#context;
    const pattern = field.value.trim();
    if (!pattern) {
      toast.show(say("waves.pattern.needed"), { isProblem: true });
      field.focus();
      return;
    }
    await this.#call(wave, "proposals", intent ? { pattern, intent } : { pattern }, say("waves.propose.done"));
  }

  /** @param {Json} wave */
  #approve(wave) {
    const { say } = this.#context;
    askDialog({
      say,
      title: say("waves.approve.title"),
      text: say("waves.approve.text"),
      warning: wave.proposal.pattern,
      confirm: say("waves.approve"),
      testid: "wave-approve-dialog",
      explain: (error) => problemWords(DeskError.of(error), say),
      onConfirm: async () => {
        await this.#context.api.post(`${PATH}/${encodeURIComponent(wave.id)}/approve`);
        this.#context.toast.show(say("waves.approve.done"));
        this.#drawn = "";
        await this.#load();
        return null;
      },
    });
  }

  /** @param {Json} wave */
  #dismiss(wave) {
    return this.#call(wave, "dismiss", {}, this.#context.say("waves.dismiss.done"));
  }

  /** @param {Json} wave @param {string} act @param {object} body @param {string} words */
  async #call(wave, act, body, words) {
    const { api, toast, onProblem } = this.#context;
    try {
      await api.post(`${PATH}/${encodeURIComponent(wave.id)}/${act}`, body);
      toast.show(words);
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      this.#drawn = "";
      await this.#load();
    } catch (error) {
      onProblem(error);
    }
  }
}

/** Whether the check of a proposal passed. @param {Json} proposal */
const isChecked = (proposal) => proposal.gate?.verdict === "pass";
