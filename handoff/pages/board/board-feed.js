// The board as the desk streams it: the last picture, and since when the desk is out of reach.
import { EventStream } from "../shared/event-stream.js";
import { PresenceSigns } from "../shared/presence-signs.js";
import { readBoard } from "./board-model.js";

/** @import { DeskApi, DeskError } from "../shared/desk-api.js" */
/** @import { StreamSettings } from "../shared/event-stream.js" */
/** @import { Board } from "./board-model.js" */

const PATH = "/api/board";

/** Emits "change" with each picture and when the connection changes, "refused" when the session does not permit it. */
export class BoardFeed extends EventTarget {
  /** @type {Board | null} */
  board = null;
  /** When the last picture came, in ms; null before the first one. @type {number | null} */
  heardAt = null;
  /** Since when the desk has not answered, in ms. @type {number | null} */
  offlineSince = null;
  /** @type {DeskError | null} */
  refusal = null;
  #stream;

  /**
   * @param {DeskApi} api
   * @param {(settings: StreamSettings) => {close: () => void}} [open]
   */
  constructor(api, open = (settings) => new EventStream(settings)) {
    super();
    /** A supervisor who reads the board is there. */
    this.signs = new PresenceSigns(api);
    this.#stream = open({
      api,
      path: () => PATH,
      onFrame: ({ type, data }) => {
        if (type === "board") this.#picture(data);
      },
      onState: (state) => {
        if (state === "open") this.signs.heard();
        this.#connection(state);
      },
      poll: async (lastId, signal) => {
        this.#picture(await api.get(PATH, { signal }));
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        return lastId;
      },
      onRefused: (error) => {
        this.refusal = error;
        this.dispatchEvent(new Event("refused"));
      },
    });
  }

  close() {
    this.#stream.close();
    this.signs.end();
  }

  /** @param {unknown} json */
  #picture(json) {
    this.board = readBoard(json);
    this.heardAt = Date.now();
    this.offlineSince = null;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {"open" | "reconnecting"} state */
  #connection(state) {
    // "open" alone proves only that a byte came: the note stays until a picture is here.
    if (state === "open" || this.offlineSince !== null) return;
    this.offlineSince = Date.now();
    this.dispatchEvent(new Event("change"));
  }
}
