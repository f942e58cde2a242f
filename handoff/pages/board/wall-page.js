// The board for a screen on the wall: large figures, nobody's name, nothing to press but the way back.
import { el, setText } from "../shared/dom.js";
import { slotRow } from "./agent-table.js";
import { BoardFeed } from "./board-feed.js";
import { deadlinesOf, mattersOf, presenceCounts, presenceOf, slotsOf, sortAgents } from "./board-model.js";
import { clockWords } from "./board-names.js";
import { matterWords } from "./conversation-tables.js";
import { FigureRow } from "./figure-row.js";
import { LineTable } from "./line-table.js";
import { drawStatus, WarningStrip } from "./status-strip.js";
import { Timeline } from "./timeline.js";

/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { BoardAgent } from "./board-model.js" */
/** @import { Name } from "./board-names.js" */

const TICK_MS = 1_000;
const PLOT_PX = 330;
const FONT_PX = 16;
/** So many agents fit on the screen; their customers wait longest. */
const PEOPLE = 24;

export class WallPage {
  #feed;
  #say;
  #ticking;
  #skew = 0;
  /** @type {Map<string, {node: HTMLElement, state: HTMLElement, slots: ReturnType<typeof slotRow>}>} */
  #people = new Map();
  #listen = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" && event.key !== "b") return;
    if (!document.querySelector("dialog[open]")) this.#onLeave();
  };
  #onLeave;

  /** @param {{api: DeskApi, say: Say, name: Name, onLeave: () => void, onExpired: () => void}} options */
  constructor({ api, say, name, onLeave, onExpired }) {
    this.#say = say;
    this.#onLeave = onLeave;
    this.figures = new FigureRow({ say, onOpen: () => {} });
    this.lines = new LineTable({ say, name });
    this.timeline = new Timeline({ say, height: PLOT_PX, fontPx: FONT_PX });
    this.warnings = new WarningStrip({ say });
    this.status = el(
      "span",
      { class: "connection-state", role: "status", testid: "connection" },
      say("board.connecting"),
    );
    this.clock = el("time", { class: "wall-clock" });
    this.people = el("ul", { class: "wall-people", testid: "wall-people" });
    this.counts = el("p", { class: "muted" });
    this.matters = el("ul", { class: "wall-matters", testid: "wall-matters" });
    const panel = (/** @type {string} */ id, /** @type {HTMLElement[]} */ ...content) =>
      el(
        "section",
        { class: `panel area-${id}`, "aria-labelledby": `title-${id}` },
        el("h2", { id: `title-${id}` }, say(`${id}.title`)),
        content,
      );
    this.body = el(
      "main",
      { class: "wall-body", testid: "wall-board" },
      el("section", { "aria-label": say("figures.title"), class: "area-figures" }, this.figures.node),
      panel("timeline", this.timeline.node),
      panel("lines", this.lines.node),
      panel("matters", this.matters),
      panel("agents", this.counts, this.people),
    );
    this.node = el(
      "div",
      { class: "board wall-mode" },
      el(
        "header",
        { class: "bar-top" },
        el("img", { src: "/pages/shared/logo.svg", alt: "", width: 40, height: 40 }),
        el("h1", {}, say("board.title")),
        this.status,
        el("span", { class: "spacer" }),
        this.clock,
        el(
          "button",
          { type: "button", class: "quiet", testid: "wall-leave", title: "Esc", on: { click: onLeave } },
          say("board.wall.leave"),
        ),
      ),
      this.warnings.node,
      this.body,
    );
    document.addEventListener("keydown", this.#listen);
    this.#feed = new BoardFeed(api);
    this.#feed.addEventListener("change", () => this.#draw());
    this.#feed.addEventListener("refused", onExpired);
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  shown() {}

  lock() {
    this.body.replaceChildren();
    this.close();
  }

  close() {
    clearInterval(this.#ticking);
    document.removeEventListener("keydown", this.#listen);
    this.#feed.close();
    this.timeline.close();
  }

  #tick() {
    drawStatus(this.status, this.#feed, this.#say);
    setText(this.clock, clockWords(Date.now() + this.#skew, this.#say));
  }

  #draw() {
    const { board } = this.#feed;
    this.#tick();
    if (!board) return;
    const say = this.#say;
    this.#skew = Date.parse(board.now) - (this.#feed.heardAt ?? Date.now());
    this.warnings.update(board.warnings);
    this.figures.update(board.figures.map((figure) => ({ ...figure, conversation_ids_url: null })));
    this.lines.update(board.waiting);
    this.timeline.update(board);
    this.#drawMatters();
    const present = sortAgents(board.agents).filter((agent) => presenceOf(agent) !== "offline");
    const wait = (/** @type {BoardAgent} */ agent) => slotsOf(agent, Date.parse(board.now))[0]?.minutes ?? -1;
    const agents = present.sort((a, b) => wait(b) - wait(a)).slice(0, PEOPLE);
    const { available, busy, away } = presenceCounts(board.agents);
    const counts = [say("agents.counts", available, busy, away)];
    if (agents.length === PEOPLE) counts.push(say("agents.longest", PEOPLE));
    setText(this.counts, counts.join(" · "));
    const people = new Map(agents.map((agent) => [agent.login, this.#people.get(agent.login) ?? this.#person()]));
    this.#people = people;
    for (const agent of agents) {
      const person = people.get(agent.login);
      if (!person) continue;
      setText(person.state, say(`presence.${presenceOf(agent)}`));
      person.state.dataset.presence = presenceOf(agent);
      person.slots.update(agent);
    }
    this.people.replaceChildren(...[...people.values()].map(({ node }) => node));
  }

  #person() {
    const state = el("span", { class: "presence" });
    const slots = slotRow(this.#say, () => Date.now() + this.#skew);
    return { node: el("li", {}, state, slots.node), state, slots };
  }

  /** How many of each kind: a wall shows no names and no texts. */
  #drawMatters() {
    const say = this.#say;
    const { board } = this.#feed;
    if (!board) return;
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const { isLate } of deadlinesOf(board)) {
      const words = say(isLate ? "deadlines.breached" : "deadlines.near");
      counts.set(words, (counts.get(words) ?? 0) + 1);
    }
    for (const { kind } of mattersOf(board)) {
      const words = matterWords(kind, say);
      counts.set(words, (counts.get(words) ?? 0) + 1);
    }
    const rows = [...counts].map(([words, count]) => el("li", {}, el("b", {}, String(count)), words));
    this.matters.replaceChildren(...(rows.length ? rows : [el("li", { class: "empty" }, say("matters.none"))]));
  }
}
