// The chat's panel: header, status, the messages and the box to write in. It draws a Conversation and
// passes on what the customer does; it remembers nothing but what is on the screen.
import { Composer } from "../composer.js";
import { el, setText, syncChildren } from "../dom.js";
import { icon } from "../icons.js";
import { messageLines } from "../message-text.js";
import { MessageBubble } from "./message-bubble.js";
import { RatingCard } from "./rating-card.js";
import { StatusBar } from "./status-bar.js";
import { transcriptItems } from "./transcript.js";

const LOGO = new URL("../logo.svg", import.meta.url).href;
const NEAR_END_PX = 80;
const SLOW_MS = 12_000;

export class ChatView {
  #shown = new Map(); // key -> {node, update(item)}
  #asking = false;

  constructor({ conversation, say, onClose }) {
    this.conversation = conversation;
    this.say = say;
    this.subtitle = el("div", { class: "subtitle" });
    this.human = el("button", {
      type: "button",
      class: "human-entry",
      testid: "chat-human",
      on: { click: () => this.#askForPerson() },
    });
    this.statusBar = new StatusBar({ say, onCancel: () => conversation.cancelQueue() });
    this.log = el("div", {
      class: "log",
      role: "log",
      "aria-live": "polite",
      "aria-label": say("chat.log"),
      tabindex: 0,
      "aria-busy": true,
    });
    this.newer = el(
      "button",
      { type: "button", class: "newer", hidden: true, on: { click: () => this.#toEnd() } },
      icon("down", { size: 16 }),
      say("chat.newer"),
    );
    this.composer = new Composer({
      say,
      placeholder: say("chat.input"),
      testids: { input: "chat-input", send: "chat-send" },
      onSend: (text) => this.#send(() => conversation.send(text)),
    });
    this.node = el(
      "section",
      { class: "panel", role: "dialog", "aria-label": say("chat.name"), testid: "chat-panel" },
      el(
        "header",
        {},
        el("img", { class: "logo", src: LOGO, alt: "", width: 36, height: 36 }),
        el("div", { class: "heading" }, el("h2", {}, say("chat.name")), this.subtitle),
        this.human,
        el(
          "button",
          {
            type: "button",
            class: "icon-button",
            testid: "chat-close",
            "aria-label": say("chat.close"),
            on: { click: onClose },
          },
          icon("minimise", { size: 22 }),
        ),
      ),
      this.statusBar.node,
      el("div", { class: "log-frame" }, this.log, this.newer),
      el("footer", {}, this.composer.node, el("p", { class: "notice" }, say("chat.notice"))),
    );
    this.log.addEventListener("scroll", () => {
      if (this.#nearEnd()) this.newer.hidden = true;
    });
    // The keyboard of a phone makes the log smaller; its end must stay in sight.
    this.resizing = new ResizeObserver(() => {
      if (this.stuck) this.#toEnd();
    });
    this.resizing.observe(this.log);
    this.log.addEventListener("scroll", () => {
      this.stuck = this.#nearEnd();
    });
    this.stuck = true;
    this.draw();
  }

  close() {
    this.statusBar.close();
    this.resizing.disconnect();
    clearTimeout(this.slow);
  }

  focus() {
    this.composer.focus();
  }

  /** Called when the panel becomes visible: what has a height only then is put right. */
  shown() {
    this.composer.refresh();
    this.#toEnd();
  }

  draw() {
    const { conversation, say } = this;
    const { state, status, connection } = conversation;
    setText(this.subtitle, say(`chat.subtitle.${state}`, status?.agent ?? ""));
    this.statusBar.update({ state, status, connection });
    this.human.hidden = state === "queued" || state === "assigned";
    this.human.disabled = this.#asking;
    const label = say(this.#asking ? "chat.human.busy" : "chat.human");
    if (this.human.lastChild?.textContent !== label)
      this.human.replaceChildren(icon("person", { size: 18 }), el("span", {}, label));
    this.composer.placeholder =
      state === "assigned" && status.agent ? say("chat.input.agent", status.agent) : say("chat.input");
    this.#drawLog(transcriptItems(conversation, say));
    this.log.setAttribute("aria-busy", String(!conversation.synced));
  }

  #drawLog(items) {
    const follow = this.stuck;
    const before = this.#shown;
    this.#shown = new Map();
    let newest = null;
    for (const item of items) {
      const known = before.get(item.key);
      const entry = known ?? this.#entry(item);
      entry.update(item);
      this.#shown.set(item.key, entry);
      if (!known && item.type === "message") newest = item;
    }
    const nodes = [...this.#shown.values()].map((entry) => entry.node);
    if (
      nodes.length === this.log.childNodes.length &&
      nodes.every((node, index) => node === this.log.childNodes[index])
    ) {
      if (follow) this.#toEnd(); // a message may have grown in place
      return;
    }
    syncChildren(this.log, nodes);
    if (newest?.kind === "customer") this.#toEnd();
    else if (follow) this.#toEnd(newest && this.#shown.get(newest.key).node);
    else if (newest) this.newer.hidden = false;
  }

  #entry(item) {
    const still = (node) => ({ node, update: () => {} });
    if (item.type === "message") return new MessageBubble({ say: this.say, on: this.#messageActions });
    if (item.type === "greeting") return this.#greeting();
    if (item.type === "typing") return still(this.#typing());
    if (item.type === "rating") return still(this.#rating());
    return still(
      el("div", { class: item.type, testid: item.type === "divider" ? "chat-divider" : "chat-time" }, item.text),
    );
  }

  #messageActions = {
    choose: (choice, label) => {
      this.#send(() => this.conversation.choose(choice, label));
      this.log.focus(); // the button is gone now, and the focus must not go with it
    },
    retry: () => this.conversation.outbox.retry(),
    edit: (id) => {
      const { text } = this.conversation.outbox.withdraw(id);
      this.composer.text = [text, this.composer.text].filter(Boolean).join("\n");
      this.composer.focus();
    },
  };

  #greeting() {
    const { say } = this;
    const chips = el(
      "div",
      { class: "chips", role: "group", "aria-label": say("chat.suggestions.label") },
      say("chat.suggestions").map((text) =>
        el(
          "button",
          {
            type: "button",
            class: "chip",
            testid: "chat-suggestion",
            on: {
              click: () => {
                this.#send(() => this.conversation.send(text));
                this.log.focus();
              },
            },
          },
          text,
        ),
      ),
    );
    const node = el(
      "div",
      { class: "message first", data: { kind: "bot" }, testid: "chat-greeting" },
      el("div", { class: "avatar", "aria-hidden": "true" }, el("img", { src: LOGO, alt: "", width: 32, height: 32 })),
      el(
        "div",
        { class: "column" },
        el("div", { class: "name" }, say("speaker.bot")),
        el("div", { class: "bubble" }, messageLines(say("chat.greeting"))),
        el("div", { class: "after" }, chips),
      ),
    );
    return {
      node,
      update: ({ withSuggestions }) => {
        chips.hidden = !withSuggestions;
      },
    };
  }

  #typing() {
    const words = el("span", { class: "typing-words" });
    clearTimeout(this.slow);
    this.slow = setTimeout(() => {
      setText(words, this.say("chat.typing.slow"));
      this.#drawLog(transcriptItems(this.conversation, this.say));
    }, SLOW_MS);
    return el(
      "div",
      { class: "typing", testid: "chat-typing", role: "img", "aria-label": this.say("chat.typing") },
      el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
      words,
    );
  }

  #rating() {
    return new RatingCard({
      say: this.say,
      onRate: (score, comment) => this.conversation.rate(score, comment),
      onSkip: () => {
        this.conversation.dismissRating();
        this.composer.focus();
      },
    }).node;
  }

  /** What the customer says is always followed to the end of the log. */
  #send(action) {
    this.stuck = true;
    this.statusBar.report("");
    action();
  }

  async #askForPerson() {
    if (this.conversation.state === "resolved") {
      // An ended conversation begins again with a message; these words reach a person by rule.
      this.#send(() => this.conversation.send(this.say("chat.human.text")));
      return;
    }
    this.#asking = true;
    this.statusBar.report("");
    this.draw();
    try {
      await this.conversation.askForPerson();
    } catch {
      this.statusBar.report(this.say("chat.failed.human"));
    } finally {
      this.#asking = false;
      this.draw();
    }
  }

  #nearEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
  }

  /** To the end, but a message taller than the screen is shown from its beginning. */
  #toEnd(newest = null) {
    this.newer.hidden = true;
    const end = this.log.scrollHeight - this.log.clientHeight;
    const start = newest ? newest.offsetTop - 12 : end;
    this.log.scrollTop = newest?.offsetHeight > this.log.clientHeight ? start : end;
  }
}
