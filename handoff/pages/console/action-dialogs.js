// Dialogs before actions that cannot be undone: transfer, return, resolve. <dialog> keeps the focus inside, restores it,
// and closes on Esc.
import { el, setText } from "../shared/dom.js";
import { messageLines } from "../shared/message-text.js";
import { timeWords } from "./display-names.js";
import { withoutControls } from "./shown-text.js";

/** @import { Colleague, LogEvent } from "../shared/contract-types.js" */
/** @import { Children } from "../shared/dom.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Drafts } from "./drafts.js" */
/** @import { QueueFeed } from "./queue-feed.js" */

/** @typedef {{node: HTMLElement, confirm: string}} AskedAgain  what is shown before the second question, and its button */
/**
 * @typedef {object} DialogOptions
 * @property {Say} say
 * @property {string} title
 * @property {string | null} [text]
 * @property {string | null} [warning]
 * @property {Children} [fields]
 * @property {string} confirm
 * @property {string} testid
 * @property {() => Promise<AskedAgain | null>} onConfirm
 * @property {(error: unknown) => string} explain
 */

/** The agent has not filled in what is needed; the message says what. */
export class Incomplete extends Error {}

let lastId = 0;

/**
 * Opens a dialog and returns it. When `onConfirm` rejects, the dialog stays open and shows the text of `explain`; when it
 * resolves to AskedAgain, the dialog shows the node and asks again with that button.
 * @param {DialogOptions} options
 */
export function askDialog({ say, title, text, warning, fields = [], confirm, testid, onConfirm, explain }) {
  lastId += 1;
  const id = `dialog-title-${lastId}`;
  const problem = el("p", { class: "problem", role: "alert" });
  const more = el("div", { class: "asked-again", role: "alert", tabindex: -1, testid: "dialog-again" });
  const yes = el("button", { type: "submit", class: "primary", testid: "dialog-confirm" }, confirm);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (yes.disabled) return;
    yes.disabled = true;
    setText(problem, "");
    try {
      const again = await onConfirm();
      if (!again) {
        dialog.close();
        return;
      }
      more.replaceChildren(again.node);
      setText(yes, again.confirm);
      more.focus(); // not the button: a second Enter must not confirm a text that was not read
    } catch (error) {
      setText(problem, error instanceof Incomplete ? error.message : explain(error));
    }
    yes.disabled = false;
  };
  /** @type {HTMLDialogElement} */
  const dialog = el(
    "dialog",
    { "aria-labelledby": id, testid },
    el(
      "form",
      { method: "dialog", on: { submit } },
      el("h2", { id }, title),
      text ? el("p", {}, text) : null,
      warning ? el("p", { class: "warning" }, warning) : null,
      more,
      fields,
      problem,
      el(
        "div",
        { class: "dialog-actions" },
        el("button", { type: "button", class: "quiet", on: { click: () => dialog.close() } }, say("action.cancel")),
        yes,
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  /** @type {HTMLElement} */ (dialog.querySelector("[autofocus], select") ?? yes).focus();
  return dialog;
}

/**
 * A note field: {node, value, clear()}. Ctrl or Cmd with Enter confirms. The text is stored as a draft of `kind` for the
 * conversation `id` until clear().
 * @param {Say} say
 * @param {Drafts} drafts
 * @param {string} kind
 * @param {string} id
 * @param {boolean} [isNeeded]
 */
export function noteField(say, drafts, kind, id, isNeeded = false) {
  /** @type {HTMLTextAreaElement} */
  const input = el("textarea", {
    rows: 3,
    id: "dialog-note",
    testid: "dialog-note",
    on: {
      input: () => drafts.set(kind, id, input.value),
      keydown: (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing)
          input.form?.requestSubmit();
      },
    },
  });
  input.value = drafts.get(kind, id);
  return {
    node: el(
      "div",
      { class: "field" },
      el("label", { for: "dialog-note" }, say(isNeeded ? "dialog.note.needed" : "dialog.note")),
      input,
    ),
    get value() {
      return input.value.trim();
    },
    clear() {
      drafts.set(kind, id, "");
    },
  };
}

/**
 * The choice of a colleague: agents who are there, the least busy first, then the others, who cannot be chosen. Without
 * `me` the first entry is the queue; with it, the account itself.
 *
 * The list follows the feed while the dialog is open: the dialog may open before the feed has arrived, and a colleague
 * who leaves or is at capacity can no longer be chosen.
 * @param {Say} say
 * @param {QueueFeed} feed
 * @param {string | null | undefined} owner  the login of the agent who has the conversation
 * @param {{me?: string, isFullAllowed?: () => boolean}} [options]
 */
export function agentField(say, feed, owner, { me, isFullAllowed = () => false } = {}) {
  const select = el("select", { id: "dialog-to", testid: me ? "assign-to" : "transfer-to" });
  const cannotWords = (/** @type {Colleague} */ { online, presence, load, capacity }) => {
    if (!online || presence === "offline") return say("dialog.transfer.absent");
    if (presence === "away" || presence === "busy") return say(`dialog.transfer.${presence}`);
    return load >= capacity && !isFullAllowed() ? say("dialog.transfer.full") : "";
  };
  const fill = () => {
    const chosen = select.value;
    const known = feed.agents.filter(({ login, role }) => login !== owner && login !== me && role !== "editor");
    // The choice stays, also when it has become impossible: the desk then refuses the transfer with a reason.
    const isLost = chosen && chosen !== me && !known.some((agent) => agent.login === chosen);
    const others = [
      ...known,
      ...(isLost ? [{ login: chosen, name: chosen, role: "agent", online: false, load: 0, capacity: 1 }] : []),
    ].sort(
      (a, b) =>
        Number(Boolean(cannotWords(a))) - Number(Boolean(cannotWords(b))) || a.load / a.capacity - b.load / b.capacity,
    );
    const first = me
      ? [el("option", { value: "" }, say("dialog.assign.choose"))]
      : [el("option", { value: "" }, say("dialog.transfer.back"))];
    if (me && me !== owner) first.push(el("option", { value: me }, say("dialog.assign.myself")));
    select.replaceChildren(
      ...first,
      ...others.map((agent) => {
        const { login, name, role, load, capacity } = agent;
        const cannot = cannotWords(agent);
        const words = [withoutControls(name), say(`role.${role}`), `${load}/${capacity}`, cannot];
        return el("option", { value: login, disabled: Boolean(cannot) }, words.filter(Boolean).join(" · "));
      }),
    );
    select.value = chosen;
  };
  fill();
  const node = el("div", { class: "field" }, el("label", { for: "dialog-to" }, say("dialog.transfer.to")), select);
  const follow = () => {
    if (node.isConnected) fill();
    else feed.removeEventListener("change", follow);
  };
  // Only when the dialog is in the page: before that, a change would look like its end.
  queueMicrotask(() => feed.addEventListener("change", follow));
  return {
    node,
    get value() {
      return select.value || null;
    },
    refresh: fill,
  };
}

/**
 * The messages and pictures of the customer that the agent has not seen.
 * @param {LogEvent[]} events
 * @param {Say} say
 */
export function unreadMessages(events, say) {
  const messages = events.filter((event) => event.type === "message" || event.type === "attached");
  /** @param {LogEvent} event */
  const words = (event) =>
    event.type === "attached"
      ? say("transcript.attached", event.width ?? 0, event.height ?? 0)
      : withoutControls(event.text ?? "");
  return el(
    "div",
    { class: "unread", testid: "unread" },
    el("h3", {}, say("dialog.unread", messages.length)),
    el(
      "ul",
      {},
      messages.map((event) =>
        el(
          "li",
          {},
          el("time", { datetime: event.at }, timeWords(event.at, say)),
          el("div", { class: "unread-text" }, messageLines(words(event), { formatted: false })),
        ),
      ),
    ),
  );
}

/**
 * The last sequence number among events, or `seq` when it is later.
 * @param {LogEvent[]} events
 * @param {number} [seq]
 */
export function lastSeqOf(events, seq = 0) {
  return events.reduce((last, event) => Math.max(last, event.seq), seq);
}
