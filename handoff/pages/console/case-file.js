// The case file in the tab "case": its number, the customer's first words, the clocks, what is owed, and what an agent does with it.
import { el } from "../shared/dom.js";
import { factName, factValue, inBoth } from "./care-lines.js";
import { askClose, askDecision, askExtension, askFact, askLinkCase, askPause, askStep } from "./case-dialogs.js";
import { clockRows, closingObstacle, isRunning, owedPromises } from "./case-model.js";
import { copyButton } from "./copy-button.js";
import { factRows } from "./customer-tab.js";
import { timeWords } from "./display-names.js";
import { saveFile } from "./save-file.js";
import { isolated, withoutControls } from "./shown-text.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { CaseFile, FileClock, Obligation } from "./case-model.js" */
/** @import { CasePanelOptions } from "./case-panel.js" */

/** @typedef {Omit<CasePanelOptions, "clock"> & {done: (words: string) => void, asked: (dialog: HTMLDialogElement) => void}} CaseFileOptions */

export class CaseFileView {
  #options;

  /** @param {CaseFileOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {CaseFile} file */
  nodes(file) {
    const { say, names } = this.#options;
    return [
      this.#head(file),
      el(
        "ul",
        { class: "clocks", "aria-label": say("case.clocks") },
        clockRows(file.clocks).map((clock) => this.#clock(file, clock)),
      ),
      file.clocks.length ? null : el("p", { class: "muted" }, say("case.clocks.none")),
      this.#promises(file),
      file.decision
        ? el(
            "div",
            { class: "decided-box", testid: "case-decision" },
            el("b", {}, inBoth(file.decision.name, say)),
            el(
              "span",
              { class: "muted" },
              ` ${withoutControls(file.decision.by)} · ${timeWords(file.decision.at, say)}`,
            ),
            el("p", {}, isolated(file.decision.reasons)),
          )
        : null,
      this.#facts(file),
      file.links.length
        ? el(
            "ul",
            { class: "links" },
            file.links.map((link) =>
              el(
                "li",
                { testid: "case-link" },
                el(
                  "button",
                  { type: "button", class: "quiet", on: { click: () => this.#options.open(link.conversation) } },
                  say(link.same ? "case.link.same_as" : "case.link.to", link.case),
                ),
              ),
            ),
          )
        : null,
      this.#buttons(file, names.all("decisions")),
    ];
  }

  /** @param {CaseFile} file */
  #head(file) {
    const { say, names, reveal } = this.#options;
    const { t0 } = file;
    const state = el("span", { class: "case-state", data: { state: file.state } }, say(`case.state.${file.state}`));
    const isEarlier = Date.parse(file.counts_from) < Date.parse(t0.at);
    return el(
      "div",
      { class: "case-head" },
      el("div", { class: "case-id" }, el("b", { testid: "case-id" }, file.id), copyButton(file.id, say), state),
      el("div", { class: "muted" }, names.reason(file.reason)),
      el(
        "button",
        { type: "button", class: "first-words", testid: "case-first-words", on: { click: () => reveal(t0.seq) } },
        el("small", { class: "muted" }, say("case.first_words", timeWords(t0.at, say))),
        isolated(say("transcript.quote", t0.words)),
      ),
      isEarlier ? el("p", { class: "muted" }, say("case.counts_from", timeWords(file.counts_from, say))) : null,
    );
  }

  /** @param {CaseFile} file @param {FileClock} clock */
  #clock(file, clock) {
    const { say, me } = this.#options;
    const name = `${clock.duty}-${clock.name}`;
    const asked = clock.asked.at(-1);
    const button = (/** @type {string} */ what, /** @type {() => HTMLDialogElement} */ ask) =>
      el(
        "button",
        {
          type: "button",
          class: "tool",
          testid: `clock-${what}-${name}`,
          "aria-label": say(`case.clock.${what}.of`, inBoth(clock.label, say)),
          on: { click: () => this.#options.asked(ask()) },
        },
        say(`case.clock.${what}`),
      );
    const shared = { ...this.#options, file, clock };
    const isAskedOfOther = asked && asked.login !== me.login;
    return el(
      "li",
      { class: "clock", testid: "clock", data: { state: clock.state, name: clock.name } },
      el(
        "div",
        { class: "clock-line" },
        el("b", {}, inBoth(clock.label, say)),
        el("span", { class: "clock-state" }, stateWords(clock, say)),
      ),
      el("div", { class: "clock-due" }, dueWords(clock, say)),
      el(
        "details",
        { class: "explained", testid: `clock-why-${name}` },
        el("summary", {}, say("case.clock.why")),
        el("p", {}, isolated(inBoth(clock.why, say) || say("case.clock.not_begun"))),
        clock.source
          ? el("p", { class: "muted" }, say("case.clock.source", inBoth(clock.duty_label, say), clock.source))
          : null,
        clock.is_confirmed ? null : el("p", { class: "muted" }, say("case.clock.unconfirmed")),
      ),
      isAskedOfOther
        ? el("p", { class: "muted" }, say("case.clock.asked", withoutControls(asked.login), withoutControls(asked.why)))
        : null,
      file.state === "open" && isRunning(clock) && (clock.extensions.length || clock.can_pause)
        ? el(
            "div",
            { class: "clock-buttons" },
            clock.extensions.length ? button("extend", () => askExtension(shared)) : null,
            clock.can_pause ? button(clock.is_paused ? "resume" : "pause", () => askPause(shared)) : null,
          )
        : null,
    );
  }

  /** @param {CaseFile} file */
  #promises(file) {
    const { say } = this.#options;
    const owed = owedPromises(file.promises);
    if (!owed.length) return null;
    return el(
      "div",
      { class: "obligations" },
      el("h4", {}, say("case.promises")),
      el(
        "ul",
        {},
        owed.map((promise) => this.#promise(promise)),
      ),
    );
  }

  /** @param {Obligation} promise */
  #promise(promise) {
    const { say, names, reveal } = this.#options;
    const isLate = promise.is_late || promise.state === "broken";
    return el(
      "li",
      { class: "clock", testid: "obligation", data: { state: isLate ? "breached" : "running" } },
      el(
        "div",
        { class: "clock-line" },
        el("b", {}, names.promise(promise.promise)),
        el("span", { class: "clock-state" }, say(isLate ? "case.promise.late" : "case.promise.open")),
      ),
      el("div", { class: "clock-due" }, say("case.clock.due", timeWords(promise.due_at, say))),
      inBoth(promise.why, say)
        ? el(
            "details",
            { class: "explained", testid: `promise-why-${promise.id}` },
            el("summary", {}, say("case.clock.why")),
            el("p", {}, isolated(inBoth(promise.why, say))),
          )
        : null,
      el(
        "button",
        { type: "button", class: "quiet", on: { click: () => reveal(promise.message_seq) } },
        say("case.promise.message"),
      ),
    );
  }

  /** What agents entered. @param {CaseFile} file */
  #facts(file) {
    const { say } = this.#options;
    const rows = Object.entries(file.facts).map(([name, value]) => {
      const words = [value].flat().map((each) => factValue(String(each), say));
      const flag = file.flags?.find((each) => each.name === name);
      return /** @type {[string, string]} */ ([
        flag ? inBoth(flag, say) : factName(name, say),
        words.join(say("case.join")),
      ]);
    });
    return rows.length ? factRows(rows) : null;
  }

  /** @param {CaseFile} file @param {readonly import("./display-names.js").NamedId[]} decisions */
  #buttons(file, decisions) {
    const { say } = this.#options;
    const shared = { ...this.#options, file };
    const button = (/** @type {string} */ what, /** @type {() => HTMLDialogElement} */ ask) =>
      el(
        "button",
        { type: "button", class: "tool", testid: `case-${what}`, on: { click: () => this.#options.asked(ask()) } },
        say(`case.${what}`),
      );
    const obstacle = closingObstacle(file);
    const isOpen = file.state === "open";
    return el(
      "div",
      { class: "case-buttons" },
      isOpen ? button("decide", () => askDecision({ ...shared, decisions })) : null,
      button("fact", () => askFact(shared)),
      isOpen ? button("step", () => askStep(shared)) : null,
      button("link", () => askLinkCase(shared)),
      isOpen && !obstacle ? button("close", () => askClose(shared)) : null,
      this.#proofButton(file),
      isOpen && obstacle ? el("p", { class: "muted" }, say(obstacle)) : null,
    );
  }

  /** @param {CaseFile} file */
  #proofButton(file) {
    const { api, say, tell, explain } = this.#options;
    const button = el(
      "button",
      {
        type: "button",
        class: "tool",
        testid: "case-proof",
        on: {
          click: async () => {
            button.disabled = true;
            tell(say("case.proof.making"));
            try {
              await saveFile(api, `/api/cases/${encodeURIComponent(file.id)}/proof`, `proof-${file.id}.zip`);
              tell(say("case.proof.done"));
            } catch (error) {
              tell(explain(error), { isProblem: true });
            } finally {
              button.disabled = false;
            }
          },
        },
      },
      say("case.proof"),
    );
    return button;
  }
}

/** @param {FileClock} clock @param {Say} say */
function stateWords({ state }, say) {
  return say.knows(`case.clock.state.${state}`) ? say(`case.clock.state.${state}`) : state;
}

/** @param {FileClock} clock @param {Say} say */
function dueWords({ due_at: due, met_at: met }, say) {
  if (met) return say("case.clock.met", timeWords(met, say), timeWords(due ?? "", say));
  return due ? say("case.clock.due", timeWords(due, say)) : say("case.clock.not_begun");
}
