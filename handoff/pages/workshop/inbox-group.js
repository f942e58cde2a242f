// One group of the inbox: its sentences, the intents that it may be, and what else can be said about it.
import { timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { el } from "../shared/dom.js";

/** @import { Names } from "../console/display-names.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { InboxAction, InboxGroup, InboxText } from "./inbox-model.js" */

export const INBOX_KINDS = ["not_understood", "not_solved", "asked_back", "torn", "marked", "imported"];

/** @typedef {Exclude<InboxAction, "intent"> | "other"} OtherAction */

/** What is no suggested intent, with its key. @type {readonly [OtherAction, string][]} */
const OTHERS = [
  ["other", "i"],
  ["new_intent", "n"],
  ["out_of_scope", "o"],
  ["article_missing", "a"],
  ["ignore", "x"],
];
const SUGGESTED = 5;

/**
 * @param {InboxGroup} group
 * @param {object} options
 * @param {Say} options.say
 * @param {Names} options.names
 * @param {readonly InboxText[]} options.shown  the texts that a decision is about, when they are ticked
 * @param {(id: string) => boolean} options.isTicked
 * @param {(id: string) => void} options.onTick
 * @param {() => void} options.onWhole
 * @param {(intent: string) => void} options.onIntent
 * @param {(action: OtherAction) => void} options.onAction
 */
export function drawGroup(group, { say, names, shown, isTicked, onTick, onWhole, onIntent, onAction }) {
  const rest = group.texts.length - shown.length;
  const since = group.first_at ? timeWords(group.first_at, say) : "";
  const until = group.last_at ? timeWords(group.last_at, say) : "";
  return el(
    "section",
    { class: "inbox-group", testid: "inbox-group", data: { group: group.id, kind: group.kind } },
    el(
      "header",
      {},
      el("h3", { tabindex: -1 }, say("inbox.group", group.count)),
      el(
        "span",
        { class: "chip" },
        say.knows(`inbox.kind.${group.kind}`) ? say(`inbox.kind.${group.kind}`) : group.kind,
      ),
      since ? el("span", { class: "muted" }, since === until ? since : say("inbox.between", since, until)) : null,
    ),
    group.problem ? el("p", { class: "problem", role: "alert" }, say("inbox.returned", group.problem)) : null,
    el(
      "ul",
      { class: "inbox-texts", "aria-label": say("inbox.texts") },
      shown.map(({ id, text, count = 1 }) =>
        el(
          "li",
          {},
          el(
            "label",
            {},
            el("input", { type: "checkbox", value: id, checked: isTicked(id), on: { change: () => onTick(id) } }),
            isolated(text),
            count > 1 ? el("small", { class: "muted" }, say("inbox.times", count)) : null,
          ),
        ),
      ),
    ),
    rest > 0
      ? el(
          "button",
          { type: "button", class: "quiet", testid: "inbox-whole", on: { click: onWhole } },
          say("inbox.rest", rest),
          el("kbd", { "aria-hidden": "true" }, "m"),
        )
      : null,
    el(
      "div",
      { class: "inbox-suggested", role: "group", "aria-label": say("inbox.suggested") },
      group.suggested.length ? null : el("p", { class: "muted" }, say("inbox.no_suggestion")),
      group.suggested.slice(0, SUGGESTED).map(({ intent, score }, index) => {
        const bar = el("span", { class: "bar-fill" });
        bar.style.width = `${Math.round(Math.min(Math.max(score, 0), 1) * 100)}%`;
        return el(
          "button",
          {
            type: "button",
            class: "inbox-intent",
            testid: "inbox-intent",
            data: { intent },
            "aria-keyshortcuts": String(index + 1),
            on: { click: () => onIntent(intent) },
          },
          el("kbd", { "aria-hidden": "true" }, String(index + 1)),
          el("span", { class: "inbox-name" }, names.intent(intent)),
          el("span", { class: "inbox-score" }, `${Math.round(score * 100)}%`),
          el("span", { class: "bar", "aria-hidden": "true" }, bar),
        );
      }),
    ),
    el(
      "div",
      { class: "inbox-others", role: "group", "aria-label": say("inbox.others") },
      OTHERS.map(([action, key]) =>
        el(
          "button",
          {
            type: "button",
            class: "tool",
            testid: `inbox-${action}`,
            "aria-keyshortcuts": key,
            on: { click: () => onAction(action) },
          },
          say(`inbox.action.${action}`),
          el("kbd", { "aria-hidden": "true" }, key),
        ),
      ),
    ),
    group.nearest.length
      ? el(
          "details",
          { class: "inbox-nearest" },
          el("summary", {}, say("inbox.nearest")),
          el(
            "ul",
            {},
            group.nearest
              .slice(0, 5)
              .map(({ text, intent }) =>
                el("li", {}, isolated(text), " ", el("small", { class: "muted" }, names.intent(intent))),
              ),
          ),
        )
      : null,
  );
}
