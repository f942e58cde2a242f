// What the keys do with the queue: open the next one, claim, greet, decline an offer.
import { claimRefusal } from "./claim-rules.js";
import { offersTo } from "./offer-rows.js";
import { nextUnanswered, nextUrgent } from "./slot-places.js";

/** @import { Account, CannedReply } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { OpenConversation } from "./open-conversation.js" */
/** @import { QueueFeed } from "./queue-feed.js" */
/** @import { QueueList } from "./queue-list.js" */

/** The id of the canned reply that Shift+C sends. */
const GREETING = "greeting";

/**
 * @typedef {object} Page  what the actions need of the workbench
 * @property {DeskApi} api
 * @property {Say} say
 * @property {Account} me
 * @property {QueueFeed} feed
 * @property {QueueList} list
 * @property {() => OpenConversation | null} opened
 * @property {(id: string) => void} open
 * @property {() => void} reply  puts the focus into the reply box
 * @property {(words: string) => void} tell
 * @property {(action: () => unknown, done?: string | null) => Promise<boolean>} run  shows the outcome; resolves to whether it succeeded
 */

export class QueueActions {
  #page;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
  }

  /** Opens the next urgent conversation that waits. */
  urgent() {
    const { feed, me, open, opened, say, tell } = this.#page;
    const card = nextUrgent(feed.waiting, opened()?.id ?? null, me.login);
    if (card) open(card.id);
    else tell(say("queue.urgent.none"));
  }

  /** Opens the agent's next conversation that needs an answer. */
  next() {
    const { feed, open, opened, say, tell } = this.#page;
    const card = nextUnanswered(feed.mine, opened()?.id ?? null);
    if (card) open(card.id);
    else tell(say("queue.answered"));
  }

  /** Opens the agent's next conversation, other than the open one, that needs an answer; returns whether there is one. */
  openNext() {
    const { feed, open, opened, reply } = this.#page;
    const others = feed.mine.filter((card) => card.id !== opened()?.id);
    const card = nextUnanswered(others, null);
    if (!card) return false;
    open(card.id);
    reply();
    return true;
  }

  /** After Ctrl+Enter in the reply box. */
  sentAndNext() {
    const { say, tell } = this.#page;
    if (!this.openNext()) tell(say("queue.answered"));
  }

  /** Opens the conversation in a slot. @param {number} place */
  slot(place) {
    const { list, open, say, tell } = this.#page;
    const id = list.slots.at(place);
    if (id) open(id);
    else tell(say("queue.slot.none", place));
  }

  /** Claims the open conversation, or the one with the focus, or the first that is offered; returns whether it succeeded. */
  async claim() {
    const { feed, list, me, opened, open, say, tell, run, reply } = this.#page;
    const current = opened();
    const id = current?.isWaiting
      ? current.id
      : (this.#waitingId(list.focusedId) ?? offersTo(feed.waiting, me.login)[0]?.id);
    if (!id) return false;
    const refusal = claimRefusal(feed.card(id) ?? current?.card, feed, say);
    open(id);
    if (refusal) {
      tell(refusal);
      return false;
    }
    if (!(await run(() => opened()?.claim(), "action.claimed"))) return false;
    reply();
    return true;
  }

  /** Accepts an offer. @param {string} id */
  async accept(id) {
    const { open, opened, run, reply } = this.#page;
    open(id);
    if (await run(() => opened()?.claim(), "action.claimed")) reply();
  }

  /** Claims, and sends the greeting in the customer's language. */
  async greet() {
    const { api, opened, run } = this.#page;
    if (!(await this.claim())) return;
    const conversation = opened();
    if (!conversation?.isMine) return;
    await run(async () => {
      const customers = encodeURIComponent(conversation.card?.locale ?? "zh");
      const { canned_replies: replies } = await api.get(
        `/api/canned-replies?locale=${encodeURIComponent(api.locale)}&customer_locale=${customers}`,
      );
      const greeting = /** @type {CannedReply[]} */ (replies).find(({ id }) => id === GREETING);
      if (greeting) conversation.reply(greeting.text);
      else this.#page.tell(this.#page.say("claim.no_greeting"));
    });
  }

  /** Declines an offer: the one with the focus, or else the first. @param {string} [given]  the conversation's id */
  async decline(given) {
    const { api, feed, list, me, run } = this.#page;
    const offers = offersTo(feed.waiting, me.login);
    const chosen = offers.find(({ id }) => id === (given ?? list.focusedId)) ?? offers[0];
    if (!chosen) return;
    await run(() => api.post(`/api/conversations/${encodeURIComponent(chosen.id)}/decline`), "offer.declined");
  }

  /** @param {string | null} id */
  #waitingId(id) {
    return this.#page.feed.waiting.some((card) => card.id === id) ? id : null;
  }
}
