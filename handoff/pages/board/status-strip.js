// The state of the connection, and the desk's warnings on top of the page.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
import { clockWords, inLanguage } from "./board-names.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { BoardFeed } from "./board-feed.js" */
/** @import { Warning } from "./board-model.js" */

/** A connection that comes back at once is no news. */
const PATIENCE_MS = 3_000;

/**
 * Says whether the page is live, or since when it is not and how old the picture is.
 * @param {HTMLElement} node
 * @param {Pick<BoardFeed, "offlineSince" | "heardAt">} feed
 * @param {Say} say
 */
export function drawStatus(node, { offlineSince, heardAt }, say) {
  const isOffline = offlineSince !== null && Date.now() - offlineSince >= PATIENCE_MS;
  node.classList.toggle("offline", isOffline);
  if (isOffline) {
    const since = clockWords(offlineSince, say);
    setText(
      node,
      heardAt === null ? say("board.unreachable", since) : say("board.offline", since, clockWords(heardAt, say)),
    );
  } else setText(node, heardAt === null ? say("board.connecting") : say("board.live"));
}

export class WarningStrip {
  #say;
  #drawn = "";

  /** @param {{say: Say}} options */
  constructor({ say }) {
    this.#say = say;
    this.node = el("ul", { class: "warnings", testid: "warnings", hidden: true, "aria-label": say("warnings.title") });
  }

  /** @param {readonly Warning[]} warnings */
  update(warnings) {
    const state = JSON.stringify(warnings);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.node.hidden = warnings.length === 0;
    this.node.replaceChildren(
      ...warnings.map((warning) =>
        el(
          "li",
          { data: { code: warning.code } },
          icon("alert", { size: 18 }),
          el("span", {}, inLanguage(warning, this.#say)),
        ),
      ),
    );
  }
}
