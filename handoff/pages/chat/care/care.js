// The second part of the chat: first aid, the case and its due dates, pictures, call-backs, the code to return by, the menu, the
// rating, and the signs of typing and reading. It draws into the places that the chat gives it.
import { careSpeaker } from "../../words/care.js";
import { careSheet } from "./care-style.js";
import { CaseCard } from "./case-card.js";
import { CustomerSigns } from "./customer-signs.js";
import { FirstAidCard } from "./first-aid-card.js";
import { Menu } from "./menu.js";
import { PictureTray } from "./picture-tray.js";
import { drawPicture } from "./picture-view.js";
import { RatingSlot } from "./rating-slot.js";
import { keepCode, ReturnCode } from "./return-code.js";
import { Sheet } from "./sheet.js";

/** @import { LogEvent } from "../../shared/contract-types.js" */
/** @import { Say } from "../../words/speaker.js" */
/** @import { ChatSettings } from "../chat-view.js" */
/** @import { Conversation } from "../conversation.js" */

/**
 * @typedef {object} CareOptions
 * @property {Conversation} conversation
 * @property {ChatSettings} settings
 * @property {() => Partial<Record<string, string>>} phones
 * @property {Say} say  the words of the chat's first part
 * @property {() => void} focus  the text box
 * @property {() => void} changed  something in the log grew
 * @property {Record<"top" | "tail" | "tray" | "sheet", HTMLElement>} slots
 */

export class Care {
  #conversation;
  #say;
  #hasKept = false;

  /** @param {CareOptions} options */
  constructor(options) {
    const { conversation, settings, slots } = options;
    const say = withWords(options.say);
    settings.onStyles(careSheet());
    this.#conversation = conversation;
    this.#say = say;
    this.sheet = new Sheet({ say, slot: slots.sheet, onClosed: options.focus });
    this.firstAid = new FirstAidCard({ conversation, say, phones: options.phones });
    this.caseCard = new CaseCard({ conversation, say });
    this.kept = document.createElement("div");
    this.tray = new PictureTray({ conversation, say, onSent: options.changed });
    this.rating = new RatingSlot({ conversation, say, focus: options.focus });
    this.signs = new CustomerSigns(conversation);
    this.menu = new Menu({ conversation, say, settings, sheet: this.sheet, care: this });
    this.code = new ReturnCode({ conversation, say, sheet: this.sheet });
    slots.top.replaceChildren(this.caseCard.node, this.firstAid.node, this.kept);
    slots.tail.replaceChildren(this.rating.node);
    slots.tray.replaceChildren(this.tray.node);
    this.update();
  }

  /** Whether something below the log's last message wants to be seen. */
  get hasCard() {
    return this.rating.isShown;
  }

  update() {
    this.firstAid.update();
    this.caseCard.update();
    this.rating.update();
    this.signs.update();
    const { id, state, store } = this.#conversation;
    // Without a lasting store only the code leads back to a person who has been found.
    if (!this.#hasKept && !store.isLasting && id && (state === "queued" || state === "assigned")) {
      this.#hasKept = true;
      keepCode(this.#conversation, this.#say, this.kept);
    }
  }

  shown() {
    this.signs.update();
  }

  /** The text in the box changed. @param {string} text */
  typed(text) {
    this.signs.typed(text);
  }

  openMenu() {
    this.menu.open();
  }

  openReturn() {
    this.code.enter();
  }

  /** Whether a sheet was open. */
  closeSheet() {
    return this.sheet.close();
  }

  choosePictures({ camera = false } = {}) {
    this.tray.choose({ camera });
  }

  /** @param {File[]} files */
  addPictures(files) {
    this.tray.add(files);
  }

  /** @param {HTMLElement} place @param {LogEvent} event */
  drawPicture(place, event) {
    drawPicture(this.#conversation, this.#say, place, event, () => this.sheet);
  }

  close() {
    this.firstAid.close();
    this.signs.close();
    this.tray.close();
  }
}

/** The words of both parts. @param {Say} chat @returns {Say} */
function withWords(chat) {
  const own = careSpeaker(chat.locale);
  const of = (/** @type {string} */ key) => (own.knows(key) ? own : chat);
  return Object.assign((/** @type {Parameters<Say>} */ ...[key, ...gaps]) => of(key)(key, ...gaps), {
    knows: (/** @type {string} */ key) => own.knows(key) || chat.knows(key),
    list: (/** @type {string} */ key) => of(key).list(key),
    locale: chat.locale,
    tag: chat.tag,
  });
}
