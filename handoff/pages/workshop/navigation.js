// The list of the workshop's views with their figures; on a small screen it opens from a button.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";
import { GROUPS, VIEWS } from "./views.js";

/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */

const AGAIN_MS = 60_000;
const SOON_MS = 300;

export class Navigation {
  #api;
  #say;
  /** @type {Map<string, {link: HTMLAnchorElement, count: HTMLElement}>} */
  #links = new Map();
  /** @type {ReturnType<typeof setInterval>} */
  #reading;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;

  /** @param {{api: DeskApi, say: Say}} options */
  constructor({ api, say }) {
    this.#api = api;
    this.#say = say;
    this.node = el(
      "nav",
      { class: "workshop-nav", id: "workshop-nav", "aria-label": say("workshop.nav"), testid: "nav" },
      GROUPS.map((group) => {
        const entries = VIEWS.filter((view) => view.group === group && view.key);
        if (!entries.length) return null;
        return el(
          "section",
          { "aria-label": say(`workshop.group.${group}`) },
          group === "start" ? null : el("h2", {}, say(`workshop.group.${group}`)),
          el(
            "ul",
            { role: "list" },
            entries.map((entry) => el("li", {}, this.#link(entry))),
          ),
        );
      }),
    );
    this.menu = el(
      "button",
      {
        type: "button",
        class: "icon-button menu-button",
        "aria-label": say("workshop.menu"),
        "aria-controls": "workshop-nav",
        "aria-expanded": false,
        testid: "menu",
        on: { click: () => this.#toggle(!this.isOpen) },
      },
      icon("menu", { size: 22 }),
    );
    this.#reading = setInterval(() => this.#read(), AGAIN_MS);
    this.#read();
  }

  close() {
    clearInterval(this.#reading);
    clearTimeout(this.#soon);
  }

  get isOpen() {
    return this.node.classList.contains("open");
  }

  /** Closes the list of a small screen; returns whether it was open. */
  fold() {
    const wasOpen = this.isOpen;
    this.#toggle(false);
    return wasOpen;
  }

  /** Marks where the page is. @param {import("./views.js").ViewEntry} entry */
  mark({ id, within }) {
    for (const [other, { link }] of this.#links)
      if (other === (within ?? id)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    this.fold();
  }

  /** Reads the figures again, once for several changes in a row. */
  refresh() {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.#read(), SOON_MS);
  }

  /** @param {import("./views.js").ViewEntry} entry */
  #link({ id, key }) {
    const count = el("span", { class: "nav-count" });
    const link = el(
      "a",
      { href: `#${id}`, testid: `nav-${id}`, title: `g ${key}` },
      el("span", {}, this.#say(`workshop.view.${id}`)),
      count,
    );
    this.#links.set(id, { link, count });
    return link;
  }

  /** @param {boolean} isOpen */
  #toggle(isOpen) {
    this.node.classList.toggle("open", isOpen);
    this.menu.ariaExpanded = String(isOpen);
  }

  async #read() {
    await Promise.all(
      VIEWS.map(async ({ id, count }) => {
        const place = this.#links.get(id)?.count;
        if (!count || !place) return;
        // Without an answer the figure is left out: the view itself says what is wrong.
        const number = await count(this.#api).catch(() => null);
        setText(place, number ? String(number) : "");
      }),
    );
  }
}
