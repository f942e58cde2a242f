// Where a conversation goes: back to its queue, to a colleague, to another queue, or to whoever has a skill.
import { el } from "../shared/dom.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { NamedId, Names } from "./display-names.js" */

/** @typedef {"person" | "queue" | "skill"} Kind */
/** @typedef {{to?: string, queue?: string, skill?: string}} Destination */

/**
 * @param {object} options
 * @param {Say} options.say
 * @param {Names} options.names
 * @param {{node: HTMLElement, value: string | null}} options.people  the choice of a colleague, with the queue as its first entry
 * @returns {{node: HTMLElement, value: Destination}}
 */
export function transferField({ say, names, people }) {
  const choices = {
    queue: choice(say, "queue", names.all("queues")),
    skill: choice(say, "skill", names.all("skills")),
  };
  /** @type {Kind} */
  let kind = "person";
  const panels = { person: people.node, queue: choices.queue.node, skill: choices.skill.node };
  const draw = () => {
    for (const [name, panel] of Object.entries(panels)) panel.hidden = name !== kind;
  };
  /** @type {Kind[]} */
  const kinds = ["person", "queue", "skill"];
  const shown = kinds.filter((name) => name === "person" || choices[name].count > 0);
  const radios = shown.map((name) =>
    el(
      "label",
      { class: "segment" },
      el("input", {
        type: "radio",
        name: "transfer-kind",
        value: name,
        checked: name === kind,
        testid: `transfer-kind-${name}`,
        on: {
          change: () => {
            kind = name;
            draw();
          },
        },
      }),
      el("span", {}, say(`dialog.transfer.${name}`)),
    ),
  );
  draw();
  return {
    node: el(
      "div",
      {},
      el(
        "fieldset",
        { class: "segments", hidden: shown.length < 2 },
        el("legend", { class: "off-screen" }, say("dialog.transfer.to")),
        radios,
      ),
      Object.values(panels),
    ),
    get value() {
      if (kind !== "person") return { [kind]: choices[kind].value };
      return people.value ? { to: people.value } : {};
    },
  };
}

/** @param {Say} say @param {"queue" | "skill"} name @param {NamedId[]} entries */
function choice(say, name, entries) {
  const id = `dialog-${name}`;
  const select = el(
    "select",
    { id, testid: `transfer-${name}` },
    entries.map((entry) => el("option", { value: entry.id }, entry.name)),
  );
  return {
    count: entries.length,
    node: el("div", { class: "field" }, el("label", { for: id }, say(`dialog.transfer.to_${name}`)), select),
    get value() {
      return select.value;
    },
  };
}
