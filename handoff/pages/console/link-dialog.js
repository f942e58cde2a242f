// Says that another conversation is of the same customer: chosen from the list, or by the address that a colleague sent.
import { el, setText } from "../shared/dom.js";
import { askDialog, Incomplete } from "./action-dialogs.js";
import { customerWords, previewWords } from "./display-names.js";
import { isolated } from "./shown-text.js";

/** @import { Card } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */
/** @import { OpenConversation } from "./open-conversation.js" */
/** @import { QueueFeed } from "./queue-feed.js" */

const SHOWN = 8;

/**
 * The conversation that a typed text names by its id or by the console's address; "" when it names none.
 * @param {string} typed
 */
export function conversationIn(typed) {
  const text = typed.trim();
  const inAddress = /[?&]c=([^&#\s]+)/.exec(text)?.[1];
  const id = inAddress ? decodeURIComponent(inAddress) : text;
  return /^[0-9a-f-]{32,36}$/i.test(id) ? id : "";
}

/**
 * Opens the dialog and returns it.
 * @param {object} options
 * @param {Say} options.say
 * @param {Names} options.names
 * @param {QueueFeed} options.feed
 * @param {OpenConversation} options.conversation
 * @param {(error: unknown) => string} options.explain
 * @param {() => void} options.onDone
 */
export function askLink({ say, names, feed, conversation, explain, onDone }) {
  let chosen = "";
  const list = el("div", { class: "link-choices", role: "radiogroup", "aria-label": say("dialog.link.choose") });
  const state = el("p", { class: "muted" });
  const query = el("input", {
    type: "text",
    testid: "link-query",
    autofocus: true,
    autocomplete: "off",
    "aria-label": say("dialog.link.query"),
    placeholder: say("dialog.link.query"),
    on: { input: () => fill() },
  });
  /** @param {Card} card */
  const choice = (card) => {
    const topic = names.reason(card.reason) || names.intent(card.intent);
    const input = el("input", {
      type: "radio",
      name: "link-to",
      value: card.id,
      checked: card.id === chosen,
      on: {
        change: () => {
          chosen = card.id;
        },
      },
    });
    return el(
      "label",
      { class: "link-choice", testid: "link-choice" },
      input,
      el(
        "span",
        {},
        el("b", {}, customerWords(card.id, say)),
        topic ? ` · ${topic}` : "",
        isolated(previewWords(card, say), { class: "muted link-preview" }),
      ),
    );
  };
  const fill = () => {
    const words = query.value.trim().toLowerCase();
    const linked = new Set([conversation.id, ...(conversation.card?.links ?? [])]);
    const named = conversationIn(query.value);
    const fits = (/** @type {Card} */ card) =>
      [card.id, customerWords(card.id, say), previewWords(card, say)].some((text) =>
        text.toLowerCase().includes(words),
      );
    const cards = [...feed.mine, ...feed.waiting, ...feed.others].filter((card) => !linked.has(card.id));
    const shown = cards.filter((card) => (named ? card.id === named : fits(card))).slice(0, SHOWN);
    if (named || !shown.some((card) => card.id === chosen)) chosen = named;
    list.replaceChildren(...shown.map(choice));
    setText(state, shown.length ? "" : say(named ? "dialog.link.by_id" : "dialog.link.none"));
  };
  fill();
  return askDialog({
    say,
    title: say("dialog.link.title"),
    text: say("dialog.link.text"),
    fields: [el("div", { class: "field" }, query), list, state],
    confirm: say("action.link"),
    testid: "link-dialog",
    explain,
    onConfirm: async () => {
      if (!chosen) throw new Incomplete(say("error.nothing_chosen"));
      await conversation.link(chosen);
      onDone();
      return null;
    },
  });
}
