// Gathers the content of the facts pane from a log, event by event, so that a long log is read once.

/** @import { Article, Entity, LogEvent } from "../shared/contract-types.js" */
/** @typedef {{article: Article, at: string}} ShownArticle */
/** @typedef {Entity & {copy: string, meaning: string | null}} FoundEntity  with what is copied, and what it means */

export class CaseFacts {
  /** By kind and value. @type {Map<string, FoundEntity>} */
  entities = new Map();
  /** When each was shown last, by id and revision. @type {Map<string, ShownArticle>} */
  articles = new Map();
  /** Triage events. @type {LogEvent[]} */
  decisions = [];
  /** @type {LogEvent[]} */
  notes = [];
  #events;
  #read = 0;

  /** @param {readonly LogEvent[]} events */
  constructor(events) {
    this.#events = events;
  }

  /** Reads the events that were appended since the last call. */
  update() {
    for (; this.#read < this.#events.length; this.#read += 1) this.#take(this.#events[this.#read]);
  }

  /** @param {readonly LogEvent[]} events */
  isOf(events) {
    return this.#events === events;
  }

  /** @param {LogEvent} event */
  #take(event) {
    if (event.type === "triage") {
      this.decisions.push(event);
      for (const entity of event.decision?.entities ?? []) this.#takeEntity(entity);
    } else if (event.type === "message") {
      const { article, at } = event;
      if (article) this.articles.set(`${article.id} ${article.revision}`, { article, at });
    } else if (event.type === "note" || event.note) {
      this.notes.push(event);
    }
  }

  /** @param {Entity} entity */
  #takeEntity(entity) {
    const value =
      typeof entity.value === "object" && entity.value !== null
        ? entity.value
        : { text: String(entity.value ?? entity.text), number: undefined, currency: undefined };
    const copy = value.number != null ? String(value.number) : (value.text ?? entity.text);
    const meaning = value.number != null ? `${Number(value.number).toLocaleString("en-US")} ${value.currency}` : null;
    this.entities.set(`${entity.entity} ${copy}`, { ...entity, copy, meaning });
  }
}
