// Asks for a rating after the end. The stars are a radio group: arrow keys move, as in any radio group.
import { DeskError } from "../../shared/desk-api.js";
import { el, setText } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";

const SCORES = [1, 2, 3, 4, 5];
const STEPS = new Map([
  ["ArrowRight", 1],
  ["ArrowUp", 1],
  ["ArrowLeft", -1],
  ["ArrowDown", -1],
]);
const COMMENT_LIMIT = 500;

export class RatingCard {
  #draft;

  /**
   * @param {object} options
   * @param {import("../../words/speaker.js").Say} options.say
   * @param {{score: number, comment: string}} options.draft  is read at first and kept up
   * @param {(score: number, comment: string) => Promise<void>} options.onRate  may reject with a DeskError
   * @param {() => void} options.onSkip
   */
  constructor({ say, draft, onRate, onSkip }) {
    this.say = say;
    this.onRate = onRate;
    this.#draft = draft;
    this.stars = SCORES.map((score) =>
      el(
        "button",
        {
          type: "button",
          class: "star",
          role: "radio",
          testid: "rating-star",
          data: { score },
          "aria-checked": false,
          "aria-label": `${say("rating.star.label", score)} ${say("rating.star", score)}`,
          tabindex: score === 1 ? 0 : -1,
          on: { click: () => this.#pick(score), keydown: (event) => this.#keydown(event, score) },
        },
        icon("star", { size: 28 }),
      ),
    );
    this.word = el("div", { class: "rating-word", "aria-hidden": "true" });
    this.comment = el("textarea", {
      class: "rating-comment",
      rows: 2,
      maxlength: COMMENT_LIMIT,
      hidden: true,
      testid: "rating-comment",
      placeholder: say("rating.comment"),
      "aria-label": say("rating.comment"),
      on: {
        input: () => {
          draft.comment = this.comment.value;
        },
      },
    });
    this.comment.value = draft.comment;
    this.submit = el(
      "button",
      {
        type: "button",
        class: "primary",
        testid: "rating-submit",
        disabled: true,
        on: { click: () => this.#submit() },
      },
      say("rating.submit"),
    );
    this.problem = el("div", { class: "problem", role: "alert" });
    this.node = el(
      "div",
      { class: "rating", role: "group", "aria-label": say("rating.title") },
      el("div", { class: "rating-title" }, say("rating.title")),
      el("div", { class: "stars", role: "radiogroup", "aria-label": say("rating.title") }, this.stars),
      this.word,
      this.comment,
      this.problem,
      el(
        "div",
        { class: "rating-actions" },
        el(
          "button",
          { type: "button", class: "quiet", testid: "rating-skip", on: { click: onSkip } },
          say("rating.skip"),
        ),
        this.submit,
      ),
    );
    if (draft.score) this.#pick(draft.score);
  }

  /** @param {number} score */
  #pick(score) {
    this.#draft.score = score;
    for (const [index, star] of this.stars.entries()) {
      star.setAttribute("aria-checked", String(index + 1 === score));
      star.tabIndex = index + 1 === score ? 0 : -1;
      star.classList.toggle("lit", index < score);
    }
    setText(this.word, this.say("rating.star", score));
    this.comment.hidden = false;
    this.submit.disabled = false;
    this.node.scrollIntoView({ block: "nearest" }); // the comment makes the card taller
  }

  /** @param {KeyboardEvent} event @param {number} score */
  #keydown(event, score) {
    const step = STEPS.get(event.key);
    if (!step) return;
    event.preventDefault();
    const next = Math.min(Math.max((this.#draft.score ? score : score - 1) + step, 1), SCORES.length);
    this.#pick(next);
    this.stars[next - 1].focus();
  }

  async #submit() {
    this.submit.disabled = true;
    setText(this.problem, "");
    try {
      await this.onRate(this.#draft.score, this.comment.value.trim());
    } catch (error) {
      setText(this.problem, this.say(DeskError.of(error).code === "not_resolved" ? "rating.closed" : "rating.failed"));
      this.submit.disabled = false;
    }
  }
}
