// The workshop: the bar, the navigation, and the view that the address names.
import { problemWords } from "../console/display-names.js";
import { isSignedOut } from "../console/outboxes.js";
import { Toast } from "../console/toast.js";
import { DeskError } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";
import { askToLeave } from "./leaving.js";
import { Navigation } from "./navigation.js";
import { placeOf } from "./views.js";
import { WorkshopBar } from "./workshop-bar.js";
import { showKeys, WorkshopKeys } from "./workshop-keys.js";

/** @import { Names } from "../console/display-names.js" */
/** @import { BrowserStore } from "../shared/browser-store.js" */
/** @import { Account } from "../shared/contract-types.js" */
/** @import { DeskApi } from "../shared/desk-api.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { ViewContext, ViewEntry, WorkshopView } from "./views.js" */

const LOADING_MS = 300;

export class WorkshopPage {
  #say;
  #keys;
  /** @type {ViewContext} */
  #context;
  /** @type {{entry: ViewEntry, view: WorkshopView} | null} */
  #open = null;
  /** The address that is shown, to which a refused departure returns. */
  #address = "";
  #isAsking = false;
  #listen = () => this.#follow();
  #unload = (/** @type {BeforeUnloadEvent} */ event) => this.#open?.view.isUnsaved?.() && event.preventDefault();

  /**
   * @param {object} options
   * @param {DeskApi} options.api
   * @param {Say} options.say
   * @param {Account} options.me
   * @param {Names} options.names
   * @param {BrowserStore} options.store
   * @param {() => void} options.onLocale
   * @param {() => void} options.onSignedOut
   * @param {() => void} options.onExpired
   */
  constructor({ api, say, me, names, store, onLocale, onSignedOut, onExpired }) {
    this.#say = say;
    this.toast = new Toast(say);
    this.navigation = new Navigation({ api, say });
    this.#context = {
      api,
      say,
      names,
      me,
      store,
      toast: this.toast,
      goTo: (address) => {
        location.hash = `#${address}`;
      },
      onProblem: (error) => {
        const failure = DeskError.of(error);
        if (isSignedOut(failure)) onExpired();
        else this.toast.show(problemWords(failure, say), { isProblem: true });
      },
      refreshCounts: () => this.navigation.refresh(),
    };
    const onHelp = () => showKeys(say, this.#open?.view.shortcuts ?? []);
    this.main = el("main", { class: "workshop-main", id: "workshop-main", tabindex: -1, testid: "workshop" });
    this.loading = el("p", { class: "view-loading", role: "status", hidden: true }, say("transcript.loading"));
    this.node = el(
      "div",
      { class: "workshop" },
      el(
        "a",
        { class: "skip-link", href: "#workshop-main", on: { click: (event) => this.#skip(event) } },
        say("workshop.skip"),
      ),
      new WorkshopBar({ say, me, menu: this.navigation.menu, onHelp, onLocale, onSignedOut }).node,
      el(
        "div",
        { class: "workshop-body" },
        this.navigation.node,
        el("div", { class: "workshop-content" }, this.loading, this.main),
      ),
      this.toast.node,
    );
    this.#keys = new WorkshopKeys({
      view: () => this.#open?.view ?? null,
      goTo: this.#context.goTo,
      onHelp,
      onBack: () => this.navigation.fold(),
    });
    window.addEventListener("hashchange", this.#listen);
    window.addEventListener("beforeunload", this.#unload);
  }

  shown() {
    this.#follow();
  }

  /** Hides what only a signed-in account may read. Unfinished texts are in the browser's store. */
  lock() {
    this.#open?.view.close();
    this.#open = null;
    this.main.replaceChildren();
  }

  close() {
    window.removeEventListener("hashchange", this.#listen);
    window.removeEventListener("beforeunload", this.#unload);
    this.#keys.close();
    this.navigation.close();
    this.toast.close();
    this.#open?.view.close();
    this.#open = null;
  }

  /** Opens what the address names; asks first when the open view has unsaved changes. */
  async #follow() {
    const target = location.hash;
    if (this.#isAsking) return;
    if (target !== this.#address && this.#open?.view.isUnsaved?.()) {
      history.replaceState(null, "", this.#address || location.pathname);
      this.#isAsking = true;
      const mayLeave = await askToLeave(this.#say);
      this.#isAsking = false;
      if (!mayLeave) return;
      history.pushState(null, "", target);
    }
    this.#address = target;
    await this.#show(target);
  }

  /** @param {string} address */
  async #show(address) {
    const { entry, argument } = placeOf(address);
    this.navigation.mark(entry);
    document.title = this.#say("workshop.tab", this.#say(`workshop.view.${entry.id}`));
    try {
      if (this.#open?.entry !== entry) {
        const View = await entry.load();
        if (this.#address !== address) return; // another address meanwhile
        this.#open?.view.close();
        const view = new View(this.#context);
        this.#open = { entry, view };
        this.main.replaceChildren(view.node);
        this.main.scrollTop = 0;
      }
      await this.#loaded(this.#open?.view.open(argument));
    } catch (error) {
      this.#context.onProblem(error);
    }
  }

  /** Says that the view is loading when that takes a moment. @param {unknown} work */
  async #loaded(work) {
    const timer = setTimeout(() => {
      this.loading.hidden = false;
    }, LOADING_MS);
    try {
      await work;
    } finally {
      clearTimeout(timer);
      this.loading.hidden = true;
    }
  }

  /** @param {Event} event */
  #skip(event) {
    event.preventDefault(); // the address names the view
    this.main.focus();
  }
}
