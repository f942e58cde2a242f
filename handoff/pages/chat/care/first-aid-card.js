// What the customer can do at once when money is in danger: each with a confirmation, and with the state that the desk reports.
// The page never says "done" by itself.
import { DeskError } from "../../shared/desk-api.js";
import { el, setText } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { messageLines } from "../../shared/message-text.js";
import { newId } from "../../shared/outbox.js";
import { localizedText } from "../../words/locales.js";

/** @import { FirstAid, Words } from "../../shared/contract-types.js" */
/** @import { Say } from "../../words/speaker.js" */
/** @import { Conversation } from "../conversation.js" */

const KEY = "first-aid";
const GRAVE = new Set(["urgent", "high"]);
// States in which a press asks for the action; after the other ones it has been asked for.
const OPEN = new Set(["offered", "impossible"]);
// The desk offers first aid together with the person; without an offer by then, only a call helps.
const WISH_MS = 12_000;
// What the desk says of these states is more than the word for the state.
const EXPLAINED = new Set(["impossible", "unknown", "pending"]);

export class FirstAidCard {
  #conversation;
  #say;
  #phones;
  /** The action whose confirmation is shown. @type {string | null} */
  #asked = null;
  /** An action that the customer wanted before the desk offered it. @type {string | null} */
  #wish = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #wishTimer;
  #isLate = false;
  #isSending = false;
  #problem = "";
  #isFolded = false;
  #drawn = "";
  /** @type {string | null} */
  #id = null;

  /** @param {{conversation: Conversation, say: Say, phones: () => Partial<Record<string, string>>}} options */
  constructor({ conversation, say, phones }) {
    this.#conversation = conversation;
    this.#say = say;
    this.#phones = phones;
    this.fold = el("button", { type: "button", class: "quiet", on: { click: () => this.#toggle() } });
    this.head = el(
      "div",
      { class: "aid-head" },
      icon("shield", { size: 20 }),
      el("h3", {}, say("care.first_aid")),
      this.fold,
    );
    this.list = el("ul", { class: "aid-list", role: "list" });
    this.note = el("p", { class: "aid-note", role: "status" });
    this.node = el(
      "section",
      { class: "aid", testid: "chat-first-aid", "aria-label": say("care.first_aid"), hidden: true },
      this.head,
      this.list,
      this.note,
    );
  }

  close() {
    clearTimeout(this.#wishTimer);
  }

  /** Asks the customer to confirm an action, as soon as the desk offers it. @param {string} action */
  ask(action) {
    this.#isFolded = false;
    this.#problem = "";
    clearTimeout(this.#wishTimer);
    this.#wish = action;
    this.#isLate = false;
    this.#wishTimer = setTimeout(() => {
      this.#isLate = true;
      this.update();
    }, WISH_MS);
    this.update();
  }

  update() {
    const { status, state, id } = this.#conversation;
    if (id !== this.#id) {
      if (this.#id !== null) this.#wish = null;
      this.#id = id;
      this.#asked = null;
      this.#problem = "";
    }
    const all = (state === "resolved" ? [] : status?.first_aid) ?? [];
    const wished = all.find(({ action }) => action === this.#wish);
    if (wished) {
      clearTimeout(this.#wishTimer);
      this.#wish = null;
      if (OPEN.has(wished.state ?? "offered")) this.#asked = wished.action;
    }
    const isGrave = state !== "with_bot" && (GRAVE.has(status?.priority ?? "") || Boolean(status?.lane));
    const isUsed = this.#asked !== null || all.some(isOrdered);
    this.node.hidden = !(this.#wish !== null || (all.length > 0 && (isGrave || isUsed || wished)));
    if (this.node.hidden) return;
    this.node.classList.toggle("folded", this.#isFolded);
    this.node.classList.toggle("asked", this.#asked !== null || this.#wish !== null);
    const drawn = JSON.stringify([
      all,
      this.#asked,
      this.#isSending,
      this.#isFolded,
      this.#problem,
      this.#wish,
      this.#isLate,
    ]);
    if (drawn === this.#drawn) return; // a button that is being pressed must stay
    this.#drawn = drawn;
    this.#draw(all);
  }

  /** @param {FirstAid[]} all */
  #draw(all) {
    const say = this.#say;
    setText(this.fold, say(this.#isFolded ? "care.first_aid.show" : "care.first_aid.hide"));
    this.fold.setAttribute("aria-expanded", String(!this.#isFolded));
    const shown = this.#isFolded ? all.filter(isOrdered) : all;
    const hadFocus = this.list.contains(/** @type {ShadowRoot | Document} */ (this.list.getRootNode()).activeElement);
    this.list.replaceChildren(...shown.map((each) => this.#entry(each)));
    const wait =
      this.#wish === null
        ? ""
        : this.#isLate
          ? this.#withPhone(say("care.first_aid.none"))
          : say("care.first_aid.waiting");
    setText(this.note, this.#problem || wait);
    const confirm = /** @type {HTMLElement | null} */ (this.list.querySelector(".aid-yes"));
    if (confirm) confirm.focus();
    else if (hadFocus) this.fold.focus();
  }

  /** @param {FirstAid & {result?: Words}} each */
  #entry(each) {
    const say = this.#say;
    const state = each.state ?? "offered";
    const label = this.#text(each.label);
    const said = this.#text(each.result) || this.#text(each.why);
    const stateWords = say.knows(`care.first_aid.state.${state}`) ? say(`care.first_aid.state.${state}`) : "";
    const mark = el(
      "span",
      { class: "aid-state", data: { state } },
      state === "done" ? icon("check", { size: 16 }) : null,
      stateWords,
    );
    /** @type {(HTMLElement | null)[]} */
    const parts = [];
    if (each.instruction && state !== "done") {
      parts.push(
        el(
          "details",
          { class: "aid-how" },
          el("summary", {}, label),
          el("div", {}, messageLines(this.#text(each.instruction), { formatting: "steps" })),
        ),
      );
    } else if (OPEN.has(state)) {
      const words = state === "impossible" ? `${label} · ${say("care.first_aid.again")}` : label;
      const click = () => {
        this.#asked = this.#asked === each.action ? null : each.action;
        this.#problem = "";
        this.update();
      };
      parts.push(
        el(
          "button",
          {
            type: "button",
            class: "aid-action",
            testid: "chat-aid",
            data: { action: each.action },
            "aria-expanded": this.#asked === each.action,
            on: { click },
          },
          words,
        ),
      );
    } else {
      parts.push(el("span", { class: "aid-label" }, label));
    }
    if (stateWords) parts.push(mark);
    if (said && EXPLAINED.has(state))
      parts.push(el("div", { class: "aid-why" }, messageLines(said, { formatting: "steps" })));
    if (this.#asked === each.action && OPEN.has(state) && !each.instruction) parts.push(this.#confirmation(each));
    return el("li", { class: "aid-one", testid: "chat-aid-entry", data: { action: each.action, state } }, parts);
  }

  /** @param {FirstAid} each */
  #confirmation(each) {
    const say = this.#say;
    const yes = el(
      "button",
      {
        type: "button",
        class: "primary aid-yes",
        testid: "chat-aid-confirm",
        disabled: this.#isSending,
        on: { click: () => this.#order(each.action) },
      },
      this.#isSending ? say("care.first_aid.sending") : say("care.first_aid.yes"),
    );
    const no = el(
      "button",
      {
        type: "button",
        class: "quiet",
        disabled: this.#isSending,
        on: {
          click: () => {
            this.#asked = null;
            this.update();
          },
        },
      },
      say("care.first_aid.no"),
    );
    const words = this.#text(each.confirm) || this.#text(each.explanation);
    return el(
      "div",
      { class: "aid-confirm", role: "group", "aria-label": words },
      el("p", {}, words),
      el("div", { class: "aid-answers" }, no, yes),
    );
  }

  /**
   * Orders an action. Its key is kept until an answer comes, so that the same press is not done twice, also after a reload.
   * @param {string} action
   */
  async #order(action) {
    const { store } = this.#conversation;
    const name = this.#conversation.keyOf(`${KEY}.${action}`);
    const key = store.get(name) ?? newId();
    store.set(name, key);
    this.#isSending = true;
    this.#problem = "";
    this.update();
    try {
      const answer = await this.#conversation.post("/first-aid", { action, confirm: true, key });
      // Impossible: another press is another order. Any other answer stands until the desk says otherwise.
      if (answer.state === "impossible") store.remove(name);
      this.#asked = null;
      this.#isFolded = true; // what was ordered stays in sight, and leaves the conversation its room
      this.#conversation.noteFirstAid(action, answer.state, answer.why ?? null);
    } catch (error) {
      const failure = DeskError.of(error);
      if (!failure.isPassing) store.remove(name);
      // The desk's words say what is missing and whom to call.
      if (failure.isTooMany) this.#problem = this.#say("care.too_many");
      else if (failure.isOutage) this.#problem = this.#withPhone(this.#say("care.first_aid.lost"));
      else this.#problem = failure.message || this.#say("care.failed");
    } finally {
      this.#isSending = false;
      this.update();
    }
  }

  /** @param {string} words */
  #withPhone(words) {
    const { service } = this.#phones();
    return service ? `${words} ☎ ${service}` : words;
  }

  #toggle() {
    this.#isFolded = !this.#isFolded;
    if (this.#isLate) this.#wish = null;
    this.update();
  }

  /** The desk's words in the conversation's language. @param {Words | null | undefined} words */
  #text(words) {
    return localizedText(words, this.#conversation.status?.locale ?? this.#say.locale);
  }
}

/** The customer or an agent has ordered it. @param {FirstAid} each */
function isOrdered({ state }) {
  return !["offered", "instruction", "needs_assurance"].includes(state ?? "offered");
}
