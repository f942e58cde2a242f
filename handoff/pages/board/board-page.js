// The supervisors' page: figures, what needs a supervisor, deadlines, the queue, agents, the last hours, the report.

import { customerWords, problemWords, timeWords } from "../console/display-names.js";
import { isolated } from "../console/shown-text.js";
import { DeskError } from "../shared/desk-api.js";
import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
import { agentTable } from "./agent-table.js";
import { BoardActions } from "./board-actions.js";
import { BoardFeed } from "./board-feed.js";
import { BoardKeys, showBoardKeys } from "./board-keys.js";
import { deadlinesOf, isEmpty, mattersOf, presenceCounts, sortAgents } from "./board-model.js";
import { isoDay } from "./board-names.js";
import { deadlineTable, matterTable } from "./conversation-tables.js";
import { FigureRow } from "./figure-row.js";
import { LineTable } from "./line-table.js";
import { Notice } from "./notice.js";
import { Report } from "./report.js";
import { agentDays, figuresAddress, readConversations, readFigures } from "./report-model.js";
import { drawStatus, WarningStrip } from "./status-strip.js";
import { Timeline } from "./timeline.js";

/** @import { Account } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Children } from "../shared/dom.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Name } from "./board-names.js" */

const TICK_MS = 1_000;
const LIST_LENGTH = 100;
const LONG_MS = 60_000;
const AGENT_DAYS_MS = 60_000;

export class BoardPage {
  #feed;
  #say;
  #api;
  #keys;
  #ticking;
  #counting;
  /** Today's figures of each agent. @type {Map<string, import("./report-model.js").AgentDay>} */
  #days = new Map();
  /** The desk's clock minus this browser's, in ms. */
  #skew = 0;

  /**
   * @param {object} options
   * @param {DeskApi} options.api
   * @param {Say} options.say
   * @param {Name} options.name
   * @param {Account} options.me
   * @param {HTMLElement} options.bar  the buttons at the end of the top bar
   * @param {() => void} options.onWall
   * @param {() => void} options.onExpired
   */
  constructor({ api, say, name, me, bar, onWall, onExpired }) {
    this.#api = api;
    this.#say = say;
    this.notice = new Notice({ say, address: BoardActions.address });
    const now = () => Date.now() + this.#skew;
    this.actions = new BoardActions({
      api,
      say,
      name,
      me,
      board: () => this.#feed.board,
      onDone: (words, id) => this.notice.show(words, { openId: id ?? null }),
      onProblem: (words) => this.notice.show(words, { isProblem: true }),
      onExpired,
    });
    const open = (/** @type {string} */ url, /** @type {string} */ title) => this.#openList(url, title);
    this.figures = new FigureRow({ say, onOpen: open });
    this.matters = matterTable({ say, name, actions: this.actions, now });
    this.deadlines = deadlineTable({ say, name, actions: this.actions });
    this.lines = new LineTable({ say, name });
    this.agents = agentTable({ say, name, actions: this.actions, now });
    this.timeline = new Timeline({ say });
    this.report = new Report({ api, say, name, agents: () => this.#feed.board?.agents ?? [], onOpen: open, onExpired });
    this.warnings = new WarningStrip({ say });
    this.status = el(
      "span",
      { class: "connection-state", role: "status", testid: "connection" },
      say("board.connecting"),
    );
    this.empty = el("p", { class: "board-empty", testid: "board-empty", hidden: true }, say("board.empty"));
    this.counts = {
      matters: el("span", { class: "count" }),
      deadlines: el("span", { class: "count" }),
      agents: el("span", { class: "muted" }),
    };
    this.body = el(
      "main",
      { class: "board-body", testid: "board", hidden: true },
      el("section", { "aria-label": say("figures.title"), class: "area-figures" }, this.empty, this.figures.node),
      this.#section("matters", 1, this.matters.node, this.counts.matters),
      this.#section("deadlines", 2, this.deadlines.node, this.counts.deadlines),
      this.#section("lines", 3, this.lines.node),
      this.#section("agents", 4, this.agents.node, this.counts.agents),
      this.#section("timeline", 5, this.timeline.node),
      this.#section("report", 6, this.report.node),
    );
    this.loading = el("p", { class: "board-loading", role: "status" }, say("transcript.loading"));
    this.node = el(
      "div",
      { class: "board" },
      el(
        "header",
        { class: "bar-top" },
        el("img", { src: "/pages/shared/logo.svg", alt: "", width: 32, height: 32 }),
        el("h1", {}, say("board.title")),
        this.status,
        el("span", { class: "spacer" }),
        el(
          "a",
          { class: "tool", href: "/console", testid: "to-console", "aria-label": say("board.console") },
          icon("chat", { size: 18 }),
          el("span", {}, say("board.console")),
        ),
        el(
          "a",
          { class: "tool", href: "/console/edit", testid: "to-workshop", "aria-label": say("workshop.link") },
          icon("edit", { size: 18 }),
          el("span", {}, say("workshop.link")),
        ),
        el(
          "button",
          {
            type: "button",
            class: "icon-button wide-only",
            "aria-label": say("shortcuts.title"),
            title: `${say("shortcuts.title")} (?)`,
            testid: "keys-open",
            on: { click: () => showBoardKeys(say) },
          },
          icon("keyboard", { size: 22 }),
        ),
        el(
          "button",
          { type: "button", class: "quiet wide-only", testid: "wall", title: "b", on: { click: onWall } },
          say("board.wall"),
        ),
        bar,
        el("span", { class: "bar-item me wide-only" }, isolated(me.name), el("small", {}, say(`role.${me.role}`))),
      ),
      this.warnings.node,
      this.loading,
      this.body,
      this.notice.node,
    );
    this.#keys = new BoardKeys({
      section: (id) => this.#goTo(id),
      move: () => this.#goTo("matters"),
      wall: onWall,
      help: () => showBoardKeys(say),
      back: () => /** @type {HTMLElement | null} */ (document.activeElement)?.blur?.(),
    });
    this.#feed = new BoardFeed(api);
    this.#feed.signs.watch(document);
    this.#feed.addEventListener("change", () => this.#draw());
    this.#feed.addEventListener("refused", onExpired);
    this.#ticking = setInterval(() => drawStatus(this.status, this.#feed, say), TICK_MS);
    this.#counting = setInterval(() => this.#countDays(), AGENT_DAYS_MS);
  }

  shown() {}

  /** The first response and the stars of today: counted from the log, so less often than the rest. */
  async #countDays() {
    const today = isoDay(Date.now() + this.#skew, this.#feed.board?.zone);
    try {
      const json = await this.#api.get(figuresAddress({ from: today, to: today, by: "agent" }), { timeout: LONG_MS });
      this.#days = agentDays(readFigures(json));
      this.#draw();
    } catch {
      // The next minute asks again; until then the columns keep what they have. The stream says when the desk is away.
    }
  }

  /** Hides what only a signed-in supervisor may read. */
  lock() {
    this.body.replaceChildren();
    this.close();
  }

  close() {
    clearInterval(this.#ticking);
    clearInterval(this.#counting);
    this.#feed.close();
    this.#keys.close();
    this.matters.close();
    this.deadlines.close();
    this.agents.close();
    this.timeline.close();
    this.report.close();
    this.notice.close();
  }

  /** @param {string} id @param {number} key @param {Children} content @param {Children} [count] */
  #section(id, key, content, count = null) {
    const say = this.#say;
    return el(
      "section",
      { class: `panel area-${id}`, "aria-labelledby": `title-${id}`, testid: `section-${id}` },
      el(
        "h2",
        { id: `title-${id}`, tabindex: -1 },
        say(`${id}.title`),
        count,
        el("kbd", { "aria-hidden": "true" }, String(key)),
      ),
      content,
    );
  }

  #draw() {
    const { board } = this.#feed;
    drawStatus(this.status, this.#feed, this.#say);
    if (!board) return;
    this.#skew = Date.parse(board.now) - (this.#feed.heardAt ?? Date.now());
    if (this.body.hidden) {
      this.report.start(Date.parse(board.now), board.zone);
      this.#countDays();
    }
    this.loading.hidden = true;
    this.body.hidden = false;
    this.warnings.update(board.warnings);
    this.empty.hidden = !isEmpty(board);
    this.figures.update(board.figures);
    const matters = mattersOf(board);
    const deadlines = deadlinesOf(board);
    this.matters.update(matters);
    this.deadlines.update(deadlines);
    const total = Math.max(board.total, matters.length);
    setText(this.counts.matters, total ? String(total) : "");
    setText(
      this.counts.deadlines,
      deadlines.length
        ? this.#say("deadlines.counts", board.breaches.length, deadlines.length - board.breaches.length)
        : "",
    );
    this.lines.update(board.waiting);
    this.agents.update(
      sortAgents(board.agents).map((agent) => ({ ...agent, ...this.#days.get(agent.login), key: agent.login })),
    );
    const { available, busy, away } = presenceCounts(board.agents);
    setText(this.counts.agents, this.#say("agents.counts", available, busy, away));
    this.timeline.update(board);
    document.title = this.#say("board.tab", total);
  }

  /** @param {string} id */
  #goTo(id) {
    const table = /** @type {Record<string, {focus: () => boolean | void}>} */ ({
      matters: this.matters,
      deadlines: this.deadlines,
      agents: this.agents,
      report: this.report,
    })[id];
    const title = /** @type {HTMLElement | null} */ (this.body.querySelector(`#title-${id}`));
    title?.scrollIntoView({ block: "nearest" });
    if (table?.focus() !== false && table) return;
    title?.focus();
  }

  /** @param {string} url @param {string} title */
  async #openList(url, title) {
    const say = this.#say;
    try {
      const { conversations, total } = readConversations(await this.#api.get(url, { timeout: LONG_MS }));
      const shown = conversations.slice(0, LIST_LENGTH);
      const rest = total - shown.length;
      this.actions.list(
        title,
        shown.map(({ id, at, is_counted: isCounted }) => ({
          id,
          words: [customerWords(id, say), timeWords(at, say), isCounted ? "" : say("figures.not_counted")]
            .filter(Boolean)
            .join(" · "),
        })),
        say("figures.nobody"),
        rest > 0 ? say("figures.rest", rest) : "",
      );
    } catch (error) {
      this.notice.show(problemWords(DeskError.of(error), say), { isProblem: true });
    }
  }
}
