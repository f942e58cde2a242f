// The inbox as one editor works through it: which group is shown, and which decisions are on their way to the desk. The next
// group is shown before the desk has answered, so an editor never waits between two keys.
import { DeskError } from "../shared/desk-api.js";

/** @import { Json } from "../shared/contract-types.js" */

/**
 * @typedef {{id: string, text: string, at?: string | null, count?: number}} InboxText  count: turns with this text
 * @typedef {{intent: string, score: number}} SuggestedIntent
 * @typedef {object} InboxGroup
 * @property {string} id
 * @property {string} kind  not_understood, not_solved, asked_back, torn, marked, imported
 * @property {number} count  turns with its texts
 * @property {number} [cost]
 * @property {string | null} [first_at]
 * @property {string | null} [last_at]
 * @property {InboxText[]} texts
 * @property {SuggestedIntent[]} suggested  best first
 * @property {{text: string, intent: string, score?: number}[]} nearest  training examples
 * @property {string} [problem]  why the last decision about it was refused
 */
/**
 * @typedef {"intent" | "new_intent" | "out_of_scope" | "article_missing" | "ignore"} InboxAction
 * @typedef {{action: InboxAction, intent?: string, note?: string}} Verdict
 * @typedef {{group: InboxGroup, verdict: Verdict, textIds: string[], state: "waiting" | "sending" | "done" | "failed" | "taken_back"}} Decided
 * @typedef {{done_today?: number, done_hour?: number, left?: number, by_kind?: Record<string, number>}} InboxCounts
 */
/**
 * The calls of the inbox. `wait` sleeps, in ms.
 * @typedef {object} InboxDesk
 * @property {(kind: string | null) => Promise<Json>} list
 * @property {(group: string, body: object) => Promise<Json>} decide
 * @property {() => Promise<Json>} undo
 * @property {(ms: number) => Promise<void>} wait
 */

/** With fewer groups than this the next ones are fetched. */
const FEW = 6;
/** Texts of a group that are shown at first. */
const FIRST = 12;
const RETRY_MS = [1_000, 2_000, 4_000];
/** The desk's words for a group that was decided already; after a lost answer that was this very decision. */
const GONE = new Set(["unknown_group", "decided_meanwhile"]);

/** The groups from JSON; values without an id or texts are left out. @param {Json} json @returns {InboxGroup[]} */
export function readGroups(json) {
  const groups = Array.isArray(json?.groups) ? json.groups : [];
  return groups
    .filter((/** @type {Json} */ group) => typeof group?.id === "string" && Array.isArray(group.texts))
    .map((/** @type {Json} */ group) => ({ ...group, suggested: group.suggested ?? [], nearest: group.nearest ?? [] }));
}

/** Sends "change" when what it shows changed, and "problem" (a CustomEvent with a DeskError) when a decision came back. */
export class InboxModel extends EventTarget {
  /** @type {InboxGroup[]} */
  groups = [];
  /** The texts of the shown group that are not confirmed. @type {Set<string>} */
  unticked = new Set();
  /** @type {InboxCounts} */
  counts = {};
  /** Texts confirmed since the page was opened. */
  confirmed = 0;
  isLoaded = false;
  #desk;
  /** @type {string | null} */
  #kind = null;
  /** Decisions in their order, for undo. @type {Decided[]} */
  #decided = [];
  /** Calls go to the desk one after the other: an undo must not overtake its decision. @type {Promise<unknown>} */
  #line = Promise.resolve();
  #isWhole = false;
  #isLoading = false;
  #isExhausted = false;
  /** Groups decided since the last list was asked for: the answer may still have them. @type {Set<string>} */
  #recent = new Set();
  #loads = 0;

  /** @param {InboxDesk} desk */
  constructor(desk) {
    super();
    this.#desk = desk;
  }

  /** The group that the keys decide about. */
  get group() {
    return this.groups[0] ?? null;
  }

  /** Decisions that the desk has not confirmed. */
  get pending() {
    return this.#decided.filter(({ state }) => state === "waiting" || state === "sending").length;
  }

  get canUndo() {
    return this.#decided.some(({ state }) => state !== "failed" && state !== "taken_back");
  }

  get kind() {
    return this.#kind;
  }

  /** Shows groups of one kind, null for all. Throws DeskError. @param {string | null} [kind] */
  async show(kind = null) {
    this.#kind = kind;
    this.groups = [];
    this.#startGroup();
    this.isLoaded = false;
    this.#isExhausted = false;
    this.#changed();
    await this.#line; // what was decided must not come back with the list
    await this.#load();
  }

  /** @param {string} id  of a text of the shown group */
  tick(id) {
    if (!this.unticked.delete(id)) this.unticked.add(id);
    this.#changed();
  }

  /** The texts of the group that are shown. A decision is about no other: nothing is confirmed that was not seen. */
  get shown() {
    const texts = this.group?.texts ?? [];
    return this.#isWhole ? texts : texts.slice(0, FIRST);
  }

  /** Shows all texts of the group. */
  showAll() {
    this.#isWhole = true;
    this.#changed();
  }

  /** The texts of the shown group that a decision is about. */
  get ticked() {
    return this.shown.filter(({ id }) => !this.unticked.has(id));
  }

  /**
   * Decides about the ticked texts of the shown group, and shows the next group at once. Returns false without a ticked text.
   * @param {Verdict} verdict
   */
  decide(verdict) {
    const group = this.group;
    const textIds = this.ticked.map(({ id }) => id);
    if (!group || !textIds.length) return false;
    this.groups.shift();
    this.#startGroup();
    delete group.problem;
    /** @type {Decided} */
    const decided = { group, verdict, textIds, state: "waiting" };
    this.#decided.push(decided);
    this.#recent.add(group.id);
    this.confirmed += textIds.length;
    this.#inLine(() => this.#send(decided));
    this.#changed();
    if (this.groups.length < FEW) this.#refill();
    return true;
  }

  /** Takes the last decision back and shows its group again. Returns false when there is none. */
  undo() {
    const decided = this.#decided.findLast(({ state }) => state !== "failed" && state !== "taken_back");
    if (!decided) return false;
    const wasWaiting = decided.state === "waiting";
    decided.state = "taken_back";
    this.confirmed -= decided.textIds.length;
    this.#startGroup();
    this.groups = [decided.group, ...this.groups.filter(({ id }) => id !== decided.group.id)];
    if (!wasWaiting) this.#inLine(() => this.#takeBack(decided));
    this.#changed();
    return true;
  }

  /** Looks for new groups while none is shown: the desk stores the groups of a job a little after the job has ended. */
  lookAgain() {
    if (!this.isLoaded || this.group || this.pending) return;
    this.#isExhausted = false;
    this.#refill();
  }

  /** Resolves when no call is under way. */
  settled() {
    return this.#line;
  }

  #startGroup() {
    this.unticked.clear();
    this.#isWhole = false;
  }

  /** @param {() => Promise<void>} work */
  #inLine(work) {
    this.#line = this.#line.then(work);
  }

  /** @param {Decided} decided */
  async #send(decided) {
    if (decided.state !== "waiting") return; // taken back before it was sent
    decided.state = "sending";
    const { group, verdict, textIds } = decided;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await this.#desk.decide(group.id, { ...verdict, text_ids: textIds });
        this.counts = { ...this.counts, ...answer?.counts };
        break;
      } catch (caught) {
        const error = DeskError.of(caught);
        if (attempt > 0 && GONE.has(error.code)) break; // the answer to the first try was lost
        if (error.isPassing && attempt < RETRY_MS.length) {
          await this.#desk.wait(RETRY_MS[attempt]);
          continue;
        }
        this.#comeBack(decided, error);
        return;
      }
    }
    if (decided.state === "sending") decided.state = "done";
    this.#changed();
  }

  /**
   * A refused decision. Its group comes after the shown one: the shown group must not change under a key that is being pressed.
   * @param {Decided} decided @param {DeskError} error
   */
  #comeBack(decided, error) {
    const { group } = decided;
    if (decided.state === "sending") {
      decided.state = "failed";
      this.confirmed -= decided.textIds.length;
      group.problem = error.message;
      this.#recent.delete(group.id);
      const rest = this.groups.filter(({ id }) => id !== group.id);
      this.groups = [...rest.slice(0, 1), group, ...rest.slice(1)];
    } else decided.state = "failed"; // taken back meanwhile: the group is shown already, and there is nothing to undo
    this.dispatchEvent(new CustomEvent("problem", { detail: error }));
    this.#changed();
  }

  /** @param {Decided} decided */
  async #takeBack(decided) {
    if (decided.state === "failed") return; // the desk had refused it
    try {
      const answer = await this.#desk.undo();
      // The desk may give the group another id; the shown one is the same object.
      const [fresh] = readGroups({ groups: answer?.group ? [answer.group] : [] });
      if (fresh) Object.assign(decided.group, fresh);
      else if (answer && answer.group === null) {
        // Its texts are in other groups by now; the list has them.
        this.groups = this.groups.filter((group) => group !== decided.group);
        this.#isExhausted = false;
        this.#refill();
      }
      if (!this.groups.includes(decided.group)) this.#recent.add(decided.group.id); // it was decided again meanwhile
      this.counts = { ...this.counts, ...answer?.counts };
    } catch (caught) {
      decided.state = "done";
      this.confirmed += decided.textIds.length;
      this.groups = this.groups.filter((group) => group !== decided.group);
      this.dispatchEvent(new CustomEvent("problem", { detail: DeskError.of(caught) }));
    }
    this.#changed();
  }

  async #refill() {
    if (this.#isLoading || this.#isExhausted) return;
    try {
      await this.#load();
    } catch (error) {
      this.dispatchEvent(new CustomEvent("problem", { detail: DeskError.of(error) }));
    }
  }

  async #load() {
    this.#loads += 1;
    const load = this.#loads;
    this.#isLoading = true;
    const shown = new Set(this.#recent);
    // Only decisions that are under way now, or made until the answer comes, may still be in the answer.
    this.#recent = new Set(
      this.#decided.filter(({ state }) => state === "waiting" || state === "sending").map(({ group }) => group.id),
    );
    try {
      const answer = await this.#desk.list(this.#kind);
      if (load !== this.#loads) return;
      const known = new Set([...this.groups.map(({ id }) => id), ...this.#recent]);
      const fresh = readGroups(answer).filter(({ id }) => !known.has(id));
      this.counts = answer?.counts ?? {};
      this.#isExhausted = fresh.length === 0 && this.#recent.size === 0;
      this.groups = [...this.groups, ...fresh];
      this.isLoaded = true;
    } catch (error) {
      for (const id of shown) this.#recent.add(id);
      throw error;
    } finally {
      if (load === this.#loads) this.#isLoading = false;
      this.#changed();
    }
    if (this.groups.length === 0 && !this.#isExhausted) {
      await this.#line;
      await this.#load();
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Texts an hour at the pace since `startedAt`; null in the first minute, in which the figure would only jump.
 * @param {number} confirmed  @param {number} startedAt  ms  @param {number} now  ms
 */
export function pace(confirmed, startedAt, now) {
  const hours = (now - startedAt) / 3_600_000;
  return hours < 1 / 60 || confirmed <= 0 ? null : Math.round(confirmed / hours);
}
