// The two tables of conversations: 要我管 (what needs a supervisor), and the deadlines that passed or are near.
import { durationWords } from "../console/display-names.js";
import { withoutControls } from "../console/shown-text.js";
import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
import { clockWords, inLanguage } from "./board-names.js";
import { aboutCell, actionsCell, agentCell } from "./conversation-cells.js";
import { RowTable } from "./row-table.js";

/** @import { IconName } from "../shared/desk-icons.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { BoardActions } from "./board-actions.js" */
/** @import { Deadline, Matter } from "./board-model.js" */
/** @import { Name } from "./board-names.js" */

/** @type {Record<string, IconName>} */
const ICONS = {
  wave: "alert",
  duty_breached: "alert",
  promise_broken: "alert",
  duty_near: "clock",
  promise_near: "clock",
  urgent_waiting: "alert",
  unanswered: "clock",
  low_rating: "star",
  requeued: "swap",
  offer_missed: "skip",
  asks_for_supervisor: "person",
  reopened_dispute: "up",
  over_capacity: "down",
  accessed: "shield",
};

/**
 * The table 要我管.
 * @param {{say: Say, name: Name, actions: BoardActions, now: () => number}} options  now: the desk's time in ms
 * @returns {RowTable<Matter>}
 */
export function matterTable({ say, name, actions, now }) {
  return new RowTable({
    say,
    name: "matters",
    label: say("matters.title"),
    columns: ["kind", "about", "agent", "since", "actions"].map((id) => ({ id, words: say(`column.${id}`) })),
    empty: say("matters.none"),
    draw: (first) => {
      let item = first;
      let shownAt = "";
      const words = el("span", {});
      const detail = el("small", { class: "muted" });
      const kind = el(
        "div",
        { class: "kind", data: { kind: item.kind } },
        icon(ICONS[item.kind] ?? "info", { size: 18 }),
        el("div", {}, words, detail),
      );
      const since = el("div", { class: "number" });
      const about = aboutCell(say, name);
      const agent = agentCell(say);
      const does = actionsCell(say, actions, () => item);
      return {
        cells: { kind, about: about.node, agent: agent.node, since, actions: does.node },
        keys: does.keys,
        update: (next) => {
          item = next;
          setText(words, matterWords(item.kind, say));
          setText(detail, detailWords(item, say));
          const seconds = (now() - Date.parse(item.at)) / 1_000;
          setText(since, Number.isNaN(seconds) ? "" : durationWords(seconds, say));
          if (item.at !== shownAt) since.title = clockWords(item.at, say);
          shownAt = item.at;
          about.update(item);
          agent.update(item);
          does.update();
        },
      };
    },
  });
}

/** @param {string} kind @param {Say} say */
export function matterWords(kind, say) {
  return say.knows(`attention.${kind}`) ? say(`attention.${kind}`) : kind; // a newer desk's kind
}

/** What a row says in addition to its kind. @param {Matter} matter @param {Say} say */
export function detailWords({ kind, what }, say) {
  const { count, score, by, why, reason } = what;
  if (kind === "wave" && count) return say("attention.customers", count);
  if (kind === "requeued" && count) return say("attention.times", count);
  if (kind === "low_rating" && score) return say("board.stars", score);
  if (kind === "over_capacity" && by) return say("attention.by", withoutControls(by));
  if (kind === "offer_missed" && say.knows(`attention.why.${why}`)) return say(`attention.why.${why}`);
  if (what.label) return [what.case, inLanguage(what.label, say)].filter(Boolean).join(" · ");
  return kind === "accessed" && reason ? withoutControls(reason) : "";
}

/**
 * The table of deadlines.
 * @param {{say: Say, name: Name, actions: BoardActions}} options
 * @returns {RowTable<Deadline>}
 */
export function deadlineTable({ say, name, actions }) {
  return new RowTable({
    say,
    name: "deadlines",
    label: say("deadlines.title"),
    columns: ["due", "about", "agent", "actions"].map((id) => ({ id, words: say(`column.${id}`) })),
    empty: say("deadlines.none"),
    draw: (first) => {
      let item = first;
      const rest = el("b", {});
      const clock = el("small", { class: "muted" });
      const due = el("div", { class: "due" }, icon("clock", { size: 18 }), el("div", {}, rest, clock));
      const about = aboutCell(say, name);
      const agent = agentCell(say);
      const of = () => ({
        id: item.card.id,
        card: item.card,
        login: item.card.agent ?? null,
        name: item.card.agent_name ?? null,
      });
      const does = actionsCell(say, actions, of);
      return {
        cells: { due, about: about.node, agent: agent.node, actions: does.node },
        keys: does.keys,
        update: (next) => {
          item = next;
          due.dataset.state = item.isLate ? "late" : "soon";
          const { due: deadline } = item.card;
          const time = durationWords(Math.abs(item.seconds ?? 0), say);
          setText(
            rest,
            item.seconds === null
              ? say("deadlines.unknown")
              : say(item.isLate ? "deadlines.late" : "deadlines.left", time),
          );
          const which = `clock.${deadline?.clock}`;
          setText(clock, say.knows(which) ? say(which) : "");
          const explanation = inLanguage(deadline?.explanation, say);
          if (due.title !== explanation) due.title = explanation;
          about.update(of());
          agent.update(of());
          does.update();
        },
      };
    },
  });
}
