// The form of a publication: the reason, now or at a time, and what happens when a second person must agree.
import { problemWords } from "../console/display-names.js";
import { isComposed } from "../console/shortcut-keys.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";

/** @import { ViewContext } from "./views.js" */

/**
 * @param {object} options
 * @param {Pick<ViewContext, "say">} options.context
 * @param {boolean} options.needsSecond
 * @param {(why: string, at: string | null) => Promise<void>} options.onPublish  at: ISO 8601
 */
export function publishForm({ context: { say }, needsSecond, onPublish }) {
  const problem = el("p", { class: "problem", role: "alert", testid: "publish-problem" });
  /** @type {HTMLTextAreaElement} */
  const why = el("textarea", {
    id: "publish-why",
    testid: "publish-why",
    rows: 2,
    maxlength: 500,
    on: {
      keydown: (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || isComposed(event)) return;
        event.preventDefault();
        form.requestSubmit();
      },
    },
  });
  /** @type {HTMLInputElement} */
  const at = el("input", { type: "datetime-local", id: "publish-at", testid: "publish-at", disabled: true });
  /** @param {string} value @param {boolean} checked */
  const when = (value, checked) =>
    el(
      "label",
      { class: "segment" },
      el("input", {
        type: "radio",
        name: "publish-when",
        value,
        checked,
        testid: `publish-${value}`,
        on: {
          change: () => {
            at.disabled = value === "now";
            if (value === "later") at.focus();
          },
        },
      }),
      say(`publish.when.${value}`),
    );
  const button = el(
    "button",
    { type: "submit", class: "primary", testid: "publish" },
    say(needsSecond ? "publish.propose" : "publish.now"),
  );
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (button.disabled) return;
    setText(problem, "");
    const reason = why.value.trim();
    if (!reason) {
      setText(problem, say("publish.why.needed"));
      why.focus();
      return;
    }
    const time = at.disabled ? null : new Date(at.value);
    if (time && !(time.getTime() > Date.now())) {
      setText(problem, say("publish.at.past"));
      at.focus();
      return;
    }
    button.disabled = true;
    try {
      await onPublish(reason, time ? time.toISOString() : null);
    } catch (error) {
      setText(problem, problemWords(DeskError.of(error), say));
    } finally {
      button.disabled = false;
    }
  };
  /** @type {HTMLFormElement} */
  const form = el(
    "form",
    { class: "publish-form", on: { submit } },
    el("div", { class: "form-field" }, el("label", { for: "publish-why" }, say("publish.why")), why),
    el(
      "fieldset",
      {},
      el("legend", {}, say("publish.when")),
      el("div", { class: "segments" }, when("now", true), when("later", false)),
      el("label", { for: "publish-at", class: "off-screen" }, say("publish.when.later")),
      at,
    ),
    needsSecond ? el("p", { class: "muted" }, say("publish.second")) : null,
    problem,
    button,
  );
  return form;
}
