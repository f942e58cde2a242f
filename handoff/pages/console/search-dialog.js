// Search over all conversations: words, numbers, reason, outcome, dates. A hit opens the conversation at its place; where the
// agent may not read it, the form that asks for a reason comes first.
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { customerWords, problemWords, timeWords } from "./display-names.js";
import { isSignedOut } from "./outboxes.js";
import { isolated, withoutControls } from "./shown-text.js";

/** @import { SearchHit } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { NamedId, Names } from "./display-names.js" */

const PAUSE_MS = 300;

export class SearchDialog {
  /** @type {HTMLDialogElement | null} */
  #dialog = null;
  #asked = 0;
  /** @type {string | null} */
  #next = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} options
   * @param {DeskApi} options.api
   * @param {Say} options.say
   * @param {Names} options.names
   * @param {(id: string, seq: number) => void} options.onOpen
   * @param {() => void} options.onExpired
   */
  constructor({ api, say, names, onOpen, onExpired }) {
    this.api = api;
    this.say = say;
    this.names = names;
    this.onOpen = onOpen;
    this.onExpired = onExpired;
    const changed = () => this.#later();
    const field = (/** @type {string} */ name, /** @type {HTMLElement} */ input) =>
      el("label", { class: "search-field" }, el("span", {}, say(`search.${name}`)), input);
    this.query = el("input", {
      type: "search",
      testid: "search-query",
      maxlength: 200,
      autocomplete: "off",
      autofocus: true,
      "aria-label": say("search.query"),
      placeholder: say("search.query"),
      on: { input: changed },
    });
    this.reason = choice(names.all("reasons"), say("search.any"), "search-reason", changed);
    this.outcome = choice(names.all("outcomes"), say("search.any"), "search-outcome", changed);
    this.from = el("input", { type: "date", testid: "search-from", on: { change: changed } });
    this.to = el("input", { type: "date", testid: "search-to", on: { change: changed } });
    this.state = el("p", { class: "muted search-state", role: "status" });
    this.hits = el("ul", { class: "hits", testid: "search-hits" });
    this.more = el(
      "button",
      { type: "button", class: "quiet", testid: "search-more", hidden: true, on: { click: () => this.search(true) } },
      say("search.more"),
    );
    this.form = el(
      "form",
      {
        role: "search",
        on: {
          submit: (event) => {
            event.preventDefault();
            this.search();
          },
          keydown: (event) => this.#move(event),
        },
      },
      this.query,
      el(
        "div",
        { class: "search-filters" },
        field("reason", this.reason),
        field("outcome", this.outcome),
        field("from", this.from),
        field("to", this.to),
      ),
      this.state,
      this.hits,
      this.more,
    );
  }

  /** Opens it with what was searched last. */
  open() {
    if (document.querySelector("dialog[open]")) return;
    const dialog = el(
      "dialog",
      { class: "search", "aria-label": this.say("search.title"), testid: "search" },
      this.form,
    );
    dialog.addEventListener("close", () => dialog.remove());
    // A click outside closes it: the target is the dialog itself only for its backdrop and its padding.
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
    this.#dialog = dialog;
    this.query.focus();
    this.query.select();
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#dialog?.close();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.search(), PAUSE_MS);
  }

  /** @param {boolean} [isMore]  the next page of the same search */
  async search(isMore = false) {
    clearTimeout(this.#timer);
    this.#asked += 1;
    const asked = this.#asked;
    const filters = {
      q: this.query.value.trim(),
      reason: this.reason.value,
      outcome: this.outcome.value,
      from: this.from.value,
      to: this.to.value,
    };
    const given = Object.entries(filters).filter(([, value]) => value);
    if (!given.length) {
      this.#show([], false);
      setText(this.state, "");
      return;
    }
    const parameters = new URLSearchParams(given);
    if (isMore && this.#next) parameters.set("after", this.#next);
    setText(this.state, this.say("search.searching"));
    try {
      const { results, next = null, is_complete: isComplete = true } = await this.api.get(`/api/search?${parameters}`);
      if (asked !== this.#asked) return; // something else was typed meanwhile
      this.#next = next;
      this.#show(results, isMore);
      const words = this.hits.childElementCount ? "" : this.say("search.none");
      setText(this.state, isComplete ? words : this.say("search.indexing"));
    } catch (error) {
      if (asked !== this.#asked) return;
      const failure = DeskError.of(error);
      if (isSignedOut(failure)) {
        this.close();
        this.onExpired();
      }
      setText(this.state, problemWords(failure, this.say));
    }
  }

  /** @param {SearchHit[]} results @param {boolean} isMore */
  #show(results, isMore) {
    const items = results.map((hit) => this.#hit(hit));
    if (isMore) this.hits.append(...items);
    else this.hits.replaceChildren(...items);
    if (!results.length && !isMore) this.#next = null;
    this.more.hidden = this.#next === null;
    if (isMore) items[0]?.querySelector("button")?.focus();
  }

  /** @param {SearchHit} hit */
  #hit(hit) {
    const { say, names } = this;
    const about = [
      hit.reason ? names.reason(hit.reason) : "",
      hit.outcome ? names.outcome(hit.outcome) : hit.status ? say(`status.${hit.status}`) : "",
      hit.agent_name ? withoutControls(hit.agent_name) : "",
    ];
    return el(
      "li",
      {},
      el(
        "button",
        {
          type: "button",
          class: "hit",
          testid: "search-hit",
          data: { id: hit.conversation_id },
          on: {
            click: () => {
              this.close();
              this.onOpen(hit.conversation_id, hit.seq);
            },
          },
        },
        el(
          "span",
          { class: "hit-head" },
          el("b", {}, customerWords(hit.conversation_id, say)),
          el("span", {}, about.filter(Boolean).join(" · ")),
          el("time", { datetime: hit.at }, timeWords(hit.at, say)),
        ),
        hit.may_read
          ? isolated(hit.snippet ?? "", { class: "hit-text" })
          : el("span", { class: "hit-text muted" }, say("search.hidden")),
      ),
    );
  }

  /** Arrows move through the hits, and back to the field; Esc closes. @param {KeyboardEvent} event */
  #move(event) {
    if (event.key === "Escape") {
      event.preventDefault(); // the browser would only empty the field
      this.close();
      return;
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const target = /** @type {HTMLElement} */ (event.target);
    const isHit = target.classList.contains("hit");
    if (!step || !(isHit || target === this.query)) return;
    const stops = [this.query, ...this.hits.querySelectorAll("button")];
    const at = stops.indexOf(/** @type {HTMLInputElement} */ (target)) + step;
    event.preventDefault();
    /** @type {HTMLElement | undefined} */ (stops[at])?.focus();
  }
}

/** @param {readonly NamedId[]} entries @param {string} any @param {string} testid @param {() => void} change */
function choice(entries, any, testid, change) {
  return el(
    "select",
    { testid, on: { change } },
    el("option", { value: "" }, any),
    entries.map(({ id, name }) => el("option", { value: id }, name)),
  );
}
