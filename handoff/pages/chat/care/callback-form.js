// Books a call: a time within the queue's hours, and a number that is confirmed by a code.
import { DeskError } from "../../shared/desk-api.js";
import { el, setText } from "../../shared/dom.js";
import { openingWords, timeWords } from "../time-words.js";

/** @import { Say } from "../../words/speaker.js" */
/** @import { Conversation } from "../conversation.js" */
/** @import { Sheet } from "./sheet.js" */

/** @typedef {{id: string, from: string, to: string}} Slot  times in ISO 8601 */

const PHONE = /^\+?[\d\s-]{5,20}$/;

/** @param {Conversation} conversation @param {Say} say @param {Sheet} sheet */
export async function openCallback(conversation, say, sheet) {
  const title = say("care.callback");
  if (conversation.id === null) {
    sheet.open(title, [el("p", {}, say("care.callback.needs"))]);
    return;
  }
  /** @type {Slot[]} */
  let slots;
  try {
    slots = readSlots((await conversation.api.get(conversation.path("/callback-slots"))).slots);
  } catch (error) {
    sheet.open(title, [el("p", { class: "sheet-problem", role: "alert" }, wordsOf(error, say))]);
    return;
  }
  if (!slots.length) {
    sheet.open(title, [el("p", {}, say("care.callback.none"))]);
    return;
  }
  let slot = slots[0];
  const choices = slots.map((each) => {
    const radio = el("input", {
      type: "radio",
      name: "slot",
      checked: each === slot,
      testid: "chat-slot",
      on: {
        change: () => {
          slot = each;
        },
      },
    });
    return el("label", { class: "slot" }, radio, slotWords(each, say));
  });
  const phone = el("input", {
    class: "field",
    type: "tel",
    autocomplete: "tel",
    inputmode: "tel",
    testid: "chat-callback-phone",
    "aria-label": say("care.callback.phone"),
    placeholder: say("care.callback.phone"),
  });
  const problem = el("p", { class: "sheet-problem", role: "alert", testid: "chat-callback-problem" });
  const next = el(
    "button",
    { type: "submit", class: "primary", testid: "chat-callback-next" },
    say("care.callback.next"),
  );
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    setText(problem, PHONE.test(phone.value.trim()) ? "" : say("care.callback.phone.wrong"));
    if (problem.textContent) return;
    next.disabled = true;
    try {
      const answer = await conversation.post("/callback", { phone: phone.value.trim(), slot: slot.id });
      askForCode(conversation, say, sheet, slot, typeof answer?.demo_code === "string" ? answer.demo_code : "");
    } catch (error) {
      setText(problem, wordsOf(error, say));
    } finally {
      next.disabled = false;
    }
  };
  sheet.open(title, [
    el(
      "form",
      { class: "form", on: { submit } },
      el("fieldset", { class: "slots" }, el("legend", {}, say("care.callback.slots")), choices),
      el("label", { class: "form-label" }, say("care.callback.phone"), phone),
      el("p", { class: "sheet-note" }, say("care.callback.privacy")),
      problem,
      next,
    ),
  ]);
}

/** @param {Conversation} conversation @param {Say} say @param {Sheet} sheet @param {Slot} slot @param {string} demoCode  of a demo desk, which sends no messages */
function askForCode(conversation, say, sheet, slot, demoCode) {
  const code = el("input", {
    class: "field",
    inputmode: "numeric",
    autocomplete: "one-time-code",
    maxlength: 8,
    testid: "chat-callback-code",
    "aria-label": say("care.callback.code"),
    placeholder: demoCode,
  });
  const problem = el("p", { class: "sheet-problem", role: "alert" });
  const done = el(
    "button",
    { type: "submit", class: "primary", testid: "chat-callback-confirm" },
    say("care.callback.confirm"),
  );
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    done.disabled = true;
    setText(problem, "");
    try {
      await conversation.post("/callback/confirm", { code: code.value.trim() });
      sheet.open(say("care.callback"), [
        el("p", { role: "status", testid: "chat-callback-done" }, say("care.callback.done", slotWords(slot, say))),
      ]);
    } catch (error) {
      setText(problem, wordsOf(error, say));
    } finally {
      done.disabled = false;
    }
  };
  sheet.open(say("care.callback"), [
    el(
      "form",
      { class: "form", on: { submit } },
      el("label", { class: "form-label" }, say("care.callback.code"), code),
      el("p", { class: "sheet-note" }, say("care.callback.code.note")),
      problem,
      done,
    ),
  ]);
}

/** A slot is an id with two times; a desk may name it by its beginning alone. @param {unknown} json @returns {Slot[]} */
function readSlots(json) {
  if (!Array.isArray(json)) return [];
  return json
    .map((each) => ({
      id: String(each?.id ?? each?.slot ?? each?.from ?? ""),
      from: String(each?.from ?? ""),
      to: String(each?.to ?? ""),
    }))
    .filter(({ id, from }) => id && from);
}

/** @param {Slot} slot @param {Say} say */
function slotWords({ from, to }, say) {
  const begin = openingWords(from, say, new Date()) || timeWords(new Date(from), say, new Date());
  return to ? `${begin}–${/T(\d\d:\d\d)/.exec(to)?.[1] ?? ""}` : begin;
}

/** @param {unknown} error @param {Say} say */
function wordsOf(error, say) {
  const failure = DeskError.of(error);
  if (failure.isTooMany) return say("care.too_many");
  return failure.isPassing || failure.status < 0 ? say("care.failed") : failure.message || say("care.failed");
}
