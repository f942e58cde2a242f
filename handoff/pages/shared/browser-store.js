// A small key-value store in the browser. Private windows and strict settings refuse localStorage
// (some throw on the mere access), so it falls back to sessionStorage and at last to memory:
// the chat must work even where it can remember nothing.

function usable(name) {
  try {
    const storage = window[name];
    storage.setItem("wallet-chat.probe", "1");
    storage.removeItem("wallet-chat.probe");
    return storage;
  } catch {
    return null; // refused by the browser: the next kind of storage is tried
  }
}

class Memory {
  #items = new Map();
  get length() {
    return this.#items.size;
  }
  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }
  getItem(key) {
    return this.#items.get(key) ?? null;
  }
  setItem(key, value) {
    this.#items.set(key, value);
  }
  removeItem(key) {
    this.#items.delete(key);
  }
}

export class BrowserStore {
  #storage;
  #prefix;

  /**
   * Keys are kept under `prefix`, so that two desks on one origin do not mix. tabOnly: outlives a reload, but
   * belongs to this tab and ends with it, as a half-written text should.
   */
  constructor(prefix, { tabOnly = false } = {}) {
    this.#prefix = prefix;
    this.#storage = (tabOnly ? null : usable("localStorage")) ?? usable("sessionStorage") ?? new Memory();
  }

  get(key) {
    const text = this.#storage.getItem(this.#prefix + key);
    if (text === null) return null;
    try {
      return JSON.parse(text);
    } catch {
      this.remove(key); // not ours or half written: of no use to anybody
      return null;
    }
  }

  set(key, value) {
    try {
      this.#storage.setItem(this.#prefix + key, JSON.stringify(value));
    } catch {
      // Full: what is in memory still works until the page is left.
    }
  }

  remove(key) {
    this.#storage.removeItem(this.#prefix + key);
  }

  /** onSet(value) when another tab sets `key`; returns what ends the watch. */
  watch(key, onSet) {
    const heard = (event) => {
      if (event.storageArea !== this.#storage || event.key !== this.#prefix + key || event.newValue === null) return;
      const value = this.get(key);
      if (value !== null) onSet(value);
    };
    window.addEventListener("storage", heard);
    return () => window.removeEventListener("storage", heard);
  }

  /** Runs `work` while no other tab runs work of this name, where tabs share a store and the browser has locks. */
  exclusively(name, work) {
    const isShared = navigator.locks && !(this.#storage instanceof Memory);
    return isShared ? navigator.locks.request(this.#prefix + name, work) : work();
  }

  /** The keys (without the prefix) that begin with `start`. */
  keys(start = "") {
    const found = [];
    for (let index = 0; index < this.#storage.length; index += 1) {
      const key = this.#storage.key(index);
      if (key.startsWith(this.#prefix + start)) found.push(key.slice(this.#prefix.length));
    }
    return found;
  }
}
