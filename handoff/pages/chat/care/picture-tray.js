// Pictures on their way: chosen, pasted or dropped; shown before they are sent; sent with progress, each once.
import { el, setText } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { newId } from "../../shared/outbox.js";
import { isPicture, paintPicture } from "./picture-view.js";
import { uploadPicture } from "./upload.js";

/** @import { Say } from "../../words/speaker.js" */
/** @import { Conversation } from "../conversation.js" */

const MOST = 5;
const MEGABYTES = 10;
const PREVIEW_PX = 72;

/** @typedef {{id: string, file: File, state: "ready" | "sending" | "failed", percent: number, problem: string, canvas: HTMLCanvasElement}} Picture */

export class PictureTray {
  /** @type {Picture[]} */
  #pictures = [];
  #conversation;
  #say;
  #onSent;
  #closed = new AbortController();

  /** @param {{conversation: Conversation, say: Say, onSent: () => void}} options */
  constructor({ conversation, say, onSent }) {
    this.#conversation = conversation;
    this.#say = say;
    this.#onSent = onSent;
    this.input = el("input", {
      type: "file",
      accept: "image/png,image/jpeg,image/webp",
      multiple: true,
      hidden: true,
      testid: "chat-picture-input",
      "aria-label": say("care.menu.picture"),
      on: {
        change: () => {
          this.add([...(this.input.files ?? [])]);
          this.input.value = "";
        },
      },
    });
    this.list = el("ul", { class: "pictures", role: "list", "aria-label": say("care.picture.drop") });
    this.problem = el("p", { class: "picture-problem", role: "alert", testid: "chat-picture-problem" });
    this.send = el("button", {
      type: "button",
      class: "primary",
      testid: "chat-picture-send",
      on: { click: () => this.#sendAll() },
    });
    this.hint = el("p", { class: "picture-hint" }, say("care.picture.hint"));
    this.bar = el("div", { class: "picture-bar" }, this.hint, this.send);
    this.node = el("div", { class: "tray", testid: "chat-tray" }, this.input, this.list, this.problem, this.bar);
    this.#draw();
  }

  close() {
    this.#closed.abort();
  }

  /** Opens the browser's own choice of a file, or the camera. */
  choose({ camera = false } = {}) {
    if (camera) this.input.setAttribute("capture", "environment");
    else this.input.removeAttribute("capture");
    this.input.click();
  }

  /** @param {File[]} files */
  async add(files) {
    const say = this.#say;
    setText(this.problem, "");
    for (const file of files) {
      if (this.#pictures.length >= MOST) {
        setText(this.problem, say("care.picture.many", MOST));
        break;
      }
      const problem = !isPicture(file)
        ? say("care.picture.type")
        : file.size > MEGABYTES * 1024 * 1024
          ? say("care.picture.big", MEGABYTES)
          : "";
      const canvas = el("canvas", { class: "thumb" });
      if (problem || !(await paintPicture(canvas, file, PREVIEW_PX))) {
        setText(this.problem, `${file.name} ${problem || say("care.picture.broken")}`);
        continue;
      }
      this.#pictures.push({ id: newId(), file, state: "ready", percent: 0, problem: "", canvas });
    }
    this.#draw();
    if (this.#pictures.length) this.send.focus();
  }

  #draw() {
    const say = this.#say;
    const count = this.#pictures.filter(({ state }) => state !== "sending").length;
    this.bar.hidden = this.#pictures.length === 0;
    this.send.disabled = count === 0;
    const failed = this.#pictures.some(({ state }) => state === "failed");
    setText(this.send, failed ? say("care.picture.again") : say("care.picture.send", count || this.#pictures.length));
    this.list.replaceChildren(...this.#pictures.map((picture) => this.#entry(picture)));
  }

  /** @param {Picture} picture */
  #entry(picture) {
    const say = this.#say;
    const { file, state, percent, problem, canvas } = picture;
    const remove = el(
      "button",
      {
        type: "button",
        class: "thumb-remove",
        "aria-label": say("care.picture.remove", file.name),
        disabled: state === "sending",
        on: {
          click: () => {
            this.#pictures = this.#pictures.filter((each) => each !== picture);
            setText(this.problem, "");
            this.#draw();
          },
        },
      },
      icon("close", { size: 14 }),
    );
    const words = state === "sending" ? say("care.picture.sending", percent) : problem;
    const progress = state === "sending" ? el("progress", { max: 100, value: percent, "aria-label": words }) : null;
    return el(
      "li",
      { class: "thumb-one", data: { state } },
      canvas,
      progress,
      remove,
      words && state === "failed" ? el("span", { class: "unseen" }, words) : null,
    );
  }

  async #sendAll() {
    setText(this.problem, "");
    try {
      await this.#conversation.begin();
    } catch {
      setText(this.problem, this.#say("care.picture.failed"));
      return;
    }
    for (const picture of this.#pictures.filter(({ state }) => state !== "sending")) await this.#sendOne(picture);
  }

  /** @param {Picture} picture */
  async #sendOne(picture) {
    picture.state = "sending";
    picture.percent = 0;
    this.#draw();
    const result = await uploadPicture({
      api: this.#conversation.api,
      path: this.#conversation.path("/attachments"),
      file: picture.file,
      id: picture.id, // under this id the desk stores it once
      onProgress: (percent) => {
        picture.percent = percent;
        this.#draw();
      },
      signal: this.#closed.signal,
    });
    if (result === null) {
      this.#pictures = this.#pictures.filter((each) => each !== picture);
      this.#onSent();
    } else {
      picture.state = "failed";
      picture.problem = result || this.#say("care.picture.failed");
      setText(this.problem, picture.problem);
    }
    this.#draw();
  }
}
