// "Replay": asks the desk to make a logged decision again, and says whether it came out the same.
import { DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";
import { withoutControls } from "./shown-text.js";

/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */

const ASK_MS = 1_000;
const LONGEST_MS = 180_000;
const MOST_LINES = 12;
const VALUE_LENGTH = 120;

/**
 * A replay as the desk tells it.
 * @typedef {object} ReplayResult
 * @property {boolean} identical
 * @property {{field: string, logged: unknown, replayed: unknown}[]} differences
 * @property {{zh: string, en: string}[]} missing
 * @property {{name: string, logged: unknown, present: unknown}[]} code
 * @property {string[]} inferred
 */
/** @typedef {{state: string, result?: ReplayResult | null, error?: {zh: string, en: string} | null}} ReplayJob */

/**
 * What a job says: whether it goes on, whether all is well, and its lines.
 * @param {ReplayJob} job
 * @param {Say} say
 * @param {"zh" | "en"} locale
 * @returns {{isOver: boolean, isSame: boolean, lines: string[]}}
 */
export function replayWords({ state, result, error }, say, locale) {
  if (state === "failed") return { isOver: true, isSame: false, lines: [error?.[locale] ?? say("replay.failed")] };
  if (state !== "done" || !result)
    return { isOver: false, isSame: false, lines: [say(state === "running" ? "replay.running" : "replay.queued")] };
  const lines = [
    ...result.missing.map((part) => part[locale]),
    ...result.differences.map(({ field, logged, replayed }) =>
      say("replay.difference", field, shown(logged), shown(replayed)),
    ),
  ];
  const notes = [
    ...result.code.map(({ name, logged, present }) => say("replay.code", name, shown(logged), shown(present))),
    ...(result.inferred.length ? [say("replay.inferred")] : []),
  ];
  const verdict = result.identical ? "replay.identical" : result.missing.length ? "replay.missing" : "replay.different";
  return {
    isOver: true,
    isSame: result.identical,
    lines: [say(verdict), ...[...lines, ...notes].slice(0, MOST_LINES)],
  };
}

/** @param {unknown} value */
function shown(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? null);
  const whole = withoutControls(text);
  return whole.length > VALUE_LENGTH ? `${whole.slice(0, VALUE_LENGTH)}…` : whole;
}

/**
 * The button with its outcome, for one decision.
 * @param {{conversationId: string, seq: number, api: DeskApi, say: Say}} options
 */
export function replayButton({ conversationId, seq, api, say }) {
  const locale = api.locale === "en" ? "en" : "zh";
  const outcome = el("div", { class: "replay-outcome", role: "status", testid: "replay-outcome" });
  const button = el(
    "button",
    { type: "button", class: "tool", testid: "replay", title: say("replay.explain"), on: { click: () => run() } },
    say("replay.title"),
  );
  const node = el("div", { class: "replay" }, button, outcome);

  /** @param {string[]} lines @param {string} state */
  function show([first, ...others], state) {
    outcome.dataset.state = state;
    outcome.replaceChildren(
      el("p", {}, first ?? ""),
      ...(others.length
        ? [
            el(
              "ul",
              {},
              others.map((line) => el("li", {}, line)),
            ),
          ]
        : []),
    );
  }

  async function run() {
    button.disabled = true;
    show([say("replay.queued")], "running");
    try {
      const { job } = await api.post("/api/workshop/replays", { conversation_id: conversationId, seq });
      const until = Date.now() + LONGEST_MS;
      while (Date.now() < until && node.isConnected) {
        const words = replayWords(await api.get(`/api/workshop/replays/${job}`), say, locale);
        show(words.lines, words.isOver ? (words.isSame ? "same" : "differs") : "running");
        if (words.isOver) return;
        await new Promise((resolve) => setTimeout(resolve, ASK_MS));
      }
      show([say("replay.slow")], "differs");
    } catch (error) {
      const refused = DeskError.of(error);
      show([refused.status > 0 && refused.message ? refused.message : say("replay.failed")], "differs");
    } finally {
      button.disabled = false;
    }
  }

  return node;
}
