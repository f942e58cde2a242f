// The list of canned replies that opens above the reply box on a slash: typing filters, Enter inserts.
import { el } from "../dom.js";

export class CannedReplies {
  #replies = null;
  #matches = [];
  #at = 0;

  /** onPick(text) */
  constructor({ api, say, onPick }) {
    this.api = api;
    this.say = say;
    this.onPick = onPick;
    this.node = el("div", {
      class: "canned",
      id: "canned-replies",
      role: "listbox",
      "aria-label": say("canned.title"),
      testid: "canned-replies",
      hidden: true,
    });
  }

  /** The text box that has the focus meanwhile: it tells assistive technology which reply is chosen. */
  attach(input) {
    this.input = input;
  }

  async filter(typed) {
    this.asked = typed;
    this.#replies ??= await this.#load();
    if (this.asked !== typed || !this.#replies) return; // typed on while it loaded
    const wanted = typed.toLowerCase();
    const fits = (reply) =>
      [reply.shortcut, reply.title, reply.text].some((words) => (words ?? "").toLowerCase().includes(wanted));
    const starts = (reply) => (reply.shortcut ?? "").toLowerCase().startsWith(wanted);
    this.#matches = this.#replies.filter(fits).sort((a, b) => starts(b) - starts(a));
    this.#at = 0;
    this.#draw();
  }

  hide() {
    this.asked = null;
    this.node.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  /** True when the key was for the list. */
  key(event) {
    if (this.node.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#matches.length) {
      this.#at = (this.#at + step + this.#matches.length) % this.#matches.length;
      this.#draw();
    } else if ((event.key === "Enter" || event.key === "Tab") && this.#matches.length) {
      this.#pick(this.#at);
    } else if (event.key === "Escape") {
      this.hide();
    } else {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  async #load() {
    const answer = await this.api.get(`/api/canned-replies?locale=${this.api.locale}`).catch(() => null); // tried again on the next key
    return answer?.canned_replies ?? null;
  }

  #pick(index) {
    const { text } = this.#matches[index];
    this.hide();
    this.onPick(text);
  }

  #draw() {
    this.node.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.node.replaceChildren(
      ...(this.#matches.length
        ? this.#matches.map((reply, index) =>
            el(
              "div",
              {
                class: "canned-reply",
                role: "option",
                id: `canned-${index}`,
                "aria-selected": index === this.#at,
                testid: "canned-reply",
                // Before the text box loses the focus and closes the list.
                on: {
                  mousedown: (event) => {
                    event.preventDefault();
                    this.#pick(index);
                  },
                },
              },
              el("div", { class: "canned-head" }, el("b", {}, reply.title), el("code", {}, `/${reply.shortcut}`)),
              el("div", { class: "canned-text" }, reply.text),
            ),
          )
        : [el("div", { class: "muted" }, this.say("canned.none"))]),
    );
    if (this.#matches.length) this.input.setAttribute("aria-activedescendant", `canned-${this.#at}`);
    this.node.children[this.#at]?.scrollIntoView({ block: "nearest" });
  }
}
