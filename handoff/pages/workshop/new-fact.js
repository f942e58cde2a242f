// The dialog that adds a fact.
import { askDialog, Incomplete } from "../console/action-dialogs.js";
import { problemWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";
import { lineField } from "./form-field.js";

/** @import { ViewContext } from "./views.js" */
/** @import { Fact } from "./workshop-types.js" */

const NAME = /^[a-z][a-z0-9_]{1,59}$/;

/**
 * @param {ViewContext} context
 * @param {readonly Fact[]} facts
 * @param {(name: string) => void} onAdded
 */
export function askNewFact({ api, say, refreshCounts }, facts, onAdded) {
  const name = lineField({
    say,
    label: say("facts.name"),
    hint: say("facts.name.hint"),
    props: { testid: "new-fact-name", autocapitalize: "none", spellcheck: "false", autofocus: true },
  });
  const zh = lineField({ say, label: say("facts.zh"), props: { testid: "new-fact-zh", lang: "zh-CN" } });
  const en = lineField({ say, label: say("facts.en"), props: { testid: "new-fact-en", lang: "en" } });
  for (const field of [name, zh, en]) field.show("");
  askDialog({
    say,
    title: say("facts.new"),
    fields: [name.node, zh.node, en.node],
    confirm: say("facts.add"),
    testid: "new-fact",
    explain: (error) => problemWords(DeskError.of(error), say),
    async onConfirm() {
      const key = name.value.trim();
      if (!NAME.test(key)) name.setProblem(say("facts.bad_name"));
      else if (facts.some((fact) => fact.name === key)) name.setProblem(say("facts.exists"));
      else if (!zh.value.trim()) zh.setProblem(say("facts.empty"));
      else if (!en.value.trim()) en.setProblem(say("facts.empty"));
      else {
        await api.post("/api/workshop/facts", {
          name: key,
          zh: zh.value,
          en: en.value,
        });
        refreshCounts();
        onAdded(key);
        return null;
      }
      throw new Incomplete("");
    },
  });
}
