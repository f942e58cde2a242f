// The calm lines under the header: where the customer stands, and whether we are connected at all.
import { el, setText } from "../dom.js";

// Streams are cut and resumed all the time; only what lasts longer than this is worth a word.
const RECONNECTING_AFTER_MS = 1_500;

export class StatusBar {
  #timer = null;
  #reconnecting = false;

  /** onCancel() may reject. */
  constructor({ say, onCancel }) {
    this.say = say;
    this.words = el("span", { class: "status-words" });
    this.more = el("span", { class: "status-more" });
    this.cancel = el(
      "button",
      {
        type: "button",
        class: "quiet",
        testid: "chat-cancel",
        hidden: true,
        on: { click: () => this.#cancel(onCancel) },
      },
      say("chat.queue.cancel"),
    );
    this.status = el(
      "div",
      { class: "status", testid: "chat-status", role: "status", hidden: true },
      el("span", { class: "pulse", "aria-hidden": "true" }),
      el("span", { class: "status-text" }, this.words, this.more),
      this.cancel,
    );
    this.connection = el("div", { class: "connection", testid: "chat-connection", role: "status", hidden: true });
    this.problem = el("div", { class: "problem", role: "alert", hidden: true });
    this.node = el("div", { class: "bars" }, this.connection, this.status, this.problem);
    this.refresh = () => this.#drawConnection();
    window.addEventListener("online", this.refresh);
    window.addEventListener("offline", this.refresh);
  }

  close() {
    clearTimeout(this.#timer);
    window.removeEventListener("online", this.refresh);
    window.removeEventListener("offline", this.refresh);
  }

  update({ state, status, connection }) {
    const { say } = this;
    this.status.dataset.status = state;
    this.status.hidden = state === "with_bot";
    this.cancel.hidden = state !== "queued";
    if (state === "queued") {
      const { queue_position: place, eta_seconds: eta } = status;
      setText(this.words, place ? say("chat.queue.place", place) : say("chat.queue.waiting"));
      setText(this.more, eta == null ? say("chat.queue.eta_unknown") : say("chat.queue.eta", eta));
    } else {
      const words = { assigned: () => say("chat.assigned", status.agent ?? ""), resolved: () => say("chat.resolved") }[
        state
      ];
      setText(this.words, words?.() ?? "");
      setText(this.more, "");
    }
    if (state !== "queued" && state !== "with_bot") this.report("");
    this.#setConnection(connection);
  }

  /** Says what did not work, until the next time something does. */
  report(words) {
    setText(this.problem, words);
    this.problem.hidden = !words;
  }

  async #cancel(onCancel) {
    this.cancel.disabled = true;
    this.report("");
    try {
      await onCancel();
    } catch {
      this.report(this.say("chat.failed.cancel"));
    } finally {
      this.cancel.disabled = false;
    }
  }

  #setConnection(connection) {
    if (connection === "open") {
      clearTimeout(this.#timer);
      this.#timer = null;
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
      ? this.say("chat.offline")
      : this.#reconnecting
        ? this.say("chat.reconnecting")
        : "";
    setText(this.connection, words);
    this.connection.hidden = !words;
  }
}
