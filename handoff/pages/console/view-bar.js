// Above the list of the queue: the views with their counts, sorting, filters, and the views that the agent has saved.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
import { ALL, COLLEAGUES, ENDED, isOfWaiting, SORTS, VIEWS } from "./queue-views.js";

/** @import { Card } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */
/** @import { Filters, SavedViews, Sort } from "./queue-views.js" */

/** @typedef {{view: string, filters: Filters, sort: Sort}} Choice */
/** @typedef {keyof Filters} FilterName */

/** @type {readonly FilterName[]} */
const FILTERS = ["queue", "reason", "language"];

export class ViewBar {
  /** @type {Choice} */
  #choice = { view: ALL, filters: {}, sort: "lane" };
  /** @type {Map<string, {button: HTMLButtonElement, count: HTMLElement}>} */
  #buttons = new Map();
  #say;
  #names;
  #saved;
  #onChange;
  /** What the filters offer now, to draw them only when it changed. */
  #offered = "";

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {Names} options.names
   * @param {SavedViews} options.saved
   * @param {HTMLElement | null} options.begin  the button that begins the selecting
   * @param {(choice: Choice) => void} options.onChange
   */
  constructor({ say, names, saved, begin, onChange }) {
    this.#say = say;
    this.#names = names;
    this.#saved = saved;
    this.#onChange = onChange;
    const views = VIEWS.map((view) => {
      const count = el("span", { class: "count" });
      const button = el(
        "button",
        {
          type: "button",
          class: "view",
          data: { view },
          testid: "view",
          "aria-pressed": false,
          on: { click: () => this.#choose({ view }) },
        },
        say(`view.${view}`),
        count,
      );
      this.#buttons.set(view, { button, count });
      return button;
    });
    this.saved = el("span", { class: "saved-views" });
    /** @type {HTMLSelectElement} */
    this.sort = el(
      "select",
      {
        class: "sort",
        "aria-label": say("sort.label"),
        testid: "queue-sort",
        on: { change: () => this.#choose({ sort: /** @type {Sort} */ (this.sort.value) }) },
      },
      SORTS.map((sort) => el("option", { value: sort }, say(`sort.${sort}`))),
    );
    this.selects = {
      queue: this.#filter("queue"),
      reason: this.#filter("reason"),
      language: this.#filter("language"),
    };
    this.count = el("span", { class: "filter-count" });
    this.name = el("input", {
      type: "text",
      maxlength: 20,
      "aria-label": say("view.name"),
      placeholder: say("view.name"),
      testid: "view-name",
    });
    const save = el(
      "form",
      {
        class: "save-view",
        on: {
          submit: (event) => {
            event.preventDefault();
            this.#save();
          },
        },
      },
      this.name,
      el("button", { type: "submit", class: "tool", testid: "view-save" }, say("view.save")),
    );
    const clear = el(
      "button",
      { type: "button", class: "quiet", testid: "filters-clear", on: { click: () => this.#choose({ filters: {} }) } },
      say("filter.clear"),
    );
    this.panel = el(
      "div",
      { class: "filters", hidden: true },
      FILTERS.map((name) => el("label", {}, say(`filter.${name}`), this.selects[name])),
      save,
      clear,
    );
    this.toggle = el(
      "button",
      {
        type: "button",
        class: "quiet filter-toggle",
        "aria-expanded": false,
        testid: "filters",
        on: { click: () => this.#open(this.panel.hidden === true) },
      },
      icon("filter", { size: 16 }),
      say("filter.title"),
      this.count,
    );
    this.tools = el("div", { class: "queue-tools" }, this.sort, this.toggle, begin);
    this.node = el(
      "div",
      { class: "view-bar", on: { keydown: (event) => this.#keydown(event) } },
      el("div", { class: "views", role: "group", "aria-label": say("view.title") }, views, this.saved),
      this.tools,
      this.panel,
    );
    this.#drawSaved();
    this.#drawChoice();
  }

  get choice() {
    return this.#choice;
  }

  /** Follows the address. @param {string} view */
  set view(view) {
    if (view === this.#choice.view || !VIEWS.includes(view)) return;
    this.#choice = { ...this.#choice, view };
    this.#drawChoice();
  }

  /**
   * @param {Record<string, number | string>} counts  by the view's id
   * @param {readonly Card[]} waiting  what the filters can choose from
   */
  draw(counts, waiting) {
    for (const [view, { count, button }] of this.#buttons) {
      const shown = String(counts[view] ?? "");
      setText(count, shown);
      count.hidden = shown === "";
      button.classList.toggle("none", shown === "0");
    }
    this.#drawOptions(waiting);
  }

  /** @param {Partial<Choice>} change */
  #choose(change) {
    this.#choice = { ...this.#choice, ...change };
    this.#drawChoice();
    this.#onChange(this.#choice);
  }

  #drawChoice() {
    const { view, filters, sort } = this.#choice;
    for (const [id, { button }] of this.#buttons) button.setAttribute("aria-pressed", String(id === view));
    const active = FILTERS.filter((name) => filters[name]).length;
    setText(this.count, active ? String(active) : "");
    this.sort.value = sort;
    for (const name of FILTERS) this.selects[name].value = filters[name] ?? "";
    this.tools.hidden = view === COLLEAGUES || view === ENDED;
    if (this.tools.hidden) this.#open(false);
  }

  /** @param {boolean} isOpen */
  #open(isOpen) {
    this.panel.hidden = !isOpen;
    this.toggle.setAttribute("aria-expanded", String(isOpen));
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.key !== "Escape" || this.panel.hidden) return;
    event.preventDefault();
    event.stopPropagation();
    this.#open(false);
    this.toggle.focus();
  }

  /** @param {FilterName} name */
  #filter(name) {
    /** @type {HTMLSelectElement} */
    const select = el("select", {
      testid: `filter-${name}`,
      on: { change: () => this.#choose({ filters: { ...this.#choice.filters, [name]: select.value || undefined } }) },
    });
    return select;
  }

  /** @param {readonly Card[]} waiting */
  #drawOptions(waiting) {
    /** @type {Record<FilterName, Set<string>>} */
    const found = { queue: new Set(), reason: new Set(), language: new Set() };
    for (const { queue, reason, locale } of waiting) {
      if (queue) found.queue.add(queue);
      if (reason) found.reason.add(reason);
      if (locale) found.language.add(locale);
    }
    for (const name of FILTERS) {
      const value = this.#choice.filters[name];
      if (value) found[name].add(value); // a filter that lets nothing through must still say what it is
    }
    const offered = FILTERS.map((name) => [...found[name]].sort().join()).join("|");
    if (offered === this.#offered) return;
    this.#offered = offered;
    const words = { queue: this.#names.queue, reason: this.#names.reason, language: this.#names.language };
    for (const name of FILTERS) {
      const options = [...found[name]].sort().map((id) => el("option", { value: id }, words[name](id)));
      this.selects[name].replaceChildren(el("option", { value: "" }, this.#say("filter.any")), ...options);
      this.selects[name].value = this.#choice.filters[name] ?? "";
    }
  }

  #save() {
    const { view, filters, sort } = this.#choice;
    if (!this.name.value.trim() || !isOfWaiting(view)) return;
    this.#saved.save({ name: this.name.value, view, filters, sort });
    this.name.value = "";
    this.#drawSaved();
    this.#open(false);
    this.toggle.focus();
  }

  #drawSaved() {
    this.saved.replaceChildren(
      ...this.#saved.all.map(({ name, view, filters, sort }) =>
        el(
          "span",
          { class: "saved" },
          el(
            "button",
            {
              type: "button",
              class: "view",
              testid: "saved-view",
              on: { click: () => this.#choose({ view, filters, sort }) },
            },
            el("bdi", {}, name),
          ),
          el(
            "button",
            {
              type: "button",
              class: "saved-remove",
              "aria-label": this.#say("view.remove", name),
              on: {
                click: () => {
                  this.#saved.remove(name);
                  this.#drawSaved();
                },
              },
            },
            icon("close", { size: 14 }),
          ),
        ),
      ),
    );
  }
}
