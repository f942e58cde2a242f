// The chat's panel: header, status, messages and text box. It draws a Conversation and calls its methods for what the
// customer does; it holds no state of the conversation.
import { Composer } from "../shared/composer.js";
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { PAGE } from "../shared/log-rows.js";
import { LogView } from "../shared/log-view.js";
import { localizedText } from "../words/locales.js";
import { CarePart } from "./care-part.js";
import { chatRenderers, leadingRows } from "./log-entries.js";
import { LOGO } from "./message-bubble.js";
import { PersonWish } from "./person-wish.js";
import { SosStrip } from "./sos-strip.js";
import { StatusBar } from "./status-bar.js";

/** @import { BrowserStore } from "../shared/browser-store.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Conversation } from "./conversation.js" */
/** @import { Care } from "./care/care.js" */
/** @import { MessageActions } from "./message-bubble.js" */
/** @import { ServiceState } from "./service-state.js" */

const SLOW_MS = 12_000;

/**
 * What the page's owner, the custom element, does for the view.
 * @typedef {object} ChatSettings
 * @property {() => void} onClose
 * @property {boolean} isLarge  large type
 * @property {(isLarge: boolean) => void} onLarge
 * @property {(locale: string) => void} onLocale
 * @property {(styles: CSSStyleSheet) => void} onStyles  styles of a part that was loaded
 */

export class ChatView {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #slow;
  #service;
  #incidents = "";

  /** @param {{conversation: Conversation, say: Say, drafts: BrowserStore, service: ServiceState, settings: ChatSettings}} options */
  constructor({ conversation, say, drafts, service, settings }) {
    this.conversation = conversation;
    this.say = say;
    this.#service = service;
    this.subtitle = el("div", { class: "subtitle" });
    this.human = el("button", {
      type: "button",
      class: "human-entry",
      testid: "chat-human",
      on: { click: () => this.#askForPerson() },
    });
    this.statusBar = new StatusBar({
      say,
      onCancel: (options) => conversation.cancelQueue(options),
      onUndo: () => conversation.undoCancel(),
    });
    this.wish = new PersonWish({ conversation, say, statusBar: this.statusBar, onChange: () => this.draw() });
    this.part = new CarePart({
      conversation,
      say,
      settings,
      phones: () => service.phones,
      focus: () => this.composer.focus(),
      changed: () => this.#drawLog(),
    });
    const { top, tail, tray, sheet } = this.part.slots;
    this.typing = el("div", { class: "tail" });
    this.sos = new SosStrip({
      say,
      onFreeze: () => this.#freeze(),
      onPerson: () => this.#suggest(say("chat.emergency.text")),
    });
    this.incidents = el("div", {
      class: "incidents",
      testid: "chat-incidents",
      role: "group",
      "aria-label": say("chat.incident"),
      hidden: true,
    });
    this.log = new LogView({
      renderers: chatRenderers({
        conversation,
        say,
        on: this.#messageActions,
        onSuggestion: (text) => this.#suggest(text),
        onEarlier: (id) => this.#openEarlier(id),
        onReturn: () => this.#withCare((care) => care.openReturn()),
        onPicture: (place, event) => this.#withCare((care) => care.drawPicture(place, event)),
      }),
      leading: () => leadingRows(conversation),
      after: [this.typing, tail],
      trimAt: 2 * PAGE,
      looks: {
        listClass: "messages",
        label: say("chat.log"),
        olderClass: "older",
        olderTestid: "chat-older",
        olderWords: () => say("chat.older"),
        newerWords: say("chat.newer"),
        restWords: say("chat.more"),
        nearStart: 240,
      },
    });
    this.composer = new Composer({
      say,
      placeholder: say("chat.input"),
      testids: { input: "chat-input", send: "chat-send" },
      onSend: (text) => this.#send(() => conversation.send(text)),
      onInput: () => this.part.care?.typed(this.composer.text),
    });
    this.picture = this.#headButton("chat-add-picture", "chat.picture", "picture", () =>
      this.#withCare((care) => care.choosePictures()),
    );
    this.composer.node.prepend(this.picture);
    const takes = (/** @type {DataTransfer | null} */ data) => [...(data?.files ?? [])];
    this.composer.keepDraft(drafts, "draft");
    this.node = el(
      "section",
      {
        class: "panel",
        role: "dialog",
        "aria-label": say("chat.name"),
        testid: "chat-panel",
        tabindex: -1,
        on: {
          paste: (event) => this.#takeFiles(event, takes(event.clipboardData)),
          drop: (event) => this.#takeFiles(event, takes(event.dataTransfer)),
          dragover: (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault(),
        },
      },
      el(
        "header",
        {},
        el("img", { class: "logo", src: LOGO, alt: "", width: 36, height: 36 }),
        el("div", { class: "heading" }, el("h2", {}, say("chat.name")), this.subtitle),
        this.human,
        this.#headButton("chat-menu", "chat.menu", "menu", () => this.#withCare((care) => care.openMenu())),
        this.#headButton("chat-close", "chat.close", "minimise", settings.onClose),
      ),
      this.statusBar.node,
      this.incidents,
      this.sos.node,
      top,
      this.log.frame,
      sheet,
      el("footer", {}, tray, this.composer.node, el("p", { class: "notice" }, say("chat.notice"))),
    );
    service.addEventListener("change", this.#drawService);
    this.#drawService();
    this.draw();
  }

  close() {
    this.#service.removeEventListener("change", this.#drawService);
    this.wish.close();
    this.statusBar.close();
    this.log.close();
    this.part.close();
    clearTimeout(this.#slow);
  }

  focus() {
    this.composer.focus();
  }

  /** Called when the panel becomes visible: computes what depends on its height. */
  shown() {
    this.composer.refresh();
    if (this.#isFresh) this.log.node.scrollTop = 0;
    else this.log.shown();
    this.#service.refresh();
    this.part.care?.shown();
  }

  draw() {
    const { conversation, say } = this;
    const { state, status, connection, undoUntil } = conversation;
    setText(this.subtitle, say(`chat.subtitle.${state}`, status?.agent ?? ""));
    this.statusBar.update({ state, status, connection, undoUntil });
    this.human.hidden = state === "queued" || state === "assigned";
    this.human.disabled = this.wish.isAsking;
    if (this.human.hidden) this.wish.fulfilled();
    const isFresh = this.#isFresh;
    this.sos.node.hidden = !isFresh || state !== "with_bot";
    const label = say(this.wish.isAsking ? "chat.human.busy" : "chat.human");
    if (this.human.lastChild?.textContent !== label)
      this.human.replaceChildren(icon("person", { size: 18 }), el("span", {}, label));
    this.composer.placeholder =
      state === "assigned" && status?.agent ? say("chat.input.agent", status.agent) : say("chat.input");
    this.log.node.setAttribute("aria-busy", String(!conversation.synced));
    if (this.part.care) this.part.care.update();
    else if (!isFresh || conversation.log.events.length) this.#withCare((care) => care.update(), { isPressed: false });
    this.#drawLog();
  }

  /** The customer has not said anything yet. */
  get #isFresh() {
    const { log } = this.conversation;
    return log.lastCustomerSeq === 0 && log.pending.length === 0 && log.events.length === 0;
  }

  #drawLog() {
    const { log, synced } = this.conversation;
    const fresh = this.log.update(log, { isComplete: synced }).filter((row) => row.type === "message");
    this.#drawTyping();
    this.log.staysAtStart = this.#isFresh;
    if (this.#isFresh) return; // the first screen is read from its beginning
    const hasCard = this.part.care?.hasCard ?? false;
    const newest = fresh.at(-1) ?? null;
    if (newest && (newest.event?.by.kind ?? "customer") === "customer") this.log.toEnd();
    else this.log.settle(newest, { isEndWanted: hasCard });
  }

  /** @type {MessageActions} */
  #messageActions = {
    choose: (choice, label) => {
      this.#send(() => this.conversation.choose(choice, label));
      this.log.node.focus(); // the button is removed, and the focus must stay in the chat
    },
    retry: () => this.conversation.outbox.retry(),
    edit: (id) => {
      const item = this.conversation.outbox.withdraw(id);
      this.composer.text = [item?.text, this.composer.text].filter(Boolean).join("\n");
      this.composer.focus();
    },
  };

  #drawTyping() {
    const { awaitsBot, state, status } = this.conversation;
    const agent = state === "assigned" && status?.agent_typing ? (status.agent ?? "") : null;
    const by = awaitsBot ? "bot" : agent !== null ? "agent" : "";
    if (by === (this.typing.dataset.by ?? "")) return;
    this.typing.dataset.by = by;
    clearTimeout(this.#slow);
    if (!by) {
      this.typing.replaceChildren();
      return;
    }
    const label = by === "bot" ? this.say("chat.typing") : this.say("chat.agent.typing", agent);
    const words = el("span", { class: "typing-words" }, by === "agent" ? label : "");
    if (by === "bot") {
      this.#slow = setTimeout(() => {
        setText(words, this.say("chat.typing.slow"));
        if (this.log.isAtEnd) this.log.toEnd();
      }, SLOW_MS);
    }
    this.typing.replaceChildren(
      el(
        "div",
        { class: "typing", testid: "chat-typing", role: "img", "aria-label": label },
        el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
        words,
      ),
    );
  }

  /**
   * Runs `action` and follows the log to its end.
   * @param {() => void} action
   */
  #send(action) {
    this.log.isAtEnd = true;
    this.statusBar.report("");
    action();
  }

  #askForPerson() {
    // An ended conversation begins again with a message; a floor rule sends this text to a person.
    if (this.conversation.state === "resolved") this.#suggest(this.say("chat.human.text"));
    else this.wish.ask();
  }

  /** Sends words of the page in the customer's name. @param {string} text */
  #suggest(text) {
    this.#send(() => this.conversation.send(text, { suggested: true }));
    this.log.node.focus();
  }

  /** Freezing needs a conversation in which the desk offers it; the same words bring a person. */
  #freeze() {
    this.#suggest(this.say("chat.emergency.text"));
    this.#withCare((care) => care.firstAid.ask("freeze_payments"));
  }

  /** @param {string} id */
  #openEarlier(id) {
    this.statusBar.report("");
    this.conversation.openEarlier(id).catch(() => this.statusBar.report(this.say("chat.mine.failed")));
  }

  /** Does `work` with the chat's second part. @param {(care: Care) => void} work */
  async #withCare(work, { isPressed = true } = {}) {
    const care = await this.part.load({ isPressed });
    if (care) work(care);
    else if (isPressed) this.statusBar.report(this.say("chat.menu.failed"));
  }

  /** @param {Event} event @param {File[]} files */
  #takeFiles(event, files) {
    if (!files.length) return; // text is pasted as ever
    event.preventDefault();
    this.#withCare((care) => care.addPictures(files));
  }

  /** @param {string} testid @param {string} key @param {import("../shared/icons.js").IconName} name @param {() => void} click */
  #headButton(testid, key, name, click) {
    const label = this.say(key);
    const props = { type: "button", class: "icon-button", testid, "aria-label": label, title: label, on: { click } };
    return el("button", props, icon(name, { size: 22 }));
  }

  #drawService = () => {
    const { phones, incidents } = this.#service;
    this.sos.number = phones.service;
    const drawn = JSON.stringify(incidents);
    if (drawn === this.#incidents) return;
    this.#incidents = drawn;
    this.incidents.hidden = incidents.length === 0;
    const text = (/** @type {import("../shared/contract-types.js").Words | undefined} */ words) =>
      localizedText(words, this.say.locale);
    this.incidents.replaceChildren(
      ...incidents.map(({ title, text: words }) =>
        el("p", { class: "incident" }, title ? el("strong", {}, text(title)) : null, " ", text(words)),
      ),
    );
  };
}
