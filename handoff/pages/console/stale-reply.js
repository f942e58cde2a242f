// A reply that the desk refused because a colleague had answered since (409 `stale`): it goes back into the box, and what the
// colleague wrote is shown above it.
import { el } from "../shared/dom.js";
import { messageLines } from "../shared/message-text.js";
import { isolated, withoutControls } from "./shown-text.js";

/** @import { Account } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { OpenConversation } from "./open-conversation.js" */

export class StaleReply {
  /** What the agent had seen when the refused reply was sent; null without one. @type {number | null} */
  #seen = null;
  #drawn = -1;

  /** @param {{say: Say, me: Account, onTakeBack: (text: string) => void}} options */
  constructor({ say, me, onTakeBack }) {
    this.me = me;
    this.onTakeBack = onTakeBack;
    this.words = el("p", {}, say("stale.title"));
    this.list = el("ul", {});
    this.node = el("div", { class: "stale", role: "alert", testid: "stale", hidden: true }, this.words, this.list);
  }

  /** Nothing is refused: another conversation, or the agent has sent again. */
  show() {
    this.#seen = null;
    this.node.hidden = true;
  }

  /** @param {OpenConversation} conversation */
  draw({ outbox, log }) {
    for (const item of outbox.items.filter(({ state, code }) => state === "refused" && code === "stale")) {
      outbox.withdraw(item.client_message_id);
      this.#seen = Math.min(this.#seen ?? Number.POSITIVE_INFINITY, item.seen_seq ?? log.lastSeq);
      this.#drawn = -1;
      this.onTakeBack(item.text);
    }
    const seen = this.#seen;
    if (seen === null) return;
    const said = log.events.filter(
      ({ seq, type, by }) => seq > seen && type === "message" && by.kind === "agent" && by.name !== this.me.name,
    );
    if (said.length === this.#drawn) return; // the colleague's message may come after the refusal
    this.#drawn = said.length;
    this.list.replaceChildren(
      ...said.map(({ by, text }) =>
        el(
          "li",
          {},
          isolated(by.name, { class: "who" }),
          el("div", {}, messageLines(withoutControls(text ?? ""), { formatted: false })),
        ),
      ),
    );
    this.node.hidden = false;
  }
}
