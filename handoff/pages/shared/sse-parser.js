// Reads server-sent events from text that arrives in arbitrary pieces (WHATWG HTML, section 9.2.6).

/** @typedef {{type: string, data: string, id: string | undefined}} SseFrame  id: undefined when the frame has none */

export class SseParser {
  #rest = "";
  /** @type {{type: string, data: string[], id: string | undefined}} */
  #frame = { type: "", data: [], id: undefined };
  #onFrame;
  #onRetry;

  /**
   * @param {(frame: SseFrame) => void} onFrame
   * @param {(ms: number) => void} [onRetry]
   */
  constructor(onFrame, onRetry = () => {}) {
    this.#onFrame = onFrame;
    this.#onRetry = onRetry;
  }

  /** @param {string} text */
  push(text) {
    this.#rest += text;
    // A lone \r at the very end may be the first half of \r\n, so it waits for the next piece.
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  /** @param {string} line */
  #line(line) {
    if (line === "") return this.#dispatch();
    if (line.startsWith(":")) return undefined; // a comment: the server's ping
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#frame.type = value;
    else if (field === "data") this.#frame.data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#frame.id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.#onRetry(Number(value));
    return undefined;
  }

  #dispatch() {
    const { type, data, id } = this.#frame;
    this.#frame = { type: "", data: [], id: undefined };
    if (data.length) this.#onFrame({ type: type || "message", data: data.join("\n"), id });
  }
}
