// What the board shows, from the JSON of GET /api/board: checks at the door, and the pure rules of the views.
import { isRecord, readCard } from "../shared/contract-types.js";

/** @import { Card, Due, Json } from "../shared/contract-types.js" */

/**
 * @typedef {{zh: string, en: string}} Bilingual
 * @typedef {"seconds" | "count" | "share" | "stars"} Unit  share: 0 to 1; stars: 1 to 5
 */

/**
 * One figure of the first row. `value` is null when there is nothing to count.
 * @typedef {object} BoardFigure
 * @property {string} id
 * @property {number | null} value
 * @property {string} unit
 * @property {number | null} [yesterday]  at the same hour
 * @property {Bilingual} [name]
 * @property {Bilingual} [definition]
 * @property {string | null} [conversation_ids_url]  where the desk lists what it counts
 */

/**
 * @typedef {{lane?: string | null, priority?: string | null, queue?: string | null, count: number, oldest_seconds: number | null}} WaitingGroup
 * @typedef {{code: string, zh: string, en: string}} Warning
 * @typedef {{at: string, arrivals: number, claims: number, waiting: number}} TimelinePoint
 * @typedef {{at: string, kind: string, zh?: string, en?: string}} TimelineMark
 * @typedef {Card} BoardCard
 */

/**
 * Something that a supervisor has to look at.
 * @typedef {object} Attention
 * @property {string} kind
 * @property {string} at  ISO 8601: since when
 * @property {string | null} [conversation_id]
 * @property {string | null} [login]
 * @property {string | null} [name]  of the agent
 * @property {BoardCard | null} [card]
 * @property {string | null} [reason]  accessed: the agent's words
 * @property {number | null} [count]  requeued: how often; wave: how many customers
 * @property {number | null} [score]  low_rating: 1 or 2
 * @property {string | null} [by]  over_capacity: the supervisor
 * @property {string | null} [why]  offer_missed: late, declined, absent
 * @property {string | null} [case]  duties and promises: the case
 * @property {{zh: string, en: string} | null} [label]  duties and promises: what is owed
 */

/**
 * A conversation in an agent's hands. waiting_seconds: since the customer's unanswered message, null when the customer owes.
 * @typedef {{id: string, lane?: string | null, priority?: string | null, waiting_seconds?: number | null, due?: Due | null}} HeldConversation
 */

/**
 * @typedef {object} BoardAgent
 * @property {string} login
 * @property {string} name
 * @property {string} role
 * @property {boolean} online
 * @property {string} presence  available, busy, away, offline
 * @property {string | null} [since]
 * @property {number} load
 * @property {number} [weight]
 * @property {number} capacity
 * @property {string[]} [skills]
 * @property {string[]} [languages]
 * @property {HeldConversation[]} [conversations]
 * @property {number | null} [first_response_seconds]  the median of today
 * @property {number | null} [rating]  the mean of today
 * @property {number | null} [ratings]
 * @property {string | null} [last_seen_at]
 */

/**
 * @typedef {object} Board
 * @property {string} now
 * @property {string | undefined} zone  in which the desk counts days
 * @property {BoardFigure[]} figures
 * @property {WaitingGroup[]} waiting
 * @property {BoardCard[]} breaches
 * @property {BoardCard[]} near
 * @property {Attention[]} attention
 * @property {number} total  of attention, which the desk cuts
 * @property {BoardAgent[]} agents
 * @property {TimelinePoint[]} timeline
 * @property {TimelineMark[]} marks
 * @property {Warning[]} warnings
 */

/** @param {Json} value @returns {Json[]} */
const records = (value) => (Array.isArray(value) ? value.filter(isRecord) : []);

/**
 * The board from JSON; a part that is missing is empty. Throws TypeError when the desk sent no board, or a card without an id.
 * @param {unknown} json
 * @returns {Board}
 */
export function readBoard(json) {
  if (!isRecord(json) || typeof json.now !== "string") throw new TypeError("the desk sent no board");
  const { window } = json;
  const attention = records(json.attention);
  return {
    now: json.now,
    zone: typeof json.zone === "string" ? json.zone : undefined,
    figures: records(json.figures).map((figure) => ({
      conversation_ids_url: countedUrl(figure.id, window),
      ...figure,
    })),
    waiting: records(json.waiting),
    breaches: records(json.breaches).map((card) => readCard(card)),
    near: records(json.near).map((card) => readCard(card)),
    attention,
    total: Number.isInteger(json.attention_total) ? Number(json.attention_total) : attention.length,
    agents: records(json.agents),
    timeline: records(json.timeline),
    marks: records(json.marks),
    warnings: records(json.warnings),
  };
}

/** @param {string} id @param {Json} window  of the board's figures @returns {string | null} */
function countedUrl(id, window) {
  if (!isRecord(window) || typeof window.from !== "string" || typeof window.to !== "string") return null;
  return `/api/figures/${encodeURIComponent(id)}/conversations?${new URLSearchParams({ from: window.from, to: window.to })}`;
}

/** Whether nothing has happened yet: an empty desk gets an explanation, not empty tables. @param {Board} board */
export function isEmpty({ figures, waiting, breaches, near, attention, agents, timeline }) {
  const isQuiet = [waiting, breaches, near, attention].every((list) => list.length === 0);
  const counts = timeline.some(({ arrivals, claims, waiting: line }) => arrivals > 0 || claims > 0 || line > 0);
  return isQuiet && !counts && agents.every(({ load }) => !load) && figures.every(({ value }) => !value);
}

// --- agents ----------------------------------------------------------------------------------------------------------------

const SOON_SECONDS = 120;
const LATE_SECONDS = 300;

/** @typedef {{tone: "late" | "soon" | "waits" | "quiet" | "taken" | "free", minutes: number | null, isOver: boolean}} Slot */

/**
 * An agent's load as slots, the longest wait first, then what the customer owes, then free places. More conversations than
 * places are further slots with `isOver`.
 * @param {BoardAgent} agent
 * @param {number} now  ms
 * @returns {Slot[]}
 */
export function slotsOf({ load, capacity, conversations }, now) {
  const held = conversations ? conversations.map((each) => slotOf(each, now)) : [];
  // A load that is not explained by conversations (another desk's newer answer) is still taken.
  while (held.length < load) held.push({ tone: "taken", minutes: null, isOver: false });
  held.sort((a, b) => (b.minutes ?? -1) - (a.minutes ?? -1));
  while (held.length < capacity) held.push({ tone: "free", minutes: null, isOver: false });
  return held.map((slot, index) => ({ ...slot, isOver: index >= capacity }));
}

/** @param {HeldConversation} conversation @param {number} now @returns {Slot} */
function slotOf({ waiting_seconds: seconds, due }, now) {
  if (seconds === null || seconds === undefined) return { tone: "quiet", minutes: null, isOver: false };
  const minutes = Math.floor(seconds / 60);
  const rest = due && !due.is_paused ? (Date.parse(due.at) - now) / 1_000 : null;
  if (due?.is_breached || (rest === null && seconds >= LATE_SECONDS)) return { tone: "late", minutes, isOver: false };
  const isSoon = rest === null ? seconds >= SOON_SECONDS : rest < SOON_SECONDS;
  return { tone: isSoon ? "soon" : "waits", minutes, isOver: false };
}

const PRESENCE_ORDER = ["available", "busy", "away", "offline"];

/**
 * The state that is shown: an agent whose page is gone is offline, whatever they last said.
 * @param {BoardAgent} agent
 */
export function presenceOf({ online, presence }) {
  if (!online) return "offline";
  return PRESENCE_ORDER.includes(presence) ? presence : "available";
}

/**
 * Agents in the order of the table: available, busy, away, offline; the fullest first, then by name. Editors take no
 * conversations and are left out.
 * @param {readonly BoardAgent[]} agents
 */
export function sortAgents(agents) {
  const rank = (/** @type {BoardAgent} */ agent) => PRESENCE_ORDER.indexOf(presenceOf(agent));
  const share = (/** @type {BoardAgent} */ { load, capacity }) => load / Math.max(1, capacity);
  return agents
    .filter(({ role }) => role !== "editor")
    .sort(
      (a, b) =>
        rank(a) - rank(b) ||
        share(b) - share(a) ||
        (a.name < b.name ? -1 : Number(a.name > b.name)) ||
        (a.login < b.login ? -1 : 1),
    );
}

/** How many agents are in each state. @param {readonly BoardAgent[]} agents @returns {Record<string, number>} */
export function presenceCounts(agents) {
  const counts = Object.fromEntries(PRESENCE_ORDER.map((state) => [state, 0]));
  for (const agent of agents) if (agent.role !== "editor") counts[presenceOf(agent)] += 1;
  return counts;
}

// --- conversations ---------------------------------------------------------------------------------------------------------

/** @typedef {{key: string, kind: string, at: string, id: string | null, login: string | null, name: string | null, card: BoardCard | null, what: Attention}} Matter */

/**
 * The rows of 要我管. A row keeps its key while its matter lasts, so it keeps its place and the focus; two equal entries are one.
 * @param {Board} board
 * @returns {Matter[]}
 */
export function mattersOf({ attention, breaches, near, agents }) {
  const names = new Map(agents.map((agent) => [agent.login, agent.name]));
  const cards = new Map([...near, ...breaches].map((card) => [card.id, card]));
  /** @type {Map<string, Matter>} */
  const matters = new Map();
  for (const what of attention) {
    const { kind, at, conversation_id, login, name, card } = what;
    const id = conversation_id ?? card?.id ?? null;
    const known = card ?? (id === null ? null : (cards.get(id) ?? null));
    const key = [kind, id ?? "", id === null ? (login ?? "") : "", id === null ? at : ""].join(" ");
    const agent = login ?? known?.agent ?? null;
    if (!matters.has(key))
      matters.set(key, {
        key,
        kind: String(kind),
        at,
        id,
        login: agent,
        name: name ?? known?.agent_name ?? names.get(agent ?? "") ?? agent,
        card: known,
        what,
      });
  }
  return [...matters.values()];
}

/** @typedef {{key: string, card: BoardCard, isLate: boolean, seconds: number | null}} Deadline  seconds: until the deadline, negative after it */

/**
 * Deadlines that passed or are near, the most overdue first.
 * @param {Board} board
 * @returns {Deadline[]}
 */
export function deadlinesOf({ breaches, near, now }) {
  const at = Date.parse(now);
  const entry = (/** @type {boolean} */ isLate) => (/** @type {BoardCard} */ card) => ({
    key: card.id,
    card,
    isLate,
    seconds: card.due ? Math.round((Date.parse(card.due.at) - at) / 1_000) : null,
  });
  const late = breaches.map(entry(true));
  const ids = new Set(breaches.map(({ id }) => id));
  const soon = near.filter(({ id }) => !ids.has(id)).map(entry(false));
  return [...late, ...soon].sort((a, b) => Number(b.isLate) - Number(a.isLate) || (a.seconds ?? 0) - (b.seconds ?? 0));
}

/** @typedef {{key: string, lane: string | null, priority: string | null, total: number, oldest: number, byQueue: Map<string, number>}} Line */

/**
 * Who waits, one row for each lane or priority and one column for each queue that has somebody.
 * @param {readonly WaitingGroup[]} waiting
 * @returns {{lines: Line[], queues: string[], total: number}}
 */
export function linesOf(waiting) {
  /** @type {Map<string, Line>} */
  const lines = new Map();
  /** @type {Set<string>} */
  const queues = new Set();
  let total = 0;
  for (const { lane = null, priority = null, queue, count, oldest_seconds } of waiting) {
    if (!count) continue;
    const key = lane ? `lane ${lane}` : `priority ${priority}`;
    const line = lines.get(key) ?? { key, lane, priority, total: 0, oldest: 0, byQueue: new Map() };
    lines.set(key, line);
    line.total += count;
    line.oldest = Math.max(line.oldest, oldest_seconds ?? 0);
    if (queue) {
      queues.add(queue);
      line.byQueue.set(queue, (line.byQueue.get(queue) ?? 0) + count);
    }
    total += count;
  }
  const rank = (/** @type {Line} */ { lane, priority }) =>
    lane ? -1 : ["urgent", "high", "normal"].indexOf(priority ?? "") >>> 0;
  return { lines: [...lines.values()].sort((a, b) => rank(a) - rank(b)), queues: [...queues].sort(), total };
}

// --- tables that are refreshed while somebody uses them ----------------------------------------------------------------------

/**
 * The order of rows while a person points at the table or works in it: what is shown stays where it is, so that a click meets
 * the row that it was meant for; new rows come last, and rows that are gone stay until the hand leaves.
 * @param {readonly string[]} shown
 * @param {readonly string[]} wanted
 * @returns {{order: string[], gone: Set<string>}}
 */
export function heldOrder(shown, wanted) {
  const now = new Set(wanted);
  const before = new Set(shown);
  const fresh = wanted.filter((key) => !before.has(key));
  return { order: [...shown, ...fresh], gone: new Set(shown.filter((key) => !now.has(key))) };
}

// --- the last hours ----------------------------------------------------------------------------------------------------------

/**
 * The timeline as columns for the picture: times in seconds, then arrivals, claims, waiting.
 * @param {readonly TimelinePoint[]} timeline
 * @returns {[number[], number[], number[], number[]]}
 */
export function columnsOf(timeline) {
  const points = [...timeline].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return [
    points.map(({ at }) => Date.parse(at) / 1_000),
    points.map(({ arrivals }) => arrivals),
    points.map(({ claims }) => claims),
    points.map(({ waiting }) => waiting),
  ];
}

/** @typedef {{at: string, arrivals: number, claims: number, waiting: number}} HalfHour  waiting: the most at one time */

/**
 * The timeline by half hours, for the table that says the same as the picture.
 * @param {readonly TimelinePoint[]} timeline
 * @returns {HalfHour[]}
 */
export function halfHoursOf(timeline) {
  /** @type {Map<number, HalfHour>} */
  const rows = new Map();
  for (const { at, arrivals, claims, waiting } of timeline) {
    const start = Math.floor(Date.parse(at) / 1_800_000) * 1_800_000;
    const row = rows.get(start) ?? { at: new Date(start).toISOString(), arrivals: 0, claims: 0, waiting: 0 };
    rows.set(start, row);
    row.arrivals += arrivals;
    row.claims += claims;
    row.waiting = Math.max(row.waiting, waiting);
  }
  return [...rows.entries()].sort(([a], [b]) => a - b).map(([, row]) => row);
}
