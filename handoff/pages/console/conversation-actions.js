// What an agent does with the open conversation: assign, transfer, return, resolve and undo it, note, mark, link.
import { agentField } from "./action-dialogs.js";
import { askAssign } from "./assign-dialog.js";
import { customerWords } from "./display-names.js";
import { askLettingGo } from "./letting-go.js";
import { askLink } from "./link-dialog.js";
import { outcomeField } from "./outcome-field.js";
import { transferField } from "./transfer-field.js";

/** @import { Account } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */
/** @import { Drafts } from "./drafts.js" */
/** @import { NewNote } from "./note-box.js" */
/** @import { OpenConversation } from "./open-conversation.js" */
/** @import { QueueFeed } from "./queue-feed.js" */
/** @import { Toast } from "./toast.js" */

/**
 * @typedef {object} ConversationActionsOptions
 * @property {DeskApi} api
 * @property {Say} say
 * @property {Names} names
 * @property {Account} me
 * @property {Drafts} drafts
 * @property {QueueFeed} feed
 * @property {Toast} toast
 * @property {() => OpenConversation | null} current  the open conversation
 * @property {(id: string) => unknown} onOpen
 * @property {() => unknown} onResolved  the agent has let a conversation go: the next one opens
 * @property {(mark: string) => {isSet: boolean, aboutSeq: number | undefined}} judgement  the agent's mark of this kind now
 * @property {(error: unknown) => string} explain  what to say of a failure
 */

export class ConversationActions {
  #options;
  /** @type {HTMLDialogElement | null} */
  #dialog = null;
  #isBusy = false;

  /** @param {ConversationActionsOptions} options */
  constructor(options) {
    this.#options = options;
  }

  close() {
    this.#dialog?.close();
  }

  assign() {
    const { say, drafts, feed, me } = this.#options;
    const conversation = this.#options.current();
    if (!conversation?.canAssign || this.#isAsking()) return;
    this.#dialog = askAssign({ say, drafts, feed, me, conversation, ...this.#end("action.assigned") });
  }

  transfer() {
    const { say, names, feed } = this.#options;
    const conversation = this.#options.current();
    if (!conversation?.canMove || this.#isAsking()) return;
    const field = transferField({ say, names, people: agentField(say, feed, conversation.card?.agent) });
    this.#let(conversation, "transfer", "action.transferred", {
      fields: [field.node],
      act: (note) => conversation.transfer(field.value, note),
    });
  }

  giveBack() {
    const conversation = this.#options.current();
    if (!conversation?.canMove || this.#isAsking()) return;
    this.#let(conversation, "return", "action.returned", {
      act: (note, seenSeq) => conversation.giveBack(note, seenSeq),
    });
  }

  resolve() {
    const { say, names } = this.#options;
    const conversation = this.#options.current();
    if (!conversation?.canResolve || this.#isAsking()) return;
    const isUrgent = conversation.card?.priority === "urgent";
    const outcome = outcomeField(say, names.outcomesFor(conversation.card?.reason));
    this.#let(conversation, "resolve", "", {
      fields: [outcome.node],
      isNoteNeeded: isUrgent,
      check: (note) => {
        if (outcome.isNeeded && !outcome.value) return say("error.outcome_needed");
        return isUrgent && !note ? say("error.note_needed") : "";
      },
      act: (note, seenSeq) => conversation.resolve({ note, outcome: outcome.value }, seenSeq),
      onDone: () => this.#resolved(conversation.id),
    });
  }

  /** @param {string} id */
  #resolved(id) {
    const { api, say, toast, explain, onOpen, onResolved } = this.#options;
    toast.offerUndo(say("action.resolved_of", customerWords(id, say)), async () => {
      try {
        await api.post(`/api/conversations/${encodeURIComponent(id)}/resolve/undo`);
        onOpen(id);
        toast.show(say("action.undone"));
      } catch (error) {
        toast.show(explain(error), { isProblem: true });
      }
    });
    onResolved();
  }

  /**
   * A note for colleagues. Returns whether it was saved.
   * @param {string} id
   * @param {NewNote} note
   */
  note(id, note) {
    const conversation = this.#options.current();
    if (conversation?.id !== id) return Promise.resolve(false);
    return this.#run(conversation, () => conversation.note(note), note.whisper ? "action.whispered" : "action.noted");
  }

  /** Judges the bot, or takes the judgement back. @param {string} mark */
  mark(mark) {
    const conversation = this.#options.current();
    if (!conversation?.loaded || conversation.needsReason) return Promise.resolve(false);
    const { isSet, aboutSeq } = this.#options.judgement(mark);
    return this.#run(
      conversation,
      () =>
        conversation.mark({ mark, is_set: !isSet, ...(aboutSeq !== undefined && !isSet && { about_seq: aboutSeq }) }),
      isSet ? "mark.removed" : "mark.saved",
      this.#options.say(`mark.${mark}`),
    );
  }

  link() {
    const { say, feed } = this.#options;
    const conversation = this.#options.current();
    if (!conversation?.loaded || conversation.needsReason || this.#isAsking()) return;
    this.#dialog = askLink({
      say,
      names: this.#options.names,
      feed,
      conversation,
      ...this.#end("action.linked"),
    });
  }

  /** @param {string} other */
  unlink(other) {
    return this.#run(this.#options.current(), (conversation) => conversation.unlink(other), "action.unlinked");
  }

  #isAsking() {
    return this.#dialog?.open === true;
  }

  /** @param {string} done */
  #end(done) {
    const { say, toast, explain } = this.#options;
    return { explain, onDone: () => toast.show(say(done)) };
  }

  /**
   * @param {OpenConversation} conversation
   * @param {"transfer" | "return" | "resolve"} name
   * @param {string} done
   * @param {Pick<Parameters<typeof askLettingGo>[0], "act"> & Partial<Parameters<typeof askLettingGo>[0]>} question
   */
  #let(conversation, name, done, question) {
    const { say, drafts } = this.#options;
    this.#dialog = askLettingGo({ say, drafts, name, conversation, ...this.#end(done), ...question });
  }

  /**
   * Runs `act` and shows the result, one action at a time. Returns whether it succeeded.
   * @param {OpenConversation | null} conversation
   * @param {(conversation: OpenConversation) => Promise<unknown>} act
   * @param {string} done  the key of what to say when it worked
   * @param {string} [about]
   */
  async #run(conversation, act, done, about) {
    if (!conversation || this.#isBusy) return false;
    const { say, toast, explain } = this.#options;
    this.#isBusy = true;
    try {
      await act(conversation);
      toast.show(say(done, about));
      return true;
    } catch (error) {
      toast.show(explain(error), { isProblem: true });
      return false;
    } finally {
      this.#isBusy = false;
    }
  }
}
