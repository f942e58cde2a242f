// The agent's own state in the top bar.
import { el } from "../shared/dom.js";

/** @import { Colleague } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */

/** What an agent can choose: takes conversations, has a break, only answers those at hand. */
const STATES = ["available", "away", "busy"];

export class PresenceSwitch {
  /** What the agent has chosen and the desk has not confirmed. @type {string | null} */
  #asked = null;
  #api;
  #onProblem;

  /** @param {{api: DeskApi, say: Say, onProblem: (error: unknown) => void}} options */
  constructor({ api, say, onProblem }) {
    this.#api = api;
    this.#onProblem = onProblem;
    /** @type {HTMLSelectElement} */
    this.select = el(
      "select",
      {
        class: "presence",
        "aria-label": say("presence.label"),
        "aria-keyshortcuts": "p",
        title: `${say("presence.label")} (p)`,
        testid: "presence",
        data: { presence: "available" },
        on: { change: () => this.#choose(this.select.value) },
      },
      STATES.map((state) => el("option", { value: state }, say(`presence.own.${state}`))),
    );
    this.node = el("span", { class: "presence-switch" }, this.select);
  }

  /** @param {Colleague | undefined} self  the agent's own entry in the queue */
  update(self) {
    const state = this.#asked ?? self?.presence;
    if (!state || !STATES.includes(state)) return;
    if (this.select.value !== state) this.select.value = state;
    this.node.dataset.presence = state;
  }

  /** Opens the choice. */
  open() {
    this.select.focus();
    // Not in every browser, and only while a key is handled; the focus is enough for the arrow keys.
    if ("showPicker" in this.select) this.select.showPicker();
  }

  /** @param {string} state */
  async #choose(state) {
    this.#asked = state;
    this.node.dataset.presence = state;
    /** @type {unknown} */
    let problem = null;
    await this.#api.put("/api/presence", { state }).catch((error) => {
      problem = error;
    });
    if (this.#asked !== state) return; // the agent has chosen again
    this.#asked = null; // the queue has the desk's state
    if (problem) this.#onProblem(problem);
  }
}
