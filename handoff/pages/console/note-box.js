// The box for an internal note: @ completes the name of a colleague, and a supervisor's note may be a hint that is shown at the
// agent's reply box.
import { el, setText } from "../shared/dom.js";
import { newId } from "../shared/outbox.js";
import { matchesOf, mentionAt, mentionsIn } from "./mentions.js";
import { isolated, withoutControls } from "./shown-text.js";

/** @import { Colleague } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Drafts } from "./drafts.js" */

/** @typedef {{client_note_id: string, text: string, mentions: string[], whisper: boolean}} NewNote */

const SHOWN = 6;

export class NoteBox {
  #id = "";
  #at = 0;
  /** @type {Colleague[]} */
  #matches = [];
  /** A name is being typed that no colleague has. */
  #isMissed = false;
  #isSaving = false;

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {Drafts} options.drafts
   * @param {() => readonly Colleague[]} options.colleagues
   * @param {(id: string, note: NewNote) => Promise<boolean>} options.onNote  id: of the conversation; resolves to whether it was saved
   * @param {() => void} options.onDone  saved, or left with Esc
   */
  constructor({ say, drafts, colleagues, onNote, onDone }) {
    this.say = say;
    this.drafts = drafts;
    this.colleagues = colleagues;
    this.onNote = onNote;
    this.onDone = onDone;
    this.input = el("textarea", {
      class: "composer-input",
      testid: "note-input",
      rows: 2,
      maxlength: 4_000,
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": "mention-list",
      "aria-expanded": "false",
      "aria-label": say("note.input"),
      placeholder: say("note.input"),
      on: {
        keydown: (event) => this.#keydown(event),
        input: () => {
          drafts.set("note", this.#id, this.input.value);
          this.#lookUp();
        },
        blur: () => this.#hide(),
      },
    });
    this.list = el("div", {
      class: "canned mentions",
      id: "mention-list",
      role: "listbox",
      "aria-label": say("note.mentions"),
      testid: "mention-list",
      hidden: true,
    });
    this.whisper = el("input", { type: "checkbox", testid: "note-whisper" });
    this.whisperWords = el("span", {});
    this.whisperRow = el("label", { class: "whisper-choice", hidden: true }, this.whisper, this.whisperWords);
    this.save = el(
      "button",
      { type: "button", class: "tool", testid: "note-save", on: { click: () => this.#save() } },
      say("note.save"),
    );
    this.node = el(
      "div",
      { class: "note-box", hidden: true },
      this.list,
      el("div", { class: "composer-field" }, this.input),
      el("div", { class: "note-foot" }, this.whisperRow, this.save),
    );
  }

  /** @param {string} id  of the conversation */
  show(id) {
    this.#id = id;
    this.#hide();
    this.input.value = this.drafts.get("note", id);
    this.whisper.checked = false;
  }

  /** The name of the agent to whom a hint may be given; null: there is nobody. @param {string | null} name */
  set whisperTo(name) {
    this.whisperRow.hidden = !name;
    if (!name) this.whisper.checked = false;
    setText(this.whisperWords, name ? this.say("note.whisper", withoutControls(name)) : "");
  }

  focus() {
    this.input.focus();
  }

  /** The list of colleagues may have changed: after a reload it comes when the first name may have been typed already. */
  colleaguesChanged() {
    if (this.#isMissed) this.#lookUp();
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (!this.list.hidden && this.#listKey(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#save();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.onDone();
    }
  }

  /** True when the key was for the list of names. @param {KeyboardEvent} event */
  #listKey({ key }) {
    const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
    if (step) {
      this.#at = (this.#at + step + this.#matches.length) % this.#matches.length;
      this.#draw();
    } else if (key === "Enter" || key === "Tab") {
      this.#pick(this.#at);
    } else if (key === "Escape") {
      this.#hide();
    } else {
      return false;
    }
    return true;
  }

  #lookUp() {
    const found = mentionAt(this.input.value, this.input.selectionStart);
    this.#matches = found ? matchesOf(found.typed, this.colleagues()).slice(0, SHOWN) : [];
    this.#at = 0;
    if (this.#matches.length) this.#draw();
    else this.#hide();
    this.#isMissed = found !== null && !this.#matches.length;
  }

  #draw() {
    this.list.replaceChildren(
      ...this.#matches.map(({ login, name, online }, index) =>
        el(
          "div",
          {
            class: "canned-reply",
            role: "option",
            id: `mention-${index}`,
            "aria-selected": index === this.#at,
            testid: "mention",
            on: {
              mousedown: (event) => {
                event.preventDefault(); // before the box loses the focus and closes the list
                this.#pick(index);
              },
            },
          },
          isolated(name),
          el("span", { class: "muted" }, ` ${login}${online ? "" : ` · ${this.say("dialog.transfer.absent")}`}`),
        ),
      ),
    );
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.input.setAttribute("aria-activedescendant", `mention-${this.#at}`);
  }

  #hide() {
    this.#isMissed = false;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  /** @param {number} index */
  #pick(index) {
    const found = mentionAt(this.input.value, this.input.selectionStart);
    if (!found) return;
    this.input.setRangeText(`@${this.#matches[index].name} `, found.start, this.input.selectionStart, "end");
    this.drafts.set("note", this.#id, this.input.value);
    this.#hide();
  }

  async #save() {
    const text = this.input.value.trim();
    if (!text || this.#isSaving) return;
    this.#isSaving = true;
    this.save.disabled = true;
    const id = this.#id;
    const note = {
      client_note_id: this.#keyOf(id, text),
      text,
      mentions: mentionsIn(text, this.colleagues()),
      whisper: this.whisper.checked,
    };
    const isSaved = await this.onNote(id, note);
    this.#isSaving = false;
    this.save.disabled = false;
    if (!isSaved) return; // the text stays, and is sent again under the same key
    this.drafts.set("note-key", id, "");
    // Text that was typed meanwhile is kept.
    if (this.drafts.get("note", id).trim() === text) this.drafts.set("note", id, "");
    if (this.#id !== id || this.input.value.trim() !== text) return;
    this.input.value = "";
    this.whisper.checked = false;
    this.onDone();
  }

  /** The key of a note: the same for each attempt to save this text, also after a reload. @param {string} id @param {string} text */
  #keyOf(id, text) {
    const [key, ...kept] = this.drafts.get("note-key", id).split(" ");
    if (key && kept.join(" ") === text) return key;
    const fresh = newId();
    this.drafts.set("note-key", id, `${fresh} ${text}`);
    return fresh;
  }
}
