// Questions before what cannot be taken back: transfer, return, resolve. <dialog> keeps the focus in,
// gives it back, and closes on Esc.
import { el, setText } from "../dom.js";

/** Opens a dialog; `onConfirm` may reject, then the dialog stays open and says why (in `explain`'s words). */
export function askDialog({ say, title, text, fields = [], confirm, testid, onConfirm, explain }) {
  const problem = el("p", { class: "problem", role: "alert" });
  const yes = el("button", { type: "submit", class: "primary", testid: "dialog-confirm" }, confirm);
  const dialog = el(
    "dialog",
    { "aria-label": title, testid },
    el(
      "form",
      {
        method: "dialog",
        on: {
          submit: async (event) => {
            event.preventDefault();
            yes.disabled = true;
            setText(problem, "");
            try {
              await onConfirm();
              dialog.close();
            } catch (error) {
              setText(problem, explain(error));
              yes.disabled = false;
            }
          },
        },
      },
      el("h2", {}, title),
      text ? el("p", {}, text) : null,
      fields,
      problem,
      el(
        "div",
        { class: "dialog-actions" },
        el("button", { type: "button", class: "quiet", on: { click: () => dialog.close() } }, say("action.cancel")),
        yes,
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  (dialog.querySelector("select") ?? yes).focus();
  return dialog;
}

/** A note field: {node, value}. Ctrl or Cmd with Enter confirms from inside it. */
export function noteField(say) {
  const input = el("textarea", {
    rows: 3,
    id: "dialog-note",
    testid: "dialog-note",
    on: {
      keydown: (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) input.form.requestSubmit();
      },
    },
  });
  return {
    node: el("div", { class: "field" }, el("label", { for: "dialog-note" }, say("dialog.note")), input),
    get value() {
      return input.value.trim();
    },
  };
}

/** Whom to transfer to; the queue first, then who is online, the least busy first. */
export function agentField(say, agents, me) {
  const others = agents
    .filter((agent) => agent.login !== me.login && agent.online && agent.role !== "editor")
    .sort((a, b) => a.load / a.capacity - b.load / b.capacity);
  const select = el(
    "select",
    { id: "dialog-to", testid: "transfer-to" },
    el("option", { value: "" }, say("dialog.transfer.queue")),
    others.map(({ login, name, role, load, capacity }) =>
      el(
        "option",
        { value: login, disabled: load >= capacity },
        `${name} · ${say(`role.${role}`)} · ${load}/${capacity}${load >= capacity ? ` ${say("dialog.transfer.full")}` : ""}`,
      ),
    ),
  );
  return {
    node: el("div", { class: "field" }, el("label", { for: "dialog-to" }, say("dialog.transfer.to")), select),
    get value() {
      return select.value || null;
    },
  };
}
