// The place of the rating card: it is there while there is something to rate, and what was put in is kept.
import { el } from "../../shared/dom.js";
import { RatingCard } from "./rating-card.js";

/** @import { Say } from "../../words/speaker.js" */
/** @import { Conversation } from "../conversation.js" */

export class RatingSlot {
  /** @type {number | null} */
  #seq = null;
  #conversation;
  #say;
  #focus;

  /** @param {{conversation: Conversation, say: Say, focus: () => void}} options */
  constructor({ conversation, say, focus }) {
    this.#conversation = conversation;
    this.#say = say;
    this.#focus = focus;
    this.node = el("div", {});
  }

  get isShown() {
    return this.#seq !== null;
  }

  update() {
    const seq = this.#conversation.rateable?.seq ?? null;
    if (seq === this.#seq) return;
    this.#seq = seq;
    if (seq === null) {
      this.node.replaceChildren();
      return;
    }
    const card = new RatingCard({
      say: this.#say,
      draft: this.#conversation.ratingDraft,
      onRate: (score, comment) => this.#conversation.rate(score, comment),
      onSkip: () => {
        this.#conversation.dismissRating();
        this.#focus();
      },
    });
    this.node.replaceChildren(card.node);
  }
}
