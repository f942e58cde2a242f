// Resolving many waiting conversations at once, for supervisors: one note, one answer for each.
import { el } from "../dom.js";
import { askDialog, lastSeqOf, noteField, unreadMessages } from "./action-dialogs.js";
import { customerWords } from "./display-names.js";
import { isSignedOut } from "./outboxes.js";

const AT_ONCE = 200; // in one call: the desk takes bodies of 64 KiB
const SHOWN_UNREAD = 20;

/** The conversations that a card stands for: [{id, seen_seq}]. Of those collapsed into it, nothing has been seen. */
function conversationsOf(card) {
  const collapsed = (card.same_address_ids ?? []).filter((id) => id !== card.id);
  return [{ id: card.id, seen_seq: card.last_seq }, ...collapsed.map((id) => ({ id, seen_seq: 0 }))];
}

/** Asks for the note, resolves, and asks again for those in which something is unread. onDone(number resolved). */
export function askResolveAll({ api, say, drafts, cards, explain, onDone, onExpired }) {
  let left = cards.flatMap(conversationsOf);
  let done = 0;
  const urgent = cards.filter((card) => card.priority === "urgent").length;
  const note = noteField(say, drafts, "resolve-all", "queue");
  return askDialog({
    say,
    title: say("bulk.title", left.length),
    text: say("bulk.text"),
    warning: urgent ? say("bulk.urgent", urgent) : null,
    fields: [note.node],
    confirm: say("bulk.confirm", left.length),
    testid: "resolve-all-dialog",
    explain,
    onConfirm: async () => {
      const unread = [];
      const failed = [];
      while (left.length) {
        const part = left.slice(0, AT_ONCE);
        const { results } = await send(api, { conversations: part, ...(note.value && { note: note.value }) }, onExpired);
        left = left.slice(part.length);
        for (const { id, ok, error } of results) {
          if (ok) done += 1;
          else if (error?.code === "unread" && error.unread?.length) unread.push({ id, events: error.unread });
          else failed.push({ id, message: error?.message ?? error?.code ?? "" });
        }
      }
      if (!unread.length && !failed.length) {
        note.clear();
        onDone(done);
        return null;
      }
      onDone(done);
      left = unread.map(({ id, events }) => ({ id, seen_seq: lastSeqOf(events) }));
      if (!unread.length) note.clear();
      return {
        node: el("div", {}, failed.length ? failures(failed, say) : null, unread.slice(0, SHOWN_UNREAD).map(unreadOf(say)), rest(unread, say)),
        confirm: unread.length ? say("bulk.confirm", left.length) : say("shortcuts.close"),
      };
    },
  });
}

async function send(api, body, onExpired) {
  try {
    return await api.post("/api/queue/resolve", body, { timeout: 60_000 });
  } catch (error) {
    if (isSignedOut(error)) onExpired();
    throw error;
  }
}

const unreadOf =
  (say) =>
  ({ id, events }) =>
    el("div", {}, el("h4", {}, customerWords(id, say)), unreadMessages(events, say));

function rest(unread, say) {
  return unread.length > SHOWN_UNREAD ? el("p", { class: "muted" }, say("bulk.more", unread.length - SHOWN_UNREAD)) : null;
}

function failures(failed, say) {
  return el(
    "ul",
    { class: "problem" },
    failed.map(({ id, message }) => el("li", {}, `${customerWords(id, say)}：${message}`)),
  );
}
