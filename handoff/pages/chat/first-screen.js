// The first row of the chat: the greeting; before the first message with notices of incidents, the signed-in customer's own
// conversations and questions to pick from.
import { el, setText } from "../shared/dom.js";
import { messageLines } from "../shared/message-text.js";
import { LOGO } from "./message-bubble.js";
import { timeWords } from "./time-words.js";

/** @import { PastConversation } from "../shared/contract-types.js" */
/** @import { DrawnRow } from "../shared/log-view.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Conversation } from "./conversation.js" */

const SHOWN = 3;

/**
 * @param {object} context
 * @param {Conversation} context.conversation
 * @param {Say} context.say
 * @param {(text: string) => void} context.onSuggestion
 * @param {(id: string) => void} context.onEarlier
 * @param {() => void} context.onReturn
 * @returns {DrawnRow}
 */
export function firstScreen({ conversation, say, onSuggestion, onEarlier, onReturn }) {
  const { log, history } = conversation;
  const chip = (/** @type {string} */ text) =>
    el(
      "button",
      { type: "button", class: "chip", testid: "chat-suggestion", on: { click: () => onSuggestion(text) } },
      text,
    );
  const chips = el(
    "div",
    { class: "chips", role: "group", "aria-label": say("chat.suggestions.label") },
    say.list("chat.suggestions").map(chip),
  );
  const mine = el("div", { class: "mine", role: "group", "aria-label": say("chat.mine"), testid: "chat-mine" });
  const back = el(
    "button",
    { type: "button", class: "quiet back", testid: "chat-return", on: { click: onReturn } },
    say("chat.return"),
  );
  const node = el(
    "li",
    { class: "message first", data: { kind: "bot" }, testid: "chat-greeting" },
    el("div", { class: "avatar", "aria-hidden": "true" }, el("img", { src: LOGO, alt: "", width: 32, height: 32 })),
    el(
      "div",
      { class: "column" },
      el("div", { class: "name" }, say("speaker.bot")),
      el("div", { class: "bubble" }, messageLines(say("chat.greeting"))),
      el("div", { class: "after" }, mine, chips, back),
    ),
  );
  let drawn = "";
  return {
    nodes: [node],
    update: () => {
      const isFresh = log.pending.length === 0 && log.lastCustomerSeq === 0;
      chips.hidden = !isFresh;
      back.hidden = !isFresh || conversation.isSignedIn;
      mine.hidden = !isFresh || history.list.length === 0;
      const list = history.list.slice(0, SHOWN);
      if (JSON.stringify(list) === drawn) return; // a button that is being pressed must stay
      drawn = JSON.stringify(list);
      mine.replaceChildren(
        el("div", { class: "mine-title", "aria-hidden": "true" }, say("chat.mine")),
        ...list.map((each) => earlierButton(each, say, onEarlier)),
      );
    },
  };
}

/**
 * @param {PastConversation} past
 * @param {Say} say
 * @param {(id: string) => void} onEarlier
 */
export function earlierButton(past, say, onEarlier) {
  const { id, status, last_words: words, case: file, promise_due_at: due, updated_at: at, unread = 0 } = past;
  const now = new Date();
  const facts = [
    file ? say("chat.mine.case", file.id) : "",
    say.knows(`chat.mine.${status}`) ? say(`chat.mine.${status}`) : "",
    due ? say("chat.mine.due", timeWords(new Date(due), say, now)) : "",
    at ? timeWords(new Date(at), say, now) : "",
  ];
  const badge = el("span", { class: "mine-unread" });
  setText(badge, unread ? say("chat.mine.unread", unread) : "");
  return el(
    "button",
    { type: "button", class: "mine-one", testid: "chat-earlier", data: { id }, on: { click: () => onEarlier(id) } },
    el("span", { class: "mine-words" }, el("bdi", {}, words || say("chat.attached"))),
    el("span", { class: "mine-facts" }, facts.filter(Boolean).join(" · "), badge),
  );
}
