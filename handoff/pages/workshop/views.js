// The workshop's views: one entry for each, in the order of the navigation. A view's module is loaded when it is first opened.

/** @import { Names } from "../console/display-names.js" */
/** @import { Toast } from "../console/toast.js" */
/** @import { BrowserStore } from "../shared/browser-store.js" */
/** @import { Account } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */

/**
 * What a view gets.
 * @typedef {object} ViewContext
 * @property {DeskApi} api
 * @property {Say} say
 * @property {Names} names  of intents, reasons, queues ...
 * @property {Account} me
 * @property {BrowserStore} store  of this browser; unfinished texts survive a reload in it
 * @property {Toast} toast
 * @property {(address: string) => void} goTo  "article/fees"
 * @property {(error: unknown) => void} onProblem  an ended session asks to sign in; other failures are shown as a message
 * @property {() => void} refreshCounts  after a change: the figures of the navigation are read again
 */

/**
 * A view. `open` is called with the part of the address behind the view's name ("fees" of #article/fees), also when only that
 * part changes. `onKey` gets keys that no field and no dialog takes, before the page's own, and returns whether it used the key.
 * @typedef {object} WorkshopView
 * @property {HTMLElement} node
 * @property {(argument: string | null) => unknown} open
 * @property {() => void} close
 * @property {(event: KeyboardEvent) => boolean} [onKey]
 * @property {() => unknown} [save]  Ctrl+S, also while typing
 * @property {() => boolean} [isUnsaved]  leaving asks
 * @property {readonly (readonly [string, string])[]} [shortcuts]  [keys, words] for the list under "?"
 */

/**
 * @typedef {object} ViewEntry
 * @property {string} id  in the address
 * @property {"start" | "content" | "understanding" | "rules" | "release" | "quality"} group  of the navigation
 * @property {string} [key]  after "g"; without one the view is not in the navigation
 * @property {string} [within]  the entry of the navigation to which a view without one belongs
 * @property {() => Promise<new (context: ViewContext) => WorkshopView>} load
 * @property {(api: DeskApi) => Promise<number>} [count]  the figure in the navigation
 */

/** The groups of the navigation, in their order. */
export const GROUPS = /** @type {const} */ (["start", "content", "understanding", "rules", "release", "quality"]);

/** @type {readonly ViewEntry[]} */
export const VIEWS = [
  { id: "home", group: "start", key: "h", load: () => import("./home-view.js").then((module) => module.HomeView) },
  {
    id: "articles",
    group: "content",
    key: "a",
    load: () => import("./articles-view.js").then((module) => module.ArticlesView),
  },
  {
    id: "article",
    group: "content",
    within: "articles",
    load: () => import("./article-view.js").then((module) => module.ArticleView),
  },
  { id: "facts", group: "content", key: "f", load: () => import("./facts-view.js").then((module) => module.FactsView) },
];

/** What the page opens without an address. */
export const FIRST = VIEWS[0].id;

/**
 * The view and its argument for the address: "#article/fees" is ["article", "fees"]; an unknown name is the first view.
 * @param {string} hash
 * @returns {{entry: ViewEntry, argument: string | null}}
 */
export function placeOf(hash) {
  const [id, ...rest] = hash.replace(/^#/, "").split("/");
  const entry = VIEWS.find((view) => view.id === id);
  if (!entry) return { entry: VIEWS[0], argument: null };
  const argument = rest.join("/");
  if (!argument) return { entry, argument: null };
  try {
    return { entry, argument: decodeURIComponent(argument) };
  } catch {
    return { entry, argument: null }; // "%" without two digits: typed by hand
  }
}
