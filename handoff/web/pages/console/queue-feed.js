// The queue as the desk last told it, kept live.
import { EventStream } from "../event-stream.js";

const POLL_MS = 3_000;
const EMPTY = { waiting: [], mine: [], others: [], agents: [] };

/** Emits "change" (queue, connection) and "expired". */
export class QueueFeed extends EventTarget {
  queue = EMPTY;
  heardAt = Date.now(); // when `queue` arrived: waiting_seconds count from there
  connection = "open";
  loaded = false;
  problem = null; // why this account may not see the queue, in words
  #stream;

  constructor(api) {
    super();
    this.#stream = new EventStream({
      api,
      path: () => "/api/queue",
      onFrame: ({ type, data }) => {
        if (type === "queue") this.#heard(data);
      },
      onState: (connection) => {
        if (connection === this.connection) return;
        this.connection = connection;
        this.dispatchEvent(new Event("change"));
      },
      poll: async (after, signal) => {
        this.#heard(await api.get("/api/queue", { signal }));
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        return after;
      },
      onRefused: (error) => {
        this.problem = error.message; // an editor's account, which has no conversations
        this.dispatchEvent(new Event(error.status === 401 ? "expired" : "change"));
      },
    });
  }

  close() {
    this.#stream.close();
  }

  card(id) {
    const { waiting, mine, others } = this.queue;
    return [...waiting, ...mine, ...others].find((card) => card.id === id) ?? null;
  }

  #heard(queue) {
    this.queue = { ...EMPTY, ...queue };
    this.heardAt = Date.now();
    this.loaded = true;
    this.dispatchEvent(new Event("change"));
  }
}
