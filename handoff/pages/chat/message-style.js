// The styles inside the chat's log: bubbles, chips, dividers, typing, rating.

export const MESSAGE_CSS = `
.message { display: flex; gap: 10px; margin-block-start: 6px; }
.message.first { margin-block-start: 16px; }
.messages > .message:first-child { margin-block-start: 0; }
.avatar { width: 32px; height: 32px; flex: none; border-radius: 10px; overflow: hidden; display: grid; place-items: center; font-size: 14px; font-weight: 600; }
.avatar img { display: block; border-radius: 10px; }
.avatar:empty { visibility: hidden; }
.message[data-kind="agent"] .avatar { border-radius: 50%; background: var(--mint); color: #06282a; }
.message[data-kind="system"] .avatar { border-radius: 50%; background: var(--info); color: var(--muted); }
.column { min-width: 0; flex: 1; display: flex; flex-direction: column; align-items: flex-start; }
.name { font-size: 12px; line-height: 1.4; color: var(--muted); margin-block-end: 4px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.bubble {
  max-width: calc(100% - 20px); padding: 10px 14px; border-radius: 4px 16px 16px 16px; background: var(--surface); border: 1px solid var(--line);
  overflow-wrap: anywhere; word-break: normal;
}
.message:not(.first) .bubble { border-start-start-radius: 16px; }
.message[data-kind="system"] .bubble { background: var(--info); border-color: transparent; font-size: 14px; }
.message[data-kind="customer"] .avatar { display: none; }
.message[data-kind="customer"] .column { align-items: flex-end; padding-inline-start: 42px; }
.message[data-kind="customer"] .bubble { max-width: 100%; background: var(--own); border-color: transparent; color: var(--on-own); border-radius: 16px 4px 16px 16px; }
.message[data-kind="customer"][data-state="failed"] .bubble, .message[data-kind="customer"][data-state="refused"] .bubble { background: var(--surface); color: var(--ink); border: 1px dashed var(--bad); }
.line { white-space: pre-wrap; min-height: 1em; unicode-bidi: isolate; }
li.line { display: block; }
.line.step { padding-inline-start: 1.5em; text-indent: -1.5em; margin-block-start: 4px; }
.step-number { display: inline-block; min-width: 1.5em; text-indent: 0; white-space: pre; }
.line.gap { font-size: 8px; line-height: 1; }
strong { font-weight: 650; }
.phone { color: inherit; font-weight: 650; white-space: nowrap; text-underline-offset: 3px; }
.article { display: flex; align-items: flex-start; gap: 6px; margin-block-start: 10px; padding-block-start: 8px; border-block-start: 1px solid var(--line); font-size: 12px; line-height: 1.5; color: var(--muted); }
.article svg { margin-block-start: 1px; }
.after { display: contents; } /* so that sticky doors stick for the height of the whole message */
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 10px; }
.chip {
  min-height: 44px; padding: 8px 16px; border: 1px solid var(--accent); border-radius: 22px; background: var(--surface); color: var(--accent);
  font-size: 14px; line-height: 1.4; text-align: start; overflow-wrap: anywhere;
}
.chip:hover { background: var(--accent-soft); }
.chip.emergency { display: inline-flex; align-items: center; gap: 8px; border-color: var(--bad); background: var(--bad-soft); color: var(--bad); font-weight: 600; }
/* A door must be visible without scrolling, also below a long article: it stays at the lower edge of the log. */
.doors {
  position: sticky; inset-block-end: -20px; /* over the room under the last line */ align-self: stretch; display: flex; flex-wrap: wrap; align-items: center; column-gap: 18px;
  margin-block-start: 10px; padding-block: 6px 2px; background: var(--ground); box-shadow: 0 -1px 0 var(--line); font-size: 12px; line-height: 1.5; color: var(--muted);
}
@container (max-height: 240px) { .doors { position: static; } } /* a phone on its side, or with its keyboard */
.doors span { flex-basis: 100%; }
.door { min-height: 44px; padding: 4px 0; border: 0; background: transparent; color: var(--bad); font-size: 14px; line-height: 1.4; text-align: start; text-decoration: underline; text-underline-offset: 3px; overflow-wrap: anywhere; }
.door:hover { text-decoration-thickness: 2px; }
.mine { align-self: stretch; display: flex; flex-direction: column; gap: 6px; margin-block-start: 10px; }
.mine-title { font-size: 12px; color: var(--muted); }
.mine-one { display: flex; flex-direction: column; gap: 2px; min-height: 48px; padding: 8px 14px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); color: inherit; text-align: start; }
.mine-one:hover { border-color: var(--accent); }
.mine-words { max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; font-size: 14px; }
.mine-facts { font-size: 12px; line-height: 1.4; color: var(--muted); }
.mine-unread:not(:empty) { margin-inline-start: 8px; padding: 1px 8px; border-radius: 10px; background: var(--alarm); color: #fff; }
.back { margin-block-start: 6px; padding: 0; }
.message .bubble.picture { padding: 6px; }
.sent-state { font-size: 12px; line-height: 1.5; color: var(--muted); }
.sent-state:empty { display: none; }
.retry { display: inline-flex; align-items: center; gap: 5px; min-height: 44px; padding: 4px 6px; border: 0; background: transparent; color: var(--bad); font-size: 13px; text-align: start; }
.retry:hover { text-decoration: underline; }

.time, .divider { margin-block: 18px 12px; text-align: center; font-size: 12px; line-height: 1.5; color: var(--muted); overflow-wrap: anywhere; }
.divider { display: flex; align-items: center; gap: 12px; }
.divider::before, .divider::after { content: ""; flex: 1; min-width: 16px; height: 1px; background: var(--line); }

.typing { display: flex; align-items: center; gap: 10px; margin: 12px 0 0 42px; min-height: 36px; }
.dots { display: inline-flex; gap: 5px; padding: 12px 14px; border-radius: 4px 16px 16px 16px; background: var(--surface); border: 1px solid var(--line); flex: none; }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: var(--edge); animation: nod 1.2s ease-in-out infinite; }
.dots i:nth-child(2) { animation-delay: .15s; }
.dots i:nth-child(3) { animation-delay: .3s; }
.typing-words { font-size: 13px; line-height: 1.45; color: var(--muted); }
@keyframes nod { 0%, 60%, 100% { opacity: .4; transform: none; } 30% { opacity: 1; transform: translateY(-3px); } }
`;
