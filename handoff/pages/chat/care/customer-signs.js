// Tells the desk that the customer types, and up to where they have read. Agents see both; nobody sees what is being typed.

/** @import { Conversation } from "../conversation.js" */

const TYPING_MS = 5_000; // a sign is repeated so often while keys are pressed
const RESTED_MS = 6_000; // without a key for so long, the customer no longer types
const READ_MS = 800; // what was on the screen for so long has been read

export class CustomerSigns {
  #conversation;
  #isTyping = false;
  #typedAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rest;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #reading;
  #read = 0;
  /** @type {string | null} */
  #id = null;
  #seen = () => this.update();

  /** @param {Pick<Conversation, "id" | "state" | "log" | "synced" | "api" | "path" | "isShown">} conversation */
  constructor(conversation) {
    this.#conversation = conversation;
    document.addEventListener("visibilitychange", this.#seen);
  }

  close() {
    clearTimeout(this.#rest);
    clearTimeout(this.#reading);
    document.removeEventListener("visibilitychange", this.#seen);
  }

  /** The text in the box changed. @param {string} text */
  typed(text) {
    const { state } = this.#conversation;
    if (state !== "queued" && state !== "assigned") return; // only people see it
    clearTimeout(this.#rest);
    if (!text.trim()) {
      this.#stop();
      return;
    }
    this.#rest = setTimeout(() => this.#stop(), RESTED_MS);
    if (this.#isTyping && Date.now() - this.#typedAt < TYPING_MS) return;
    this.#isTyping = true;
    this.#typedAt = Date.now();
    this.#send("/typing", { is_typing: true });
  }

  #stop() {
    clearTimeout(this.#rest);
    if (!this.#isTyping) return;
    this.#isTyping = false;
    this.#send("/typing", { is_typing: false });
  }

  /** Notes what is on the screen. */
  update() {
    const { id, log, state, synced, isShown } = this.#conversation;
    if (id !== this.#id) {
      this.#id = id;
      this.#read = 0;
      this.#isTyping = false;
    }
    const seq = lastOfAgent(log.events);
    const isRead =
      synced && isShown && document.visibilityState === "visible" && (state === "assigned" || state === "resolved");
    if (!isRead || seq <= this.#read) {
      if (!isRead) clearTimeout(this.#reading);
      return;
    }
    clearTimeout(this.#reading);
    this.#reading = setTimeout(() => {
      this.#read = seq;
      this.#send("/read", { seq });
    }, READ_MS);
  }

  /** A lost sign is not repeated: the next one follows. @param {string} rest @param {object} body */
  #send(rest, body) {
    const { api, path } = this.#conversation;
    api.post(path.call(this.#conversation, rest), body).catch(() => {});
  }
}

/** @param {readonly import("../../shared/contract-types.js").LogEvent[]} events */
function lastOfAgent(events) {
  for (let index = events.length - 1; index >= 0; index -= 1)
    if (events[index].type === "message" && events[index].by.kind === "agent") return events[index].seq;
  return 0;
}
