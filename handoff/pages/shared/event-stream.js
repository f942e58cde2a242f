// Follows a stream of the desk while the page is open. EventSource cannot send the bearer header, so the stream is read
// with fetch. It reconnects with backoff and jitter, resumes with Last-Event-ID, and polls with plain requests where a
// proxy withholds the stream.
import { DeskError, errorOf } from "./desk-api.js";
import { SseParser } from "./sse-parser.js";

// The desk pings every 15 s: after two and a half missed pings the connection is dead.
const SILENCE_MS = 40_000;
// The desk sends its first frame immediately; a buffering proxy sends nothing.
const FIRST_BYTE_MS = 8_000;
const LONGEST_WAIT_MS = 15_000;
const STREAM_AGAIN_MS = 5 * 60_000;
const WITHHELD_LIMIT = 2;

/** @import { Json } from "./contract-types.js" */
/** @import { DeskApi } from "./desk-api.js" */

/**
 * @typedef {object} StreamSettings
 * @property {DeskApi} api
 * @property {(lastId: number) => string} path  where to connect
 * @property {number} [lastId]  what is known already
 * @property {(frame: {type: string, data: Json, id?: string}) => void} onFrame  data is parsed JSON
 * @property {(state: "open" | "reconnecting") => void} onState
 * @property {(lastId: number, signal: AbortSignal) => Promise<number>} poll  asks once by plain request, hands over what came
 *   and returns the new last id
 * @property {(error: DeskError) => void} onRefused  sign-in or conversation unknown or not permitted; the stream has closed itself
 */

export class EventStream {
  #settings;
  #closed = new AbortController();
  #lastId;
  #attempt = 0;
  #retryMs = 1_000;
  #withheld = 0;
  #pollUntil = 0;
  #wake = () => {};
  #nudge = () => {
    if (document.visibilityState !== "hidden") this.#wake();
  };

  /** @param {StreamSettings} settings */
  constructor(settings) {
    this.#settings = settings;
    this.#lastId = settings.lastId ?? 0;
    window.addEventListener("online", this.#nudge);
    document.addEventListener("visibilitychange", this.#nudge);
    this.#run();
  }

  close() {
    this.#closed.abort();
    this.#wake();
    window.removeEventListener("online", this.#nudge);
    document.removeEventListener("visibilitychange", this.#nudge);
  }

  async #run() {
    while (!this.#closed.signal.aborted) {
      try {
        if (Date.now() < this.#pollUntil) await this.#poll();
        else await this.#stream();
      } catch (error) {
        if (this.#closed.signal.aborted) return;
        if (error instanceof DeskError && (error.isUnknownCaller || error.status === 403)) {
          this.close();
          this.#settings.onRefused(error);
          return;
        }
        this.#settings.onState("reconnecting");
        await this.#pause(DeskError.of(error).retryAfter);
      }
    }
  }

  async #poll() {
    this.#lastId = await this.#settings.poll(this.#lastId, this.#closed.signal);
    this.#arrived();
  }

  async #stream() {
    const { api, path } = this.#settings;
    const line = new AbortController();
    const hangUp = () => line.abort();
    this.#closed.signal.addEventListener("abort", hangUp);
    let silence = setTimeout(hangUp, FIRST_BYTE_MS);
    let heard = false;
    let answered = true;
    try {
      /** @type {Record<string, string>} */
      const headers = { Accept: "text/event-stream" };
      if (this.#lastId) headers["Last-Event-ID"] = String(this.#lastId);
      const request = { ...api.options(headers), signal: line.signal };
      const response = await fetch(api.endpoint + path(this.#lastId), request).catch((error) => {
        answered = line.signal.aborted; // aborted by this page: a proxy may hold the stream; otherwise there is no network
        throw error;
      });
      if (!response.ok) {
        answered = false;
        throw await errorOf(response);
      }
      if (!response.body || !response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
        this.#withheld = WITHHELD_LIMIT;
        throw new Error("the answer is not a stream");
      }
      const parser = new SseParser(
        (frame) => this.#frame(frame),
        (ms) => {
          this.#retryMs = ms;
        },
      );
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) throw new Error("the stream ended");
        clearTimeout(silence);
        silence = setTimeout(hangUp, SILENCE_MS);
        heard = true;
        this.#withheld = 0;
        this.#arrived();
        parser.push(value);
      }
    } finally {
      clearTimeout(silence);
      this.#closed.signal.removeEventListener("abort", hangUp);
      line.abort();
      if (!heard && answered) this.#noteWithheld();
    }
  }

  /** Counts a connection that sent nothing; after the second one the page polls for five minutes. */
  #noteWithheld() {
    this.#withheld += 1;
    if (this.#withheld < WITHHELD_LIMIT) return;
    this.#withheld = WITHHELD_LIMIT - 1; // at the next try one miss is enough
    this.#pollUntil = Date.now() + STREAM_AGAIN_MS;
  }

  #arrived() {
    this.#attempt = 0;
    this.#settings.onState("open");
  }

  /** @param {import("./sse-parser.js").SseFrame} frame */
  #frame({ type, data, id }) {
    if (id !== undefined) this.#lastId = Number(id);
    this.#settings.onFrame({ type, data: JSON.parse(data), id });
  }

  /**
   * Waits. Coming back online, or back to the tab, ends the wait.
   * @param {number | null} retryAfter  seconds
   * @returns {Promise<void>}
   */
  #pause(retryAfter) {
    const wait = backoffMs({ attempt: this.#attempt, retryMs: this.#retryMs, retryAfter, chance: Math.random() });
    this.#attempt += 1;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/**
 * How long to wait before the next attempt, in ms: doubled with each attempt up to 15 s, and never shorter than the desk asks.
 * Half of it is random, so that the clients of a restarted desk do not reconnect in the same second.
 * @param {object} state
 * @param {number} state.attempt  failed attempts before this one
 * @param {number} state.retryMs  the desk's first wait
 * @param {number | null} state.retryAfter  seconds
 * @param {number} state.chance  0 to 1
 */
export function backoffMs({ attempt, retryMs, retryAfter, chance }) {
  const longest = Math.min(retryMs * 2 ** attempt, LONGEST_WAIT_MS);
  return Math.max(longest * (0.5 + chance / 2), (retryAfter ?? 0) * 1_000);
}
