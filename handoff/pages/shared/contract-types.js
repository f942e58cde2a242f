// The shapes of the desk's HTTP contract (docs/contracts.md), and the checks at the door where its JSON comes in.

/**
 * @typedef {"with_bot" | "queued" | "assigned" | "resolved"} State
 * @typedef {"customer" | "bot" | "agent" | "system"} ParticipantKind
 * @typedef {{kind: ParticipantKind, name: string}} Participant
 * @typedef {{id: string, title: string, revision?: string}} Article
 * @typedef {{choice: string, label: string, kind?: string}} ReplyButton
 */

/**
 * One entry of a conversation's log. `seq` is its place. `type` is an open set: a newer desk writes types that this
 * page does not know. The other fields depend on the type.
 * @typedef {object} LogEvent
 * @property {number} seq
 * @property {string} type
 * @property {string} at  ISO 8601
 * @property {Participant} by
 * @property {string} [text]  message, note
 * @property {string} [client_message_id]  message: the id under which the page sent it
 * @property {ReplyButton[]} [buttons]  message
 * @property {string} [locale]  message: the language of a text of the bot or the desk
 * @property {Article} [article]  message
 * @property {string} [kind]  message of the desk: what it tells of
 * @property {string} [reason]  handoff_requested, priority_raised, accessed
 * @property {string} [priority]  handoff_requested, priority_raised
 * @property {string} [lane]  handoff_requested, priority_raised
 * @property {string} [agent]  assigned: the agent's name
 * @property {string} [to]  transferred: the colleague's name
 * @property {string} [note]  transferred, returned, resolved: for agents only
 * @property {string | null} [queue]  transferred: the queue that it was sent to
 * @property {string | null} [skill]  transferred: the skill that it needs now
 * @property {string | null} [how]  assigned: claimed, accepted, transferred, taken_over, given
 * @property {string | null} [over_capacity_by]  assigned: the supervisor who allowed it
 * @property {string} [resolution]  resolved: solved, closed, agent, idle
 * @property {string | null} [outcome]  resolved: of an agent
 * @property {string} [login]  of the agent who did it, or to whom it is offered
 * @property {string | InBoth | null} [why]  offer_ended: late, declined, absent; case_*: the agent's words; first_aid_result: of the wallet
 * @property {string[] | null} [mentions]  note: logins
 * @property {string | null} [whisper_to]  note: the login whose reply box shows it
 * @property {string} [mark]  marked: late_handoff, needless_handoff, wrong_article
 * @property {boolean} [is_set]  marked
 * @property {number | null} [about_seq]  marked
 * @property {string} [other]  linked, unlinked: the other conversation
 * @property {number} [score]  rated: 1 to 5
 * @property {string} [attachment_id]  attached: for GET /api/attachments/{id}
 * @property {string} [sha256]  attached: of the stored picture
 * @property {string} [media_type]  attached: image/png or image/jpeg
 * @property {number} [width]  attached: pixels
 * @property {number} [height]  attached: pixels
 * @property {number} [bytes]  attached: of the stored picture
 * @property {string} [comment]  rated
 * @property {Decision} [decision]  triage
 * @property {boolean} [silent]  triage: a person had the conversation
 * @property {number} [message_seq]  triage: the message that was decided about
 * @property {string} [code]  bot_failed
 * @property {string} [language]  language_changed
 * @property {string} [slot_from]  callback_booked: ISO 8601
 * @property {string} [phone_last]  callback_booked: the last digits
 * @property {string} [subject]  identified: the wallet's id of the customer
 * @property {number} [assurance]  identified, assurance_changed: 0 to 3
 * @property {string} [name]  identified: the customer; case_fact: which; unknown: the type of an event that the desk does not know
 * @property {string} [case_id]  case_*
 * @property {readonly LoggedClock[]} [clocks]  case_*: those that begin or change
 * @property {string} [value]  case_fact
 * @property {string} [step]  case_step
 * @property {boolean} [is_paused]  case_paused
 * @property {string} [reasons]  case_decided
 * @property {string} [action]  first_aid_*
 * @property {string} [state]  first_aid_result: done, pending, impossible, unknown
 * @property {string | null} [target]  first_aid_*: the transaction, the payee or the card
 * @property {boolean} [is_approved]  first_aid_decided
 * @property {string} [promise]  promise_made: an id
 * @property {string} [due_at]  promise_made
 */

/**
 * A clock of a case in an event of the log.
 * @typedef {{name: string, zh: string, en: string, due_at?: string | null}} LoggedClock
 */

/**
 * What the bot decided about one message, as the bot wrote it: all but the route may be missing or null.
 * @typedef {object} Decision
 * @property {string} route
 * @property {string | null} [rule]
 * @property {string | null} intent
 * @property {string | null} [reason]
 * @property {number | null} [confidence]  0 to 1
 * @property {boolean} [tentative]
 * @property {{intent: string | null, confidence: number}[] | null} [ranking]
 * @property {{rule?: string | null, fired: boolean, detail?: unknown}[] | null} [trace]
 * @property {Entity[]} [entities]
 * @property {Record<string, unknown>} [thresholds]
 * @property {Record<string, unknown>} [versions]
 * @property {{name: string, state: string, assurance: number, needs: number, at: string, facts: Record<string, Json>} | null} [lookup]  in the wallet
 * @property {string} [policy]
 * @property {string} [model]
 */

/**
 * Something found in a message.
 * @typedef {{entity: string, text: string, value?: string | number | {number?: number, currency?: string, text?: string} | null}} Entity
 */

/**
 * A conversation as its customer sees it.
 * @typedef {object} Status
 * @property {State} status
 * @property {string | null} [priority]
 * @property {string | null} [lane]
 * @property {number | null} [queue_position]
 * @property {number | null} [eta_seconds]
 * @property {{low_seconds: number, high_seconds: number} | null} [eta]  null: no figure, as nobody is online
 * @property {boolean | null} [staffed]  whether anybody is online for the case
 * @property {string | null} [opens_at]  ISO 8601 with the offset of the queue's time zone; while nobody is online and it is closed
 * @property {Partial<Record<"service" | "police" | "antifraud", string>>} [phones]  of an urgent case that waits
 * @property {string | null} [agent]
 * @property {boolean} [agent_typing]
 * @property {number | null} [rating]
 * @property {string | null} [locale]
 * @property {string[]} [intake]  the choices of the open question
 * @property {FirstAid[]} [first_aid]  what the customer can do at once, in the order in which it helps
 * @property {CustomerCase | null} [case]
 */

/**
 * @typedef {Record<string, string>} Localized  a text by language
 * @typedef {string | Localized} Words  in the conversation's language, or in all
 * @typedef {"offered" | "done" | "pending" | "impossible" | "unknown"} FirstAidState
 * @typedef {object} FirstAid
 * @property {string} action
 * @property {Words} label
 * @property {FirstAidState | string | null} state  null or "offered": not asked for yet
 * @property {Words} [explanation]
 * @property {Words} [confirm]
 * @property {Words | null} [instruction]  given: the customer has to do it themselves
 * @property {Words | null} [why]
 * @typedef {{name: string, label?: Words, due_at: string | null, why?: Words, state?: string, shown?: boolean}} CaseClock  shown: to customers
 * @typedef {{id: string, clocks: CaseClock[]}} CustomerCase
 * @typedef {{id: string, title?: Words, text: Words}} Incident
 * @typedef {object} PastConversation
 * @property {string} id
 * @property {State} status
 * @property {string} [started_at]
 * @property {string} [updated_at]
 * @property {string | null} [last_words]
 * @property {{id: string, state: string} | null} [case]
 * @property {string | null} [promise_due_at]
 * @property {number} [unread]
 */

/**
 * A conversation as agents see it in the queue.
 * @typedef {object} Card
 * @property {string} id
 * @property {State} status
 * @property {number} last_seq
 * @property {string} locale
 * @property {string} channel
 * @property {string | null} [priority]
 * @property {string | null} [lane]
 * @property {string | null} [reason]
 * @property {string | null} [intent]
 * @property {string | null} [topic]
 * @property {string | null} [preview]
 * @property {string | null} [preview_by]
 * @property {string | null} [agent]  the agent's login
 * @property {string | null} [agent_name]
 * @property {boolean} [unanswered]
 * @property {number | null} [amount_cny]
 * @property {number} [episode]
 * @property {number} [same_address]  conversations that this card stands for
 * @property {{by: string, agent?: string | null, reason?: string | null, intent?: string | null} | null} [earlier]
 * @property {number} [waiting_seconds]
 * @property {number} [heardAt]  not from the desk: Date.now() when the page got the card
 * @property {string | null} [queued_at]
 * @property {string | null} [assigned_at]
 * @property {string | null} [first_response_at]
 * @property {string | null} [created_at]
 * @property {number | null} [rating]
 * @property {string | null} [queue]  the id of the queue in which it waits
 * @property {string | null} [skill]
 * @property {Due | null} [due]  the nearest deadline
 * @property {{login: string, name: string, until: string} | null} [offer]  it is offered to this agent until then
 * @property {number} [additions]  messages since the handoff that nobody has answered
 * @property {{login: string, name: string, at: string} | null} [known_by]  the agent who had it before
 * @property {string[]} [links]  other conversations of the same customer
 * @property {SignedCustomer | null} [customer]  null for an anonymous customer
 * @property {IntakeAnswer[]} [intake]  only with the log
 */

/**
 * A question of the intake. `by`: customer, lookup, skipped; null while it is open.
 * @typedef {{id: string, label: InBoth, answer: InBoth | null, by: string | null}} IntakeAnswer
 */

/**
 * A customer whom the wallet's app signed. `assurance` counts now, `signed_assurance` counted until `proven_until`.
 * @typedef {{subject: string, name: string | null, phone_last: string | null, assurance: number, is_proven: boolean,
 *   signed_assurance: number, proven_until: string}} SignedCustomer
 */

/**
 * @typedef {{zh: string, en: string}} InBoth  a text in the two languages of the console
 * @typedef {{clock: string, at: string, is_paused?: boolean, is_breached?: boolean, explanation?: InBoth}} Due
 * @typedef {{conversation_id: string, seq: number, by: string, at: string}} Mention
 */

/**
 * @typedef {Card & {heardAt: number}} HeardCard  with the time (Date.now()) at which it came
 * @typedef {{login: string, name: string, role: string, online: boolean, load: number, capacity: number, presence?: string, since?: string | null, weight?: number, skills?: string[], languages?: string[]}} Colleague
 * @typedef {{login: string, name: string, role: "agent" | "supervisor" | "editor", capacity: number}} Account
 * @typedef {{id: string, token: string, subject?: string | null}} Credentials  of a customer; subject: whom the wallet's app named
 * @typedef {{id?: string, shortcut: string, title: string, text: string}} CannedReply
 * @typedef {{waiting?: Card[], mine?: Card[], others?: Card[], agents?: Colleague[], waiting_total?: number, next?: string | null, mentions?: Mention[], claim_refusal?: InBoth | null}} QueuePicture
 * @typedef {{changed?: Card[], gone?: string[], waiting_total?: number, next?: string | null, agents?: Colleague[], mentions?: Mention[], claim_refusal?: InBoth | null}} QueueChange
 * @typedef {{login: string, name: string, role: string, password?: string}} DemoAccount
 * @typedef {{demo?: boolean, accounts?: DemoAccount[], password?: string}} Demo
 */

/**
 * @typedef {{login: string, name: string, is_typing: boolean}} Looker  an agent who has the conversation on the screen
 * @typedef {{is_typing: boolean, read_seq: number}} CustomerSigns  read_seq: the last entry of the log on the customer's screen
 * @typedef {{id: string, title: string, text: string, revision: string, score?: number, by?: "meaning" | "words"}} FoundArticle
 * @typedef {{articles: FoundArticle[], canned_replies: string[]}} Suggested
 * @typedef {object} SearchHit
 * @property {string} conversation_id
 * @property {number} seq
 * @property {string} at
 * @property {number} [episode]
 * @property {State} [status]
 * @property {string | null} [reason]
 * @property {string | null} [outcome]
 * @property {string | null} [agent_name]
 * @property {string | null} snippet  null when it may not be read
 * @property {boolean} may_read
 */

/**
 * A JSON value as it comes from the desk, before a check: the one `any` of the pages.
 * @typedef {any} Json
 */

/** @type {ReadonlySet<unknown>} */
const KINDS = new Set(["customer", "bot", "agent", "system"]);
/** @type {Participant} */
const NOBODY = { kind: "system", name: "" };

/** Whether a JSON value is an object with fields. @returns {value is Record<string, unknown>} @param {unknown} value */
export function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * An event of the log from JSON. An event of an unknown type is kept as it is; a
 * participant of an unknown kind counts as the desk. Throws TypeError for a value without a
 * place in the log: nothing could be resumed after it.
 * @param {unknown} json
 * @returns {LogEvent}
 */
export function readEvent(json) {
  if (!isRecord(json) || !Number.isInteger(json.seq) || typeof json.type !== "string")
    throw new TypeError("an event of the log has no number or no type");
  const by = isRecord(json.by) && KINDS.has(json.by.kind) ? { name: "", ...json.by } : NOBODY;
  return /** @type {LogEvent} */ ({ at: "", ...json, by });
}

/**
 * Events of the log from the answer of a plain request.
 * @param {unknown} json
 * @returns {LogEvent[]}
 */
export function readEvents(json) {
  if (!Array.isArray(json)) throw new TypeError("the log is not a list");
  return json.map(readEvent);
}

/**
 * A conversation's state from JSON. Throws TypeError when the desk sent none.
 * @param {unknown} json
 * @returns {Status}
 */
export function readStatus(json) {
  if (!isRecord(json) || typeof json.status !== "string") throw new TypeError("the desk sent no status");
  return /** @type {Status} */ (/** @type {unknown} */ (json));
}

/**
 * A card of the queue from JSON. Throws TypeError for one without an id.
 * @param {unknown} json
 * @returns {Card}
 */
export function readCard(json) {
  if (!isRecord(json) || typeof json.id !== "string") throw new TypeError("a card has no id");
  return /** @type {Card} */ (/** @type {unknown} */ (json));
}
