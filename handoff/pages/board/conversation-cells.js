// The cells that rows about a conversation share: what it is about, who has it, and what a supervisor can do.
import { amountWords, customerWords } from "../console/display-names.js";
import { isolated, withoutControls } from "../console/shown-text.js";
import { drawUrgency } from "../console/urgency.js";
import { el, setText } from "../shared/dom.js";
import { BoardActions } from "./board-actions.js";
import { topicWords } from "./board-names.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { BoardCard } from "./board-model.js" */
/** @import { Name } from "./board-names.js" */

/** @typedef {{id: string | null, card: BoardCard | null, login: string | null, name: string | null}} About */

/**
 * A cell that says what a conversation is about: {node, update(about)}.
 * @param {Say} say
 * @param {Name} name
 */
export function aboutCell(say, name) {
  const badge = el("span", { class: "priority" });
  const topic = el("b", {});
  const who = el("span", { class: "muted" });
  return {
    node: el("div", {}, topic, el("div", { class: "about" }, badge, who)),
    /** @param {About} about */
    update({ id, card, name: agent }) {
      badge.hidden = !card;
      if (card) drawUrgency(badge, card, say);
      const amount = card?.amount_cny ? amountWords(card.amount_cny, say) : "";
      const about = card ? [topicWords(card, name), amount].filter(Boolean).join(" · ") : "";
      setText(topic, about || (id ? customerWords(id, say) : withoutControls(agent ?? "")));
      const queue = card?.queue ? name("queues", card.queue) : "";
      setText(who, [about && id ? customerWords(id, say) : "", queue].filter(Boolean).join(" · "));
      who.hidden = !who.textContent;
    },
  };
}

/** A cell with the agent who has the conversation. @param {Say} say */
export function agentCell(say) {
  const node = el("div", {});
  return {
    node,
    /** @param {About} about */
    update({ card, name: agent }) {
      const words = agent ?? (card?.status === "queued" ? say("board.nobody") : "");
      if (node.textContent === words) return;
      node.replaceChildren(agent ? isolated(agent) : words);
      node.classList.toggle("muted", !agent);
    },
  };
}

/**
 * The cell 打开 / 分给… / 我来, and the keys that do the same.
 * @param {Say} say
 * @param {BoardActions} actions
 * @param {() => About} about  the row's conversation at this moment
 */
export function actionsCell(say, actions, about) {
  const open = el(
    "a",
    { class: "tool", target: "wallet-console", testid: "open", title: `${say("board.open")} (o)` },
    say("board.open"),
  );
  const target = () => {
    const { id, card } = about();
    return id === null || card === null ? null : { id, card }; // without a card the case is closed: there is nobody to give
  };
  const withTarget = (/** @type {(target: import("./board-actions.js").Target) => unknown} */ act) => () => {
    const found = target();
    if (found) act(found);
  };
  const assign = withTarget((found) => actions.assign(found));
  const take = withTarget((found) => actions.take(found));
  const held = () => {
    const { login } = about();
    const agent = actions.board()?.agents.find((each) => each.login === login);
    if (agent) actions.conversationsOf(agent);
  };
  const whisper = () => {
    const { id, login } = about();
    const agent = actions.board()?.agents.find((each) => each.login === login);
    if (agent) actions.whisper(agent, id ?? undefined);
  };
  const button = (/** @type {string} */ testid, /** @type {string} */ key, /** @type {() => unknown} */ click) =>
    el(
      "button",
      { type: "button", class: "tool", testid, title: `${say(`board.${testid}`)} (${key})`, on: { click } },
      say(`board.${testid}`),
    );
  const give = button("assign", "g", assign);
  const mine = button("take", "t", take);
  const list = button("list", "l", held);
  return {
    node: el("div", { class: "actions" }, open, give, mine, list),
    update() {
      const { id, card } = about();
      for (const each of [open, give, mine]) each.hidden = id === null;
      list.hidden = id !== null;
      if (id !== null && open.getAttribute("href") !== BoardActions.address(id)) open.href = BoardActions.address(id);
      give.disabled = card === null;
      mine.disabled = card === null || (card.status === "assigned" && card.agent === actions.me.login);
    },
    keys: {
      Enter: () => (about().id === null ? held() : open.click()),
      o: () => (about().id === null ? held() : open.click()),
      g: assign,
      t: take,
      w: whisper,
      l: held,
    },
  };
}
