// The questions before a change of a case: decide, more time, pause, fact, step, link, close.
import { el } from "../shared/dom.js";
import { askDialog, Incomplete } from "./action-dialogs.js";
import { inBoth } from "./care-lines.js";

/** @import { NamedId } from "./display-names.js" */
/** @import { CaseFileOptions } from "./case-file.js" */
/** @import { CaseFile, FileClock } from "./case-model.js" */

/** @typedef {CaseFileOptions & {file: CaseFile}} CaseQuestion */
/** @typedef {CaseQuestion & {clock: FileClock}} ClockQuestion */

const TEXT_LENGTH = 2_000;
/** Facts of every case; a duty may name flags besides, which take one of VALUES. */
const FACTS = ["authorised", "reason_code", "transaction", "vulnerable", "evidence", "complained_of"];
const VALUES = ["yes", "no", "unknown"];
const STEPS = ["result", "credit", "refund", "correction", "told", "holding_reply"];

/** @param {CaseQuestion & {decisions: readonly NamedId[]}} question */
export function askDecision({ decisions, ...question }) {
  const { say } = question;
  const choice = selectField("case-decision-choice", say("case.decide.which"), [
    { id: "", name: say("dialog.assign.choose") },
    ...decisions,
  ]);
  const reasons = textField("case-reasons", say("case.decide.reasons"));
  return ask(question, "decide", [choice.node, reasons.node], () => {
    if (!choice.value) throw new Incomplete(say("case.choose"));
    return ["decide", { decision: choice.value, reasons: needed(reasons, question) }];
  });
}

/** @param {ClockQuestion} question */
export function askExtension(question) {
  const { say, clock, me } = question;
  const choice = selectField(
    "case-extension",
    say("case.extend.which"),
    clock.extensions.map((each) => ({
      id: each.id,
      name: `${inBoth(each, say)} · ${say(say.knows(`case.approver.${each.approver}`) ? `case.approver.${each.approver}` : "case.approver.supervisor")}`,
    })),
  );
  const why = textField("case-why", say("case.why"));
  const words = textField("case-words", say("case.extend.words"));
  const follow = () => {
    words.node.hidden = !clock.extensions.find(({ id }) => id === choice.value)?.holding_reply;
  };
  choice.select.addEventListener("change", follow);
  follow();
  return ask(
    question,
    "extend",
    [choice.node, why.node, words.node],
    () => [
      "extend",
      {
        duty: clock.duty,
        clock: clock.name,
        extension: choice.value,
        why: needed(why, question),
        ...(words.node.hidden ? {} : { words: needed(words, question) }),
      },
    ],
    (/** @type {CaseFile} */ after) => {
      const now = after.clocks?.find(({ duty, name }) => duty === clock.duty && name === clock.name);
      return now && now.due_at !== clock.due_at ? "case.extend.done" : "case.extend.asked";
    },
    say(me.role === "supervisor" ? "case.extend.text" : "case.extend.text.agent"),
  );
}

/** A pause, or its end. @param {ClockQuestion} question */
export function askPause(question) {
  const { say, clock } = question;
  const why = textField("case-why", say("case.why"));
  const what = clock.is_paused ? "resume" : "pause";
  return ask(question, what, [why.node], () => [
    what,
    { duty: clock.duty, clock: clock.name, why: needed(why, question) },
  ]);
}

/** @param {CaseQuestion} question */
export function askFact(question) {
  const { say } = question;
  const named = (/** @type {string} */ kind) => (/** @type {string} */ id) => ({ id, name: say(`${kind}.${id}`) });
  const flags = question.file.flags ?? [];
  const fact = selectField("case-fact-name", say("case.fact.which"), [
    ...flags.map((each) => ({ id: each.name, name: inBoth(each, say) })),
    ...FACTS.filter((id) => !flags.some(({ name }) => name === id)).map(named("case.fact")),
  ]);
  const flag = selectField("case-fact-flag", say("case.fact.value"), VALUES.map(named("case.value")));
  const text = textField("case-fact-value", say("case.fact.value"));
  const isFlag = () => fact.value === "authorised" || flags.some(({ name }) => name === fact.value);
  const follow = () => {
    flag.node.hidden = !isFlag();
    text.node.hidden = isFlag();
  };
  fact.select.addEventListener("change", follow);
  follow();
  return ask(question, "fact", [fact.node, flag.node, text.node], () => [
    "facts",
    { name: fact.value, value: isFlag() ? flag.value : needed(text, question) },
  ]);
}

/** @param {CaseQuestion} question */
export function askStep(question) {
  const { say } = question;
  const steps = STEPS.map((id) => ({ id, name: say(`case.step.${id}`) }));
  const step = selectField("case-step-name", say("case.step.which"), steps);
  const note = textField("case-note", say("dialog.note"));
  return ask(question, "step", [step.node, note.node], () => [
    "steps",
    { step: step.value, ...(note.value && { note: note.value }) },
  ]);
}

/** @param {CaseQuestion} question */
export function askLinkCase(question) {
  const { say } = question;
  const other = el("input", {
    id: "case-other",
    testid: "case-other",
    type: "text",
    maxlength: 40,
    autocomplete: "off",
    spellcheck: "false",
    autofocus: true,
  });
  const same = el("input", { type: "checkbox", testid: "case-same" });
  const fields = [
    el("div", { class: "field" }, el("label", { for: "case-other" }, say("case.link.which")), other),
    el("label", { class: "check" }, same, el("span", {}, say("case.link.same"))),
  ];
  return ask(question, "link", fields, () => {
    const id = other.value.trim().toUpperCase();
    if (!id) throw new Incomplete(say("case.link.needed"));
    return ["link", { case: id, same: same.checked }];
  });
}

/** @param {CaseQuestion} question */
export function askClose(question) {
  const why = textField("case-why", question.say("case.why"));
  return ask(question, "close", [why.node], () => ["close", { why: needed(why, question) }]);
}

/**
 * @param {CaseQuestion} question
 * @param {string} name
 * @param {import("../shared/dom.js").Children} fields
 * @param {() => [string, object]} request  the route and the body; throws Incomplete
 * @param {(after: CaseFile) => string} [doneKey]
 * @param {string | null} [text]
 */
function ask(
  { api, say, explain, done, file },
  name,
  fields,
  request,
  doneKey = () => `case.${name}.done`,
  text = null,
) {
  return askDialog({
    say,
    title: say(`case.${name}.title`, file.id),
    text: text ?? say(`case.${name}.text`),
    fields,
    confirm: say(`case.${name}.confirm`),
    testid: `case-${name}-dialog`,
    explain,
    onConfirm: async () => {
      const [route, body] = request();
      const after = await api.post(`/api/cases/${encodeURIComponent(file.id)}/${route}`, body);
      done(say(doneKey(after)));
      return null;
    },
  });
}

/** @param {{value: string, input: HTMLTextAreaElement}} field @param {CaseQuestion} question */
function needed({ value, input }, { say }) {
  if (value) return value;
  input.focus();
  throw new Incomplete(say("case.words.needed"));
}

/** @param {string} id @param {string} label */
function textField(id, label) {
  const input = el("textarea", { id, testid: id, rows: 3, maxlength: TEXT_LENGTH });
  return {
    node: el("div", { class: "field" }, el("label", { for: id }, label), input),
    input,
    get value() {
      return input.value.trim();
    },
  };
}

/** @param {string} id @param {string} label @param {readonly NamedId[]} entries */
function selectField(id, label, entries) {
  const select = el(
    "select",
    { id, testid: id },
    entries.map((each) => el("option", { value: each.id }, each.name)),
  );
  return {
    node: el("div", { class: "field" }, el("label", { for: id }, label), select),
    select,
    get value() {
      return select.value;
    },
  };
}
