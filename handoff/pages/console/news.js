// What an agent must be told of, from one picture of the queue to the next, and what the page's title says.

/** @import { HeardCard, Mention } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */

/** @typedef {"urgent" | "offer" | "mine" | "mention"} NewsKind */
/** @typedef {{kind: NewsKind, id: string, card: HeardCard | null}} Piece  id: of the conversation */
/** @typedef {{waiting: readonly HeardCard[], mine: readonly HeardCard[], mentions: readonly Mention[], loaded: boolean}} Picture */

/** @param {HeardCard} card */
export const isUrgent = (card) => card.priority === "urgent" || Boolean(card.lane);

/** What would be news about a customer of the agent's: a message that nobody has answered. @param {HeardCard} card */
const wordsOf = (card) => (card.unanswered ? `${card.preview ?? ""}` : null);

export class News {
  #login;
  /** Null before the first picture, which is not news. @type {Set<string> | null} */
  #urgent = null;
  /** @type {Set<string>} */
  #offers = new Set();
  /** The last unanswered words by conversation. @type {Map<string, string | null>} */
  #mine = new Map();
  /** @type {Set<string>} */
  #mentions = new Set();

  /** @param {string} login */
  constructor(login) {
    this.#login = login;
  }

  /**
   * What is new in this picture, the most pressing first.
   * @param {Picture} picture
   * @returns {Piece[]}
   */
  hear({ waiting, mine, mentions, loaded }) {
    if (!loaded) return [];
    const urgent = waiting.filter(isUrgent);
    const offers = waiting.filter((card) => card.offer?.login === this.#login);
    /** @type {Piece[]} */
    const news = [];
    const isFirst = this.#urgent === null;
    if (!isFirst) {
      for (const card of urgent) if (!this.#urgent?.has(card.id)) news.push({ kind: "urgent", id: card.id, card });
      for (const card of offers)
        if (!this.#offers.has(offerKey(card)) && !news.some(({ id }) => id === card.id))
          news.push({ kind: "offer", id: card.id, card });
      for (const card of mine) {
        const words = wordsOf(card);
        // A conversation that has just become this agent's is no message; the agent claimed it or accepted it.
        if (words !== null && this.#mine.has(card.id) && this.#mine.get(card.id) !== words)
          news.push({ kind: "mine", id: card.id, card });
      }
      for (const mention of mentions)
        if (!this.#mentions.has(mentionKey(mention)))
          news.push({ kind: "mention", id: mention.conversation_id, card: null });
    }
    this.#urgent = new Set(urgent.map(({ id }) => id));
    this.#offers = new Set(offers.map(offerKey));
    this.#mine = new Map(mine.map((card) => [card.id, wordsOf(card)]));
    this.#mentions = new Set(mentions.map(mentionKey));
    return news;
  }
}

/** @param {HeardCard} card */
const offerKey = (card) => `${card.id} ${card.offer?.until}`;
/** @param {Mention} mention */
const mentionKey = ({ conversation_id: id, seq }) => `${id} ${seq}`;

/**
 * "(2) 我的 · ⚠ 1 · 客服工作台": messages to answer, urgent conversations that wait.
 * @param {{waiting: readonly HeardCard[], mine: readonly HeardCard[], hasMore: boolean}} picture
 * @param {Say} say
 */
export function titleWords({ waiting, mine, hasMore }, say) {
  const toAnswer = mine.filter((card) => card.unanswered).length;
  const urgent = waiting.filter(isUrgent).length;
  // Urgent conversations stand first, so only a page that is full of them may hide more.
  const count = hasMore && urgent === waiting.length ? `${urgent}+` : String(urgent);
  return [toAnswer ? `(${toAnswer}) ${say("queue.mine")}` : "", urgent ? `⚠ ${count}` : "", say("console.title")]
    .filter(Boolean)
    .join(" · ");
}
