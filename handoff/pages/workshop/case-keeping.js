// Keeps a customer's sentence as a safety case, which every later draft must get right.
import { problemWords } from "../console/display-names.js";
import { DeskError } from "../shared/desk-api.js";

/** @import { ViewContext } from "./views.js" */

/**
 * @param {Pick<ViewContext, "api" | "say" | "toast" | "onProblem">} context
 * @param {{text: string, must: "person" | "article", article?: string | null, note: string}} wanted
 */
export async function keepCase({ api, say, toast, onProblem }, { text, must, article, note }) {
  try {
    const kept = await api.post("/api/workshop/cases", {
      text,
      must,
      note,
      ...(must === "article" ? { article } : {}),
    });
    toast.show(say(kept?.is_changed === false ? "case.exists" : `case.kept.${must}`));
  } catch (error) {
    const failure = DeskError.of(error);
    if (failure.status === 401) onProblem(error);
    else toast.show(problemWords(failure, say), { isProblem: true });
  }
}
