// The tab "case": why a person is needed, first aid, the case file with its clocks, the intake, what was looked up, pictures,
// what was found in the messages, and the notes.
import { el } from "../shared/dom.js";
import { CareRecords } from "./care-records.js";
import { CaseFileView } from "./case-file.js";
import { caseFactsSection, entityList, noteList } from "./case-tab.js";
import { problemWords } from "./display-names.js";
import { DrawnPlaces } from "./drawn-places.js";
import { askFirstAid, askProposal } from "./first-aid-dialogs.js";
import { AttemptKeys } from "./first-aid-model.js";
import { aidSection } from "./first-aid-section.js";
import { intakeList, lookupList } from "./looked-up.js";
import { pictureStrip } from "./pictures.js";

/** @import { Account, Card } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { CaseFacts } from "./case-facts.js" */
/** @import { Names } from "./display-names.js" */
/** @import { OpenConversation } from "./open-conversation.js" */

/**
 * @typedef {object} CasePanelOptions
 * @property {DeskApi} api
 * @property {Say} say
 * @property {Names} names
 * @property {Account} me
 * @property {HTMLElement} clock  shows how long somebody has waited or worked
 * @property {(seq: number) => void} reveal  an event of the transcript
 * @property {(id: string) => void} open  another conversation
 * @property {(words: string, how?: {isProblem?: boolean}) => void} tell
 * @property {(error: unknown) => string} explain
 */

export class CasePanel {
  #options;
  #records;
  #places = new DrawnPlaces();
  #keys = new AttemptKeys();
  /** @type {OpenConversation | null} */
  #conversation = null;
  /** @type {CaseFacts | null} */
  #facts = null;
  /** @type {HTMLDialogElement | null} */
  #dialog = null;

  /** @param {CasePanelOptions} options */
  constructor(options) {
    this.#options = options;
    const { api, say } = options;
    this.#records = new CareRecords(api);
    this.#records.addEventListener("change", () => this.#drawRecords());
    this.places = {
      summary: el("div", { class: "summary" }),
      aid: el("div", { class: "aid-place", testid: "aid" }),
      file: el("div", { class: "file-place", testid: "case-file" }),
      intake: el("div", { class: "intake-place", testid: "intake" }),
      lookups: el("div", { class: "lookups-place", testid: "lookups" }),
      pictures: el("div", { class: "pictures-place", testid: "pictures" }),
      entities: el("div", { class: "entities-place" }),
      notes: el("div", { class: "notes" }),
    };
    const { places } = this;
    this.file = new CaseFileView({
      ...options,
      done: (words) => this.#done(words),
      asked: (dialog) => {
        this.#dialog = dialog;
      },
    });
    const section = (/** @type {string} */ key, /** @type {HTMLElement} */ place) =>
      el("section", {}, el("h3", {}, say(key)), place);
    this.node = el(
      "div",
      {},
      section("facts.why", places.summary),
      section("first_aid.title", places.aid),
      section("case.title", places.file),
      section("intake.title", places.intake),
      section("lookup.title", places.lookups),
      section("picture.title", places.pictures),
      section("facts.found", places.entities),
      section("facts.notes", places.notes),
    );
  }

  close() {
    this.#records.close();
    this.#dialog?.close();
  }

  /** @param {OpenConversation} conversation */
  show(conversation) {
    this.#dialog?.close();
    this.#conversation = conversation;
    this.#facts = null;
    this.#places.clear();
    this.#records.show(conversation.id);
  }

  /**
   * @param {Card} card
   * @param {string} cardState  of what is drawn from the card
   * @param {CaseFacts} facts
   */
  draw(card, cardState, facts) {
    if (this.#facts !== facts) this.#places.clear();
    this.#facts = facts;
    const { say, clock } = this.#options;
    const { places } = this;
    const { decisions, entities, lookups, notes, pictures } = facts;
    this.#places.draw(places.summary, cardState, () => caseFactsSection(card, clock, this.#options));
    this.#places.draw(places.intake, JSON.stringify(card.intake ?? []), () => intakeList(card.intake ?? [], say));
    const looked = [...lookups.values()];
    this.#places.draw(places.lookups, JSON.stringify(looked.map(({ at, name }) => [at, name])), () =>
      lookupList(looked, say),
    );
    this.#places.draw(places.pictures, pictures.length, () => pictureStrip(pictures, say));
    this.#places.draw(places.entities, decisions.length, () => entityList(entities, say));
    this.#places.draw(places.notes, notes.length, () => noteList(notes, say));
    // Who has the conversation decides what may be ordered, who the customer is whether anything can.
    const who = [card.agent, card.status, card.customer?.subject, card.customer?.assurance].join();
    this.#records.follow(`${facts.careSeq} ${who}`, facts.caseId);
    this.#drawRecords();
  }

  #drawRecords() {
    const { say, me } = this.#options;
    const conversation = this.#conversation;
    if (!conversation?.card || !this.#facts) return;
    const { aid, file, problem } = this.#records;
    const mayOrder = conversation.isMine || me.role === "supervisor";
    const failure = problem ? problemWords(problem, say) : "";
    this.#places.draw(this.places.aid, JSON.stringify([aid, mayOrder, failure]), () => [
      failure ? this.#retry(failure) : null,
      ...(aid ? aidSection(aid, this.#aidContext(conversation, mayOrder)) : failure ? [] : [this.#loading()]),
    ]);
    const hasCase = this.#facts.caseId !== null;
    this.#places.draw(this.places.file, JSON.stringify([file, hasCase, failure]), () => {
      if (file) return this.file.nodes(file);
      if (hasCase) return failure ? this.#retry(failure) : this.#loading();
      return el("p", { class: "muted" }, say("case.none"));
    });
  }

  /** @param {OpenConversation} conversation @param {boolean} mayOrder */
  #aidContext(conversation, mayOrder) {
    const { api, say, me, explain } = this.#options;
    const onDone = (/** @type {string} */ words) => this.#done(words);
    return {
      say,
      login: me.login,
      mayOrder,
      onOrder: (/** @type {import("./first-aid-model.js").AidRow} */ { action }) => {
        const look = this.#records.aid;
        if (!look) return;
        this.#dialog = askFirstAid({
          api,
          say,
          explain,
          onDone,
          conversationId: conversation.id,
          action,
          look,
          isProven: conversation.card?.customer?.is_proven === true,
          keys: this.#keys,
        });
      },
      onDecide: (
        /** @type {import("./first-aid-model.js").AidProposal} */ proposal,
        /** @type {boolean} */ isApproved,
      ) => {
        this.#dialog = askProposal({ api, say, explain, onDone, proposal, isApproved });
      },
    };
  }

  /** @param {string} words */
  #done(words) {
    this.#options.tell(words);
    this.#records.reload();
  }

  #loading() {
    return el("p", { class: "muted" }, this.#options.say("transcript.loading"));
  }

  /** @param {string} failure */
  #retry(failure) {
    const click = () => this.#records.reload();
    return el(
      "p",
      { class: "problem", role: "alert" },
      failure,
      el("button", { type: "button", class: "tool", on: { click } }, this.#options.say("case.retry")),
    );
  }
}
