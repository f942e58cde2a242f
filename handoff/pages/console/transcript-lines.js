// Lines of the transcript that stand between events: a new day, what was not read, an earlier episode.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";

/** @import { DrawnRow } from "../shared/log-view.js" */
/** @import { LogRow } from "../shared/log-rows.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { LogContext } from "./log-entries.js" */

/**
 * "今天", "昨天", or the date with the day of the week; with the year when it is not this year.
 * @param {string} iso
 * @param {Say} say
 * @param {Date} [now]
 */
export function dayWords(iso, say, now = new Date()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (at.toDateString() === now.toDateString()) return say("day.today");
  if (at.toDateString() === yesterday.toDateString()) return say("day.yesterday");
  /** @type {Intl.DateTimeFormatOptions} */
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return new Intl.DateTimeFormat(say.tag, { ...year, month: "long", day: "numeric", weekday: "short" }).format(at);
}

/** @param {LogRow} row @param {Say} say @returns {DrawnRow} */
export function dayRow({ event }, say) {
  return { nodes: [el("li", { class: "day-line" }, el("span", {}, event ? dayWords(event.at, say) : ""))] };
}

/** @param {Say} say @returns {DrawnRow} */
export function unreadRow(say) {
  return {
    nodes: [el("li", { class: "unread-line", testid: "unread-line" }, el("span", {}, say("transcript.unread")))],
  };
}

/**
 * An earlier episode as one line that opens.
 * @param {LogRow} row
 * @param {Pick<LogContext, "say" | "names" | "isEpisodeOpen" | "onEpisode">} context
 * @returns {DrawnRow}
 */
export function episodeRow(row, { say, names, isEpisodeOpen, onEpisode }) {
  const { key, event, events } = row;
  const messages = events.filter(({ type }) => type === "message").length;
  const reason = events.findLast((each) => each.type === "handoff_requested")?.reason;
  const end = events.findLast((each) => each.type === "resolved");
  const ended = end?.outcome ? names.outcome(end.outcome) : "";
  const about = [
    say("transcript.episode", Number(key.split("-")[1])),
    event ? dayWords(event.at, say) : "",
    reason ? names.reason(reason) : "",
    ended,
    say("transcript.messages", messages),
  ];
  const words = el("span", {}, about.filter(Boolean).join(" · "));
  const hint = el("span", { class: "episode-hint" });
  const button = el(
    "button",
    { type: "button", class: "episode-fold", testid: "episode-fold", on: { click: () => onEpisode(key) } },
    icon("clock", { size: 16 }),
    words,
    hint,
  );
  return {
    nodes: [el("li", {}, button)],
    update: () => {
      const isOpen = isEpisodeOpen(key);
      button.setAttribute("aria-expanded", String(isOpen));
      setText(hint, say(isOpen ? "transcript.episode.close" : "transcript.episode.open"));
    },
  };
}
