// The few parts of a browser that the models need, for tests in Node; and what several tests build.

/** Puts an empty window and document where the models look for them. */
export function installBrowser() {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  Object.assign(globalThis, { window, document });
  return { window, document };
}

/** A key-value store like BrowserStore, in memory. */
export class MemoryStore {
  /** @type {Map<string, string>} */
  items = new Map();

  /** @param {string} key */
  get(key) {
    return JSON.parse(this.items.get(key) ?? "null");
  }

  /** @param {string} key @param {unknown} value */
  set(key, value) {
    this.items.set(key, JSON.stringify(value));
  }

  /** @param {string} key */
  remove(key) {
    this.items.delete(key);
  }

  /** @param {string} [start] */
  keys(start = "") {
    return [...this.items.keys()].filter((key) => key.startsWith(start));
  }
}

/** When the tests' logs begin, in ms. */
export const START = Date.parse("2026-11-30T09:00:00Z");

/**
 * An event of a log: a message of the customer's unless `more` says otherwise; one second after the event before.
 * @param {number} seq
 * @param {Partial<import("../../handoff/pages/shared/contract-types.js").LogEvent>} [more]
 * @returns {import("../../handoff/pages/shared/contract-types.js").LogEvent}
 */
export function event(seq, more = {}) {
  const at = new Date(START + seq * 1_000).toISOString();
  return { seq, type: "message", at, by: { kind: "customer", name: "" }, text: `text ${seq}`, ...more };
}

/** Lets all promises that are settled run what waits for them. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
