// A supervisor gives a conversation to an agent, takes it over, or lets an agent have one more than their capacity.
import { el } from "../shared/dom.js";
import { agentField, askDialog, Incomplete, noteField } from "./action-dialogs.js";
import { withoutControls } from "./shown-text.js";

/** @import { Account } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Drafts } from "./drafts.js" */
/** @import { OpenConversation } from "./open-conversation.js" */
/** @import { QueueFeed } from "./queue-feed.js" */

/**
 * Opens the dialog and returns it.
 * @param {object} options
 * @param {Say} options.say
 * @param {Drafts} options.drafts
 * @param {QueueFeed} options.feed
 * @param {Account} options.me
 * @param {OpenConversation} options.conversation
 * @param {(error: unknown) => string} options.explain
 * @param {() => void} options.onDone
 */
export function askAssign({ say, drafts, feed, me, conversation, explain, onDone }) {
  const owner = conversation.card?.agent ?? "";
  const note = noteField(say, drafts, "assign", conversation.id);
  const over = el("input", { type: "checkbox", testid: "assign-over" });
  const to = agentField(say, feed, owner, { me: me.login, isFullAllowed: () => over.checked });
  over.addEventListener("change", () => to.refresh());
  return askDialog({
    say,
    title: say("dialog.assign.title"),
    warning: owner ? say("dialog.others", withoutControls(conversation.card?.agent_name ?? "")) : null,
    fields: [to.node, el("label", { class: "check" }, over, el("span", {}, say("dialog.assign.over"))), note.node],
    confirm: say("dialog.assign.confirm"),
    testid: "assign-dialog",
    explain,
    onConfirm: async () => {
      const login = to.value;
      if (!login) throw new Incomplete(say("error.nobody_chosen"));
      // `of`: two supervisors at once must not move it twice.
      await conversation.assign({
        to: login,
        of: owner,
        over_capacity: over.checked,
        ...(note.value && { note: note.value }),
      });
      note.clear();
      onDone();
      return null;
    },
  });
}
