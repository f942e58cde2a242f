// The lines under the header: the state of the conversation, the connection, and questions and messages about the wait
// for a person.
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { chatSpeakerOf } from "../words/chat.js";
import { openingWords } from "./time-words.js";

// Streams are cut and resumed often; only a longer interruption is shown.
const RECONNECTING_AFTER_MS = 1_500;
const DEFAULT_PAUSE_S = 10;
// An urgent case reads its place up to this number. A greater number helps no victim.
const FEW = 4;
const PHONES = /** @type {const} */ (["service", "police", "antifraud"]);

/** @import { State, Status } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */

export class StatusBar {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #undoTimer;
  /** @type {State | null} */
  #state = null;
  reportsOutage = false;
  #reconnecting = false;
  /** The place in line that was drawn last, and whether others were put before it. @type {number | null} */
  #place = null;
  #overtaken = false;
  #phones = "";
  /** The conversation's language. @type {string | null} */
  #locale = null;
  #say;
  #onCancel;
  #onUndo;

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {(options: {confirm: boolean}) => Promise<void>} options.onCancel  may reject with a DeskError
   * @param {() => Promise<void>} options.onUndo  may reject with a DeskError
   */
  constructor({ say, onCancel, onUndo }) {
    this.#say = say;
    this.#onCancel = onCancel;
    this.#onUndo = onUndo;
    this.words = el("span", { class: "status-words" });
    this.more = el("span", { class: "status-more" });
    this.cancel = this.#button("chat-cancel", "chat.queue.cancel", () => this.#cancel());
    this.status = el(
      "div",
      { class: "status", testid: "chat-status", role: "status", hidden: true },
      el("span", { class: "pulse", "aria-hidden": "true" }),
      el("span", { class: "alarm", "aria-hidden": "true" }, icon("alert", { size: 20 })),
      el("span", { class: "status-text" }, this.words, this.more),
      this.cancel,
    );
    // Outside of the live region: a screen reader must not read the numbers again with each change of the place.
    this.calls = el("div", { class: "calls", testid: "chat-calls", hidden: true });
    this.keep = this.#button("chat-keep-waiting", "chat.cancel.no", () => this.#answer(false), "primary");
    this.stop = this.#button("chat-stop-waiting", "chat.cancel.yes", () => this.#answer(true));
    this.question = el("p", {});
    this.confirm = el(
      "div",
      { class: "confirm", testid: "chat-confirm", role: "alertdialog", hidden: true },
      this.question,
      el("div", { class: "confirm-actions" }, this.stop, this.keep),
    );
    this.undoButton = this.#button("chat-undo", "chat.undo", () => this.#undo());
    this.undo = el(
      "div",
      { class: "undo", role: "status", hidden: true },
      el("span", { class: "status-text" }, say("chat.cancelled")),
      this.undoButton,
    );
    this.connection = el("div", { class: "connection", testid: "chat-connection", role: "status", hidden: true });
    this.problem = el("div", { class: "problem", testid: "chat-problem", role: "alert", hidden: true });
    this.node = el(
      "div",
      { class: "bars" },
      this.connection,
      this.status,
      this.calls,
      this.confirm,
      this.undo,
      this.problem,
    );
    this.refresh = () => this.#drawConnection();
    window.addEventListener("online", this.refresh);
    window.addEventListener("offline", this.refresh);
  }

  close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#undoTimer);
    window.removeEventListener("online", this.refresh);
    window.removeEventListener("offline", this.refresh);
  }

  /**
   * @param {object} now
   * @param {State} now.state
   * @param {Status | null} now.status
   * @param {"open" | "reconnecting"} now.connection
   * @param {number | null} now.undoUntil  until when a cancelled wait can be taken back, in ms of Date.now()
   */
  update({ state, status, connection, undoUntil }) {
    this.status.dataset.status = state;
    this.status.dataset.priority = (state === "queued" && status?.priority) || "normal";
    this.status.hidden = state === "with_bot";
    this.cancel.hidden = state !== "queued";
    this.#notePlace(state === "queued" ? (status?.queue_position ?? null) : null);
    this.#drawCalls(state === "queued" ? (status?.phones ?? {}) : {});
    const [words, more] = this.#standing(state, status);
    setText(this.words, words);
    setText(this.more, more);
    this.#locale = status?.locale ?? null;
    if (state !== "queued") this.confirm.hidden = true;
    if (this.#state !== null && this.#state !== state) this.report(""); // the message was about the previous state
    this.#state = state;
    this.#drawUndo(undoUntil);
    this.#setConnection(connection);
  }

  /**
   * Shows what failed, "" removes it. outage: the desk could not be reached.
   * @param {string} words
   * @param {{outage?: boolean}} [options]
   */
  report(words, { outage = false } = {}) {
    this.reportsOutage = outage;
    setText(this.problem, words);
    this.problem.hidden = !words;
  }

  /**
   * The state of the conversation as a sentence and an addition.
   * @param {State} state
   * @param {Status | null} status
   */
  #standing(state, status) {
    const say = this.#say;
    if (state === "assigned") return [say("chat.assigned", status?.agent ?? ""), ""];
    if (state === "resolved") return [say("chat.resolved"), ""];
    if (state !== "queued") return ["", ""];
    const { queue_position: place, priority } = status ?? {};
    // An urgent case shows its place only. The desk's message tells the wait and its conditions; the minutes alone would
    // contradict that message.
    if (priority === "urgent") {
      const where = !place ? "" : say(place > FEW ? "chat.queue.urgent.behind" : "chat.queue.urgent.place", place);
      const nobody = status?.staffed === false ? say("chat.queue.urgent.nobody") : "";
      return [say("chat.queue.urgent"), [where, nobody].filter(Boolean).join(" · ")];
    }
    const why = this.#overtaken ? say("chat.queue.overtaken") : "";
    const more = [why, this.#wait(status)].filter(Boolean).join(" · ");
    return [place ? say("chat.queue.place", place) : say("chat.queue.waiting"), more];
  }

  /**
   * The expected wait; while nobody is online no minutes, but when people work again.
   * @param {Status | null} status
   */
  #wait(status) {
    const { eta, eta_seconds: seconds, opens_at: opens } = status ?? {};
    if (eta) return this.#say("chat.queue.eta", eta.low_seconds, eta.high_seconds);
    if (seconds != null) return this.#say("chat.queue.eta", seconds, seconds); // an older desk
    const when = opens ? openingWords(opens, this.#say, new Date()) : "";
    return when ? this.#say("chat.queue.opens", when) : this.#say("chat.queue.eta_unknown");
  }

  /** A place that grew needs a reason, until it falls again. @param {number | null} place */
  #notePlace(place) {
    if (place === null || this.#place === null) this.#overtaken = false;
    else if (place !== this.#place) this.#overtaken = place > this.#place;
    this.#place = place;
  }

  /** The numbers to call, as buttons. @param {NonNullable<Status["phones"]>} phones */
  #drawCalls(phones) {
    const drawn = JSON.stringify(phones);
    if (drawn === this.#phones) return; // a button that is being pressed must stay
    this.#phones = drawn;
    const known = PHONES.filter((name) => phones[name]);
    this.calls.hidden = known.length === 0;
    this.calls.replaceChildren(...known.map((name) => this.#call(name, phones[name] ?? "")));
  }

  /** @param {typeof PHONES[number]} name @param {string} number */
  #call(name, number) {
    const words = this.#say(`chat.call.${name}`, number);
    const href = `tel:${number.replace(/[^+\d]/g, "")}`;
    return el("a", { class: `call ${name}`, href, testid: `chat-call-${name}` }, icon("phone", { size: 20 }), words);
  }

  /** @param {string} testid @param {string} key @param {() => void} click */
  #button(testid, key, click, name = "quiet") {
    return el("button", { type: "button", class: name, testid, on: { click } }, this.#say(key));
  }

  async #cancel(confirm = false) {
    this.cancel.disabled = true;
    this.report("");
    try {
      await this.#onCancel({ confirm });
    } catch (error) {
      const { code } = DeskError.of(error);
      if (code === "confirm_needed") this.#ask();
      else if (code !== "not_queued") this.#reportError(DeskError.of(error), "chat.failed.cancel"); // otherwise the wait is over already
    } finally {
      this.cancel.disabled = false;
    }
  }

  /** Asks in the customer's language, which may differ from the page's: "yes" gives up the place of a victim. */
  #ask() {
    const say = this.#locale ? chatSpeakerOf(this.#locale) : this.#say;
    setText(this.question, say("chat.cancel.confirm"));
    this.confirm.setAttribute("aria-label", say("chat.cancel.confirm"));
    setText(this.stop, say("chat.cancel.yes"));
    setText(this.keep, say("chat.cancel.no"));
    this.confirm.hidden = false;
    this.keep.focus();
  }

  /** @param {boolean} stop */
  #answer(stop) {
    this.confirm.hidden = true;
    if (stop) this.#cancel(true);
    else this.cancel.focus();
  }

  /** @param {number | null} until */
  #drawUndo(until) {
    clearTimeout(this.#undoTimer);
    this.undo.hidden = until === null;
    if (until === null) return;
    this.#undoTimer = setTimeout(() => {
      this.undo.hidden = true;
    }, until - Date.now());
  }

  async #undo() {
    this.undoButton.disabled = true;
    this.report("");
    try {
      await this.#onUndo();
    } catch (error) {
      const failure = DeskError.of(error);
      if (failure.code === "undo_expired") this.report(this.#say("chat.undo.expired"));
      else this.#reportError(failure, "chat.failed.undo");
    } finally {
      this.undoButton.disabled = false;
    }
  }

  /** @param {DeskError} error @param {string} key */
  #reportError(error, key) {
    const words = error.isTooMany ? this.#say("chat.too_many", error.retryAfter ?? DEFAULT_PAUSE_S) : this.#say(key);
    this.report(words, { outage: error.isOutage });
  }

  /** @param {"open" | "reconnecting"} connection */
  #setConnection(connection) {
    if (connection === "open") {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#reconnecting = false;
    } else if (!this.#timer) {
      this.#timer = setTimeout(() => {
        this.#reconnecting = true;
        this.#drawConnection();
      }, RECONNECTING_AFTER_MS);
    }
    this.#drawConnection();
  }

  #drawConnection() {
    const words = !navigator.onLine
      ? this.#say("chat.offline")
      : this.#reconnecting
        ? this.#say("chat.reconnecting")
        : "";
    setText(this.connection, words);
    this.connection.hidden = !words;
  }
}
