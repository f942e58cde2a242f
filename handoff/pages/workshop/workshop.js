// The editors' workshop at /console/edit. The account decides what is shown: the sign-in form, the workshop, or for agents a
// page that says whose page this is. The open view is in the address: /console/edit#article/fees.
import { loadNames } from "../console/display-names.js";
import { PageSession } from "../console/page-session.js";
import { BrowserStore } from "../shared/browser-store.js";
import { DeskApi } from "../shared/desk-api.js";
import { CONSOLE_LOCALES } from "../words/console.js";
import { localeOf } from "../words/locales.js";
import { workshopSpeaker } from "../words/workshop.js";
import { OtherRolePage } from "./other-role-page.js";
import { WorkshopPage } from "./workshop-page.js";

const store = new BrowserStore("wallet-console:");
const asked = new URLSearchParams(location.search).get("lang");
const api = new DeskApi(location.origin, {
  credentials: "same-origin",
  locale: localeOf(asked ?? store.get("locale"), CONSOLE_LOCALES),
});

const session = new PageSession({
  place: /** @type {HTMLElement} */ (document.querySelector("#workshop")),
  api,
  store,
  speak: workshopSpeaker,
  title: "workshop.title",
  signInTitle: "workshop.sign_in",
  async open(me, say) {
    const onLocale = () => session.switchLocale();
    const onSignedOut = () => session.signOut();
    if (me.role === "agent") return new OtherRolePage({ say, me, onLocale, onSignedOut });
    const names = await loadNames(api);
    return new WorkshopPage({ api, say, me, names, store, onLocale, onSignedOut, onExpired: () => session.ended() });
  },
});
session.start();
