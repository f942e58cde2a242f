// The words of the pages: every language of a page says everything, and a page says only what its files have.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { boardSpeaker } from "../../handoff/pages/words/board.js";
import { careSpeaker } from "../../handoff/pages/words/care.js";
import { CHAT_LOCALES, chatSpeaker, chatSpeakerOf, loadChatWords } from "../../handoff/pages/words/chat.js";
import { CONSOLE_LOCALES, consoleSpeaker } from "../../handoff/pages/words/console.js";
import { languageOfStart, localeOf, localeOfBrowser } from "../../handoff/pages/words/locales.js";
import { speaker } from "../../handoff/pages/words/speaker.js";
import { WORKSHOP_FILES, workshopSpeaker } from "../../handoff/pages/words/workshop.js";
import { VIEWS } from "../../handoff/pages/workshop/views.js";

/** @import { Words } from "../../handoff/pages/words/speaker.js" */

const PAGES = new URL("../../handoff/pages/", import.meta.url);
const FILES = readdirSync(new URL("words/", PAGES)).filter((name) => /^[a-z]+\.[A-Za-z-]+\.js$/.test(name));

/** @param {string} file @returns {Promise<Words>} */
const load = async (file) => (await import(new URL(`words/${file}`, PAGES).href)).default;

/** What a text takes and gives: how many gaps, or how many texts. @param {Words[string]} text */
const shapeOf = (text) =>
  typeof text === "function" ? `gaps ${text.length}` : Array.isArray(text) ? `list ${text.length}` : "text";

/** The scripts of a folder. @param {string} folder */
function scripts(folder) {
  const names = readdirSync(new URL(`${folder}/`, PAGES)).filter((name) => name.endsWith(".js"));
  return names.map((name) => readFileSync(new URL(`${folder}/${name}`, PAGES), "utf8")).join("\n");
}

for (const [page, locales] of /** @type {[string, string[]][]} */ ([
  ["chat", CHAT_LOCALES],
  ["care", CHAT_LOCALES],
  ["console", CONSOLE_LOCALES],
  ["board", CONSOLE_LOCALES],
  ...WORKSHOP_FILES.map((file) => /** @type {[string, string[]]} */ ([file, CONSOLE_LOCALES])),
])) {
  test(`${page}: the list of languages and the word files agree`, () => {
    const named = locales.map((locale) => `${page}.${locale}.js`);
    assert.deepEqual(named.sort(), FILES.filter((name) => name.startsWith(`${page}.`)).sort());
  });

  test(`${page}: all languages have the same keys with the same gaps`, async () => {
    const files = FILES.filter((name) => name.startsWith(`${page}.`));
    const [original, ...others] = await Promise.all(files.map(load));
    for (const [index, words] of others.entries()) {
      assert.deepEqual(Object.keys(words).sort(), Object.keys(original).sort(), files[index + 1]);
      for (const key of Object.keys(words))
        assert.equal(shapeOf(words[key]), shapeOf(original[key]), `${files[index + 1]}: ${key}`);
    }
  });

  // The workshop's scripts are one folder with several word files.
  if (WORKSHOP_FILES.indexOf(page) > 0) continue;
  test(`${page}: every key that its scripts name has words`, async () => {
    // The board and the workshop say the console's words, too.
    // The chat's second part is a folder of its own, and draws some rows of the first.
    if (page === "care") return checkNamed(scripts("chat/care"), ["care"]);
    const files = page === "board" ? ["console", page] : page === "workshop" ? ["console", ...WORKSHOP_FILES] : [page];
    await checkNamed(scripts(page) + scripts("shared"), files);
  });
}

/** Every key that scripts name is in one of the word files. @param {string} code @param {string[]} files */
async function checkNamed(code, files) {
  const words = Object.assign({}, ...(await Promise.all(files.map((file) => load(`${file}.zh.js`)))));
  const named = new Set([...code.matchAll(/\bsay(?:With)?(?:\.list)?\(\s*"([a-z_.]+)"/g)].map((match) => match[1]));
  assert.ok(named.size > 20);
  assert.deepEqual(
    [...named].filter((key) => !(key in words)),
    [],
  );
}

test("the chat speaks each language of the pages; one that is not loaded yet is read in simplified Chinese", async () => {
  assert.equal(chatSpeaker("zh-Hant").locale, "zh");
  for (const locale of CHAT_LOCALES) {
    assert.equal(await loadChatWords(locale), locale === "zh-Hant");
    assert.equal(chatSpeaker(locale).locale, locale);
    assert.equal(careSpeaker(locale).locale, locale);
  }
});

test("the chat reads traditional Chinese by script or region, the other pages do not have it", () => {
  for (const tag of ["zh-Hant", "zh-TW", "zh-hk", "zh-Hant-MO"])
    assert.equal(localeOf(tag, CHAT_LOCALES), "zh-Hant", tag);
  for (const tag of ["zh", "zh-CN", "zh-SG", "zh-Hans", "xx", null])
    assert.equal(localeOf(tag, CHAT_LOCALES), "zh", String(tag));
  assert.equal(localeOf("zh-TW", CONSOLE_LOCALES), "zh");
  assert.equal(localeOfBrowser(CHAT_LOCALES, ["zh-TW", "en"]), "zh-Hant");
});

test("the console speaks each language of the pages", async () => {
  for (const locale of CONSOLE_LOCALES) assert.equal((await consoleSpeaker(locale)).locale, locale);
});

test("the board speaks the console's languages, and none of its words replaces one of the console's", async () => {
  for (const locale of CONSOLE_LOCALES) {
    const say = await boardSpeaker(locale);
    assert.equal(say.locale, locale);
    const console = new Set(Object.keys(await load(`console.${locale}.js`)));
    const twice = Object.keys(await load(`board.${locale}.js`)).filter((key) => console.has(key));
    assert.deepEqual(twice, []);
  }
});

test("the workshop speaks the console's languages, and no key stands in two of its files", async () => {
  for (const locale of CONSOLE_LOCALES) {
    assert.equal((await workshopSpeaker(locale)).locale, locale);
    const keys = (
      await Promise.all(
        ["console", ...WORKSHOP_FILES].map(async (file) => Object.keys(await load(`${file}.${locale}.js`))),
      )
    ).flat();
    assert.deepEqual(
      keys.filter((key, index) => keys.indexOf(key) !== index),
      [],
    );
  }
});

test("every view of the workshop has a name", async () => {
  for (const locale of CONSOLE_LOCALES) {
    const say = await workshopSpeaker(locale);
    for (const { id, group } of VIEWS) assert.ok(say(`workshop.view.${id}`) && say(`workshop.group.${group}`));
  }
});

test("the help page has English for everything that its Chinese says", async () => {
  const html = readFileSync(new URL("help/help.html", PAGES), "utf8");
  const said = new Set([...html.matchAll(/data-say="([^"]+)"/g)].map((match) => match[1]));
  for (const file of FILES.filter((name) => name.startsWith("help.")))
    assert.deepEqual(Object.keys(await load(file)).sort(), [...said, "title", "locale.tag"].sort());
});

test("no word of the console travels to customers", () => {
  const seen = new Set();
  const read = (/** @type {URL} */ url) => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    const code = readFileSync(url, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
    for (const [, from] of code.matchAll(/(?:from|import)\s*\(?["'`](\.[^"'`]+)["'`]/g)) read(new URL(from, url));
  };
  read(new URL("chat/widget.js", PAGES));
  assert.ok(seen.size > 15);
  assert.deepEqual(
    [...seen].map((href) => href.slice(PAGES.href.length)).filter((file) => /console|help\./.test(file)),
    [],
  );
});

test("a key without words is a fault, also one that every object has", () => {
  const say = speaker("en", { "locale.tag": "en", hello: (/** @type {string} */ name) => `Hello ${name}` });
  assert.equal(say("hello", "Lin"), "Hello Lin");
  assert.throws(() => say("goodbye"), /no words for goodbye in en/);
  assert.throws(() => say("constructor"), /no words/);
  assert.deepEqual([say.knows("hello"), say.knows("toString")], [true, false]);
});

test("a text in Hong Kong's Chinese gets Chinese buttons, and a page's language comes from its first tag", () => {
  assert.equal(chatSpeakerOf("zh-Hant").locale, "zh-Hant");
  assert.deepEqual(
    ["zh-HK", "en-GB", "EN", "ja", "", null, "english"].map((tag) => localeOf(tag, ["zh", "en"])),
    ["zh", "en", "en", "zh", "zh", "zh", "zh"],
  );
});

test("a browser's first language decides, English for what the page does not speak", () => {
  assert.deepEqual(
    [["zh-TW", "en"], ["en", "zh"], ["ja", "zh"], []].map((tags) => localeOfBrowser(["zh", "en"], tags)),
    ["zh", "en", "en", null],
  );
});

test("a conversation begins in the script of the browser's Chinese", () => {
  assert.equal(languageOfStart("zh", ["en", "zh-Hant-HK"]), "zh-Hant");
  assert.equal(languageOfStart("zh", ["zh-CN", "zh-TW"]), "zh");
  assert.equal(languageOfStart("en", ["zh-TW"]), "en");
});
