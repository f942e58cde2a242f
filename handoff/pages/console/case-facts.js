// What the facts pane shows of a log, gathered event by event: a long conversation is read once.

export class CaseFacts {
  entities = new Map(); // "kind value" -> {entity, text, copy, meaning}
  articles = new Map(); // "id revision" -> the message that carried it
  decisions = []; // triage events
  notes = [];
  #events;
  #read = 0;

  constructor(events) {
    this.#events = events;
  }

  /** Takes in what has been appended to `events` since the last call. */
  update() {
    for (; this.#read < this.#events.length; this.#read += 1) this.#take(this.#events[this.#read]);
  }

  isOf(events) {
    return this.#events === events;
  }

  #take(event) {
    if (event.type === "triage") {
      this.decisions.push(event);
      for (const entity of event.decision.entities ?? []) this.#takeEntity(entity);
    } else if (event.type === "message") {
      if (event.article) this.articles.set(`${event.article.id} ${event.article.revision}`, event);
    } else if (event.type === "note" || event.note) {
      this.notes.push(event);
    }
  }

  #takeEntity(entity) {
    const value =
      typeof entity.value === "object" && entity.value !== null
        ? entity.value
        : { text: String(entity.value ?? entity.text) };
    const copy = value.number != null ? String(value.number) : value.text;
    const meaning = value.number != null ? `${Number(value.number).toLocaleString("en-US")} ${value.currency}` : null;
    this.entities.set(`${entity.entity} ${copy}`, { ...entity, copy, meaning });
  }
}
