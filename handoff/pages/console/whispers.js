// Hints of supervisors to this agent, shown at the reply box until the agent has read them.

import { icon } from "../shared/desk-icons.js";
import { el } from "../shared/dom.js";
import { messageLines } from "../shared/message-text.js";
import { timeWords } from "./display-names.js";
import { isolated, withoutControls } from "./shown-text.js";

/** @import { LogEvent } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { ReadingPlaces } from "./reading-places.js" */

/**
 * The hints to `login` after `seq`.
 * @param {readonly LogEvent[]} events
 * @param {string} login
 * @param {number} seq
 */
export function whispersTo(events, login, seq) {
  return events.filter((event) => event.type === "note" && event.whisper_to === login && event.seq > seq);
}

export class Whispers {
  /** @type {number[]} */
  #shown = [];

  /** @param {{say: Say, login: string, places: ReadingPlaces}} options */
  constructor({ say, login, places }) {
    this.say = say;
    this.login = login;
    this.places = places;
    this.node = el("div", { class: "whispers", role: "status", testid: "whispers", hidden: true });
  }

  /** @param {string} id @param {readonly LogEvent[]} events */
  draw(id, events) {
    const key = `${id}.whisper`;
    const found = whispersTo(events, this.login, this.places.get(key));
    const seqs = found.map(({ seq }) => seq);
    if (seqs.join() === this.#shown.join()) return;
    this.#shown = seqs;
    this.node.hidden = !found.length;
    if (!found.length) {
      this.node.replaceChildren();
      return;
    }
    const read = () => {
      this.places.set(key, seqs.at(-1) ?? 0);
      this.draw(id, events);
    };
    this.node.replaceChildren(
      ...found.map((event) =>
        el(
          "div",
          { class: "whisper" },
          icon("note", { size: 16 }),
          el(
            "div",
            {},
            el("b", {}, isolated(this.say("whisper.from", event.by.name)), ` ${timeWords(event.at, this.say)}`),
            messageLines(withoutControls(event.text ?? ""), { formatted: false }),
          ),
        ),
      ),
      el(
        "button",
        { type: "button", class: "quiet", testid: "whisper-read", on: { click: read } },
        this.say("whisper.read"),
      ),
    );
  }
}
