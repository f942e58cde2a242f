// What the first screen shows before there is a conversation: whom to call, and notices of incidents. Both are public.
import { isRecord } from "../shared/contract-types.js";

/** @import { Incident } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */

const AGAIN_MS = 60_000;

/** Emits "change". */
export class ServiceState extends EventTarget {
  /** @type {Partial<Record<"service" | "police" | "antifraud", string>>} */
  phones = {};
  /** @type {Incident[]} */
  incidents = [];
  #api;
  #asked = 0; // ms of Date.now()

  /** @param {DeskApi} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** Asks the desk, at most once a minute. */
  async refresh() {
    if (Date.now() - this.#asked < AGAIN_MS) return;
    this.#asked = Date.now();
    const [service, incidents] = await Promise.allSettled([
      this.#api.get("/api/service"),
      this.#api.get("/api/incidents"),
    ]);
    // What did not come stays as it was: a number to call that is a minute old is better than none.
    if (service.status === "fulfilled" && isRecord(service.value.phones)) this.phones = service.value.phones;
    if (incidents.status === "fulfilled" && Array.isArray(incidents.value.incidents))
      this.incidents = incidents.value.incidents.filter((/** @type {unknown} */ each) => isRecord(each) && each.text);
    if (service.status === "rejected") this.#asked = 0;
    this.dispatchEvent(new Event("change"));
  }
}
