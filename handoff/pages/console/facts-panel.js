// The right pane in four tabs: the customer, the case, the articles, and why the bot decided as it did.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
import { CaseFacts } from "./case-facts.js";
import { CasePanel } from "./case-panel.js";
import { customerTab } from "./customer-tab.js";
import { durationWords, timeWords } from "./display-names.js";
import { DrawnPlaces } from "./drawn-places.js";
import { KnowledgeTab } from "./knowledge-tab.js";
import { replayButton } from "./replay-button.js";
import { TabList } from "./tab-list.js";
import { markButtons, shownDecision, whyTab } from "./why-tab.js";

/** @import { Account, FoundArticle, LogEvent } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { ShownArticle } from "./case-facts.js" */
/** @import { Names } from "./display-names.js" */
/** @import { OpenConversation } from "./open-conversation.js" */

/** @typedef {"customer" | "case" | "knowledge" | "why"} FactsTab */
/**
 * @typedef {object} FactsActions
 * @property {() => void} back
 * @property {(article: FoundArticle) => void} insert  into the reply box
 * @property {() => void} reply  leave the search for the reply box
 * @property {(seq: number) => void} reveal  an event of the transcript
 * @property {(id: string) => void} open  another conversation
 * @property {() => void} link
 * @property {(id: string) => void} unlink
 * @property {(mark: string) => void} mark
 * @property {(words: string, how?: {isProblem?: boolean}) => void} tell  what was done
 * @property {(error: unknown) => string} explain  a failure
 */
/** @typedef {{say: Say, names: Names, actions: FactsActions}} FactsContext */

export class FactsPanel {
  /** @type {OpenConversation | null} */
  #conversation = null;
  /** @type {CaseFacts | null} */
  #facts = null;
  /** `seq` of the decision picked in the transcript. @type {number | null} */
  #chosen = null;
  #places = new DrawnPlaces();

  /** @param {FactsContext & {api: DeskApi, me: Account}} options */
  constructor({ api, say, names, me, actions }) {
    this.api = api;
    this.say = say;
    this.names = names;
    this.me = me;
    this.actions = actions;
    this.clock = el("dd", {});
    this.knowledge = new KnowledgeTab({
      api,
      say,
      onInsert: (article) => actions.insert(article),
      onLeave: actions.reply,
    });
    this.places = {
      customer: el("div", {}),
      articles: el("div", { class: "articles-place" }),
      marks: el("div", {}),
      decision: el("div", {}),
    };
    const { places } = this;
    const section = (/** @type {string} */ key, /** @type {HTMLElement} */ place) =>
      el("section", {}, el("h3", {}, say(key)), place);
    const { reveal, open, tell, explain } = actions;
    this.casePanel = new CasePanel({ api, say, names, me, clock: this.clock, reveal, open, tell, explain });
    const panels = {
      customer: el("div", {}, places.customer),
      case: this.casePanel.node,
      knowledge: el("div", {}, this.knowledge.node, section("facts.articles", places.articles)),
      why: el("div", {}, section("decision.title", places.decision), section("mark.title", places.marks)),
    };
    const tab = (/** @type {FactsTab} */ name) => ({ name, words: say(`facts.tab.${name}`), panel: panels[name] });
    /** @type {TabList<FactsTab>} */
    this.tabs = new TabList({
      prefix: "facts",
      label: say("facts.title"),
      tabs: [tab("customer"), tab("case"), tab("knowledge"), tab("why")],
    });
    this.tabs.show("case");
    this.body = el("div", { class: "facts-body", hidden: true }, Object.values(panels));
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
            on: { click: actions.back },
          },
          icon("back", { size: 22 }),
        ),
        this.tabs.node,
      ),
      this.body,
    );
    this.timer = setInterval(() => this.#tick(), 1_000);
  }

  close() {
    clearInterval(this.timer);
    this.casePanel.close();
    this.knowledge.clear();
  }

  /** @param {OpenConversation} conversation */
  show(conversation) {
    this.#conversation = conversation;
    this.#facts = null;
    this.#chosen = null;
    this.body.hidden = true;
    this.casePanel.show(conversation);
    this.knowledge.clear();
    this.draw();
  }

  /** Shows the decision of a triage event that was picked in the transcript. @param {LogEvent} event */
  choose(event) {
    this.#chosen = event.seq;
    this.tabs.show("why");
    this.draw();
  }

  /** The search for articles, with the focus. */
  focusArticles() {
    this.tabs.show("knowledge");
    this.knowledge.focus();
  }

  /**
   * The agent's judgement of a kind: whether it stands, and the decision that it is about.
   * @param {string} mark
   */
  judgement(mark) {
    return {
      isSet: this.#facts?.isMarked(this.me.login, mark) ?? false,
      aboutSeq: this.#facts ? shownDecision(this.#facts, this.#chosen)?.seq : undefined,
    };
  }

  draw() {
    if (!this.#conversation) return;
    const { card, log, loaded } = this.#conversation;
    this.body.hidden = !card || !loaded;
    if (!card || !loaded) return;
    if (!this.#facts?.isOf(log.events)) {
      this.#facts = new CaseFacts(log.events);
      this.#places.clear();
    }
    const { places, say } = this;
    const facts = this.#facts;
    facts.update();
    this.knowledge.customerLocale = card.locale;
    const { waiting_seconds: _, last_seq: __, heardAt: ___, preview: ____, unanswered: _____, ...steady } = card;
    const cardState = JSON.stringify({ ...steady, due: null, can_claim: null, claim_refusal: null });
    const { decisions, articles, episodes, marks } = facts;
    const ends = episodes.map(({ end }) => end?.seq ?? 0);
    this.#places.draw(places.customer, `${cardState} ${ends}`, () => customerTab(card, episodes, this));
    this.casePanel.draw(card, cardState, facts);
    this.#places.draw(places.articles, articles.size, () => this.#articles(articles));
    const replay = (/** @type {number} */ seq) => replayButton({ conversationId: card.id, seq, api: this.api, say });
    this.#places.draw(places.decision, `${decisions.length} ${this.#chosen}`, () =>
      whyTab(facts, log, this.#chosen, this, replay),
    );
    const judged = [...marks.values()].map(({ seq }) => seq).join();
    this.#places.draw(places.marks, judged, () =>
      markButtons(facts, this.me.login, say, (mark) => this.actions.mark(mark)),
    );
    this.#tick();
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
}
