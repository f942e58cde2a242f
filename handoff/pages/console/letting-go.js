// Asks before an agent lets a conversation go: transfer, return to the bot, resolve.
import { readEvents } from "../shared/contract-types.js";
import { DeskError } from "../shared/desk-api.js";
import { askDialog, Incomplete, lastSeqOf, noteField, unreadMessages } from "./action-dialogs.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Drafts } from "./drafts.js" */
/** @import { OpenConversation } from "./open-conversation.js" */

/**
 * Opens the dialog and returns it. When the desk refuses because of unread messages, the dialog shows them and asks again.
 * @param {object} options
 * @param {Say} options.say
 * @param {Drafts} options.drafts
 * @param {"transfer" | "return" | "resolve"} options.name
 * @param {OpenConversation} options.conversation
 * @param {HTMLElement[]} [options.fields]
 * @param {boolean} [options.isNoteNeeded]
 * @param {(note: string) => string} [options.check]  what is missing, as text; "" when nothing is
 * @param {(note: string, seenSeq: number) => Promise<void>} options.act
 * @param {(error: unknown) => string} options.explain
 * @param {() => void} options.onDone
 */
export function askLettingGo({
  say,
  drafts,
  name,
  conversation,
  fields = [],
  isNoteNeeded = false,
  check = () => "",
  act,
  explain,
  onDone,
}) {
  const note = noteField(say, drafts, name, conversation.id, isNoteNeeded);
  const isOthers = !conversation.isMine && conversation.card?.status === "assigned";
  let { seenSeq } = conversation.log; // messages that arrive behind the open dialog are unread
  return askDialog({
    say,
    text: say.knows(`dialog.${name}.text`) ? say(`dialog.${name}.text`) : null,
    warning: isOthers ? say("dialog.others", conversation.card?.agent_name ?? "") : null,
    fields: [...fields, note.node],
    title: say(`dialog.${name}.title`),
    confirm: say(`action.${name}`),
    testid: `${name}-dialog`,
    explain,
    onConfirm: async () => {
      const missing = check(note.value);
      if (missing) throw new Incomplete(missing);
      try {
        await act(note.value, seenSeq);
      } catch (error) {
        const { code, details } = DeskError.of(error);
        if (code !== "unread" || !details.unread?.length) throw error;
        const unread = readEvents(details.unread);
        seenSeq = lastSeqOf(unread, seenSeq);
        return { node: unreadMessages(unread, say), confirm: say(`dialog.${name}.anyway`) };
      }
      note.clear();
      onDone();
      return null;
    },
  });
}
