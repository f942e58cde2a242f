// The right pane: what an agent wants to know before answering, so that nobody asks the customer twice.
import { el, setText } from "../dom.js";
import { icon } from "../icons.js";
import { decisionPanel } from "./decision-panel.js";
import { amountWords, durationWords, timeWords } from "./display-names.js";
import { PRIORITY_ICON } from "./queue-list.js";

const COPIED_MS = 1_500;

export class FactsPanel {
  #conversation = null;
  #chosen = null; // seq of the decision picked in the transcript
  #drawn = "";

  /** onNote(text) resolves when it is saved; onBack(). */
  constructor({ say, names, onNote, onBack }) {
    this.say = say;
    this.names = names;
    this.sections = el("div", { class: "facts-sections" });
    this.notes = el("div", { class: "notes" });
    this.input = el("textarea", {
      testid: "note-input",
      rows: 2,
      "aria-label": say("facts.note.input"),
      placeholder: say("facts.note.input"),
      on: { keydown: (event) => this.#keydown(event) },
    });
    this.save = el(
      "button",
      { type: "button", class: "tool", testid: "note-save", on: { click: () => this.#save() } },
      icon("note", { size: 18 }),
      el("span", {}, say("facts.note.save")),
    );
    this.onNote = onNote;
    this.body = el(
      "div",
      { class: "facts-body", hidden: true },
      this.sections,
      el(
        "section",
        {},
        el("h3", {}, say("facts.notes")),
        this.notes,
        el("div", { class: "note-form" }, this.input, this.save),
      ),
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

  show(conversation) {
    this.#conversation = conversation;
    this.#chosen = null;
    this.#drawn = "";
    this.input.value = "";
    this.body.hidden = !conversation;
    if (conversation) this.draw();
  }

  /** Shows the decision of a triage event that was picked in the transcript. */
  choose(event) {
    this.#chosen = event.seq;
    this.draw();
  }

  focusNote() {
    this.input.focus();
  }

  draw() {
    const { card, events, loaded } = this.#conversation;
    if (!card || !loaded) return;
    // Drawn anew only when something it shows has changed: an agent may be selecting text in it.
    const { waiting_seconds: _, ...steady } = card;
    const drawn = JSON.stringify([steady, events.length, this.#chosen]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const { say } = this;
    this.clock = el("dd", {});
    this.sections.replaceChildren(
      el("section", {}, el("h3", {}, say("facts.why")), this.#summary(card)),
      el("section", {}, el("h3", {}, say("facts.found")), this.#entities(events)),
      el("section", {}, el("h3", {}, say("decision.title")), this.#decision(events)),
      el("section", {}, el("h3", {}, say("facts.articles")), this.#articles(events)),
    );
    const notes = events.filter((event) => event.type === "note" || (event.note && event.type !== "message"));
    this.notes.replaceChildren(
      ...(notes.length
        ? notes.map((event) =>
            el(
              "div",
              { class: "note" },
              el("div", { class: "note-head" }, el("b", {}, event.by.name ?? ""), ` ${timeWords(event.at, say)}`),
              el("div", { class: "note-text" }, event.text ?? event.note),
            ),
          )
        : [el("p", { class: "muted" }, say("facts.notes.none"))]),
    );
    this.#tick();
  }

  #summary(card) {
    const { say, names } = this;
    const rows = [
      [this.#clockLabel(card), this.clock],
      card.amount_cny != null ? [say("facts.amount"), amountWords(card.amount_cny, say)] : null,
      card.topic ? [say("facts.topic"), names.intent(card.topic)] : null,
      card.agent_name ? [say("facts.owner"), card.agent_name] : null,
      card.first_response_at && card.queued_at
        ? [
            say("facts.first_response"),
            durationWords((new Date(card.first_response_at) - new Date(card.queued_at)) / 1_000, say),
          ]
        : null,
      card.created_at ? [say("facts.started"), timeWords(card.created_at, say)] : null,
      [
        say("facts.channel"),
        [
          card.channel,
          card.locale === "en" ? "English" : "中文",
          card.episode > 1 ? say("queue.episode", card.episode) : null,
        ]
          .filter(Boolean)
          .join(" · "),
      ],
      card.rating ? [say("facts.rating"), "★".repeat(card.rating) + ` ${card.rating}/5`] : null,
    ].filter(Boolean);
    const why = card.reason
      ? el(
          "p",
          { class: "why" },
          el(
            "span",
            { class: "priority", data: { priority: card.priority } },
            icon(PRIORITY_ICON[card.priority] ?? "dot", { size: 16 }),
            say(`priority.${card.priority}`),
          ),
          el("b", {}, names.reason(card.reason)),
        )
      : el("p", { class: "muted" }, say("facts.not_escalated"));
    return [
      why,
      el(
        "dl",
        { class: "rows" },
        rows.map(([name, value]) => [el("dt", {}, name), typeof value === "string" ? el("dd", {}, value) : value]),
      ),
    ];
  }

  #clockLabel({ status, assigned_at: assigned }) {
    if (status === "queued") return this.say("facts.waiting");
    return assigned && status === "assigned" ? this.say("facts.since") : this.say("facts.waited");
  }

  #tick() {
    if (!this.clock || !this.#conversation?.card) return;
    const { card, heardAt } = this.#conversation;
    const passed = (Date.now() - heardAt) / 1_000;
    const seconds =
      card.status === "queued"
        ? (card.waiting_seconds ?? 0) + passed
        : card.status === "assigned" && card.assigned_at
          ? (Date.now() - new Date(card.assigned_at)) / 1_000
          : (card.waiting_seconds ?? 0);
    setText(this.clock, durationWords(seconds, this.say));
  }

  #decision(events) {
    const decisions = events.filter((event) => event.type === "triage");
    // The one picked, else the last that handed over, else the last.
    const shown =
      decisions.find((event) => event.seq === this.#chosen) ??
      decisions.filter((event) => event.decision.route === "escalate").at(-1) ??
      decisions.at(-1);
    if (!shown) return el("p", { class: "muted" }, this.say("decision.none"));
    const about = events.find((event) => event.seq === shown.message_seq)?.text;
    return decisionPanel(shown, about, this);
  }

  #entities(events) {
    const found = new Map();
    for (const event of events.filter((each) => each.type === "triage")) {
      for (const entity of event.decision.entities ?? []) {
        const value =
          typeof entity.value === "object" && entity.value !== null
            ? entity.value
            : { text: String(entity.value ?? entity.text) };
        const copy = value.number != null ? String(value.number) : value.text;
        found.set(`${entity.entity} ${copy}`, {
          ...entity,
          copy,
          meaning: value.number != null ? `${Number(value.number).toLocaleString("en-US")} ${value.currency}` : null,
        });
      }
    }
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
          el("span", { class: "entity-text" }, meaning && meaning !== text ? `${text}（${meaning}）` : text),
          this.#copyButton(copy),
        ),
      ),
    );
  }

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

  #articles(events) {
    const seen = new Map();
    for (const event of events)
      if (event.type === "message" && event.article) seen.set(event.article.id + event.article.revision, event);
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
    const { id } = this.#conversation;
    if ((await this.onNote(text)) && this.#conversation?.id === id) this.input.value = ""; // kept when it failed
    this.save.disabled = false;
  }
}

/** The clipboard API exists on secure origins only; the old command works everywhere else. */
async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch {
      // Refused by the browser's permission: the old way is left.
    }
  }
  const box = el("textarea", { class: "off-screen", readonly: true });
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}
