// One field of the policy as a form: what it means, its value, and a button that saves it.
import { problemWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";
import { el, setText } from "../shared/dom.js";
import { FormField } from "./form-field.js";
import { hasLines, textOf, valueFrom } from "./policy-model.js";
import { inLanguage } from "./workshop-types.js";

/** @import { Json } from "../shared/contract-types.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { PolicyField } from "./policy-model.js" */

/**
 * @param {PolicyField} field
 * @param {object} options
 * @param {Say} options.say
 * @param {boolean} options.mayEdit
 * @param {(value: Json) => Promise<PolicyField | null>} options.onSave  the field as it is saved; throws DeskError
 */
export function policyField(field, { say, mayEdit, onSave }) {
  let shown = field;
  const isMany = field.kind === "choices";
  const explain = inLanguage({ zh: field.explain_zh ?? "", en: field.explain_en ?? "" }, say);
  const unit = field.unit ? inLanguage(field.unit, say) : "";
  const label = unit ? `${inLanguage(field, say)}（${unit}）` : inLanguage(field, say);
  const problem = el("p", { class: "problem", role: "alert" });
  const save = el(
    "button",
    { type: "button", class: "primary", testid: "policy-save", hidden: true, on: { click: () => submit() } },
    say("policy.save"),
  );
  const back = el(
    "button",
    { type: "button", class: "quiet", hidden: true, on: { click: () => reset() } },
    say("policy.back"),
  );
  const many = isMany ? manyChoices(field, say, mayEdit, () => changed()) : null;
  const one = isMany
    ? null
    : new FormField({ say, label, input: inputOf(field, say, mayEdit), hint: explain, onInput: () => changed() });
  const read = () => many?.text() ?? one?.value ?? "";
  const isChanged = () => read() !== textOf(shown);
  const changed = () => {
    setText(problem, "");
    save.hidden = back.hidden = !isChanged();
  };
  const show = (/** @type {string} */ text) => {
    many?.show(text);
    one?.show(text);
    changed();
  };
  const reset = () => show(textOf(shown));
  const fail = (/** @type {string} */ words) => {
    if (one) one.setProblem(words);
    else setText(problem, words);
  };
  const submit = async () => {
    const read_ = valueFrom(shown, read());
    if ("problem" in read_) {
      fail(say(read_.problem, shown.min ?? "", shown.max ?? ""));
      one?.input.focus();
      return;
    }
    save.disabled = true;
    try {
      const saved = await onSave(read_.value);
      if (saved) shown = saved;
      show(textOf(shown));
    } catch (caught) {
      const error = DeskError.of(caught);
      const theirs = /** @type {Json} */ (error.details).theirs;
      fail(
        error.code === "changed_meanwhile" && theirs !== undefined
          ? say("policy.theirs", typeof theirs === "object" ? JSON.stringify(theirs) : String(theirs))
          : problemWords(error, say),
      );
    } finally {
      save.disabled = false;
    }
  };
  one?.input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const isArea = one.input instanceof HTMLTextAreaElement;
    if (event.key !== "Enter" || event.isComposing || (isArea && !event.ctrlKey && !event.metaKey)) return;
    event.preventDefault();
    if (isChanged()) submit();
  });
  const node = el(
    "div",
    { class: "policy-field", testid: "policy-field", data: { path: field.path, kind: field.kind } },
    one?.node,
    many ? [el("h4", {}, label), explain ? el("p", { class: "muted" }, explain) : null, many.node, problem] : null,
    el("div", { class: "policy-acts" }, save, back),
  );
  show(textOf(field));
  return { node, isChanged };
}

/** @param {PolicyField} field @param {Say} say @param {boolean} mayEdit @returns {HTMLInputElement} */
function inputOf({ kind, choices = [], value }, say, mayEdit) {
  const disabled = !mayEdit;
  /** @type {HTMLElement} */
  let input;
  if (kind === "bool" || kind === "choice") {
    const options =
      kind === "bool"
        ? [
            { value: "yes", words: say("policy.yes") },
            { value: "no", words: say("policy.no") },
          ]
        : choices.map((choice) => ({ value: choice.value, words: inLanguage(choice, say) }));
    input = el(
      "select",
      { disabled },
      options.map((option) => el("option", { value: option.value }, option.words)),
    );
  } else if (hasLines(kind)) {
    const rows = Math.min(Math.max(Array.isArray(value) ? value.length : 1, 2), 12);
    input = el("textarea", { rows, disabled, spellcheck: "false", class: kind === "patterns" ? "code" : null });
  } else {
    input = el("input", {
      type: kind === "date" ? "date" : "text",
      inputmode: ["integer", "number", "rate"].includes(kind) ? "decimal" : null,
      autocomplete: "off",
      spellcheck: "false",
      disabled,
      class: kind === "pattern" ? "code" : null,
    });
  }
  return /** @type {HTMLInputElement} */ (input); // FormField needs only what all three have
}

/** @param {PolicyField} field @param {Say} say @param {boolean} mayEdit @param {() => void} onChange */
function manyChoices({ choices = [], path, zh, en }, say, mayEdit, onChange) {
  const boxes = choices.map((choice) => ({
    value: choice.value,
    box: el("input", { type: "checkbox", value: choice.value, disabled: !mayEdit, on: { change: onChange } }),
    words: inLanguage(choice, say),
  }));
  return {
    node: el(
      "div",
      { class: "policy-choices", role: "group", "aria-label": inLanguage({ zh, en }, say), data: { path } },
      boxes.map(({ box, words }) => el("label", {}, box, words)),
    ),
    text: () =>
      boxes
        .filter(({ box }) => box.checked)
        .map(({ value }) => value)
        .join("\n"),
    show: (/** @type {string} */ text) => {
      const chosen = new Set(text.split("\n"));
      for (const { box, value } of boxes) box.checked = chosen.has(value);
    },
  };
}
