// HTTP calls to the desk, and the error that they throw.
import { isRecord } from "./contract-types.js";

/** @import { Json, LogEvent } from "./contract-types.js" */

/**
 * The further fields of a refusal: `agent` was faster (already_assigned), `unread` came meanwhile (unread).
 * @typedef {{code?: string, message?: string, agent?: string | null, unread?: LogEvent[]}} Refusal
 */

/** A call that failed. */
export class DeskError extends Error {
  /**
   * @param {number} status  of HTTP; 0: no answer came at all; -1: a fault of this page
   * @param {string} code  the desk's stable code
   * @param {string} message
   * @param {{retryAfter?: number | null, agent?: string | null, details?: Refusal}} [more]
   */
  constructor(status, code, message, { retryAfter = null, agent = null, details = {} } = {}) {
    super(message);
    this.name = "DeskError";
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter; // seconds
    this.agent = agent; // the agent who claimed first, with code already_assigned
    this.details = details; // all fields of the desk's error
  }

  /**
   * A caught value as DeskError. A programming error of this page gets status -1 and is not retried.
   * @param {unknown} error
   */
  static of(error) {
    // By name, too: a part of the chat that is loaded later has a class of its own.
    const isOne = error instanceof DeskError || (error instanceof Error && error.name === "DeskError");
    return isOne ? /** @type {DeskError} */ (error) : new DeskError(-1, "fault", String(error));
  }

  /** The desk does not know the session or the conversation. A proxy's 404 does not count. */
  get isUnknownCaller() {
    return this.status === 401 || (this.status === 404 && this.code === "unknown_conversation");
  }

  /** The desk could not be reached, directly or through a proxy. */
  get isOutage() {
    return this.status === 0 || this.status >= 500;
  }

  /** A limit of the desk is reached; `retryAfter` holds the seconds to wait. */
  get isTooMany() {
    return this.status === 429;
  }

  /** The same request may succeed later: no answer, a limit, or a fault of the desk. */
  get isPassing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** @typedef {{timeout?: number, signal?: AbortSignal, bearer?: string}} CallSettings  timeout in ms; bearer: in place of the token */

const NO_ANSWER = "network";
const DEFAULT_TIMEOUT_MS = 15_000;

export class DeskApi {
  /** The bearer token of a customer. @type {string | null} */
  token = null;

  /**
   * @param {string} endpoint  origin of the desk
   * @param {object} [options]
   * @param {RequestCredentials} [options.credentials]  "omit" for the chat, which has a bearer token and must not carry an
   *   agent's cookie along; "same-origin" for the console
   * @param {string} [options.locale]
   */
  constructor(endpoint, { credentials = "omit", locale = "zh" } = {}) {
    this.endpoint = endpoint.replace(/\/+$/, "");
    this.credentials = credentials;
    this.locale = locale;
  }

  /**
   * The options of fetch() for a request with `headers`; event-stream.js uses it for its own fetches.
   * @param {Record<string, string>} headers
   * @returns {RequestInit & {headers: Record<string, string>}}
   */
  options(headers = {}) {
    /** @type {Record<string, string>} */
    const all = { Accept: "application/json", "Accept-Language": this.locale, ...headers };
    if (this.token) all.Authorization = `Bearer ${this.token}`;
    return { headers: all, credentials: this.credentials, cache: "no-store" };
  }

  /** @param {string} path @param {CallSettings} [settings] */
  get(path, settings) {
    return this.#call("GET", path, undefined, settings);
  }
  /** @param {string} path @param {object} [body] @param {CallSettings} [settings] */
  post(path, body = {}, settings) {
    return this.#call("POST", path, body, settings);
  }
  /** @param {string} path @param {object} body @param {CallSettings} [settings] */
  put(path, body, settings) {
    return this.#call("PUT", path, body, settings);
  }
  /** @param {string} path @param {object} [body] @param {CallSettings} [settings] */
  delete(path, body, settings) {
    return this.#call("DELETE", path, body, settings);
  }

  /**
   * Returns the JSON body (null when there is none); throws DeskError.
   * @param {string} method
   * @param {string} path
   * @param {object | undefined} body
   * @param {CallSettings} [settings]
   * @returns {Promise<Json>}
   */
  async #call(method, path, body, { timeout = DEFAULT_TIMEOUT_MS, signal, bearer } = {}) {
    /** @type {RequestInit & {headers: Record<string, string>}} */
    const options = { ...this.options(body === undefined ? {} : { "Content-Type": "application/json" }), method };
    if (bearer) options.headers.Authorization = `Bearer ${bearer}`;
    if (body !== undefined) options.body = JSON.stringify(body);
    const clock = new AbortController();
    const timer = setTimeout(() => clock.abort(), timeout);
    const giveUp = () => clock.abort();
    signal?.addEventListener("abort", giveUp);
    try {
      const response = await fetch(this.endpoint + path, { ...options, signal: clock.signal });
      if (!response.ok) throw await errorOf(response);
      return response.status === 204 ? null : await response.json();
    } catch (error) {
      if (error instanceof DeskError) throw error;
      throw new DeskError(0, NO_ANSWER, String(error));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    }
  }
}

/**
 * The DeskError that a failed response stands for, also when a proxy answered in place of the desk.
 * @param {Response} response
 */
export async function errorOf(response) {
  const retryAfter = Number.parseInt(response.headers.get("Retry-After") ?? "", 10) || null;
  /** @type {unknown} */
  let body = null;
  try {
    body = await response.json();
  } catch {
    // A proxy's HTML page: only the status is used.
  }
  const details = /** @type {Refusal} */ (isRecord(body) && isRecord(body.error) ? body.error : {});
  const { code = `http_${response.status}`, message = response.statusText, agent } = details;
  return new DeskError(response.status, code, message, { retryAfter, agent, details });
}
