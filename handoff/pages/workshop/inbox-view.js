// The view "inbox": one group of alike sentences at a time, decided with one key.
import { problemWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { InboxAside } from "./inbox-aside.js";
import { drawGroup, INBOX_KINDS } from "./inbox-group.js";
import { InboxModel } from "./inbox-model.js";
import { askNote } from "./note-dialog.js";
import { pickOne } from "./pick-dialog.js";

/** @import { ViewContext } from "./views.js" */
/** @import { InboxAction } from "./inbox-model.js" */

const LISTED = 20;
/** How often an empty inbox looks for new groups. */
const LOOK_MS = 5_000;

/** The keys that decide without a further question. @type {Readonly<Record<string, InboxAction>>} */
const ACTIONS = { o: "out_of_scope", a: "article_missing", x: "ignore" };

export class InboxView {
  #context;
  #model;
  #isOpen = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #looking;
  /** What is drawn: the group, its refusal, the number of its texts. */
  #drawn = "";
  /** Decisions go on to the desk while another view is open, but not without the page. */
  #unload = (/** @type {BeforeUnloadEvent} */ event) => this.#model.pending > 0 && event.preventDefault();

  /** @param {ViewContext} context */
  constructor(context) {
    this.#context = context;
    const { api, say } = context;
    this.#model = new InboxModel({
      list: (kind) => {
        const query = new URLSearchParams({ limit: String(LISTED), ...(kind ? { kind } : {}) });
        return api.get(`/api/workshop/inbox?${query}`);
      },
      decide: (group, body) => api.post(`/api/workshop/inbox/${encodeURIComponent(group)}`, body),
      undo: () => api.post("/api/workshop/inbox/undo"),
      wait: (ms) => new Promise((done) => setTimeout(done, ms)),
    });
    this.#model.addEventListener("change", () => this.#draw());
    this.#model.addEventListener("problem", (event) => this.#refused(/** @type {CustomEvent} */ (event).detail));
    /** @type {HTMLSelectElement} */
    this.kinds = el(
      "select",
      {
        id: "inbox-kind",
        testid: "inbox-kind",
        on: { change: () => this.#context.goTo(`inbox${this.kinds.value ? `/${this.kinds.value}` : ""}`) },
      },
      el("option", { value: "" }, say("inbox.kind.all")),
      INBOX_KINDS.map((kind) => el("option", { value: kind }, say(`inbox.kind.${kind}`))),
    );
    this.place = el("div", { class: "inbox-place" });
    this.state = el("p", { class: "off-screen", role: "status" });
    this.aside = new InboxAside(context, () => this.#show(this.#model.kind));
    this.node = el(
      "div",
      { class: "view inbox", testid: "inbox" },
      el("h2", { class: "off-screen" }, say("workshop.view.inbox")),
      el(
        "div",
        { class: "inbox-main" },
        el(
          "div",
          { class: "view-tools" },
          el("label", { for: "inbox-kind" }, say("inbox.kind")),
          this.kinds,
          el(
            "button",
            { type: "button", class: "quiet", testid: "inbox-undo", on: { click: () => this.#undo() } },
            say("inbox.undo"),
            el("kbd", { "aria-hidden": "true" }, "z"),
          ),
        ),
        this.place,
        this.state,
      ),
      this.aside.node,
    );
    /** @type {[string, string][]} */
    this.shortcuts = [
      ["1 – 5", say("inbox.key.suggested")],
      ["i", say("inbox.action.other")],
      ["n", say("inbox.action.new_intent")],
      ["o", say("inbox.action.out_of_scope")],
      ["a", say("inbox.action.article_missing")],
      ["x", say("inbox.action.ignore")],
      ["z", say("inbox.undo")],
      ["m", say("inbox.key.whole")],
      ["j k", say("inbox.key.texts")],
    ];
  }

  /** @param {string | null} argument  a kind */
  async open(argument) {
    const kind = INBOX_KINDS.find((known) => known === argument) ?? null;
    this.kinds.value = kind ?? "";
    if (this.#isOpen && kind === this.#model.kind) return;
    if (!this.#isOpen) {
      window.addEventListener("beforeunload", this.#unload);
      this.#looking = setInterval(() => this.#model.lookAgain(), LOOK_MS);
      this.aside.open();
    }
    this.#isOpen = true;
    await this.#show(kind);
  }

  close() {
    this.#isOpen = false;
    window.removeEventListener("beforeunload", this.#unload);
    clearInterval(this.#looking);
    this.aside.close();
    this.#context.refreshCounts();
  }

  /** @param {KeyboardEvent} event */
  onKey({ key: pressed }) {
    const key = pressed.toLowerCase();
    const suggested = this.#model.group?.suggested[Number(key) - 1];
    if (suggested && Number(key) <= 5) this.#decide("intent", suggested.intent);
    else if (ACTIONS[key]) this.#decide(ACTIONS[key]);
    else if (key === "i") this.#choose();
    else if (key === "n") this.#newIntent();
    else if (key === "m") this.#model.showAll();
    else if (key === "z") this.#undo();
    else if (key === "j" || key === "arrowdown") this.#move(1);
    else if (key === "k" || key === "arrowup") this.#move(-1);
    else return false;
    return true;
  }

  /** @param {string | null} kind */
  async #show(kind) {
    try {
      await this.#model.show(kind);
    } catch (error) {
      this.#context.onProblem(error);
      this.place.replaceChildren(
        el("p", { class: "problem" }, problemWords(DeskError.of(error), this.#context.say)),
        el(
          "button",
          { type: "button", class: "tool", on: { click: () => this.#show(kind) } },
          this.#context.say("view.again"),
        ),
      );
    }
  }

  /** @param {InboxAction} action @param {string} [intent] @param {string} [note] */
  #decide(action, intent, note) {
    const { say, names, toast } = this.#context;
    const count = this.#model.ticked.length;
    if (!this.#model.group) return;
    if (!this.#model.decide({ action, intent, note })) {
      toast.show(say("inbox.none_ticked"), { isProblem: true });
      return;
    }
    const what = intent ? names.intent(intent) : say(`inbox.action.${action}`);
    toast.offerUndo(say("inbox.decided", count, what), () => this.#undo());
  }

  async #choose() {
    const { say, names } = this.#context;
    const { group } = this.#model;
    if (!group) return;
    const intent = await pickOne({
      say,
      title: say("inbox.choose"),
      options: names.all("intents").map(({ id, name }) => ({ id, name, hint: id })),
      testid: "inbox-choose",
    });
    if (intent && this.#model.group === group) this.#decide("intent", intent);
  }

  async #newIntent() {
    const { say } = this.#context;
    const { group } = this.#model;
    if (!group) return;
    const note = await askNote({
      say,
      title: say("inbox.new_intent.title"),
      text: say("inbox.new_intent.text"),
      label: say("inbox.new_intent.label"),
      confirm: say("inbox.action.new_intent"),
      testid: "inbox-new-intent",
    });
    if (note && this.#model.group === group) this.#decide("new_intent", undefined, note);
  }

  #undo() {
    if (!this.#model.undo()) this.#context.toast.show(this.#context.say("inbox.nothing_to_undo"));
    else this.#context.toast.show(this.#context.say("inbox.undone"));
  }

  /** @param {number} step  to the next or the previous text of the group */
  #move(step) {
    const boxes = [.../** @type {NodeListOf<HTMLElement>} */ (this.place.querySelectorAll("input[type=checkbox]"))];
    const at = boxes.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = at < 0 ? (step > 0 ? 0 : boxes.length - 1) : at + step;
    boxes[Math.min(Math.max(next, 0), boxes.length - 1)]?.focus();
  }

  /** @param {DeskError} error */
  #refused(error) {
    if (error.status === 401) this.#context.onProblem(error);
    else this.#context.toast.show(problemWords(error, this.#context.say), { isProblem: true });
  }

  #draw() {
    const { say, names } = this.#context;
    const { group } = this.#model;
    this.aside.update(this.#model);
    if (!group) {
      this.#drawn = "";
      const isDone = this.#model.isLoaded && this.#model.pending === 0;
      this.place.replaceChildren(
        el(
          "div",
          { class: "view-empty", testid: isDone ? "inbox-empty" : "inbox-loading" },
          isDone
            ? [el("h3", {}, say("inbox.empty.title")), el("p", { class: "muted" }, say("inbox.empty.text"))]
            : el("p", { class: "muted" }, say("view.loading")),
        ),
      );
      return;
    }
    const key = JSON.stringify([group.id, group.problem, this.#model.shown.length]);
    if (key !== this.#drawn) {
      this.#drawn = key;
      const hadFocus = this.place.contains(document.activeElement);
      this.place.replaceChildren(
        drawGroup(group, {
          say,
          names,
          shown: this.#model.shown,
          isTicked: (id) => !this.#model.unticked.has(id),
          onTick: (id) => this.#model.tick(id),
          onWhole: () => this.#model.showAll(),
          onIntent: (intent) => this.#decide("intent", intent),
          onAction: (action) => {
            if (action === "other") this.#choose();
            else if (action === "new_intent") this.#newIntent();
            else this.#decide(action);
          },
        }),
      );
      if (hadFocus) this.place.querySelector("h3")?.focus();
      setText(this.state, say("inbox.announced", group.count, group.texts[0]?.text ?? ""));
    }
    for (const box of this.place.querySelectorAll("input[type=checkbox]")) {
      const input = /** @type {HTMLInputElement} */ (box);
      input.checked = !this.#model.unticked.has(input.value);
    }
  }
}
