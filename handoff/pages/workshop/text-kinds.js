// The two kinds of texts besides articles: the desk's own texts and the agents' canned replies. What the desk calls them, and how
// they are shown. Pure.

/** @import { Names } from "../console/display-names.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Json } from "../shared/contract-types.js" */
/** @import { Words } from "./text-pair.js" */

/**
 * A text as its form has it. Of a desk text only `zh` and `en` are used.
 * @typedef {object} TextValue
 * @property {Words} zh
 * @property {Words} en
 * @property {string} [title_zh]
 * @property {string} [title_en]
 * @property {string} [shortcut]
 * @property {string[]} [reasons]
 * @property {string[]} [intents]
 */

/**
 * @typedef {object} TextEntry
 * @property {string} id
 * @property {string} title
 * @property {string} note
 * @property {readonly string[]} names  that are filled in when it is sent
 * @property {TextValue} value
 */

/**
 * @typedef {object} TextKind
 * @property {"desk" | "canned"} id
 * @property {"system" | "agent"} speaker
 * @property {string} list  address of the list
 * @property {(json: Json, say: Say, names: Names) => TextEntry[]} entries
 * @property {(json: Json) => TextValue} valueOf  one text as the desk gives it
 * @property {(id: string) => string} address  of one text
 * @property {(value: TextValue) => object} body  what is saved
 * @property {(id: string, value: TextValue) => object} tried  what the preview needs
 * @property {import("./conflict-model.js").Shape<TextValue>} shape
 */

/** @param {unknown} words */
const lines = (words) => (Array.isArray(words) ? words.join("\n") : String(words ?? ""));

/** The first words of a text, without its placeholders' braces. @param {Words} words */
const beginning = (words) => {
  const [first = ""] = lines(words)
    .replaceAll(/\{%.*?%\}/g, "")
    .split("\n");
  return [...first].slice(0, 40).join("");
};

/** What a text of a group is for: "handoff.security" is for the reason security. @param {string} name @param {Names} names */
function partOf(name, names) {
  const [, ...rest] = name.split(".");
  const part = rest.join(".");
  const reason = names.reason(part);
  return reason === part ? names.intent(part) : reason;
}

/** @type {TextKind} */
const DESK = {
  id: "desk",
  speaker: "system",
  list: "/api/workshop/texts",
  valueOf: ({ zh, en }) => ({ zh: zh ?? "", en: en ?? "" }),
  entries: ({ texts }, say, names) =>
    texts.map((/** @type {Json} */ text) => ({
      id: text.name,
      title: [say.locale === "en" ? text.explain_en : text.explain_zh, partOf(text.name, names)]
        .filter(Boolean)
        .join(" · "),
      note: beginning(say.locale === "en" ? text.en : text.zh),
      names: text.names ?? [],
      value: DESK.valueOf(text),
    })),
  address: (id) => `/api/workshop/texts/${encodeURIComponent(id)}`,
  body: ({ zh, en }) => ({ zh, en }),
  tried: (name, { zh, en }) => ({ name, zh, en }),
  shape: {
    fields: ["zh", "en"],
    words: (value, field) => lines(/** @type {Record<string, unknown>} */ (value)[field]),
    written: {},
  },
};

/** @type {TextKind} */
const CANNED = {
  id: "canned",
  speaker: "agent",
  list: "/api/workshop/canned",
  valueOf: ({ shortcut, title = {}, text = {}, reasons = [], intents = [] }) => ({
    shortcut: shortcut ?? "",
    title_zh: title.zh ?? "",
    title_en: title.en ?? "",
    zh: text.zh ?? "",
    en: text.en ?? "",
    reasons,
    intents,
  }),
  entries: ({ canned }, say) =>
    canned.map((/** @type {Json} */ reply) => ({
      id: reply.id,
      title: reply.title?.[say.locale] || reply.title?.zh || reply.id,
      note: `/${reply.shortcut}`,
      names: ["agent_name"],
      value: CANNED.valueOf(reply),
    })),
  address: (id) => `/api/workshop/canned/${encodeURIComponent(id)}`,
  body: ({ shortcut, title_zh, title_en, zh, en, reasons, intents }) => ({
    shortcut,
    title: { zh: title_zh, en: title_en },
    text: { zh, en },
    reasons,
    intents,
  }),
  tried: (_, { zh, en }) => ({ text: { zh, en } }),
  shape: {
    fields: ["title_zh", "title_en", "shortcut", "zh", "en", "reasons", "intents"],
    words: DESK.shape.words,
    written: { zh: (words) => words, en: (words) => words },
  },
};

export const TEXT_KINDS = { desk: DESK, canned: CANNED };

/**
 * The entries that have all words of a query.
 * @param {readonly TextEntry[]} entries
 * @param {string} query
 */
export function matchingTexts(entries, query) {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ id, title, note, value }) => {
    const all = [id, title, note, lines(value.zh), lines(value.en)].join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
