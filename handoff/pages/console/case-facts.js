// Gathers the content of the right pane from a log, event by event, so that a long log is read once.

/** @import { Article, Decision, Entity, LogEvent } from "../shared/contract-types.js" */
/** @typedef {{article: Article, at: string}} ShownArticle */
/** @typedef {Entity & {copy: string, meaning: string | null}} FoundEntity  with what is copied, and what it means */
/**
 * One episode. `seq`: of its first event; end: its resolution, while it was not undone.
 * @typedef {{number: number, seq: number, at: string, reason: string | null, agent: string | null, end: LogEvent | null}} EpisodeFacts
 */

const CARE = /^(case|first_aid|promise|callback)_|^identified$|^assurance_changed$/;

export class CaseFacts {
  /** By kind and value. @type {Map<string, FoundEntity>} */
  entities = new Map();
  /** When each was shown last, by id and revision. @type {Map<string, ShownArticle>} */
  articles = new Map();
  /** Triage events. @type {LogEvent[]} */
  decisions = [];
  /** @type {LogEvent[]} */
  notes = [];
  /** The last look-up of each name. @type {Map<string, NonNullable<Decision["lookup"]>>} */
  lookups = new Map();
  /** Events `attached`. @type {LogEvent[]} */
  pictures = [];
  /** The present case. @type {string | null} */
  caseId = null;
  /** `seq` of the last event after which first aid or the case file may be another. */
  careSeq = 0;
  /** In order; the last one is the present one. @type {EpisodeFacts[]} */
  episodes = [];
  /** The last judgement of each kind and agent, by "login mark". @type {Map<string, LogEvent>} */
  marks = new Map();
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

  /** Whether an agent's mark of this kind stands. @param {string} login @param {string} mark */
  isMarked(login, mark) {
    return this.marks.get(`${login} ${mark}`)?.is_set === true;
  }

  /** @param {LogEvent} event */
  #take(event) {
    this.#takeEpisode(event);
    if (event.type === "case_opened") this.caseId = event.case_id ?? null;
    if (event.type === "attached") this.pictures.push(event);
    if (CARE.test(event.type)) this.careSeq = event.seq;
    if (event.type === "triage") {
      this.decisions.push(event);
      for (const entity of event.decision?.entities ?? []) this.#takeEntity(entity);
      const lookup = event.decision?.lookup;
      if (lookup) this.lookups.set(lookup.name, lookup);
    } else if (event.type === "message") {
      const { article, at } = event;
      if (article) this.articles.set(`${article.id} ${article.revision}`, { article, at });
    } else if (event.type === "marked") {
      this.marks.set(`${event.login} ${event.mark}`, event);
    } else if (event.type === "note" || event.note) {
      this.notes.push(event);
    }
  }

  /** @param {LogEvent} event */
  #takeEpisode(event) {
    if (event.type === "reopened" || !this.episodes.length)
      this.episodes.push({
        number: this.episodes.length + 1,
        seq: event.seq,
        at: event.at,
        reason: null,
        agent: null,
        end: null,
      });
    const episode = /** @type {EpisodeFacts} */ (this.episodes.at(-1));
    if (event.type === "handoff_requested") episode.reason = event.reason ?? null;
    else if (event.type === "assigned") episode.agent = event.agent ?? null;
    else if (event.type === "resolved") episode.end = event;
    else if (event.type === "resolution_undone") episode.end = null;
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
