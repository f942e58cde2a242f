// First aid as the desk tells agents: what can be ordered, what was ordered, and what waits for a second person.
import { isRecord } from "../shared/contract-types.js";
import { newId } from "../shared/outbox.js";

/** @import { InBoth } from "../shared/contract-types.js" */

/**
 * `reverses`: the action that a reversal takes back. `target`: what it must be about.
 * @typedef {{action: string, label: InBoth, needs_second_person: boolean, reverses: string | null, target: "transaction" | "payee" | "card" | null}} AidAction
 * @typedef {{key: string, action: string, state: string, target: string | null, login: string | null, requested_at: string, changed_at: string, why: InBoth | null}} AidOrder
 * @typedef {{conversation_id: string, key: string, action: string, label: InBoth | null, target: string | null, by: {login: string, name: string}, reason: string, at: string, until: string, assurance: number | null}} AidProposal
 * @typedef {{able: boolean, actions: AidAction[], orders: AidOrder[], proposals: AidProposal[]}} AidLook
 */
/**
 * One action with what became of it. `state`: of its last order, or "proposed"; null: nobody ordered it.
 * @typedef {{action: AidAction, order: AidOrder | null, proposal: AidProposal | null, state: string | null, canOrder: boolean}} AidRow
 */

/** The wallet's last word is not spoken: another order would change nothing. */
const OPEN = ["requested", "pending", "unknown"];

/**
 * The answer of `GET .../first-aid/agent`. Throws TypeError for anything else.
 * @param {unknown} json
 * @returns {AidLook}
 */
export function readAidLook(json) {
  if (!isRecord(json) || !Array.isArray(json.actions) || !Array.isArray(json.orders) || !Array.isArray(json.proposals))
    throw new TypeError("the desk sent no first aid");
  return /** @type {AidLook} */ (/** @type {unknown} */ (json));
}

/**
 * The actions and the reversals, in the editors' order.
 * @param {AidLook} look
 * @param {boolean} mayOrder  the agent has the conversation
 * @returns {{actions: AidRow[], reversals: AidRow[]}}
 */
export function aidRows({ able, actions, orders, proposals }, mayOrder) {
  const rows = actions.map((action) => {
    const order = orders.findLast((each) => each.action === action.action) ?? null;
    const proposal = proposals.find((each) => each.action === action.action) ?? null;
    const isOpen = order !== null && OPEN.includes(order.state);
    return {
      action,
      order,
      proposal,
      state: proposal ? "proposed" : (order?.state ?? null),
      // About another transfer, payee or card the same action can be ordered again.
      canOrder: able && mayOrder && !proposal && (!isOpen || action.target !== null),
    };
  });
  return {
    actions: rows.filter(({ action }) => action.reverses === null),
    reversals: rows.filter(({ action }) => action.reverses !== null),
  };
}

/**
 * What a reversal can be about: what its action was done to.
 * @param {AidLook} look
 * @param {AidAction} action
 */
export function reversibleTargets({ orders }, action) {
  const done = orders.filter((order) => order.action === action.reverses && order.state === "done");
  return [...new Set(done.map(({ target }) => target).filter((target) => target !== null))];
}

/**
 * The key of each attempt: the same wish keeps its key until the desk has answered it, so that a repeated press or a retry
 * after a lost answer is the same order.
 */
export class AttemptKeys {
  /** @type {Map<string, string>} */
  #keys = new Map();

  /** @param {readonly string[]} wish  conversation, action, target */
  of(wish) {
    const name = JSON.stringify(wish);
    const key = this.#keys.get(name) ?? newId();
    this.#keys.set(name, key);
    return key;
  }

  /** The desk has answered: the next wish is another one. @param {readonly string[]} wish */
  answered(wish) {
    this.#keys.delete(JSON.stringify(wish));
  }
}
