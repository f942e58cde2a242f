// Tells the desk that an agent's page is open, and that somebody is at it. An open stream shows neither: behind a proxy the
// stream to a closed laptop stays open for minutes. So the page answers what it hears, pings of the stream included; timers
// would be slowed down in a hidden tab.
const HERE_MS = 10_000;
const ACTIVE_MS = 60_000;

/** @import { DeskApi } from "./desk-api.js" */

export class PresenceSigns {
  #api;
  #now;
  #hereAt = -HERE_MS;
  #activeAt = -ACTIVE_MS;
  #watching = new AbortController();

  /**
   * @param {Pick<DeskApi, "post">} api
   * @param {() => number} [now]  ms
   */
  constructor(api, now = () => performance.now()) {
    this.#api = api;
    this.#now = now;
  }

  /** Something came from the desk. */
  heard() {
    if (this.#now() - this.#hereAt < HERE_MS) return;
    this.#hereAt = this.#now();
    this.#send("/api/presence/here", () => {
      this.#hereAt = -HERE_MS;
    });
  }

  /** A key or a click. */
  pressed() {
    if (this.#now() - this.#activeAt < ACTIVE_MS) return;
    this.#activeAt = this.#now();
    this.#send("/api/presence/active", () => {
      this.#activeAt = -ACTIVE_MS;
    });
  }

  /** Watches keys and clicks, until `end`. @param {EventTarget} page */
  watch(page) {
    const settings = { capture: true, passive: true, signal: this.#watching.signal };
    for (const kind of ["keydown", "pointerdown"]) page.addEventListener(kind, () => this.pressed(), settings);
  }

  /** Ends the watch. */
  end() {
    this.#watching.abort();
  }

  /**
   * A failed sign is sent again with the next occasion. The stream reports a lost connection and an ended session.
   * @param {string} path
   * @param {() => void} onFailed
   */
  #send(path, onFailed) {
    Promise.resolve(this.#api.post(path)).catch(onFailed);
  }
}
