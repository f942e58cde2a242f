// Resolves many waiting conversations at once, for supervisors: one outcome, one note, one result for each conversation.
import { readEvents } from "../shared/contract-types.js";
import { el } from "../shared/dom.js";
import { askDialog, Incomplete, lastSeqOf, noteField, unreadMessages } from "./action-dialogs.js";
import { customerWords, previewWords } from "./display-names.js";
import { outcomeField } from "./outcome-field.js";

/** @import { Card, LogEvent } from "../shared/contract-types.js" */
/** @import { DeskApi, Refusal } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */
/** @import { Drafts } from "./drafts.js" */

/** @typedef {{id: string, ok: boolean, error?: Refusal}} Result  of one conversation */
/** @typedef {{id: string, seenSeq: number, events?: LogEvent[]}} Unread  what came after `seenSeq`, where the refusal carried it */
/** @typedef {{id: string, message: string}} Failure */

const AT_ONCE = 100; // the desk's limit for one call
const SHOWN_UNREAD = 20;

/**
 * Shows the last message of each of `cards`, asks for the note, resolves, and asks again for conversations with unread
 * messages.
 * @param {object} options
 * @param {DeskApi} options.api
 * @param {Say} options.say
 * @param {Names} options.names
 * @param {Drafts} options.drafts
 * @param {Card[]} options.cards
 * @param {(error: unknown) => string} options.explain
 * @param {(count: number) => void} options.onDone  so many were resolved
 */
export function askResolveAll({ api, say, names, drafts, cards, explain, onDone }) {
  let left = cards.map((card) => ({ id: card.id, seen_seq: card.last_seq }));
  const urgent = cards.filter((card) => card.priority === "urgent").length;
  const outcome = outcomeField(say, names.outcomesFor(null));
  const note = noteField(say, drafts, "resolve-all", "queue", urgent > 0);
  return askDialog({
    say,
    title: say("bulk.title", left.length),
    text: say("bulk.text"),
    warning: urgent ? say("bulk.urgent", urgent) : null,
    fields: [lastWords(cards, say), outcome.node, note.node],
    confirm: say("bulk.confirm", left.length),
    testid: "resolve-all-dialog",
    explain,
    onConfirm: async () => {
      if (outcome.isNeeded && !outcome.value) throw new Incomplete(say("error.outcome_needed"));
      if (urgent && !note.value) throw new Incomplete(say("error.note_needed"));
      /** @type {Unread[]} */
      const unread = [];
      /** @type {Failure[]} */
      const failed = [];
      let done = 0;
      while (left.length) {
        const part = left.slice(0, AT_ONCE);
        const body = {
          conversations: part,
          ...(outcome.value && { outcome: outcome.value }),
          ...(note.value && { note: note.value }),
        };
        const { results } = await api.post("/api/queue/resolve", body, { timeout: 60_000 });
        left = left.slice(part.length);
        for (const { id, ok, error } of /** @type {Result[]} */ (results)) {
          const seenSeq = part.find((one) => one.id === id)?.seen_seq ?? 0;
          if (ok) done += 1;
          else if (error?.code === "unread") unread.push({ id, seenSeq, events: error.unread });
          else failed.push({ id, message: error?.message ?? "" });
        }
      }
      if (done) onDone(done);
      if (!unread.length) note.clear();
      if (!unread.length && !failed.length) return null;
      const shown = await Promise.all(unread.slice(0, SHOWN_UNREAD).map((one) => withEvents(api, one)));
      left = shown.map(({ id, seenSeq, events }) => ({ id, seen_seq: lastSeqOf(events, seenSeq) }));
      const hidden = unread.length - shown.length;
      return {
        node: el(
          "div",
          {},
          failed.length ? failures(failed, say) : null,
          shown.map(({ id, events }) =>
            el("div", {}, el("h4", {}, customerWords(id, say)), unreadMessages(events, say)),
          ),
          hidden ? el("p", {}, say("bulk.more", hidden)) : null,
        ),
        confirm: left.length ? say("bulk.confirm", left.length) : say("shortcuts.close"),
      };
    },
  });
}

/**
 * The customer's messages after `seenSeq`, read from the log when the refusal does not contain them.
 * @param {DeskApi} api
 * @param {Unread} unread
 */
async function withEvents(api, { id, seenSeq, events }) {
  if (events) return { id, seenSeq, events };
  const log = await api.get(`/api/conversations/${encodeURIComponent(id)}/log?after=${seenSeq}`);
  return { id, seenSeq, events: readEvents(log.events).filter((event) => event.by.kind === "customer") };
}

/** @param {Card[]} cards @param {Say} say */
function lastWords(cards, say) {
  return el(
    "ul",
    // The focus is on the list, so that a quick Enter resolves nothing.
    { class: "last-words", role: "list", tabindex: 0, autofocus: true, "aria-label": say("bulk.list") },
    cards.map((card) => el("li", {}, el("b", {}, customerWords(card.id, say)), el("bdi", {}, previewWords(card, say)))),
  );
}

/** @param {Failure[]} failed @param {Say} say */
function failures(failed, say) {
  return el(
    "ul",
    { class: "problem" },
    failed.map(({ id, message }) => el("li", {}, `${customerWords(id, say)}：${message}`)),
  );
}
