// Rows of the left list that are no waiting conversations: colleagues, and conversations that have ended.
import { el, setText } from "../shared/dom.js";
import { customerWords, durationWords, timeWords } from "./display-names.js";
import { withoutControls } from "./shown-text.js";

/** @import { Colleague, Json } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */

/**
 * A conversation as the desk's search finds it.
 * @typedef {object} Found
 * @property {string} conversation_id
 * @property {string} at
 * @property {string} status
 * @property {string | null} [reason]
 * @property {string | null} [outcome]
 * @property {string | null} [agent_name]
 * @property {string | null} [snippet]
 */

/** What an agent is doing now. @param {Colleague} agent */
export const presenceOf = ({ online, presence }) => (online ? (presence ?? "available") : "offline");

/** A colleague: what they are doing, since when, and their load. */
export class ColleagueRow {
  /** @type {Colleague | null} */
  #agent = null;

  /** @param {{say: Say, now: () => number}} options */
  constructor({ say, now }) {
    this.say = say;
    this.now = now;
    this.name = el("bdi", { class: "card-reason" });
    this.load = el("span", { class: "card-wait" });
    this.state = el("span", { class: "card-preview" });
    this.button = el(
      "div",
      { class: "card colleague", tabindex: -1, testid: "colleague" },
      el("span", { class: "card-head" }, el("span", { class: "presence-dot" }), this.name, this.load),
      el("span", { class: "card-line" }, this.state),
    );
    this.node = el("li", { class: "card-item" }, this.button);
  }

  /** @param {Colleague} agent */
  draw(agent) {
    this.#agent = agent;
    this.button.dataset.presence = presenceOf(agent);
    setText(this.name, withoutControls(agent.name));
    setText(this.load, `${agent.load}/${agent.capacity}`);
    this.tick();
  }

  tick() {
    if (!this.#agent) return;
    const { say } = this;
    const since = Date.parse(this.#agent.since ?? "");
    const state = say(`presence.${presenceOf(this.#agent)}`);
    const role = this.#agent.role === "supervisor" ? say("role.supervisor") : "";
    const passed = Number.isNaN(since) ? "" : durationWords((this.now() - since) / 1_000, say);
    setText(this.state, [role, state, passed].filter(Boolean).join(" · "));
  }
}

/** A conversation that has ended. */
export class EndedRow {
  /** @param {{id: string, say: Say, names: Names, onOpen: (id: string) => void}} options */
  constructor({ id, say, names, onOpen }) {
    this.say = say;
    this.names = names;
    this.name = el("span", { class: "card-reason" });
    this.at = el("span", { class: "card-wait" });
    this.words = el("bdi", { class: "card-preview" });
    this.foot = el("span", { class: "card-foot" });
    this.button = el(
      "button",
      {
        type: "button",
        class: "card",
        tabindex: -1,
        testid: "ended-card",
        data: { id },
        on: { click: () => onOpen(id) },
      },
      el("span", { class: "card-head" }, this.name, this.at),
      el("span", { class: "card-line" }, this.words, this.foot),
    );
    this.node = el("li", { class: "card-item" }, this.button);
  }

  /** @param {Found} found @param {boolean} isOpen */
  draw({ conversation_id: id, at, reason, outcome, snippet, agent_name: agent }, isOpen) {
    const { say, names } = this;
    if (isOpen) this.button.setAttribute("aria-current", "true");
    else this.button.removeAttribute("aria-current");
    setText(this.name, [customerWords(id, say), names.reason(reason)].filter(Boolean).join(" · "));
    setText(this.at, timeWords(at, say));
    setText(this.words, withoutControls(snippet ?? ""));
    setText(this.foot, [names.outcome(outcome), withoutControls(agent ?? "")].filter(Boolean).join(" · "));
  }

  tick() {}
}

/**
 * The ended conversations in an answer of the desk's search, the newest first, each once.
 * @param {Json} answer
 * @returns {Found[]}
 */
export function endedIn(answer) {
  /** @type {Map<string, Found>} */
  const found = new Map();
  for (const one of /** @type {Found[]} */ (answer.results ?? []))
    if (one.status === "resolved" && !found.has(one.conversation_id)) found.set(one.conversation_id, one);
  return [...found.values()];
}
