// The right pane: the facts of the case, so that the agent need not ask the customer again.
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { CaseFacts } from "./case-facts.js";
import { decisionPanel } from "./decision-panel.js";
import { amountWords, channelWords, durationWords, earlierWords, languageWords, timeWords } from "./display-names.js";
import { isolated, withoutControls } from "./shown-text.js";
import { drawUrgency } from "./urgency.js";

/** @import { ConversationLog } from "../shared/conversation-log.js" */
/** @import { Card, LogEvent } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { FoundEntity, ShownArticle } from "./case-facts.js" */
/** @import { Names } from "./display-names.js" */
/** @import { Drafts } from "./drafts.js" */
/** @import { OpenConversation } from "./open-conversation.js" */

/** @typedef {"summary" | "entities" | "decision" | "articles" | "notes"} SectionName */

const COPIED_MS = 1_500;

export class FactsPanel {
  /** @type {OpenConversation | null} */
  #conversation = null;
  /** @type {CaseFacts | null} */
  #facts = null;
  /** `seq` of the decision picked in the transcript. @type {number | null} */
  #chosen = null;
  /** What each section was drawn from. @type {Map<SectionName, string | number>} */
  #drawn = new Map();

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {Names} options.names
   * @param {Drafts} options.drafts
   * @param {(text: string) => Promise<boolean>} options.onNote  whether it was saved
   * @param {() => void} options.onBack
   */
  constructor({ say, names, drafts, onNote, onBack }) {
    this.say = say;
    this.names = names;
    this.drafts = drafts;
    this.clock = el("dd", {});
    const section = (/** @type {SectionName} */ name, /** @type {string} */ key) => ({
      heading: el("h3", {}, say(key)),
      place: el("div", { class: name }),
    });
    this.sections = {
      summary: section("summary", "facts.why"),
      entities: section("entities", "facts.found"),
      decision: section("decision", "decision.title"),
      articles: section("articles", "facts.articles"),
      notes: section("notes", "facts.notes"),
    };
    /** @type {HTMLTextAreaElement} */
    this.input = el("textarea", {
      testid: "note-input",
      rows: 2,
      "aria-label": say("facts.note.input"),
      placeholder: say("facts.note.input"),
      on: {
        keydown: (event) => this.#keydown(event),
        input: () => this.#conversation && drafts.set("note", this.#conversation.id, this.input.value),
      },
    });
    this.save = el(
      "button",
      { type: "button", class: "tool", testid: "note-save", on: { click: () => this.#save() } },
      icon("note", { size: 18 }),
      el("span", {}, say("facts.note.save")),
    );
    this.onNote = onNote;
    const { notes, ...others } = this.sections;
    this.body = el(
      "div",
      { class: "facts-body", hidden: true },
      Object.values(others).map(({ heading, place }) => el("section", {}, heading, place)),
      el("section", {}, notes.heading, notes.place, el("div", { class: "note-form" }, this.input, this.save)),
    );
    this.node = el(
      "aside",
      { class: "pane facts", "aria-label": say("facts.title"), testid: "facts" },
      el(
        "header",
        { class: "facts-head" },
        el(
          "button",
          {
            type: "button",
            class: "icon-button facts-back",
            testid: "facts-back",
            "aria-label": say("shortcuts.back"),
            on: { click: onBack },
          },
          icon("back", { size: 22 }),
        ),
        el("h2", {}, say("facts.title")),
      ),
      this.body,
    );
    this.timer = setInterval(() => this.#tick(), 1_000);
  }

  close() {
    clearInterval(this.timer);
  }

  /** @param {OpenConversation} conversation */
  show(conversation) {
    this.#conversation = conversation;
    this.#facts = null;
    this.#chosen = null;
    this.body.hidden = true;
    this.input.value = this.drafts.get("note", conversation.id);
    this.draw();
  }

  /** Shows the decision of a triage event that was picked in the transcript. @param {LogEvent} event */
  choose(event) {
    this.#chosen = event.seq;
    this.draw();
    this.sections.decision.heading.scrollIntoView({ block: "nearest" });
  }

  focusNote() {
    this.input.focus();
  }

  draw() {
    if (!this.#conversation) return;
    const { card, log, loaded } = this.#conversation;
    this.body.hidden = !card || !loaded;
    if (!card || !loaded) return;
    if (!this.#facts?.isOf(log.events)) {
      this.#facts = new CaseFacts(log.events);
      this.#drawn.clear();
    }
    const facts = this.#facts;
    facts.update();
    // A section is drawn again only when its content has changed: an agent may be selecting text in it.
    const { waiting_seconds: _, last_seq: __, heardAt: ___, preview: ____, unanswered: _____, ...steady } = card;
    this.#section("summary", JSON.stringify(steady), () => this.#summary(card));
    this.#section("entities", facts.decisions.length, () => this.#entities(facts.entities));
    this.#section("decision", `${facts.decisions.length} ${this.#chosen}`, () => this.#decision(facts, log));
    this.#section("articles", facts.articles.size, () => this.#articles(facts.articles));
    this.#section("notes", facts.notes.length, () => this.#notes(facts.notes));
    this.#tick();
  }

  /**
   * Draws a section when its `state` has changed.
   * @param {SectionName} name
   * @param {string | number} state
   * @param {() => Node | Node[]} content
   */
  #section(name, state, content) {
    if (this.#drawn.get(name) === state) return;
    this.#drawn.set(name, state);
    this.sections[name].place.replaceChildren(...[content()].flat());
  }

  /** @param {LogEvent[]} notes */
  #notes(notes) {
    if (!notes.length) return el("p", { class: "muted" }, this.say("facts.notes.none"));
    return el(
      "ul",
      {},
      notes.map((event) =>
        el(
          "li",
          { class: "note" },
          el(
            "div",
            { class: "note-head" },
            el("b", {}, isolated(event.by.name ?? "")),
            ` ${timeWords(event.at, this.say)}`,
          ),
          el("div", { class: "note-text" }, withoutControls(event.text ?? event.note ?? "")),
        ),
      ),
    );
  }

  /** @param {Card} card */
  #summary(card) {
    const { say, names } = this;
    /** @type {([string, string | HTMLElement] | null)[]} */
    const rows = [
      [this.#clockLabel(card), this.clock],
      card.amount_cny != null ? [say("facts.amount"), amountWords(card.amount_cny, say)] : null,
      card.topic ? [say("facts.topic"), names.intent(card.topic)] : null,
      card.agent_name ? [say("facts.owner"), withoutControls(card.agent_name)] : null,
      card.first_response_at && card.queued_at
        ? [
            say("facts.first_response"),
            durationWords((Date.parse(card.first_response_at) - Date.parse(card.queued_at)) / 1_000, say),
          ]
        : null,
      card.created_at ? [say("facts.started"), timeWords(card.created_at, say)] : null,
      [
        say("facts.channel"),
        [
          channelWords(card.channel, say),
          languageWords(card.locale, say, names),
          (card.episode ?? 1) > 1 ? say("queue.episode", card.episode) : null,
        ]
          .filter(Boolean)
          .join(" · "),
      ],
      card.earlier ? [say("facts.earlier"), earlierWords(card.earlier, say, names)] : null,
      card.rating ? [say("facts.rating"), `${"★".repeat(card.rating)} ${card.rating}/5`] : null,
    ];
    const badge = el("span", { class: "priority" });
    drawUrgency(badge, card, say);
    const why = card.reason
      ? el("p", { class: "why" }, badge, el("b", {}, names.reason(card.reason)))
      : el("p", { class: "muted" }, say("facts.not_escalated"));
    return [
      why,
      el(
        "dl",
        { class: "rows" },
        rows
          .filter((row) => row !== null)
          .map(([name, value]) => [
            el("dt", {}, name),
            typeof value === "string" ? el("dd", {}, el("bdi", {}, value)) : value,
          ]),
      ),
    ];
  }

  /** @param {Card} card */
  #clockLabel({ status, assigned_at: assigned }) {
    if (status === "queued") return this.say("facts.waiting");
    return assigned && status === "assigned" ? this.say("facts.since") : this.say("facts.waited");
  }

  #tick() {
    if (!this.#conversation?.card) return;
    const { card, heardAt } = this.#conversation;
    const passed = (Date.now() - heardAt) / 1_000;
    const seconds =
      card.status === "queued"
        ? (card.waiting_seconds ?? 0) + passed
        : card.status === "assigned" && card.assigned_at
          ? (Date.now() - Date.parse(card.assigned_at)) / 1_000
          : (card.waiting_seconds ?? 0);
    setText(this.clock, durationWords(seconds, this.say));
  }

  /** @param {CaseFacts} facts @param {ConversationLog} log */
  #decision({ decisions }, log) {
    // The picked decision, else the last one that escalated, else the last one.
    const shown =
      decisions.find((event) => event.seq === this.#chosen) ??
      decisions.filter((event) => event.decision?.route === "escalate").at(-1) ??
      decisions.at(-1);
    if (!shown?.decision) return el("p", { class: "muted" }, this.say("decision.none"));
    return decisionPanel(
      shown.decision,
      { message: log.textOf(shown.message_seq), silent: shown.silent === true },
      this,
    );
  }

  /** @param {Map<string, FoundEntity>} found */
  #entities(found) {
    if (!found.size) return el("p", { class: "muted" }, this.say("facts.found.none"));
    return el(
      "ul",
      { class: "entities" },
      [...found.values()].map(({ entity, text, copy, meaning }) =>
        el(
          "li",
          { testid: "entity", data: { entity } },
          el(
            "span",
            { class: "entity-kind" },
            this.say.knows(`entity.${entity}`) ? this.say(`entity.${entity}`) : entity,
          ),
          isolated(meaning && meaning !== text ? `${text}（${meaning}）` : text, { class: "entity-text" }),
          this.#copyButton(copy),
        ),
      ),
    );
  }

  /** @param {string} text */
  #copyButton(text) {
    const label = el("span", { class: "copied", role: "status" });
    const button = el(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": this.say("facts.copy", text),
        title: this.say("facts.copy", text),
        on: {
          click: async () => {
            await copy(text);
            setText(label, this.say("facts.copied"));
            setTimeout(() => setText(label, ""), COPIED_MS);
          },
        },
      },
      icon("copy", { size: 18 }),
    );
    return el("span", { class: "copy" }, label, button);
  }

  /** @param {Map<string, ShownArticle>} seen */
  #articles(seen) {
    if (!seen.size) return el("p", { class: "muted" }, this.say("facts.articles.none"));
    return el(
      "ul",
      { class: "articles" },
      [...seen.values()].map(({ article, at }) =>
        el(
          "li",
          {},
          icon("book", { size: 18 }),
          el(
            "div",
            {},
            el("div", {}, article.title ?? article.id),
            el(
              "div",
              { class: "muted" },
              `${this.say("facts.revision", (article.revision ?? "").slice(0, 8))} · ${timeWords(at, this.say)}`,
            ),
          ),
        ),
      ),
    );
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.#save();
  }

  async #save() {
    const text = this.input.value.trim();
    if (!text || this.save.disabled) return;
    this.save.disabled = true;
    const id = this.#conversation?.id ?? "";
    if (await this.onNote(text)) {
      // A failed note is kept, and so is text that was typed meanwhile.
      if (this.drafts.get("note", id).trim() === text) this.drafts.set("note", id, "");
      if (this.#conversation?.id === id && this.input.value.trim() === text) this.input.value = "";
    }
    this.save.disabled = false;
  }
}

/** The clipboard API exists on secure origins only; the old command works everywhere else. @param {string} text */
async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch {
      // The browser refused permission: use the old command.
    }
  }
  const box = el("textarea", { class: "off-screen", readonly: true });
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}
