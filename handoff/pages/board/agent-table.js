// The table of agents: state, load as slots coloured by wait, and what a supervisor does with an agent.
import { durationWords } from "../console/display-names.js";
import { isolated, withoutControls } from "../console/shown-text.js";
import { el, setText } from "../shared/dom.js";
import { presenceOf, slotsOf } from "./board-model.js";
import { clockWords, valueWords } from "./board-names.js";
import { RowTable } from "./row-table.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { BoardActions } from "./board-actions.js" */
/** @import { BoardAgent, Slot } from "./board-model.js" */
/** @import { Name } from "./board-names.js" */

const COLUMNS = ["person", "state", "load", "first_response", "stars", "seen", "agent_actions"];
/** A slot says its state with a sign as well as with a colour. */
const SIGNS = { late: "!", soon: "", waits: "", quiet: "·", taken: "", free: "" };

/** @typedef {BoardAgent & {key: string}} AgentRow */

/**
 * An agent's slots: {node, update(agent)}. A waiting customer's slot has the minutes, "!" when the promise is broken.
 * @param {Say} say
 * @param {() => number} now  the desk's time in ms
 */
export function slotRow(say, now) {
  const node = el("div", { class: "slots", role: "img" });
  const words = el("span", { class: "muted load" });
  let drawn = "";
  return {
    node: el("div", { class: "slot-row" }, node, words),
    /** @param {BoardAgent} agent */
    update(agent) {
      const slots = slotsOf(agent, now());
      const state = JSON.stringify(slots);
      if (state === drawn) return;
      drawn = state;
      node.replaceChildren(
        ...slots.map(({ tone, minutes, isOver }) =>
          el(
            "span",
            { class: `slot slot-${tone}${isOver ? " slot-over" : ""}` },
            `${SIGNS[tone]}${minutes === null ? "" : Math.min(minutes, 99)}`,
          ),
        ),
      );
      node.setAttribute("aria-label", slotWords(slots, agent, say));
      node.title = slotWords(slots, agent, say);
      setText(words, `${agent.load}/${agent.capacity}`);
    },
  };
}

/** @param {Slot[]} slots @param {BoardAgent} agent @param {Say} say */
function slotWords(slots, { load, capacity }, say) {
  const count = (/** @type {string} */ tone) => slots.filter((slot) => slot.tone === tone).length;
  const waits = slots.flatMap(({ minutes }) => (minutes === null ? [] : [minutes]));
  return say("slots.words", load, capacity, count("late"), waits.length ? Math.max(...waits) : null);
}

/**
 * The table of agents.
 * @param {{say: Say, name: Name, actions: BoardActions, now: () => number}} options
 * @returns {RowTable<AgentRow>}
 */
export function agentTable({ say, name, actions, now }) {
  return new RowTable({
    say,
    name: "agents",
    label: say("agents.title"),
    columns: COLUMNS.map((id) => ({ id, words: say(`column.${id}`) })),
    empty: say("agents.none"),
    draw: (first) => {
      let agent = first;
      const skills = el("small", { class: "muted" });
      const person = el("div", {}, el("b", {}, isolated(agent.name)), skills);
      const state = el("span", { class: "presence" });
      const since = el("small", { class: "muted" });
      const slots = slotRow(say, now);
      const response = el("div", { class: "number" });
      const stars = el("div", { class: "number" });
      const seen = el("div", { class: "number" });
      const button = (/** @type {string} */ testid, /** @type {string} */ key, /** @type {() => unknown} */ click) =>
        el(
          "button",
          {
            type: "button",
            class: "tool",
            testid,
            title: `${say(`board.${testid}`)} (${key})`,
            "aria-label": say("board.for", say(`board.${testid}`), withoutControls(agent.name)),
            on: { click },
          },
          say(`board.${testid}`),
        );
      const keys = {
        Enter: () => actions.conversationsOf(agent),
        o: () => actions.conversationsOf(agent),
        l: () => actions.conversationsOf(agent),
        w: () => whisper.disabled || actions.whisper(agent),
        p: () => pause.disabled || actions.presence(agent),
        f: () => release.disabled || actions.release(agent),
      };
      const list = button("list", "l", keys.l);
      const whisper = button("whisper", "w", () => actions.whisper(agent));
      const pause = button("presence", "p", () => actions.presence(agent));
      const release = button("release", "f", () => actions.release(agent));
      return {
        cells: {
          person,
          state: el("div", {}, state, since),
          load: slots.node,
          first_response: response,
          stars,
          seen,
          agent_actions: el("div", { class: "actions" }, list, whisper, pause, release),
        },
        keys,
        update: (next) => {
          agent = next;
          const presence = presenceOf(agent);
          const role = agent.role === "agent" ? "" : say(`role.${agent.role}`);
          setText(
            skills,
            [role, ...(agent.skills ?? []).map((skill) => name("skills", skill))].filter(Boolean).join(" · "),
          );
          setText(state, say(`presence.${presence}`));
          state.dataset.presence = presence;
          const length = agent.since ? (now() - Date.parse(agent.since)) / 1_000 : Number.NaN;
          setText(since, Number.isNaN(length) ? "" : say("agents.since", durationWords(length, say)));
          slots.update(agent);
          setText(response, valueWords(agent.first_response_seconds, "seconds", say));
          const rated = agent.ratings ? say("agents.ratings", agent.ratings) : "";
          setText(stars, [valueWords(agent.rating, "stars", say), rated].filter(Boolean).join(" "));
          setText(seen, agent.last_seen_at ? clockWords(agent.last_seen_at, say) : "–");
          list.disabled = !agent.load;
          whisper.disabled = !agent.load;
          pause.disabled = presence === "offline";
          release.disabled = presence === "offline" || agent.load < agent.capacity;
        },
      };
    },
  });
}
