// Calls an agent: a sound, a notice of the desktop, and a line for screen readers. Sound and desktop notices can be switched off,
// and stay off. A notice names the topic and never shows what a customer wrote: it appears over other windows.

import { icon } from "../shared/desk-icons.js";
import { el, setText } from "../shared/dom.js";

/** @import { BrowserStore } from "../shared/browser-store.js" */
/** @import { Say } from "../words/speaker.js" */
/** @import { Names } from "./display-names.js" */
/** @import { NewsKind, Piece } from "./news.js" */

/** Notes of a sound: start in s, and pitch in Hz. @typedef {readonly (readonly [number, number])[]} Melody */

/** One sound for urgent cases, one for the agent's own. @type {Record<"urgent" | "mine", Melody>} */
const SOUNDS = {
  urgent: [
    [0, 880],
    [0.18, 660],
    [0.36, 880],
  ],
  mine: [[0, 523]],
};
const NOTE_S = 0.14;
const LOUDNESS = 0.12;
/** At most one sound in this time: twenty arrivals in a second are one call. */
const QUIET_MS = 2_000;

const GESTURES = ["pointerdown", "keydown"];

/** @param {NewsKind} kind */
const soundOf = (kind) => (kind === "urgent" || kind === "offer" ? "urgent" : "mine");

export class Notices {
  /** @type {AudioContext | null} */
  #audio = null;
  #quietUntil = 0;
  #store;
  #say;
  #names;
  #onGo;
  #key;
  #start = () => this.#wake();

  /** @param {{say: Say, names: Names, store: BrowserStore, login: string, onGo: (id: string) => void}} options  onGo: to the conversation of a clicked notice */
  constructor({ say, names, store, login, onGo }) {
    this.#store = store;
    this.#say = say;
    this.#names = names;
    this.#onGo = onGo;
    this.#key = `notices.${login}`;
    this.sound = this.#toggle("sound", "notice-sound", () => this.#switchSound());
    this.desktop = this.#toggle("desktop", "notice-desktop", () => this.#switchDesktop());
    this.spoken = el("div", { class: "off-screen", role: "alert" });
    this.#drawToggles();
    // Browsers play sounds only after the agent has used the page. Once: starting the sound device takes the page some time.
    for (const type of GESTURES) document.addEventListener(type, this.#start);
  }

  close() {
    this.#stopWaiting();
    this.#audio?.close();
    this.#audio = null;
  }

  /** @param {readonly Piece[]} news  the most pressing first */
  tell(news) {
    const [first] = news;
    if (!first) return;
    const words = this.#wordsOf(first);
    if (first.kind !== "mine") setText(this.spoken, words);
    if (this.#isOn("sound")) this.#play(SOUNDS[soundOf(first.kind)]);
    if (document.visibilityState === "hidden" || !document.hasFocus()) this.#notify(first, words);
  }

  /** @param {Piece} piece */
  #wordsOf({ kind, card }) {
    const topic = card ? [card.intent ? this.#names.intent(card.intent) : "", this.#names.reason(card.reason)] : [];
    return this.#say(`notice.${kind}`, topic.find(Boolean) ?? "");
  }

  /** @param {"sound" | "desktop"} what @param {string} testid @param {() => void} click */
  #toggle(what, testid, click) {
    return el("button", {
      type: "button",
      class: "icon-button notice-toggle",
      testid,
      "aria-label": this.#say(`notice.${what}`, ""),
      on: { click },
    });
  }

  #drawToggles() {
    const shown = /** @type {const} */ ([
      ["sound", this.sound, this.#isOn("sound"), "sound", "mute"],
      ["desktop", this.desktop, this.#isOn("desktop") && mayNotify(), "bell", "bell_off"],
    ]);
    for (const [what, button, isOn, on, off] of shown) {
      button.setAttribute("aria-pressed", String(isOn));
      button.title = this.#say(isOn ? `notice.${what}.on` : `notice.${what}.off`);
      button.replaceChildren(icon(isOn ? on : off, { size: 20 }));
    }
  }

  /** Sound is on until it is switched off; desktop notices need the agent's permission first. @param {"sound" | "desktop"} what */
  #isOn(what) {
    return this.#store.get(this.#key)?.[what] ?? what === "sound";
  }

  /** @param {"sound" | "desktop"} what @param {boolean} isOn */
  #set(what, isOn) {
    this.#store.set(this.#key, { ...this.#store.get(this.#key), [what]: isOn });
    this.#drawToggles();
  }

  #switchSound() {
    const isOn = !this.#isOn("sound");
    this.#set("sound", isOn);
    if (!isOn) return;
    this.#wake();
    this.#play(SOUNDS.mine);
  }

  async #switchDesktop() {
    const isOn = this.#isOn("desktop") && mayNotify();
    if (!isOn && "Notification" in window && Notification.permission === "default")
      await Notification.requestPermission();
    this.#set("desktop", !isOn && mayNotify());
    if (!isOn && !mayNotify()) this.desktop.title = this.#say("notice.desktop.denied");
  }

  #stopWaiting() {
    for (const type of GESTURES) document.removeEventListener(type, this.#start);
  }

  /** The agent has used the page: from now on it may play sounds. */
  #wake() {
    if (!this.#isOn("sound") || !("AudioContext" in window)) return;
    this.#stopWaiting();
    this.#audio ??= new AudioContext();
  }

  /** @param {Melody} melody */
  #play(melody) {
    const audio = this.#audio;
    if (!audio || performance.now() < this.#quietUntil) return;
    if (audio.state !== "running") audio.resume().catch(() => {}); // the device is gone: the notices are seen all the same
    this.#quietUntil = performance.now() + QUIET_MS;
    for (const [start, pitch] of melody) {
      const tone = new OscillatorNode(audio, { frequency: pitch });
      const gain = new GainNode(audio, { gain: LOUDNESS });
      const begins = audio.currentTime + start;
      gain.gain.setValueAtTime(LOUDNESS, begins);
      gain.gain.exponentialRampToValueAtTime(0.001, begins + NOTE_S);
      tone.connect(gain).connect(audio.destination);
      tone.start(begins);
      tone.stop(begins + NOTE_S);
    }
  }

  /** @param {Piece} piece @param {string} words */
  #notify({ kind, id }, words) {
    if (!this.#isOn("desktop") || !mayNotify()) return;
    const notice = new Notification(words, { tag: `${kind} ${id}`, icon: "/pages/shared/logo.svg" });
    notice.onclick = () => {
      window.focus();
      notice.close();
      this.#onGo(id);
    };
  }
}

function mayNotify() {
  return "Notification" in window && Notification.permission === "granted";
}
