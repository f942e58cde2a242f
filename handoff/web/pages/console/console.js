// The agents' page: who is signed in decides whether the sign-in form or the workbench is shown.
import { BrowserStore } from "../browser-store.js";
import { DeskApi } from "../desk-api.js";
import { localeOf, speaker } from "../strings.js";
import { loadNames } from "./display-names.js";
import { SignIn } from "./sign-in.js";
import { Workbench } from "./workbench.js";

const LOCALE = "locale";
const place = document.querySelector("#console");
const store = new BrowserStore("wallet-console:");
const locale = localeOf(new URLSearchParams(location.search).get("lang") ?? store.get(LOCALE) ?? "zh");
const api = new DeskApi(location.origin, { credentials: "same-origin", locale });
let view = null;
let openId = null; // survives signing in again and switching the language

function show(next) {
  view?.close();
  view = next;
  place.replaceChildren(next.node);
  next.shown();
}

function switchLocale() {
  api.locale = api.locale === "en" ? "zh" : "en";
  store.set(LOCALE, api.locale);
  start();
}

async function askSignIn(reason = null) {
  const say = speaker(api.locale);
  const demo = await api.get("/api/demo").catch(() => null); // a desk without demo accounts may not have this
  show(new SignIn({ api, say, demo, reason, onSignedIn: work, onLocale: switchLocale }));
}

async function work(me) {
  const say = speaker(api.locale);
  const names = await loadNames(api);
  show(
    new Workbench({
      api,
      say,
      names,
      me,
      store,
      openId,
      onOpened: (id) => {
        openId = id;
      },
      onLocale: switchLocale,
      onSignedOut: async () => {
        await api.delete("/api/session").catch(() => null); // gone on the desk's side, or soon will be
        openId = null;
        await askSignIn();
      },
      onExpired: () => askSignIn(say("login.expired")),
    }),
  );
}

async function start() {
  const say = speaker(api.locale);
  document.documentElement.lang = api.locale === "en" ? "en" : "zh-CN";
  document.title = say("console.title");
  try {
    await work(await api.get("/api/session"));
  } catch (error) {
    await askSignIn(error.status === 0 ? say("error.network") : null);
  }
}

start();
