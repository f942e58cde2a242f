// What a supervisor does from the board: give, take, release one above capacity, hint, change a state. Each is one call of the desk.
import { askDialog } from "../console/action-dialogs.js";
import { customerWords, durationWords, problemWords } from "../console/display-names.js";
import { withoutControls } from "../console/shown-text.js";
import { urgencyWords } from "../console/urgency.js";
import { readCard } from "../shared/contract-types.js";
import { DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";
import { presenceOf, sortAgents } from "./board-model.js";
import { topicWords } from "./board-names.js";

/** @import { Account } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Board, BoardAgent, BoardCard } from "./board-model.js" */
/** @import { Name } from "./board-names.js" */

const STATES = ["available", "busy", "away"];
const NOTE_LENGTH = 2_000;

/** @typedef {{id: string, card: BoardCard | null}} Target  a conversation */
/** @typedef {{waiting: BoardCard[], held: BoardCard[]}} Cards */

export class BoardActions {
  /**
   * @param {object} options
   * @param {DeskApi} options.api
   * @param {Say} options.say
   * @param {Name} options.name
   * @param {Account} options.me
   * @param {() => Board | null} options.board
   * @param {(words: string, openId?: string | null) => void} options.onDone  says what was done
   * @param {(words: string) => void} options.onProblem
   * @param {() => void} options.onExpired
   */
  constructor({ api, say, name, me, board, onDone, onProblem, onExpired }) {
    this.api = api;
    this.say = say;
    this.name = name;
    this.me = me;
    this.board = board;
    this.onDone = onDone;
    this.onProblem = onProblem;
    this.onExpired = onExpired;
  }

  /** Where a conversation is opened. @param {string} id */
  static address(id) {
    return `/console?c=${encodeURIComponent(id)}`;
  }

  /** 我来: the conversation becomes the supervisor's. @param {Target} target */
  async take({ id, card }) {
    const { say } = this;
    const owner = card?.status === "assigned" && card.agent !== this.me.login ? card.agent_name : null;
    if (!owner) {
      try {
        await this.#assign({ id, card }, { to: this.me.login, over_capacity: false });
        this.onDone(say("take.done"), id);
      } catch (error) {
        this.onProblem(this.#explain(error));
      }
      return;
    }
    askDialog({
      say,
      title: say("take.title"),
      text: say("take.text", withoutControls(owner)),
      confirm: say("take.confirm"),
      testid: "dialog-take",
      explain: (error) => this.#explain(error),
      onConfirm: async () => {
        await this.#assign({ id, card }, { to: this.me.login, over_capacity: false });
        this.onDone(say("take.done"), id);
        return null;
      },
    });
  }

  /** 分给…: to an agent who is there; one who is full only when the supervisor releases one above capacity. @param {Target} target */
  assign({ id, card }) {
    const { say } = this;
    const agents = sortAgents(this.board()?.agents ?? []).filter(({ login }) => login !== card?.agent);
    const isFull = (/** @type {BoardAgent | undefined} */ agent) => Boolean(agent && agent.load >= agent.capacity);
    const select = el(
      "select",
      { id: "assign-to", testid: "assign-to", autofocus: true },
      agents
        .sort(
          (a, b) =>
            Number(presenceOf(a) === "offline") - Number(presenceOf(b) === "offline") ||
            Number(isFull(a)) - Number(isFull(b)),
        )
        .map((agent) =>
          el("option", { value: agent.login, disabled: presenceOf(agent) === "offline" }, this.#agentWords(agent)),
        ),
    );
    /** @type {HTMLInputElement} */
    const over = el("input", { type: "checkbox", id: "assign-over", testid: "assign-over" });
    const overRow = el("div", { class: "check" }, over, el("label", { for: "assign-over" }, say("assign.over")));
    const note = el("textarea", { id: "assign-note", testid: "assign-note", rows: 2, maxlength: NOTE_LENGTH });
    const chosen = () => agents.find(({ login }) => login === select.value);
    const follow = () => {
      overRow.hidden = !isFull(chosen());
      if (overRow.hidden) over.checked = false;
    };
    select.addEventListener("change", follow);
    follow();
    askDialog({
      say,
      title: say("assign.title"),
      text: this.#targetWords(id, card),
      fields: [
        el("div", { class: "field" }, el("label", { for: "assign-to" }, say("assign.to")), select),
        overRow,
        el("div", { class: "field" }, el("label", { for: "assign-note" }, say("dialog.note")), note),
      ],
      confirm: say("assign.confirm"),
      testid: "dialog-assign",
      explain: (error) => this.#explain(error),
      onConfirm: async () => {
        const agent = chosen();
        if (!agent) throw new DeskError(-1, "nobody", say("assign.nobody"));
        if (isFull(agent) && !over.checked)
          throw new DeskError(-1, "full", say("assign.full", withoutControls(agent.name), agent.load, agent.capacity));
        const words = note.value.trim();
        await this.#assign(
          { id, card },
          { to: agent.login, over_capacity: over.checked, ...(words ? { note: words } : {}) },
        );
        this.onDone(say("assign.done", withoutControls(agent.name)));
        return null;
      },
    });
  }

  /** 放行: one waiting conversation for an agent whose places are taken. @param {BoardAgent} agent */
  async release(agent) {
    const { say } = this;
    const cards = await this.#cards();
    if (!cards) return;
    const name = withoutControls(agent.name);
    if (!cards.waiting.length) {
      this.onProblem(say("release.nobody"));
      return;
    }
    const select = el(
      "select",
      { id: "release-which", testid: "release-which", autofocus: true },
      cards.waiting.map((card) => el("option", { value: card.id }, this.#cardWords(card))),
    );
    askDialog({
      say,
      title: say("release.title", name),
      text: say("release.text", agent.load, agent.capacity),
      fields: [el("div", { class: "field" }, el("label", { for: "release-which" }, say("release.which")), select)],
      confirm: say("release.confirm"),
      testid: "dialog-release",
      explain: (error) => this.#explain(error),
      onConfirm: async () => {
        const card = cards.waiting.find(({ id }) => id === select.value) ?? null;
        await this.#assign(
          { id: select.value, card },
          { to: agent.login, over_capacity: agent.load >= agent.capacity },
        );
        this.onDone(say("release.done", name));
        return null;
      },
    });
  }

  /** 悄悄提醒: a hint at the agent's reply box, which no customer sees. @param {BoardAgent} agent @param {string} [id]  the conversation */
  async whisper(agent, id) {
    const { say } = this;
    const cards = await this.#cards();
    if (!cards) return;
    const held = cards.held.filter((card) => card.agent === agent.login);
    const name = withoutControls(agent.name);
    if (!held.length) {
      this.onProblem(say("whisper.nothing", name));
      return;
    }
    const select = el(
      "select",
      { id: "whisper-about", testid: "whisper-about" },
      held.map((card) => el("option", { value: card.id, selected: card.id === id }, this.#cardWords(card))),
    );
    const text = el("textarea", {
      id: "whisper-text",
      testid: "whisper-text",
      rows: 3,
      maxlength: NOTE_LENGTH,
      required: true,
      autofocus: true,
    });
    // One id for all attempts of this dialog: a lost answer must not make two hints.
    const noteId = newNoteId();
    askDialog({
      say,
      title: say("whisper.title", name),
      text: say("whisper.text"),
      fields: [
        el("div", { class: "field" }, el("label", { for: "whisper-about" }, say("whisper.about")), select),
        el("div", { class: "field" }, el("label", { for: "whisper-text" }, say("whisper.words")), text),
      ],
      confirm: say("whisper.confirm"),
      testid: "dialog-whisper",
      explain: (error) => this.#explain(error),
      onConfirm: async () => {
        const body = {
          client_note_id: `${noteId}-${select.value}`,
          text: text.value.trim(),
          mentions: [],
          whisper: true,
        };
        await this.api.post(`/api/conversations/${encodeURIComponent(select.value)}/notes`, body);
        this.onDone(say("whisper.done", name));
        return null;
      },
    });
  }

  /** The agent's state: what pages.md calls pause. @param {BoardAgent} agent */
  presence(agent) {
    const { say } = this;
    const name = withoutControls(agent.name);
    const current = presenceOf(agent);
    const radios = STATES.map((state) =>
      el("input", {
        type: "radio",
        name: "presence",
        id: `presence-${state}`,
        value: state,
        checked: state === current,
        autofocus: state === current || (current === "offline" && state === "available"),
      }),
    );
    askDialog({
      say,
      title: say("presence.title", name),
      text: say("presence.text"),
      fields: el(
        "fieldset",
        { class: "field choices" },
        el("legend", { class: "off-screen" }, say("presence.title", name)),
        radios.map((radio) =>
          el(
            "div",
            { class: "check" },
            radio,
            el(
              "label",
              { for: radio.id },
              say(`presence.${radio.value}`),
              el("small", {}, say(`presence.${radio.value}.means`)),
            ),
          ),
        ),
      ),
      confirm: say("presence.confirm"),
      testid: "dialog-presence",
      explain: (error) => this.#explain(error),
      onConfirm: async () => {
        const state = radios.find(({ checked }) => checked)?.value;
        if (!state) throw new DeskError(-1, "none", say("presence.choose"));
        await this.api.put(`/api/agents/${encodeURIComponent(agent.login)}/presence`, { state });
        this.onDone(say("presence.done", name, say(`presence.${state}`)));
        return null;
      },
    });
  }

  /** The conversations in an agent's hands, each with a link. @param {BoardAgent} agent */
  async conversationsOf(agent) {
    const cards = await this.#cards();
    if (!cards) return;
    const { say } = this;
    const held = cards.held.filter((card) => card.agent === agent.login);
    this.list(
      say("list.title", withoutControls(agent.name)),
      held.map((card) => ({ id: card.id, words: this.#cardWords(card) })),
      say("list.none"),
    );
  }

  /**
   * A list of conversations to open.
   * @param {string} title
   * @param {{id: string, words: string}[]} items
   * @param {string} none
   * @param {string} [more]  what the list leaves out
   */
  list(title, items, none, more = "") {
    const { say } = this;
    /** @type {HTMLDialogElement} */
    const dialog = el(
      "dialog",
      { "aria-label": title, class: "conversation-list", testid: "dialog-list" },
      el("h2", {}, title),
      items.length
        ? el(
            "ul",
            {},
            items.map(({ id, words }, index) =>
              el(
                "li",
                {},
                el("a", { href: BoardActions.address(id), target: "wallet-console", autofocus: index === 0 }, words),
              ),
            ),
          )
        : el("p", {}, none),
      more ? el("p", {}, more) : null,
      el(
        "div",
        { class: "dialog-actions" },
        el(
          "button",
          { type: "button", class: "primary", autofocus: !items.length, on: { click: () => dialog.close() } },
          say("shortcuts.close"),
        ),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  /**
   * `of`: who had the conversation on this screen, so that the desk refuses when another supervisor was faster.
   * @param {Target} target
   * @param {{to: string, over_capacity: boolean, note?: string}} choice
   */
  async #assign({ id, card }, choice) {
    const of = card ? { of: card.status === "assigned" ? (card.agent ?? "") : "" } : {};
    const body = { ...choice, ...of };
    await this.api.post(`/api/conversations/${encodeURIComponent(id)}/assign`, body);
  }

  /** The queue as it is at this moment: who waits, who is held. Null after a failure, which is said. @returns {Promise<Cards | null>} */
  async #cards() {
    try {
      const { waiting = [], mine = [], others = [] } = await this.api.get("/api/queue");
      return { waiting: waiting.map(readCard), held: [...mine, ...others].map(readCard) };
    } catch (error) {
      this.onProblem(this.#explain(error));
      return null;
    }
  }

  /** @param {unknown} error */
  #explain(error) {
    const failure = DeskError.of(error);
    if (failure.status === 401) this.onExpired();
    return problemWords(failure, this.say);
  }

  /** @param {BoardAgent} agent */
  #agentWords(agent) {
    const { say } = this;
    const { load, capacity } = agent;
    const full = load >= capacity ? say("dialog.transfer.full") : "";
    return [withoutControls(agent.name), say(`presence.${presenceOf(agent)}`), `${load}/${capacity}`, full]
      .filter(Boolean)
      .join(" · ");
  }

  /** @param {BoardCard} card */
  #cardWords(card) {
    const { say } = this;
    const wait = card.waiting_seconds ? durationWords(card.waiting_seconds, say) : "";
    const topic = topicWords(card, this.name);
    return [urgencyWords(card, say), topic, customerWords(card.id, say), wait].filter(Boolean).join(" · ");
  }

  /** @param {string} id @param {BoardCard | null} card */
  #targetWords(id, card) {
    return card ? this.#cardWords(card) : customerWords(id, this.say);
  }
}

/** crypto.randomUUID exists on secure origins only. */
function newNoteId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
