// The conversations of a signed-in customer, on all their devices.
import { isRecord } from "../shared/contract-types.js";

/** @import { PastConversation } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { CustomerIdentity } from "./identity.js" */

const PATH = "/api/customer/conversations";

/** @param {unknown} json @returns {PastConversation[]} */
function readPast(json) {
  const found = isRecord(json) && Array.isArray(json.conversations) ? json.conversations : [];
  return found.filter((each) => isRecord(each) && typeof each.id === "string" && typeof each.status === "string");
}

export class CustomerHistory {
  /** Newest first. @type {PastConversation[]} */
  list = [];
  #api;
  #identity;

  /** @param {DeskApi} api @param {CustomerIdentity} identity */
  constructor(api, identity) {
    this.#api = api;
    this.#identity = identity;
  }

  /** Reads the list; without a signed-in customer it is empty. May reject with a DeskError. */
  async load() {
    const { proof } = this.#identity;
    const found = proof ? readPast(await this.#api.get(PATH, { bearer: proof })) : [];
    if (proof === this.#identity.proof) this.list = found; // otherwise somebody else has signed in meanwhile
    return this.list;
  }

  /** A token of this device for one of them. @param {string} id @returns {Promise<string>} */
  async tokenOf(id) {
    const bearer = this.#identity.proof ?? "";
    return (await this.#api.post(`${PATH}/${encodeURIComponent(id)}/token`, {}, { bearer })).token;
  }

  /** One that waits for a person or has one: it goes on here, whichever device it began on. */
  get running() {
    return this.list.find(({ status }) => status === "queued" || status === "assigned") ?? null;
  }
}
