// The wish for a person: asks the desk, and asks again when the desk was away or asked for a pause.
import { DeskError } from "../shared/desk-api.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { Conversation } from "./conversation.js" */
/** @import { StatusBar } from "./status-bar.js" */

// A failed request is repeated when the desk answers again, for this long.
const LASTS_MS = 5 * 60_000;
const DEFAULT_PAUSE_S = 10;

export class PersonWish {
  isAsking = false;
  /** When a person was asked for in vain, in ms of Date.now(). @type {number | null} */
  #since = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #conversation;
  #say;
  #statusBar;
  #onChange;

  /** @param {{conversation: Conversation, say: Say, statusBar: StatusBar, onChange: () => void}} options */
  constructor({ conversation, say, statusBar, onChange }) {
    this.#conversation = conversation;
    this.#say = say;
    this.#statusBar = statusBar;
    this.#onChange = onChange;
    conversation.addEventListener("reached", this.#outageOver);
    window.addEventListener("online", this.#outageOver);
  }

  close() {
    this.#conversation.removeEventListener("reached", this.#outageOver);
    window.removeEventListener("online", this.#outageOver);
    clearTimeout(this.#timer);
  }

  /** A person has been found, or is waited for. */
  fulfilled() {
    this.#since = null;
  }

  async ask() {
    clearTimeout(this.#timer);
    this.isAsking = true;
    this.#statusBar.report("");
    this.#onChange();
    try {
      await this.#conversation.askForPerson();
      this.#since = null;
    } catch (error) {
      this.#failed(DeskError.of(error));
    } finally {
      this.isAsking = false;
      this.#onChange();
    }
  }

  /**
   * Plans to repeat a failed request.
   * @param {DeskError} error
   */
  #failed(error) {
    const say = this.#say;
    if (error.isTooMany) {
      const pause = error.retryAfter ?? DEFAULT_PAUSE_S;
      this.#since ??= Date.now();
      this.#statusBar.report(say("chat.too_many.again", pause));
      this.#timer = setTimeout(() => this.#again(), (pause + Math.random()) * 1_000);
    } else if (error.isOutage) {
      this.#since ??= Date.now();
      this.#statusBar.report(say("chat.failed.human.again"), { outage: true });
      this.#timer = setTimeout(() => this.#again(), DEFAULT_PAUSE_S * 1_000);
    } else {
      this.#since = null;
      this.#statusBar.report(say("chat.failed.human"));
    }
  }

  #again() {
    if (this.#since === null || this.isAsking) return;
    if (Date.now() - this.#since > LASTS_MS) this.#since = null;
    else this.ask();
  }

  /** The desk can be reached again: removes the message about the outage and repeats the request. */
  #outageOver = () => {
    if (!this.#statusBar.reportsOutage) return;
    this.#statusBar.report("");
    this.#again();
  };
}
