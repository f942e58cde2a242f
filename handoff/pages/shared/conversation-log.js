// The log of one conversation as a page knows it. The chat and the console keep it in this class; it knows
// nothing of HTTP or of the page.

/** @import { LogEvent } from "./contract-types.js" */
/** @import { Outbox, OutboxItem } from "./outbox.js" */

export class ConversationLog {
  /**
   * In order of `seq`; read only. The array grows at its end. When anything else changes, it is replaced by another
   * array, so that a reader that knows the array and its length notices.
   * @type {LogEvent[]}
   */
  events = [];
  /** `seq` of the customer's last message; 0 without one. */
  lastCustomerSeq = 0;
  /** `seq` of the last event that the page has shown; 0 without one. */
  seenSeq = 0;
  /** @type {Set<number>} */
  #seqs = new Set();
  #outbox;

  /** @param {Pick<Outbox, "items" | "settle">} outbox  messages of this page that are on their way to the log */
  constructor(outbox) {
    this.#outbox = outbox;
  }

  /** `seq` of the last event, 0 for an empty log: a stream resumes after it. */
  get lastSeq() {
    return this.events.at(-1)?.seq ?? 0;
  }

  /** Messages of this page that are not in the log yet, in the order in which they were written. @returns {OutboxItem[]} */
  get pending() {
    return this.#outbox.items;
  }

  /**
   * Takes an event in, whatever its type; false when it was known already.
   * @param {LogEvent} event
   */
  add(event) {
    if (this.#seqs.has(event.seq)) return false;
    this.#seqs.add(event.seq);
    if (event.seq > this.lastSeq) this.events.push(event);
    else this.events = [...this.events, event].sort((a, b) => a.seq - b.seq);
    if (event.type === "message" && event.by.kind === "customer")
      this.lastCustomerSeq = Math.max(this.lastCustomerSeq, event.seq);
    const id = event.client_message_id;
    if (id && this.pending.some((item) => item.client_message_id === id)) this.#outbox.settle(id);
    return true;
  }

  /**
   * Settles a message whose event came before its acknowledgement. To be called when the outbox has changed; true when
   * there was one, and then the outbox changes again.
   */
  settleArrived() {
    const arrived = this.pending.find((item) => item.seq !== undefined && this.#seqs.has(item.seq));
    if (arrived) this.#outbox.settle(arrived.client_message_id);
    return arrived !== undefined;
  }

  /** Forgets all events: another conversation, or one that may not be read any more. */
  clear() {
    this.events = [];
    this.lastCustomerSeq = this.seenSeq = 0;
    this.#seqs.clear();
  }

  /** Everything in the log has been shown. */
  markSeen() {
    this.seenSeq = this.lastSeq;
  }

  /**
   * How many messages of others than the customer came after `seq`.
   * @param {number} seq
   */
  unreadAfter(seq) {
    let unread = 0;
    for (let index = this.events.length - 1; index >= 0 && this.events[index].seq > seq; index -= 1)
      if (this.events[index].type === "message" && this.events[index].by.kind !== "customer") unread += 1;
    return unread;
  }

  /**
   * The text of the message `seq`, "" when there is none.
   * @param {number | undefined} seq
   */
  textOf(seq) {
    if (seq === undefined || !this.#seqs.has(seq)) return "";
    let [low, high] = [0, this.events.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.events[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return this.events[low].text ?? "";
  }
}
