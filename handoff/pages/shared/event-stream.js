// Follows a stream of the desk for as long as the page is open. EventSource cannot send the bearer
// header, so this reads the stream with fetch. It reconnects with backoff and jitter, resumes with
// Last-Event-ID, and asks by plain requests instead where something in between withholds the stream.
import { DeskError, errorOf } from "./desk-api.js";
import { SseParser } from "./sse-parser.js";

// The desk pings every 15 s: two and a half missed pings are a dead line that nobody told us about.
const SILENCE_MS = 40_000;
// The desk sends its first frame at once; a proxy that buffers shows nothing at all.
const FIRST_BYTE_MS = 8_000;
const LONGEST_WAIT_MS = 15_000;
const STREAM_AGAIN_MS = 5 * 60_000;
const WITHHELD_LIMIT = 2;

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

  /**
   * api: DeskApi; path(lastId): where to connect; lastId: what is known already;
   * onFrame({type, data, id}): data is parsed JSON; onState("open" | "reconnecting");
   * poll(lastId, signal): asks once by plain request, hands over what came and returns the new last id;
   * onRefused(DeskError): sign-in or conversation unknown or not permitted, the stream has closed itself.
   */
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
        await this.#pause(error.retryAfter);
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
      const headers = { Accept: "text/event-stream" };
      if (this.#lastId) headers["Last-Event-ID"] = String(this.#lastId);
      const request = { ...api.options(headers), signal: line.signal };
      const response = await fetch(api.endpoint + path(this.#lastId), request).catch((error) => {
        answered = line.signal.aborted; // hung up on by us: a proxy may hold the stream; else no network
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

  /** Connected and yet nothing came: after the second time, plain requests for a while. */
  #noteWithheld() {
    this.#withheld += 1;
    if (this.#withheld < WITHHELD_LIMIT) return;
    this.#withheld = WITHHELD_LIMIT - 1; // one more miss is enough when the stream is tried again
    this.#pollUntil = Date.now() + STREAM_AGAIN_MS;
  }

  #arrived() {
    this.#attempt = 0;
    this.#settings.onState("open");
  }

  #frame({ type, data, id }) {
    if (id !== undefined) this.#lastId = id;
    this.#settings.onFrame({ type, data: JSON.parse(data), id });
  }

  /** Waits; coming back online or to the page ends the wait. */
  #pause(retryAfterSeconds) {
    const longest = Math.min(this.#retryMs * 2 ** this.#attempt, LONGEST_WAIT_MS);
    this.#attempt += 1;
    // Half fixed, half chance: a restarted desk must not be hit by everybody in the same second.
    const wait = Math.max(longest * (0.5 + Math.random() / 2), (retryAfterSeconds ?? 0) * 1_000);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
