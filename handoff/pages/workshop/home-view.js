// The first view: what needs an editor.
import { el } from "../shared/dom.js";

/** @import { ViewContext } from "./views.js" */

export class HomeView {
  /** @param {ViewContext} context */
  constructor({ say, me }) {
    this.node = el("div", { class: "view home" }, el("h2", {}, say("home.title", me.name)));
  }

  open() {}

  close() {}
}
