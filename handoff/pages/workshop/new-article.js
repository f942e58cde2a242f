// The dialog that begins a new article: its id and which intent it answers; the text comes on its own page.
import { askDialog, Incomplete } from "../console/action-dialogs.js";
import { problemWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";
import { choiceField, lineField } from "./form-field.js";

/** @import { ViewContext } from "./views.js" */
/** @import { ArticleEntry } from "./workshop-types.js" */

const ID = /^[a-z][a-z0-9_]{1,59}$/;

/**
 * @param {ViewContext} context
 * @param {readonly ArticleEntry[]} articles
 * @param {readonly string[]} freeIntents  intents that are answered and have no article yet
 */
export function askNewArticle({ api, say, names, goTo, refreshCounts }, articles, freeIntents) {
  const suggested = () => {
    if (!id.isChanged || id.value === "") id.show("", intent.value);
  };
  const intent = choiceField({
    say,
    label: say("new_article.intent"),
    hint: say("new_article.intent.hint"),
    choices: [
      { id: "", name: say("new_article.no_intent") },
      ...freeIntents.map((id) => ({ id, name: names.intent(id) })),
    ],
    onInput: suggested,
    props: { testid: "new-intent" },
  });
  const id = lineField({
    say,
    label: say("new_article.id"),
    hint: say("new_article.id.hint"),
    props: { testid: "new-id", autocapitalize: "none", spellcheck: "false", autofocus: true },
  });
  const title = lineField({ say, label: say("article.title"), props: { testid: "new-title" } });
  const owner = lineField({
    say,
    label: say("article.owner"),
    hint: say("article.owner.hint"),
    props: { testid: "new-owner" },
  });
  const text = lineField({ say, label: say("new_article.text"), props: { testid: "new-text" } });
  for (const field of [id, title, owner, text, intent]) field.show("");
  askDialog({
    say,
    title: say("articles.new"),
    text: say("new_article.text.hint"),
    fields: [intent.node, id.node, title.node, text.node, owner.node],
    confirm: say("new_article.confirm"),
    testid: "new-article",
    explain: (error) => problemWords(DeskError.of(error), say),
    async onConfirm() {
      const key = id.value.trim();
      if (!ID.test(key)) {
        id.setProblem(say("new_article.bad_id"));
        throw new Incomplete("");
      }
      if (articles.some((article) => article.id === key)) {
        id.setProblem(say("new_article.exists"));
        throw new Incomplete("");
      }
      if (!title.value.trim() || !text.value.trim()) {
        (title.value.trim() ? text : title).setProblem(say("new_article.needed"));
        throw new Incomplete("");
      }
      await api.post("/api/workshop/articles", {
        id: key,
        locale: "zh",
        intents: intent.value ? [intent.value] : [],
        title: title.value.trim(),
        text: text.value.trim(),
        owner: owner.value.trim(),
        doors: [],
        valid_from: new Date().toISOString().slice(0, 10),
        valid_until: null,
      });
      refreshCounts();
      goTo(`article/${key}`);
      return null;
    },
  });
}
