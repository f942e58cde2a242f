// The menu of the chat: help for an emergency, pictures, call-backs, ways back, and how the chat looks and speaks.
import { el } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { earlierButton } from "../first-screen.js";
import { openCallback } from "./callback-form.js";

/** @import { Say } from "../../words/speaker.js" */
/** @import { ChatSettings } from "../chat-view.js" */
/** @import { Conversation } from "../conversation.js" */
/** @import { Care } from "./care.js" */
/** @import { Sheet } from "./sheet.js" */
/** @import { IconName } from "../../shared/icons.js" */

// Each in its own language, so that it can be found by who reads no other.
const LANGUAGES = { zh: "简体中文", "zh-Hant": "繁體中文", en: "English" };

export class Menu {
  #parts;

  /** @param {{conversation: Conversation, say: Say, settings: ChatSettings, sheet: Sheet, care: Care}} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  open() {
    const { conversation, say, settings, sheet, care } = this.#parts;
    const then = (/** @type {() => void} */ work) => () => {
      sheet.close();
      work();
    };
    const items = [
      this.#item(
        "alert",
        "care.menu.sos",
        "sos",
        then(() => care.firstAid.ask("freeze_payments")),
        conversation.id !== null,
      ),
      this.#item(
        "picture",
        "care.menu.picture",
        "picture",
        then(() => care.choosePictures()),
      ),
      this.#item(
        "picture",
        "care.menu.camera",
        "camera",
        then(() => care.choosePictures({ camera: true })),
        isTouch(),
      ),
      this.#item("phone", "care.menu.callback", "callback", () => openCallback(conversation, say, sheet)),
      this.#item("chat", "care.menu.mine", "mine", () => this.#openMine(), conversation.isSignedIn),
      this.#item("swap", "care.menu.code", "code", () => care.code.make(), conversation.id !== null),
      this.#item("back", "care.menu.return", "return", () => care.code.enter(), conversation.id === null),
    ];
    const large = el(
      "button",
      {
        type: "button",
        class: "menu-item",
        role: "switch",
        "aria-checked": settings.isLarge,
        testid: "chat-menu-large",
        on: {
          click: () => {
            settings.isLarge = !settings.isLarge;
            settings.onLarge(settings.isLarge);
            large.setAttribute("aria-checked", String(settings.isLarge));
            state.textContent = say(settings.isLarge ? "care.on" : "care.off");
          },
        },
      },
      icon("edit", { size: 20 }),
      el("span", {}, say("care.menu.large")),
    );
    const state = el(
      "span",
      { class: "menu-state", "aria-hidden": "true" },
      say(settings.isLarge ? "care.on" : "care.off"),
    );
    large.append(state);
    const languages = el(
      "div",
      { class: "menu-languages", role: "group", "aria-label": say("care.menu.language") },
      Object.entries(LANGUAGES).map(([locale, name]) =>
        el(
          "button",
          {
            type: "button",
            class: "chip",
            lang: locale,
            testid: "chat-language",
            data: { locale },
            "aria-pressed": locale === say.locale,
            on: { click: then(() => settings.onLocale(locale)) },
          },
          name,
        ),
      ),
    );
    sheet.open(say("care.menu"), [...items.filter((item) => item !== null), large, languages]);
  }

  /** @param {IconName} picture @param {string} key @param {string} name @param {() => void} click */
  #item(picture, key, name, click, isThere = true) {
    if (!isThere) return null;
    const props = { type: "button", class: "menu-item", testid: `chat-menu-${name}`, on: { click } };
    return el("button", props, icon(picture, { size: 20 }), el("span", {}, this.#parts.say(key)));
  }

  async #openMine() {
    const { conversation, say, sheet } = this.#parts;
    const list = await conversation.history.load().catch(() => conversation.history.list);
    const open = (/** @type {string} */ id) => {
      sheet.close();
      if (id !== conversation.id)
        conversation.openEarlier(id).catch(() => sheet.open(say("care.menu.mine"), [say("care.failed")]));
    };
    sheet.open(
      say("care.menu.mine"),
      list.length ? list.map((past) => earlierButton(past, say, open)) : [say("care.empty")],
    );
  }
}

/** A device with a camera to hold up, most likely. */
function isTouch() {
  return matchMedia("(pointer: coarse)").matches;
}
