// The tab "customer": who it is as far as the desk knows, earlier visits, and other conversations of the same customer.
import { el } from "../shared/dom.js";
import { copyButton } from "./copy-button.js";
import { channelWords, customerWords, languageWords, timeWords } from "./display-names.js";
import { isolated, withoutControls } from "./shown-text.js";
import { dayWords } from "./transcript-lines.js";

/** @import { Card } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { EpisodeFacts } from "./case-facts.js" */
/** @import { Names } from "./display-names.js" */
/** @import { FactsContext } from "./facts-panel.js" */

/** @param {Card} card @param {readonly EpisodeFacts[]} episodes @param {FactsContext} context */
export function customerTab(card, episodes, { say, names, actions }) {
  /** @type {([string, string | HTMLElement] | null)[]} */
  const rows = [
    ...identityRows(card.customer, say),
    [say("customer.language"), languageWords(card.locale, say, names)],
    [say("customer.channel"), channelWords(card.channel, say)],
    card.created_at ? [say("customer.since"), timeWords(card.created_at, say)] : null,
    (card.episode ?? 1) > 1 ? [say("customer.visits"), say("queue.episode", card.episode)] : null,
    card.known_by && card.known_by.login !== card.agent
      ? [say("customer.known_by"), `${withoutControls(card.known_by.name)} · ${timeWords(card.known_by.at, say)}`]
      : null,
    card.rating ? [say("facts.rating"), `${"★".repeat(card.rating)} ${card.rating}/5`] : null,
  ];
  const earlier = episodes.slice(0, -1).reverse();
  return [
    el(
      "section",
      {},
      el("h3", { class: "customer-name" }, customerWords(card.id, say), copyButton(card.id, say)),
      factRows(rows),
    ),
    el(
      "section",
      {},
      el("h3", {}, say("customer.earlier")),
      earlier.length
        ? el(
            "ul",
            { class: "episodes" },
            earlier.map((episode) => episodeItem(episode, say, names, actions.reveal)),
          )
        : el("p", { class: "muted" }, say("customer.earlier.none")),
    ),
    el("section", {}, el("h3", {}, say("customer.links")), links(card, say, actions)),
  ];
}

/**
 * Who the customer is, and what the app has proven and what not.
 * @param {Card["customer"]} customer @param {Say} say
 * @returns {[string, string][]}
 */
function identityRows(customer, say) {
  if (!customer) return [[say("customer.identity"), say("customer.guest")]];
  const phone = customer.phone_last ? say("customer.phone_last", customer.phone_last) : "";
  const signed = say(`customer.proof.${customer.signed_assurance}`);
  const until = timeWords(customer.proven_until, say);
  const lasts = Date.parse(customer.proven_until) > Date.now();
  return [
    [
      say("customer.identity"),
      [withoutControls(customer.name ?? ""), customer.subject, phone].filter(Boolean).join(" · "),
    ],
    [say("customer.proof"), say(lasts ? "customer.proof.until" : "customer.proof.lapsed", signed, until)],
  ];
}

/**
 * Names and values as a list of terms.
 * @param {([string, string | HTMLElement] | null)[]} rows
 */
export function factRows(rows) {
  return el(
    "dl",
    { class: "rows" },
    rows
      .filter((row) => row !== null)
      .map(([name, value]) => [
        el("dt", {}, name),
        typeof value === "string" ? el("dd", {}, el("bdi", {}, value)) : value,
      ]),
  );
}

/** @param {EpisodeFacts} episode @param {Say} say @param {Names} names @param {(seq: number) => void} onReveal */
function episodeItem({ seq, at, reason, agent, end }, say, names, onReveal) {
  const how = end?.outcome ? names.outcome(end.outcome) : end ? say("transcript.resolved", end.resolution) : "";
  const about = [reason ? names.reason(reason) : "", agent ? withoutControls(agent) : "", how].filter(Boolean);
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "episode-link", testid: "episode", on: { click: () => onReveal(seq) } },
      el("b", {}, dayWords(at, say)),
      isolated(about.join(" · ")),
    ),
  );
}

/** @param {Card} card @param {Say} say @param {FactsContext["actions"]} actions */
function links({ links: others = [] }, say, actions) {
  return [
    others.length
      ? el(
          "ul",
          { class: "links" },
          others.map((id) =>
            el(
              "li",
              { testid: "link" },
              el(
                "button",
                { type: "button", class: "quiet", testid: "link-open", on: { click: () => actions.open(id) } },
                customerWords(id, say),
              ),
              el(
                "button",
                { type: "button", class: "quiet", testid: "link-remove", on: { click: () => actions.unlink(id) } },
                say("link.remove"),
              ),
            ),
          ),
        )
      : el("p", { class: "muted" }, say("customer.links.none")),
    el(
      "button",
      { type: "button", class: "tool link-add", testid: "link-add", on: { click: () => actions.link() } },
      say("link.add"),
      el("kbd", { "aria-hidden": "true" }, "L"),
    ),
  ];
}
