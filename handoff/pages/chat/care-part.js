// Loads the second part of the chat: first aid, the case, pictures, call-backs, the menu. It comes with the first message or the
// first press on something of it, so that the chat itself is small.

/** @import { Care, CareOptions } from "./care/care.js" */

// A part that did not load is asked for again with the next occasion, not sooner.
const PAUSE_MS = 5_000;

export class CarePart {
  /** What is loaded. @type {Care | null} */
  care = null;
  /** @type {Promise<Care | null> | null} */
  #loading = null;
  #notBefore = 0; // ms of Date.now()
  #closed = false;
  #options;

  /** @param {Omit<CareOptions, "slots">} options */
  constructor(options) {
    this.#options = options;
    this.slots = {
      top: document.createElement("div"),
      tail: document.createElement("div"),
      tray: document.createElement("div"),
      sheet: document.createElement("div"),
    };
    for (const [name, node] of Object.entries(this.slots)) node.className = `care-${name}`;
  }

  /** The part; null when it does not come. A pressed button asks at once, a message only now and then. */
  load({ isPressed = false } = {}) {
    if (!isPressed && Date.now() < this.#notBefore) return Promise.resolve(this.care);
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load() {
    try {
      const { Care } = await import("./care/care.js");
      if (this.#closed) return null;
      this.care = new Care({ ...this.#options, slots: this.slots });
      return this.care;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a fault of this page; TypeError: it could not be fetched
      this.#loading = null;
      this.#notBefore = Date.now() + PAUSE_MS;
      return null;
    }
  }

  close() {
    this.#closed = true;
    this.care?.close();
  }
}
