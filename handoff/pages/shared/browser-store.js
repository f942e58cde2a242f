// A small key-value store in the browser. Private windows and strict settings refuse localStorage (some browsers throw on
// access), so the store falls back to sessionStorage, then to memory: the chat must work without any storage.

/** @param {"localStorage" | "sessionStorage"} name @returns {Storage | null} */
function usable(name) {
  try {
    const storage = window[name];
    storage.setItem("wallet-chat.probe", "1");
    storage.removeItem("wallet-chat.probe");
    return storage;
  } catch {
    return null; // the browser refuses it: try the next kind of storage
  }
}

/** @typedef {Pick<Storage, "length" | "key" | "getItem" | "setItem" | "removeItem">} KeyStore */

/** @implements {KeyStore} */
class Memory {
  /** @type {Map<string, string>} */
  #items = new Map();
  get length() {
    return this.#items.size;
  }
  /** @param {number} index */
  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }
  /** @param {string} key */
  getItem(key) {
    return this.#items.get(key) ?? null;
  }
  /** @param {string} key @param {string} value */
  setItem(key, value) {
    this.#items.set(key, value);
  }
  /** @param {string} key */
  removeItem(key) {
    this.#items.delete(key);
  }
}

export class BrowserStore {
  /** @type {KeyStore} */
  #storage;
  #prefix;

  /**
   * @param {string} prefix  of all keys, so that two desks on one origin do not mix
   * @param {{tabOnly?: boolean}} [options]  tabOnly: values survive a reload and end with this tab, as
   *   an unfinished text should
   */
  constructor(prefix, { tabOnly = false } = {}) {
    this.#prefix = prefix;
    this.#storage = (tabOnly ? null : usable("localStorage")) ?? usable("sessionStorage") ?? new Memory();
  }

  /** Whether the values are still there when this page is opened again. */
  get isLasting() {
    return this.#storage === usable("localStorage");
  }

  /** Removes everything of this store's own. */
  clear() {
    for (const key of this.keys()) this.remove(key);
  }

  /**
   * The value, null when there is none. The caller checks its shape.
   * @param {string} key
   * @returns {import("./contract-types.js").Json}
   */
  get(key) {
    const text = this.#storage.getItem(this.#prefix + key);
    if (text === null) return null;
    try {
      return JSON.parse(text);
    } catch {
      this.remove(key); // not written by this page, or incomplete
      return null;
    }
  }

  /** @param {string} key @param {unknown} value */
  set(key, value) {
    try {
      this.#storage.setItem(this.#prefix + key, JSON.stringify(value));
    } catch {
      // Storage is full: the value is kept in memory only, until the page is left.
    }
  }

  /** @param {string} key */
  remove(key) {
    this.#storage.removeItem(this.#prefix + key);
  }

  /**
   * Calls onSet(value) when another tab sets `key`; returns a function that stops watching.
   * @param {string} key
   * @param {(value: import("./contract-types.js").Json) => void} onSet
   */
  watch(key, onSet) {
    return this.watchEnd(key, (value) => value !== null && onSet(value));
  }

  /**
   * As watch(), and calls onChange(null) when another tab removes `key`.
   * @param {string} key
   * @param {(value: import("./contract-types.js").Json) => void} onChange
   */
  watchEnd(key, onChange) {
    const heard = (/** @type {StorageEvent} */ event) => {
      if (event.storageArea === this.#storage && event.key === this.#prefix + key) onChange(this.get(key));
    };
    window.addEventListener("storage", heard);
    return () => window.removeEventListener("storage", heard);
  }

  /**
   * Runs `work` while no other tab runs work of this name, where tabs share a store and the browser has locks.
   * @param {string} name
   * @param {() => Promise<void>} work
   * @returns {Promise<void>}
   */
  exclusively(name, work) {
    const isShared = navigator.locks && !(this.#storage instanceof Memory);
    return isShared ? navigator.locks.request(this.#prefix + name, work) : work();
  }

  /** The keys (without the prefix) that begin with `start`. */
  keys(start = "") {
    const found = [];
    for (let index = 0; index < this.#storage.length; index += 1) {
      const key = this.#storage.key(index);
      if (key?.startsWith(this.#prefix + start)) found.push(key.slice(this.#prefix.length));
    }
    return found;
  }
}
