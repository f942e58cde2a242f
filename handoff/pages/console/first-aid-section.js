// First aid in the tab "case": each action with what became of it, in the wallet's words alone, and the agent's buttons.

import { icon } from "../shared/desk-icons.js";
import { el } from "../shared/dom.js";
import { inBoth, orderState } from "./care-lines.js";
import { timeWords } from "./display-names.js";
import { aidRows } from "./first-aid-model.js";
import { isolated, withoutControls } from "./shown-text.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { AidLook, AidProposal, AidRow } from "./first-aid-model.js" */

/** @type {Record<string, import("../shared/desk-icons.js").IconName>} */
const ICONS = {
  done: "check",
  pending: "clock",
  requested: "clock",
  proposed: "person",
  unknown: "alert",
  impossible: "close",
};

/**
 * @typedef {object} AidContext
 * @property {Say} say
 * @property {string} login  of the agent
 * @property {boolean} mayOrder  the conversation is the agent's
 * @property {(row: AidRow) => void} onOrder
 * @property {(proposal: AidProposal, isApproved: boolean) => void} onDecide
 */

/** @param {AidLook} look @param {AidContext} context */
export function aidSection(look, context) {
  const { say, mayOrder } = context;
  const { actions, reversals } = aidRows(look, mayOrder);
  const list = (/** @type {AidRow[]} */ rows) =>
    el(
      "ul",
      { class: "aid" },
      rows.map((row) => aidItem(row, context)),
    );
  const hint = !look.able ? "first_aid.not_able" : !mayOrder ? "first_aid.not_mine" : "";
  const isTouched = reversals.some(({ state }) => state !== null);
  return [
    hint ? el("p", { class: "muted", testid: "aid-hint" }, say(hint)) : null,
    list(actions),
    reversals.length
      ? el(
          "details",
          { class: "explained", testid: "aid-reversals", open: isTouched },
          el("summary", {}, say("first_aid.reversals")),
          list(reversals),
        )
      : null,
  ];
}

/** @param {AidRow} row @param {AidContext} context */
function aidItem(row, { say, login, onOrder, onDecide }) {
  const { action, order, proposal, state, canOrder } = row;
  const label = inBoth(action.label, say);
  const told = state
    ? el(
        "span",
        { class: "aid-state", data: { state }, testid: `aid-state-${action.action}` },
        icon(ICONS[state] ?? "dot", { size: 16 }),
        el("span", {}, [orderState(state, say), proposal ? "" : orderedBy(row, say)].filter(Boolean).join(" · ")),
      )
    : null;
  const why = !proposal && order?.why ? isolated(inBoth(order.why, say), { class: "aid-why" }) : null;
  return el(
    "li",
    { class: "aid-item", testid: "aid-item", data: { action: action.action } },
    el("div", { class: "aid-words" }, el("b", {}, label), told, why),
    canOrder
      ? el(
          "button",
          {
            type: "button",
            class: "tool",
            testid: `aid-order-${action.action}`,
            "aria-label": say(action.needs_second_person ? "first_aid.propose.of" : "first_aid.order.of", label),
            on: { click: () => onOrder(row) },
          },
          say(action.needs_second_person ? "first_aid.propose" : "first_aid.order"),
        )
      : null,
    proposal ? proposalBox(proposal, { say, login, onDecide }) : null,
  );
}

/** Who ordered it and when, and when the wallet's word came. @param {AidRow} row @param {Say} say */
function orderedBy({ order }, say) {
  if (!order) return "";
  const who = order.login ? withoutControls(order.login) : say("transcript.customer");
  return say("first_aid.by", who, timeWords(order.changed_at || order.requested_at, say));
}

/**
 * A proposal, with the buttons of a second person; who made it can only take it back.
 * @param {AidProposal} proposal
 * @param {Pick<AidContext, "say" | "login" | "onDecide">} context
 */
export function proposalBox(proposal, { say, login, onDecide }) {
  const isOwn = proposal.by.login === login;
  const button = (/** @type {string} */ name, /** @type {boolean} */ isApproved, primary = false) =>
    el(
      "button",
      {
        type: "button",
        class: primary ? "primary" : "tool",
        testid: `proposal-${name}`,
        on: { click: () => onDecide(proposal, isApproved) },
      },
      say(`first_aid.proposal.${name}`),
    );
  return el(
    "div",
    { class: "proposal", testid: "proposal", data: { key: proposal.key } },
    isolated(
      [
        say("first_aid.proposal.by", withoutControls(proposal.by.name), withoutControls(proposal.reason)),
        proposal.target ? say("first_aid.about", withoutControls(proposal.target)) : "",
        say("first_aid.proposal.until", timeWords(proposal.until, say)),
      ]
        .filter(Boolean)
        .join(" · "),
    ),
    isOwn ? el("p", { class: "muted" }, say("first_aid.proposal.own")) : null,
    el(
      "div",
      { class: "proposal-buttons" },
      isOwn ? button("withdraw", false) : [button("approve", true, true), button("reject", false)],
    ),
  );
}
