// Tells the desk that this agent has a conversation on the screen, and whether they type, so that two agents do not work on
// one case. The desk forgets it 20 s after the last report; a report that fails is not repeated, because the next one follows.

const REPORT_MS = 10_000;
const TYPING_MS = 5_000; // without a key for so long, the agent no longer types

export class Looking {
  #report;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;
  #isTyping = false;
  #visible = () => this.#send();

  /** @param {(body: {is_typing: boolean}) => Promise<unknown>} report  may reject */
  constructor(report) {
    this.#report = report;
  }

  /** The conversation is on the screen. A second call changes nothing. */
  start() {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#send(), REPORT_MS);
    document.addEventListener("visibilitychange", this.#visible);
    this.#send();
  }

  /** A key was pressed in the reply box. */
  typed() {
    if (this.#timer === undefined) return;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.rested(), TYPING_MS);
    this.#type(true);
  }

  /** The text was sent or removed. */
  rested() {
    clearTimeout(this.#pause);
    if (this.#timer !== undefined) this.#type(false);
  }

  close() {
    clearInterval(this.#timer);
    clearTimeout(this.#pause);
    this.#timer = undefined;
    document.removeEventListener("visibilitychange", this.#visible);
  }

  /** @param {boolean} isTyping */
  #type(isTyping) {
    if (isTyping === this.#isTyping) return;
    this.#isTyping = isTyping;
    this.#send();
  }

  #send() {
    if (document.visibilityState === "hidden") return; // nobody looks at a covered page
    this.#report({ is_typing: this.#isTyping }).catch(() => {
      // The log's stream tells of a lost desk or session; the next report follows in 10 s.
    });
  }
}
