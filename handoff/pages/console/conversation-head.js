// The head over the transcript: what it is about, whose it is, what is due, who else looks, and the buttons of its state.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
import { claimRefusal } from "./claim-rules.js";
import { amountWords, customerWords, languageWords } from "./display-names.js";
import { dueWords, explanationOf, secondsLeft } from "./due-clock.js";
import { withoutControls } from "./shown-text.js";
import { drawUrgency } from "./urgency.js";

/** @import { Card } from "../shared/contract-types.js" */
/** @import { IconName } from "../shared/desk-icons.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Claimer } from "./claim-rules.js" */
/** @import { Names } from "./display-names.js" */
/** @import { OpenConversation } from "./open-conversation.js" */

/**
 * What the head can be asked for.
 * @typedef {object} HeadActions
 * @property {() => unknown} claim
 * @property {() => unknown} decline
 * @property {() => unknown} assign
 * @property {() => unknown} transfer
 * @property {() => unknown} giveBack
 * @property {() => unknown} resolve
 * @property {() => unknown} back
 * @property {() => unknown} facts
 * @property {(why: string) => void} refused  the agent pressed a button that is greyed
 */
/** @typedef {"claim" | "decline" | "assign" | "transfer" | "return" | "resolve"} ButtonName */

const NEAR_SECONDS = 60;
const SHOWN_LOOKERS = 2;

export class ConversationHead {
  /** @type {OpenConversation | null} */
  #conversation = null;
  #refusal = "";

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {Names} options.names
   * @param {HeadActions} options.actions
   * @param {Claimer} options.claimer  what is known of the agent's own load
   * @param {() => number} [options.now]  the desk's time in ms
   */
  constructor({ say, names, actions, claimer, now = () => Date.now() }) {
    this.say = say;
    this.names = names;
    this.claimer = claimer;
    this.now = now;
    /** @param {ButtonName} name @param {string} key @param {IconName | null} glyph @param {() => unknown} action */
    const button = (name, key, glyph, action) => {
      const words = el("span", {}, say(`action.${name}`));
      const node = el(
        "button",
        {
          type: "button",
          class: name === "claim" ? "primary" : "tool",
          testid: name,
          hidden: true,
          on: {
            click: () => {
              if (node.getAttribute("aria-disabled") === "true") actions.refused(this.#refusal);
              else action();
            },
          },
        },
        glyph ? icon(glyph, { size: 18 }) : null,
        words,
        key ? el("kbd", { "aria-hidden": "true" }, key) : null,
      );
      return node;
    };
    this.buttons = {
      claim: button("claim", "c", null, actions.claim),
      decline: button("decline", "x", null, actions.decline),
      assign: button("assign", "", "person", actions.assign),
      transfer: button("transfer", "t", "swap", actions.transfer),
      return: button("return", "b", "robot", actions.giveBack),
      resolve: button("resolve", "e", "check", actions.resolve),
    };
    this.priority = el("span", { class: "priority" });
    this.topic = el("span", { class: "head-topic" });
    this.customer = el("span", { class: "head-customer" });
    this.title = el("h2", {}, this.topic, this.customer);
    this.state = el("div", { class: "transcript-state" });
    this.refusal = el("p", { class: "claim-refusal", testid: "claim-refusal", hidden: true });
    this.dueText = el("span", {});
    this.tip = el("span", { class: "tip", role: "tooltip", id: "due-explanation" });
    this.due = el(
      "button",
      { type: "button", class: "due", testid: "due", "aria-describedby": "due-explanation", hidden: true },
      icon("clock", { size: 16 }),
      this.dueText,
      this.tip,
    );
    this.lookers = el("span", { class: "lookers", role: "status", testid: "lookers", hidden: true });
    this.back = iconButton("back", "back", say("action.back"), actions.back);
    this.facts = el(
      "button",
      { type: "button", class: "tool facts-toggle", testid: "facts-toggle", on: { click: actions.facts } },
      icon("info", { size: 18 }),
      el("span", {}, say("action.facts")),
    );
    this.node = el(
      "header",
      { class: "conversation-head" },
      el(
        "div",
        { class: "transcript-head" },
        this.back,
        el(
          "div",
          { class: "transcript-title" },
          el("div", { class: "title-line" }, this.priority, this.title),
          el("div", { class: "state-line" }, this.state, this.due, this.lookers),
        ),
        this.facts,
      ),
      el("div", { class: "tools", role: "toolbar", "aria-label": say("head.tools") }, Object.values(this.buttons)),
      this.refusal,
    );
    this.timer = setInterval(() => this.#tick(), 1_000);
  }

  close() {
    clearInterval(this.timer);
  }

  /** @param {OpenConversation} conversation */
  draw(conversation) {
    this.#conversation = conversation;
    const { isWaiting, isOffered, canMove, canResolve, canAssign, needsReason, card } = conversation;
    const { buttons } = this;
    buttons.claim.hidden = !isWaiting;
    buttons.decline.hidden = !isOffered;
    buttons.assign.hidden = !canAssign || needsReason;
    buttons.transfer.hidden = buttons.return.hidden = !canMove || needsReason;
    buttons.resolve.hidden = !canResolve || needsReason;
    this.facts.hidden = needsReason;
    this.#drawLookers(conversation);
    if (card) this.#drawCard(conversation.id, card);
    this.#tick();
  }

  /** @param {string} id @param {Card} card */
  #drawCard(id, card) {
    const { say, names } = this;
    this.priority.hidden = !card.priority; // a conversation that is with the bot again has none
    drawUrgency(this.priority, card, say);
    const customer = customerWords(id, say);
    const topic = names.reason(card.reason) || names.intent(card.intent);
    setText(this.topic, topic || customer);
    setText(this.customer, topic ? customer : "");
    const parts = [
      say(`status.${card.status}`),
      card.status === "assigned" ? withoutControls(card.agent_name ?? "") : "",
      card.queue ? names.queue(card.queue) : "",
      card.amount_cny != null ? amountWords(card.amount_cny, say) : "",
      languageWords(card.locale, say, names),
    ];
    setText(this.state, parts.filter(Boolean).join(" · "));
    setText(this.tip, explanationOf(card.due, say));
  }

  /** @param {OpenConversation} conversation */
  #drawLookers({ lookers, signs, log, isMine }) {
    const { say } = this;
    const words = lookers
      .slice(0, SHOWN_LOOKERS)
      .map(({ name, is_typing: types }) => say(types ? "head.types" : "head.looks", withoutControls(name)));
    if (lookers.length > SHOWN_LOOKERS) words.push(say("head.more_lookers", lookers.length - SHOWN_LOOKERS));
    const answer = log.events.findLast(({ type, by }) => type === "message" && by.kind === "agent")?.seq ?? 0;
    if (signs.is_typing) words.unshift(say("head.customer_types"));
    else if (isMine && answer > log.lastCustomerSeq && signs.read_seq >= answer)
      words.unshift(say("head.customer_read"));
    setText(this.lookers, words.join(" · "));
    this.lookers.hidden = !words.length;
    this.lookers.classList.toggle("typing", signs.is_typing || lookers.some((looker) => looker.is_typing));
  }

  /** @param {Card | null} card  null when nobody can claim it now */
  #drawRefusal(card) {
    this.#refusal = card ? claimRefusal(card, this.claimer, this.say) : "";
    const { claim } = this.buttons;
    if (this.#refusal) claim.setAttribute("aria-disabled", "true");
    else claim.removeAttribute("aria-disabled");
    setText(this.refusal, this.#refusal);
    this.refusal.hidden = !this.#refusal;
  }

  #tick() {
    const card = this.#conversation?.card;
    // The agent's own load changes without a change of this conversation.
    this.#drawRefusal(this.#conversation?.isWaiting ? (card ?? null) : null);
    const due = card?.due;
    this.due.hidden = !due;
    if (!due) return;
    const now = this.now();
    const left = secondsLeft(due, now);
    const clock = this.say.knows(`due.clock.${due.clock}`) ? this.say(`due.clock.${due.clock}`) : due.clock;
    const time = dueWords(due, now, this.say);
    const words = left === null ? this.say("due.paused") : left < 0 ? time : this.say("head.left", time);
    setText(this.dueText, `${clock} ${words}`);
    this.due.dataset.state = left === null ? "paused" : left < 0 ? "late" : left <= NEAR_SECONDS ? "near" : "calm";
  }
}

/** @param {IconName} glyph @param {string} name @param {string} label @param {() => unknown} action */
function iconButton(glyph, name, label, action) {
  return el(
    "button",
    { type: "button", class: `icon-button ${name}`, testid: name, "aria-label": label, on: { click: action } },
    icon(glyph, { size: 22 }),
  );
}
