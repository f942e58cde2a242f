// The styles of the chat's second part.

const CARE_CSS = `
h3 { margin: 0; font-size: 15px; font-weight: 650; line-height: 1.4; }
.care-top { flex: 0 1 auto; min-height: 0; max-height: 38%; overflow-y: auto; }
.care-sheet:empty, .care-tray:empty { display: none; }
.aid { padding: 10px 14px; background: var(--bad-soft); border-block-end: 1px solid var(--line); border-inline-start: 4px solid var(--alarm); }
.aid-head { display: flex; align-items: center; gap: 8px; color: var(--bad); }
.aid-head h3 { flex: 1; }
.aid-list { margin: 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 8px; }
.aid-one[data-state="offered"]:not(:has(.aid-confirm)) { flex: 1 1 calc(50% - 4px); }
.aid-one { flex: 1 1 100%; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 10px; }
.aid-action { flex: 1 1 auto; min-height: 44px; padding: 6px 14px; border: 1px solid var(--alarm); border-radius: 12px; background: var(--surface); color: var(--bad); font-size: 15px; font-weight: 600; text-align: start; }
.aid-one:first-child .aid-action { background: var(--alarm); color: #fff; }
.aid-label { font-weight: 600; min-height: 32px; display: inline-flex; align-items: center; }
.aid-state { display: inline-flex; align-items: center; gap: 4px; padding: 2px 10px; border-radius: 12px; background: var(--warn-soft); color: var(--warn); font-size: 13px; font-weight: 600; }
.aid-state[data-state="done"] { background: var(--accent-soft); color: var(--accent-strong); }
.aid-state[data-state="impossible"], .aid-state[data-state="unknown"] { background: var(--surface); color: var(--bad); }
.aid-why, .aid-how div, .aid-note { flex-basis: 100%; margin: 0; font-size: 13px; line-height: 1.5; color: var(--ink); overflow-wrap: anywhere; }
.aid-note:empty { display: none; }
.aid-note { padding-block-start: 6px; color: var(--bad); }
.aid-how { flex-basis: 100%; font-size: 14px; }
.aid-how summary, .case summary { cursor: pointer; min-height: 44px; display: flex; align-items: center; gap: 8px; font-weight: 600; }
.aid-how summary::before { content: "＋"; color: var(--bad); }
.aid-how[open] summary::before { content: "－"; }
.aid-confirm { flex-basis: 100%; padding: 10px 12px; border-radius: 12px; background: var(--surface); font-size: 14px; line-height: 1.5; }
.aid-answers { display: flex; justify-content: flex-end; gap: 8px; margin-block-start: 8px; }
.aid-yes { background: var(--alarm); color: #fff; }
.aid-yes:hover:not(:disabled) { background: var(--alarm); text-decoration: underline; }
.case { padding: 0 14px; background: var(--surface); border-block-end: 1px solid var(--line); font-size: 14px; line-height: 1.45; }
.case summary { list-style: none; }
.case summary::-webkit-details-marker { display: none; }
.case summary::after { content: "▾"; margin-inline-start: auto; color: var(--muted); }
.case[open] summary::after { content: "▴"; }
.case-title { font-weight: 600; margin-inline-end: 10px; }
.case-next { color: var(--muted); font-weight: 400; display: inline-block; }
.case-list { margin: 0; padding: 0 0 10px; list-style: none; display: flex; flex-direction: column; gap: 8px; }
.case-line { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 2px 12px; font-weight: 600; }
.case-why { font-size: 13px; color: var(--muted); margin: 0; overflow-wrap: anywhere; }
.case-late { color: var(--bad); font-size: 13px; margin: 0; }
@media (min-height: 521px) { /* the card shows the same actions as the desk's message */
  .panel:has(.aid:not([hidden], .folded)) .chip[data-choice^="first_aid:"]:not([data-choice*=":confirm"], [data-choice="first_aid:cancel"]) { display: none; }
}
@media (max-height: 520px) { /* a phone on its side, or with its keyboard: the desk's words need the room */
  .care-top { max-height: 60%; }
  .aid:not(.asked) { display: none; } /* the desk's message offers the same */
  .case summary { min-height: 28px; font-size: 13px; line-height: 1.3; }
  .case-next { display: none; }
}
.kept-code { padding: 10px 14px; background: var(--warn-soft); color: var(--warn); font-size: 14px; border-block-end: 1px solid var(--line); }
.code-line { display: flex; align-items: center; gap: 12px; }
.code { font: 600 24px/1.5 ui-monospace, monospace; letter-spacing: .12em; user-select: all; }

.care-sheet { position: absolute; inset: 0; z-index: 2; display: flex; align-items: flex-end; background: rgba(8, 24, 27, .4); }
.sheet { width: 100%; max-height: 88%; display: flex; flex-direction: column; border-radius: 18px 18px 0 0; background: var(--surface); }
.sheet-head { flex: none; display: flex; align-items: center; justify-content: space-between; padding: 8px 8px 4px 18px; }
.sheet-body { overflow-y: auto; padding: 4px 14px calc(16px + env(safe-area-inset-bottom)); display: flex; flex-direction: column; gap: 4px; }
.menu-item { display: flex; align-items: center; gap: 12px; width: 100%; min-height: 48px; padding: 6px 8px; border: 0; border-radius: 10px; background: transparent; font-size: 15px; text-align: start; }
.menu-item:hover { background: var(--ground); }
.menu-item svg { color: var(--muted); }
.menu-item[data-testid="chat-menu-sos"], .menu-item[data-testid="chat-menu-sos"] svg { color: var(--bad); font-weight: 600; }
.menu-state { margin-inline-start: auto; color: var(--muted); }
.menu-languages { display: flex; flex-wrap: wrap; gap: 8px; padding: 10px 8px 0; border-block-start: 1px solid var(--line); margin-block-start: 6px; }
.chip[aria-pressed="true"] { background: var(--accent-soft); font-weight: 650; }
.form { display: flex; flex-direction: column; gap: 10px; }
.form-label { display: flex; flex-direction: column; gap: 4px; font-size: 14px; font-weight: 600; }
.field { font: inherit; font-size: 16px; width: 100%; min-height: 46px; padding: 8px 14px; border: 1px solid var(--edge); border-radius: 12px; background: var(--surface); color: inherit; margin: 0; }
.slots { border: 0; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); }
.slots legend { font-size: 14px; font-weight: 600; padding: 0; }
.slot { display: flex; align-items: center; gap: 10px; min-height: 44px; font-size: 15px; }
.slot input { width: 20px; height: 20px; accent-color: var(--accent); }
.sheet-note { font-size: 13px; line-height: 1.5; color: var(--muted); }
.sheet-problem { font-size: 14px; color: var(--bad); }
.sheet-problem:empty { display: none; }
.picture-large { max-width: 100%; height: auto; align-self: center; }

.pictures { display: flex; flex-wrap: wrap; gap: 8px; margin: 0; padding: 0; list-style: none; }
.pictures:not(:empty) { padding-block-end: 8px; }
.thumb-one { position: relative; width: 72px; height: 72px; border-radius: 10px; overflow: hidden; border: 1px solid var(--line); background: var(--ground); }
.thumb-one[data-state="failed"] { border: 2px solid var(--bad); }
.thumb { width: 100%; height: 100%; object-fit: cover; display: block; }
.thumb-one progress { position: absolute; inset: auto 4px 4px; width: calc(100% - 8px); height: 6px; }
.thumb-remove { position: absolute; inset-block-start: 0; inset-inline-end: 0; width: 32px; height: 32px; display: grid; place-items: center; border: 0; border-radius: 0 0 0 10px; background: rgba(0, 0, 0, .65); color: #fff; }
.picture-bar { display: flex; align-items: center; justify-content: space-between; gap: 12px; padding-block-end: 8px; }
.picture-hint { font-size: 12px; line-height: 1.4; color: var(--muted); }
.picture-problem { color: var(--bad); font-size: 14px; }
.picture-problem:empty { display: none; }
.picture-problem:not(:empty) { padding-block-end: 8px; }
.picture-button { display: block; padding: 0; border: 0; background: transparent; border-radius: 10px; }
.picture-canvas { display: block; max-width: 100%; max-height: 220px; border-radius: 10px; }

.rating { margin-block-start: 18px; padding: 16px; border-radius: 16px; background: var(--surface); border: 1px solid var(--line); text-align: center; }
.rating-title { font-weight: 600; }
.stars { display: flex; justify-content: center; gap: 2px; margin-block-start: 6px; }
.star { display: grid; place-items: center; width: 48px; height: 48px; border: 0; border-radius: 12px; background: transparent; color: var(--edge); }
.star.lit { color: var(--star); }
.star.lit svg { fill: currentColor; }
.star:hover { color: var(--star); }
.rating-word { min-height: 1.6em; font-size: 13px; color: var(--muted); }
.rating-comment { display: block; width: 100%; margin-block-start: 6px; padding: 10px 12px; border: 1px solid var(--edge); border-radius: 12px; background: var(--surface); font-size: 16px; line-height: 1.5; resize: none; }
.rating .problem { padding: 6px 0; }
.rating .problem:empty { display: none; }
.rating-actions { display: flex; justify-content: center; gap: 8px; margin-block-start: 12px; }
`;

/** @type {CSSStyleSheet | null} */
let sheet = null;

/** The sheet, built once for all chats of a page. */
export function careSheet() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CARE_CSS);
  }
  return sheet;
}
