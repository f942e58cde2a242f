// The customer's case: its number, what is due next, and why each date is what it is.
import { el, setText } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { localizedText } from "../../words/locales.js";
import { timeWords } from "../time-words.js";

/** @import { CaseClock, Words } from "../../shared/contract-types.js" */
/** @import { Say } from "../../words/speaker.js" */
/** @import { Conversation } from "../conversation.js" */

const MET = new Set(["met", "met_late"]);
// A date that no longer binds is not shown: the closed case or a decision has replaced it.
const GONE = new Set(["lifted", "ended"]);

export class CaseCard {
  #conversation;
  #say;
  #drawn = "";

  /** @param {{conversation: Conversation, say: Say}} options */
  constructor({ conversation, say }) {
    this.#conversation = conversation;
    this.#say = say;
    this.title = el("span", { class: "case-title" });
    this.next = el("span", { class: "case-next" });
    this.list = el("ul", { class: "case-list", role: "list" });
    this.node = el(
      "details",
      { class: "case", testid: "chat-case", hidden: true },
      el("summary", {}, icon("note", { size: 18 }), el("span", {}, this.title, this.next)),
      this.list,
    );
  }

  update() {
    const { status } = this.#conversation;
    const file = status?.case ?? null;
    this.node.hidden = file === null;
    const drawn = JSON.stringify([file, status?.locale]);
    if (!file || drawn === this.#drawn) return;
    this.#drawn = drawn;
    const say = this.#say;
    const clocks = file.clocks.filter(({ shown, state = "" }) => shown !== false && !GONE.has(state));
    const next = clocks
      .filter(({ due_at: due, state = "" }) => due && !MET.has(state))
      .sort((a, b) => String(a.due_at).localeCompare(String(b.due_at)))[0];
    setText(this.title, say("care.case", file.id));
    setText(this.next, next ? say("care.case.next", this.#text(next.label ?? next.name), this.#when(next.due_at)) : "");
    this.list.replaceChildren(...clocks.map((clock) => this.#clock(clock)));
  }

  /** @param {CaseClock} clock */
  #clock({ name, label, due_at: due, why, state = "" }) {
    const say = this.#say;
    const date = MET.has(state) ? say("care.case.met") : due ? say("care.case.due", this.#when(due)) : "";
    const late = state === "breached" ? say("care.case.late") : state === "paused" ? say("care.case.paused") : "";
    return el(
      "li",
      { class: "case-clock", data: { state } },
      el(
        "div",
        { class: "case-line" },
        el("span", {}, this.#text(label ?? name)),
        el("span", { class: "case-due" }, date),
      ),
      late ? el("p", { class: "case-late" }, late) : null,
      why ? el("p", { class: "case-why" }, this.#text(why)) : null,
    );
  }

  /** @param {string | null} at */
  #when(at) {
    return at ? timeWords(new Date(at), this.#say, new Date()) : "";
  }

  /** @param {Words} words */
  #text(words) {
    return localizedText(words, this.#conversation.status?.locale ?? this.#say.locale);
  }
}
