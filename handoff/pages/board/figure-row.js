// The figures of the first row: the value, yesterday's at the same hour, and the definition under a button.
import { el, setText, syncChildren } from "../shared/dom.js";
import { inLanguage, valueWords } from "./board-names.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { BoardFigure } from "./board-model.js" */

/** @typedef {{node: HTMLElement, update: (figure: BoardFigure) => void}} FigureCard */

export class FigureRow {
  #say;
  #onOpen;
  /** @type {Map<string, FigureCard>} */
  #cards = new Map();

  /**
   * @param {object} options
   * @param {Say} options.say
   * @param {(url: string, title: string) => void} options.onOpen  shows the conversations that a figure counts
   */
  constructor({ say, onOpen }) {
    this.#say = say;
    this.#onOpen = onOpen;
    this.node = el("ul", { class: "figures", testid: "figures" });
  }

  /** @param {readonly BoardFigure[]} figures */
  update(figures) {
    const cards = new Map(figures.map((figure) => [figure.id, this.#cards.get(figure.id) ?? this.#make(figure)]));
    this.#cards = cards;
    for (const figure of figures) cards.get(figure.id)?.update(figure);
    syncChildren(
      this.node,
      [...cards.values()].map(({ node }) => node),
    );
  }

  /** @param {BoardFigure} first @returns {FigureCard} */
  #make(first) {
    const say = this.#say;
    let figure = first;
    const title = el("h3", {}, figureName(figure, say));
    const value = el("p", { class: "figure-value" });
    const before = el("p", { class: "muted figure-before" });
    const definition = inLanguage(figure.definition, say);
    const open = el(
      "button",
      {
        type: "button",
        class: "quiet",
        testid: "figure-open",
        on: {
          click: () =>
            figure.conversation_ids_url && this.#onOpen(figure.conversation_ids_url, figureName(figure, say)),
        },
      },
      say("figures.open"),
    );
    return {
      node: el(
        "li",
        { class: "figure", data: { id: figure.id } },
        title,
        value,
        before,
        el(
          "div",
          { class: "figure-foot" },
          definition ? el("details", {}, el("summary", {}, say("figures.definition")), el("p", {}, definition)) : null,
          open,
        ),
      ),
      update: (next) => {
        figure = next;
        setText(value, valueWords(figure.value, figure.unit, say));
        setText(before, say("figures.yesterday", valueWords(figure.yesterday, figure.unit, say)));
        before.hidden = figure.yesterday === undefined;
        open.hidden = !figure.conversation_ids_url;
      },
    };
  }
}

/**
 * The name of a figure: the desk's, or this page's for the figures of the first row.
 * @param {Pick<BoardFigure, "id" | "name">} figure
 * @param {Say} say
 */
export function figureName({ id, name }, say) {
  return inLanguage(name, say) || (say.knows(`figure.${id}`) ? say(`figure.${id}`) : id);
}
