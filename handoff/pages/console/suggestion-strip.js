// Up to three suggestions for the customer's last message above the reply box. Tab in an empty box takes the first one into the
// box; nothing is sent by it.

import { icon } from "../shared/desk-icons.js";
import { el } from "../shared/dom.js";

/** @import { CannedReply, FoundArticle, Suggested } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { OpenConversation } from "./open-conversation.js" */

/** @typedef {{kind: "article" | "canned", title: string, text: string, article: FoundArticle | null}} Suggestion */

const SHOWN = 3;

/**
 * Articles and canned replies in turn, an article first; at most three.
 * @param {readonly FoundArticle[]} articles
 * @param {readonly CannedReply[]} replies
 * @returns {Suggestion[]}
 */
export function suggestionsOf(articles, replies) {
  /** @type {Suggestion[]} */
  const found = [];
  for (let index = 0; found.length < SHOWN && index < Math.max(articles.length, replies.length); index += 1) {
    const article = articles[index];
    const reply = replies[index];
    if (article) found.push({ kind: "article", title: article.title, text: article.text, article });
    if (reply) found.push({ kind: "canned", title: reply.title, text: reply.text, article: null });
  }
  return found.slice(0, SHOWN);
}

export class SuggestionStrip {
  /** @type {OpenConversation | null} */
  #conversation = null;
  #asked = 0; // `seq` of the customer's message that the suggestions are for
  /** @type {Suggestion[]} */
  #shown = [];

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {(ids: readonly string[]) => Promise<CannedReply[]>} options.cannedReplies  by their ids, in the customer's language
   * @param {(suggestion: Suggestion) => void} options.onTake
   */
  constructor({ say, cannedReplies, onTake }) {
    this.say = say;
    this.cannedReplies = cannedReplies;
    this.onTake = onTake;
    this.node = el("div", {
      class: "suggestions",
      role: "group",
      "aria-label": say("suggestions.title"),
      testid: "suggestions",
      hidden: true,
    });
  }

  /** Another conversation is open. @param {OpenConversation} conversation */
  show(conversation) {
    this.#conversation = conversation;
    this.#asked = 0;
    this.#set([]);
  }

  /** Asks again when the customer has written; only for the agent's own conversation. */
  async update() {
    const conversation = this.#conversation;
    if (!conversation?.isMine || !conversation.loaded) {
      this.#set([]);
      return;
    }
    const seq = conversation.log.lastCustomerSeq;
    if (!seq || seq === this.#asked) return;
    this.#asked = seq;
    const isCurrent = () => this.#conversation === conversation && this.#asked === seq;
    /** @type {Suggested} */
    let suggested;
    try {
      suggested = await conversation.suggestions();
    } catch {
      if (isCurrent()) this.#set([]); // an aid only: the next message asks again
      return;
    }
    const replies = await this.cannedReplies(suggested.canned_replies ?? []);
    if (isCurrent()) this.#set(suggestionsOf(suggested.articles ?? [], replies));
  }

  /** Takes the first suggestion; false when there is none. */
  takeFirst() {
    if (this.node.hidden || !this.#shown.length) return false;
    this.onTake(this.#shown[0]);
    return true;
  }

  /** Esc: Tab moves the focus again. False when nothing was shown. */
  dismiss() {
    if (this.node.hidden) return false;
    this.node.hidden = true;
    return true;
  }

  /** @param {Suggestion[]} suggestions */
  #set(suggestions) {
    if (!suggestions.length && !this.#shown.length) return;
    this.#shown = suggestions;
    this.node.hidden = !suggestions.length;
    this.node.replaceChildren(
      ...suggestions.map((suggestion, index) =>
        el(
          "button",
          {
            type: "button",
            class: "suggestion",
            testid: "suggestion",
            title: suggestion.text,
            on: { click: () => this.onTake(suggestion) },
          },
          icon(suggestion.kind === "article" ? "book" : "chat", { size: 16 }),
          el("span", {}, suggestion.title),
          index === 0 ? el("kbd", { "aria-hidden": "true" }, "Tab") : null,
        ),
      ),
    );
  }
}
