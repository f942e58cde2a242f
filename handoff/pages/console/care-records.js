// What the desk keeps of the open conversation's care: first aid and the case file. Read again when the log says that it changed.
import { DeskError } from "../shared/desk-api.js";
import { readCaseFile } from "./case-model.js";
import { readAidLook } from "./first-aid-model.js";

/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { CaseFile } from "./case-model.js" */
/** @import { AidLook } from "./first-aid-model.js" */

const AGAIN_MS = 5_000;

/** Emits "change". */
export class CareRecords extends EventTarget {
  /** @type {AidLook | null} */
  aid = null;
  /** @type {CaseFile | null} */
  file = null;
  /** Why the last reading failed. @type {DeskError | null} */
  problem = null;
  #api;
  #id = "";
  /** @type {string | null} */
  #caseId = null;
  #stamp = "";
  /** Of the reading that counts: an older one is dropped. */
  #turn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;

  /** @param {DeskApi} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** @param {string} id  of the conversation */
  show(id) {
    this.close();
    this.#id = id;
    this.#stamp = "";
    this.aid = this.file = this.problem = null;
  }

  close() {
    this.#turn += 1;
    clearTimeout(this.#again);
  }

  /**
   * Reads the records unless they were read for this state of the log.
   * @param {string} stamp  what they depend on
   * @param {string | null} caseId  the conversation's present case
   */
  follow(stamp, caseId) {
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#caseId = caseId;
    this.reload();
  }

  /** Reads them now; resolves when they are there, or have failed. */
  async reload() {
    clearTimeout(this.#again);
    this.#turn += 1;
    const turn = this.#turn;
    const [id, caseId] = [this.#id, this.#caseId];
    try {
      const [aid, file] = await Promise.all([
        this.#api.get(`/api/conversations/${encodeURIComponent(id)}/first-aid/agent`),
        caseId ? this.#api.get(`/api/cases/${encodeURIComponent(caseId)}`) : null,
      ]);
      if (turn !== this.#turn) return;
      this.aid = readAidLook(aid);
      this.file = file && readCaseFile(file);
      this.problem = null;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.problem = DeskError.of(error);
      if (this.problem.isPassing) this.#again = setTimeout(() => this.reload(), AGAIN_MS);
    }
    this.dispatchEvent(new Event("change"));
  }
}
