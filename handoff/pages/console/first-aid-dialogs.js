// The questions before first aid: what it is about, why, and once more whether. A repeated try keeps its key.
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { askDialog, Incomplete } from "./action-dialogs.js";
import { inBoth, orderState } from "./care-lines.js";
import { reversibleTargets } from "./first-aid-model.js";
import { withoutControls } from "./shown-text.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { AidAction, AidLook, AidProposal, AttemptKeys } from "./first-aid-model.js" */

/** @typedef {{id: string, kind: string, name: string, at: string, amount: string, last4: string}} AidTarget */
/**
 * @typedef {object} AidDialogOptions
 * @property {DeskApi} api
 * @property {Say} say
 * @property {(error: unknown) => string} explain
 * @property {(words: string) => void} onDone
 */

const REASON_LENGTH = 500;

/**
 * An agent orders an action, or proposes one that needs a second person.
 * @param {AidDialogOptions & {conversationId: string, action: AidAction, look: AidLook, isProven: boolean, keys: AttemptKeys}} options
 */
export function askFirstAid({ api, say, explain, onDone, conversationId, action, look, isProven, keys }) {
  const label = inBoth(action.label, say);
  const isHeavy = action.needs_second_person;
  const path = `/api/conversations/${encodeURIComponent(conversationId)}/first-aid`;
  const about = action.target ? targetField(say, action.target) : null;
  if (about && action.reverses === null) loadTargets(api, `${path}/targets?action=${action.action}`, about);
  else if (about) about.offer(reversibleTargets(look, action).map(targetOfId));
  const reason = reasonField(say);
  return askDialog({
    say,
    title: say(isHeavy ? "first_aid.propose.of" : "first_aid.order.of", label),
    text: say(isHeavy ? "first_aid.propose.text" : "first_aid.order.text"),
    warning: isProven ? null : say("first_aid.not_proven"),
    fields: [about?.node, reason.node],
    confirm: say(isHeavy ? "first_aid.propose.confirm" : "first_aid.order.confirm", label),
    testid: "aid-dialog",
    explain: (error) => (DeskError.of(error).isPassing ? say("first_aid.failed", explain(error)) : explain(error)),
    onConfirm: async () => {
      const target = about?.value ?? "";
      if (about && !target && action.target !== "card") throw new Incomplete(say("first_aid.target.needed"));
      const why = reason.value;
      if (!why) throw new Incomplete(say("first_aid.reason.needed"));
      const wish = [conversationId, action.action, target];
      const body = { action: action.action, key: keys.of(wish), reason: why };
      const named = target && action.target ? { [action.target]: target } : {};
      try {
        const { state, why: because } = await api.post(`${path}/agent`, { ...body, ...named });
        keys.answered(wish);
        onDone(resultWords(label, state, because, say));
      } catch (error) {
        // Without an answer the order may have arrived: the next try is the same order.
        if (!DeskError.of(error).isPassing) keys.answered(wish);
        throw error;
      }
      return null;
    },
  });
}

/**
 * A second person agrees or rejects, having read what, why and for whom.
 * @param {AidDialogOptions & {proposal: AidProposal, isApproved: boolean}} options
 */
export function askProposal({ api, say, explain, onDone, proposal, isApproved }) {
  const label = inBoth(proposal.label, say) || proposal.action;
  const path = `/api/conversations/${encodeURIComponent(proposal.conversation_id)}/first-aid/proposals/${encodeURIComponent(proposal.key)}`;
  const about = proposal.target ? say("first_aid.about", withoutControls(proposal.target)) : "";
  return askDialog({
    say,
    title: say(isApproved ? "first_aid.approve.title" : "first_aid.reject.title", label),
    text: [say("first_aid.proposal.by", withoutControls(proposal.by.name), withoutControls(proposal.reason)), about]
      .filter(Boolean)
      .join(" · "),
    warning: isApproved && !proposal.assurance ? say("first_aid.not_proven") : null,
    confirm: say(isApproved ? "first_aid.approve.confirm" : "first_aid.reject.confirm"),
    testid: "proposal-dialog",
    explain,
    onConfirm: async () => {
      const { state, why } = await api.post(`${path}/${isApproved ? "approve" : "reject"}`);
      onDone(resultWords(label, state, why, say));
      return null;
    },
  });
}

/** What came of it: never "done" without the wallet's word. @param {string} label @param {unknown} state @param {Json} why @param {Say} say */
export function resultWords(label, state, why, say) {
  return [say("transcript.first_aid_result", label, orderState(state, say)), withoutControls(inBoth(why, say))]
    .filter(Boolean)
    .join(": ");
}

/** @param {Say} say */
function reasonField(say) {
  const input = el("input", {
    id: "aid-reason",
    testid: "aid-reason",
    type: "text",
    required: true,
    maxlength: REASON_LENGTH,
    autocomplete: "off",
    autofocus: true,
  });
  return {
    node: el("div", { class: "field" }, el("label", { for: "aid-reason" }, say("first_aid.reason")), input),
    get value() {
      return input.value.trim();
    },
  };
}

/** @param {string} id @returns {AidTarget} */
const targetOfId = (id) => ({ id, kind: "", name: "", at: "", amount: "", last4: "" });

/**
 * The choice of what an action is about; an id can be typed while the wallet does not answer.
 * @param {Say} say
 * @param {"transaction" | "payee" | "card"} kind
 */
function targetField(say, kind) {
  const select = el("select", { id: "aid-target", testid: "aid-target", on: { change: () => follow() } });
  const typed = el("input", {
    id: "aid-target-id",
    testid: "aid-target-id",
    type: "text",
    maxlength: 80,
    autocomplete: "off",
    spellcheck: "false",
  });
  const other = el("div", { class: "field" }, el("label", { for: "aid-target-id" }, say("first_aid.target.id")), typed);
  const state = el("p", { class: "muted", role: "status" }, say("transcript.loading"));
  const follow = () => {
    other.hidden = select.value !== "";
  };
  const offer = (/** @type {AidTarget[]} */ targets, note = "") => {
    const words = (/** @type {AidTarget} */ { id, name, amount, at, last4 }) =>
      [name, amount, at, last4 && `*${last4}`].filter(Boolean).join(" · ") || id;
    select.replaceChildren(
      ...targets.map((each) => el("option", { value: each.id }, withoutControls(words(each)))),
      el("option", { value: "" }, say("first_aid.target.other")),
    );
    setText(state, note);
    follow();
  };
  offer([]);
  setText(state, say("transcript.loading"));
  return {
    node: el(
      "div",
      {},
      el("div", { class: "field" }, el("label", { for: "aid-target" }, say(`first_aid.target.${kind}`)), select),
      other,
      state,
    ),
    get value() {
      return select.value || typed.value.trim();
    },
    offer,
    /** @param {string} words */
    note: (words) => setText(state, words),
    say,
  };
}

/** @param {DeskApi} api @param {string} path @param {ReturnType<typeof targetField>} field */
async function loadTargets(api, path, field) {
  try {
    const { targets } = await api.get(path);
    field.offer(targets, targets.length ? "" : field.say("first_aid.target.none"));
  } catch {
    field.note(field.say("first_aid.target.away")); // the id can be typed
  }
}
