// The styles of the chat. Constructed sheets instead of a linked file: they arrive with the script, so the chat is never
// shown without styles, and they work on sites with a policy against foreign style files.
import { MESSAGE_CSS } from "./message-style.js";

const PANEL_CSS = `
/* Nothing of the embedding page comes in. Its rules win over :host, also "* { ... }", so the wall is one step further in,
   where they match nothing; "all" leaves direction out. An embedding site hides the chat by display or visibility. */
:host { all: initial; }
.chat {
  all: initial; direction: ltr; unicode-bidi: isolate; visibility: inherit; color-scheme: light;
  --accent: #0b6b72; --accent-strong: #08545a; --accent-soft: #e3f1f0; --on-accent: #ffffff;
  --mint: #2fb79a; --focus: #0f8a74; --ink: #16282b; --muted: #52676b; --line: #dbe5e5; --edge: #7d9497;
  --surface: #ffffff; --ground: #f3f7f7; --own: #0b6b72; --on-own: #ffffff;
  --info: #eaf0f5; --warn-soft: #fdf1de; --warn: #7a4a06; --bad: #b3261e; --bad-soft: #fdeceb; --alarm: #b3261e; --star: #b97400;
  --shadow: 0 18px 50px rgba(11, 45, 50, .18), 0 2px 8px rgba(11, 45, 50, .10);
  font: 15px/1.6 system-ui, -apple-system, "PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Segoe UI", sans-serif;
  color: var(--ink); text-align: start; -webkit-text-size-adjust: 100%;
}
@media (prefers-color-scheme: dark) {
  .chat {
    --accent: #5cc4bb; --accent-strong: #7dd6cd; --accent-soft: #173a3d; --on-accent: #06282a;
    --mint: #3cc7a8; --focus: #3cc7a8; --ink: #e6efef; --muted: #a3b7ba; --line: #2b3f43; --edge: #70888c;
    --surface: #16262a; --ground: #0e1b1e; --own: #0f5f66; --on-own: #f2fbfa;
    --info: #1c2f3a; --warn-soft: #3a2c12; --warn: #f2c877; --bad: #ff9b91; --bad-soft: #45201e; --star: #f0b849;
    --shadow: 0 18px 50px rgba(0, 0, 0, .5); color-scheme: dark;
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
button, textarea { font: inherit; color: inherit; margin: 0; }
button { cursor: pointer; touch-action: manipulation; -webkit-tap-highlight-color: transparent; }
button:disabled { cursor: default; }
h2, p, ol { margin: 0; }
ol { padding: 0; list-style: none; }
svg { flex: none; display: block; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }

.launcher {
  position: fixed; z-index: 2147483000; inset-block-end: calc(20px + env(safe-area-inset-bottom));
  inset-inline-end: calc(20px + env(safe-area-inset-right));
  display: inline-flex; align-items: center; gap: 8px; min-height: 56px; padding: 0 22px 0 18px;
  border: 0; border-radius: 28px; background: var(--accent); color: var(--on-accent); font-size: 16px; font-weight: 600; box-shadow: var(--shadow);
}
.launcher:hover { background: var(--accent-strong); }
.badge {
  position: absolute; top: -6px; inset-inline-end: -4px; min-width: 24px; height: 24px; padding: 0 6px; border-radius: 12px;
  background: #b3261e; color: #fff; font-size: 13px; line-height: 24px; text-align: center;
}

.panel {
  position: fixed; z-index: 2147483000; inset-inline-end: 24px; inset-block-end: 24px;
  width: 420px; max-width: calc(100vw - 48px); height: min(780px, calc(100dvh - 48px));
  display: flex; flex-direction: column; overflow: hidden; border-radius: 18px; background: var(--ground);
  border: 1px solid var(--line); box-shadow: var(--shadow);
}
.panel:focus { outline: 0; }
header {
  flex: none; display: flex; align-items: center; gap: 12px; padding: 12px 8px 12px 16px;
  background: var(--surface); border-block-end: 1px solid var(--line);
}
.logo { display: block; border-radius: 10px; flex: none; }
.heading { flex: 1; min-width: 0; }
h2 { font-size: 16px; line-height: 1.35; font-weight: 650; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.subtitle { font-size: 13px; line-height: 1.4; color: var(--muted); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.human-entry {
  display: inline-flex; align-items: center; gap: 6px; min-height: 44px; padding: 0 14px; white-space: nowrap;
  border: 1px solid var(--accent); border-radius: 22px; background: transparent; color: var(--accent); font-size: 14px; font-weight: 600;
}
.human-entry:hover:not(:disabled) { background: var(--accent-soft); }
.human-entry:disabled { opacity: .7; }
.icon-button { display: grid; place-items: center; width: 44px; height: 44px; border: 0; border-radius: 12px; background: transparent; color: var(--muted); flex: none; }
.icon-button:hover { background: var(--ground); color: var(--ink); }

.bars { flex: none; }
.status { display: flex; align-items: center; gap: 10px; min-height: 48px; padding: 4px 8px 4px 18px; background: var(--accent-soft); font-size: 14px; line-height: 1.45; border-block-end: 1px solid var(--line); }
.status-text { flex: 1; min-width: 0; padding-block: 4px; overflow-wrap: anywhere; }
.status-words { font-weight: 600; margin-inline-end: 10px; }
.status-more { display: inline-block; color: var(--muted); }
.pulse { width: 8px; height: 8px; border-radius: 50%; background: var(--mint); flex: none; }
.alarm { display: none; color: var(--bad); flex: none; }
.status[data-priority="urgent"], .status[data-priority="high"] { background: var(--warn-soft); color: var(--warn); }
.status[data-priority="urgent"] { background: var(--bad-soft); color: var(--bad); }
.status[data-priority="urgent"] .status-more, .status[data-priority="high"] .status-more { color: inherit; }
.status[data-priority="urgent"] .pulse { display: none; }
.status[data-priority="urgent"] .alarm { display: block; }
.status[data-priority="high"] .pulse { background: currentColor; }
.status[data-priority="urgent"] .quiet, .status[data-priority="high"] .quiet { color: inherit; font-weight: 400; text-decoration: underline; text-underline-offset: 3px; }
.status[data-status="queued"] .pulse { animation: breathe 2s ease-in-out infinite; }
.status[data-status="resolved"] { background: var(--surface); color: var(--muted); }
.status[data-status="resolved"] .status-words { font-weight: 400; }
.status[data-status="resolved"] .pulse { background: var(--edge); }
.calls { display: flex; flex-wrap: wrap; gap: 8px; padding: 2px 12px 10px; background: var(--bad-soft); border-block-end: 1px solid var(--line); }
.status:has(+ .calls:not([hidden])) { border-block-end: 0; }
.call {
  flex: 1 1 auto; display: inline-flex; align-items: center; justify-content: center; gap: 8px; min-height: 44px; padding: 0 8px; border: 1px solid var(--bad);
  border-radius: 22px; color: var(--bad); font-size: 14px; font-weight: 600; text-decoration: none; white-space: nowrap;
}
.call.service { flex-basis: 100%; background: var(--alarm); border-color: var(--alarm); color: #fff; font-size: 16px; }
.call:hover { text-decoration: underline; }
.confirm { padding: 12px 18px; background: var(--surface); border-block-end: 1px solid var(--line); font-size: 14px; line-height: 1.5; }
.confirm p { font-weight: 600; }
.confirm-actions { display: flex; justify-content: flex-end; gap: 8px; margin-block-start: 8px; }
.undo { display: flex; align-items: center; gap: 10px; min-height: 48px; padding: 4px 8px 4px 18px; background: var(--surface); font-size: 14px; border-block-end: 1px solid var(--line); }
.connection { padding: 6px 18px; background: var(--warn-soft); color: var(--warn); font-size: 13px; }
.problem { padding: 8px 18px; color: var(--bad); font-size: 14px; background: var(--surface); }
@keyframes breathe { 50% { opacity: .35; transform: scale(.8); } }

.quiet { flex: none; min-height: 44px; padding: 0 12px; border: 0; border-radius: 10px; background: transparent; color: var(--accent); font-size: 14px; font-weight: 600; }
.quiet:hover { text-decoration: underline; }
.primary { min-height: 44px; padding: 0 20px; border: 0; border-radius: 22px; background: var(--accent); color: var(--on-accent); font-size: 14px; font-weight: 600; }
.primary:hover:not(:disabled) { background: var(--accent-strong); }
.primary:disabled { background: var(--line); color: var(--muted); }

.sos { flex: none; padding: 10px 14px 12px; background: var(--bad-soft); border-block-end: 1px solid var(--line); border-inline-start: 4px solid var(--alarm); }
.sos h3 { display: flex; align-items: center; gap: 8px; margin: 0; font-size: 16px; font-weight: 650; line-height: 1.4; color: var(--bad); }
.sos-buttons { display: flex; gap: 8px; margin-block-start: 8px; }
.sos-button {
  flex: 1 1 0; min-width: 0; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 2px; min-height: 56px; padding: 4px; border: 1px solid var(--alarm);
  border-radius: 12px; text-align: center; background: var(--surface); color: var(--bad); font-size: 15px; font-weight: 600; line-height: 1.25; text-decoration: none;
}
.sos-button.first { background: var(--alarm); color: #fff; }
.sos-button:hover { text-decoration: underline; }
.incidents { flex: none; max-height: 30%; overflow-y: auto; padding: 8px 18px; background: var(--warn-soft); color: var(--warn); font-size: 14px; line-height: 1.5; border-block-end: 1px solid var(--line); }
.incident + .incident { margin-block-start: 6px; }

.log-frame { container-type: size; position: relative; flex: 1; min-height: 0; display: flex; }
.log { position: relative; flex: 1; min-width: 0; overflow-y: auto; overflow-x: hidden; overscroll-behavior: contain; padding: 16px 14px 20px; }
.log:focus-visible { outline-offset: -3px; }
.log { overflow-anchor: none; } /* the script keeps the place, in every browser the same */
.older {
  display: flex; align-items: center; gap: 6px; min-height: 44px; margin: 0 auto 8px; padding: 0 18px; border: 1px solid var(--line); border-radius: 22px;
  background: var(--surface); color: var(--accent); font-size: 14px; font-weight: 600;
}
.newer {
  position: absolute; inset-block-end: calc(10px + var(--pinned, 0px)); inset-inline: 0; margin-inline: auto; width: max-content; display: inline-flex; align-items: center; gap: 6px;
  min-height: 44px; padding: 0 18px; border: 1px solid var(--line); border-radius: 22px; background: var(--surface); color: var(--accent); font-size: 14px; font-weight: 600; box-shadow: var(--shadow);
}

/* At the side, where lines of text end: this button leads to the rest of the message. */
.newer.rest { margin-inline: auto 14px; }

footer { flex: none; padding: 10px 12px calc(10px + env(safe-area-inset-bottom)); background: var(--surface); border-block-start: 1px solid var(--line); }
.composer { display: flex; align-items: flex-end; gap: 8px; }
.composer > .icon-button { height: 46px; }
.composer-field { position: relative; flex: 1; min-width: 0; border: 1px solid var(--edge); border-radius: 22px; background: var(--surface); }
.composer-field:focus-within { border-color: var(--accent); box-shadow: 0 0 0 2px var(--accent-soft), 0 0 0 3px var(--accent); }
.composer-input {
  display: block; width: 100%; min-height: 44px; padding: 9px 16px; border: 0; background: transparent; resize: none; outline: 0;
  font-size: 16px; line-height: 24px; overflow-y: auto; overflow-wrap: anywhere;
}
.composer-input::placeholder { color: var(--muted); opacity: 1; white-space: nowrap; }
.composer-count { display: block; padding: 0 16px 6px; font-size: 12px; line-height: 1.3; text-align: end; color: var(--muted); }
.composer-count:empty { display: none; }
.composer-count.over { color: var(--bad); font-weight: 600; }
.composer-send { display: grid; place-items: center; width: 46px; height: 46px; border: 0; border-radius: 50%; background: var(--accent); color: var(--on-accent); flex: none; }
.composer-send:hover:not(:disabled) { background: var(--accent-strong); }
.composer-send:disabled { background: var(--line); color: var(--muted); }
.notice { margin-block-start: 8px; padding-inline: 6px; font-size: 12px; line-height: 1.5; color: var(--muted); }

@media (max-width: 640px) {
  .panel {
    inset: 0 0 auto 0; width: auto; max-width: none; height: var(--visible-height, 100dvh); border: 0; border-radius: 0;
    padding-inline: env(safe-area-inset-left) env(safe-area-inset-right);
  }
  header { gap: 10px; padding: calc(8px + env(safe-area-inset-top)) 4px 8px 12px; }
  .human-entry { padding: 0 10px; gap: 4px; }
  header .icon-button { width: 40px; }
  .chat:lang(en) .human-entry svg, .chat:lang(en) .logo { display: none; }
}
/* Large type: everything grows, the panel stays where it is. */
.large .panel > :not(header) { zoom: 1.25; }
@media (max-height: 520px) { .notice { display: none; } }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
@media (forced-colors: active) { .bubble, .chip, .human-entry, .panel { border: 1px solid; } }
`;

let sheets = null;

/** The sheets, built once for all chats of a page. */
export function chatSheets() {
  sheets ??= [PANEL_CSS, MESSAGE_CSS].map((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  });
  return sheets;
}
