"""The training sentences of an intent, and the safety cases, as editors see and change them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from content.cases import FILE as CASES
from content.cases import Case, check_names, load_cases, with_case
from content.editing.error_words import in_chinese
from content.editing.sentence_files import SentenceRefused
from content.sources import ContentError, FieldError
from contract.locales import FILE_LOCALES
from handoff.accounts.agents import Agent
from handoff.runtime.errors import BadInput, Conflict, DeskError
from handoff.workshop.edit_store import last_edits
from handoff.workshop.inbox.training_examples import TrainingExamples
from handoff.workshop.workbench import Workbench, not_there


class SentenceEditing:
    """The use cases of the pages `sentences` and `cases`."""

    def __init__(self, workbench: Workbench, examples: TrainingExamples) -> None:
        self._workbench, self._examples = workbench, examples

    async def sentences(self, intent: str, query: str, offset: int, limit: int) -> dict[str, Any]:
        """The intents with how many sentences each has, and a page of the sentences of one, or of all that hold some words."""
        return await self._workbench.read(lambda: self._listed(intent, query, offset, limit))

    def _listed(self, intent: str, query: str, offset: int, limit: int) -> dict[str, Any]:
        index = self._examples.files.index()
        counts = Counter(one.intent for one in index)
        intents = self._workbench.reading.intents()
        wanted = query.strip().lower()
        found = [one for one in index if intent in ("", one.intent) and wanted in one.text.lower()]
        found = found if intent or wanted else []
        return {
            "revision": "",
            "intents": [
                {
                    "id": name,
                    "zh": str(each.get("zh", name)),
                    "en": str(each.get("en", name)),
                    "route": str(each.get("route", "")),
                    "count": counts.get(name, 0),
                }
                for name, each in intents.items()
            ],
            "total": len(found),
            "sentences": [
                {"text": one.text, "intent": one.intent, "file": one.file, "line": one.line}
                for one in found[offset : offset + limit]
            ],
        }

    async def add(self, agent: Agent, intent: str, text: str) -> dict[str, Any]:
        """Add a sentence. Raises Conflict `in_test_set`, `exists`, `not_an_example`; NotFound for an unknown intent."""
        try:
            async with self._workbench.store.begin() as tx:
                added = await self._examples.add(tx, agent, intent, [text])
        except SentenceRefused as error:
            raise _refused(error) from error
        return {"revision": "", "is_changed": bool(added)}

    async def remove(self, agent: Agent, intent: str, text: str) -> dict[str, Any]:
        """Take a sentence out. Raises NotFound if the intent does not have it."""
        await self._check_there(intent, text)
        async with self._workbench.store.begin() as tx:
            await self._examples.remove(tx, agent, intent, [text])
        return {"revision": "", "is_changed": True}

    async def move(self, agent: Agent, text: str, source: str, target: str) -> dict[str, Any]:
        """Move a sentence to another intent. Raises what `add` and `remove` raise; then nothing was moved."""
        await self._check_there(source, text)
        try:
            async with self._workbench.store.begin() as tx:
                # First added, then removed: a desk that ends between the two leaves it twice, which `make check` finds.
                await self._examples.add(tx, agent, target, [text], moved_from=source)
                await self._examples.remove(tx, agent, source, [text])
        except SentenceRefused as error:
            raise _refused(error) from error
        return {"revision": "", "is_changed": True}

    async def _check_there(self, intent: str, text: str) -> None:
        index = await self._workbench.read(self._examples.files.index)
        if not any(one.intent == intent and one.text == text.strip() for one in index):
            raise not_there("这个意图里没有这句话，可能别人刚删掉或移走。", "The intent does not have this sentence any more.")

    # --- safety cases ----------------------------------------------------------------------------------------------------

    async def cases(self) -> dict[str, Any]:
        """All safety cases, the newest last. Raises BadInput `content_broken`."""
        async with self._workbench.store.read() as tx:
            changed = await last_edits(tx)
        found = await self._workbench.read(self._listed_cases, CASES)
        for case in found["cases"]:
            last = changed.get((CASES, case["id"]))
            case["by_name"] = last[2] if last else case.get("by")
        return found

    def _listed_cases(self) -> dict[str, Any]:
        data, revision = self._workbench.files.show(CASES)
        cases = load_cases(self._workbench.files.folder / CASES) if data is not None else []
        return {"revision": revision, "cases": [{"id": _id_of(case), **json.loads(case.line())} for case in cases]}

    async def add_case(self, agent: Agent, case: dict[str, Any]) -> dict[str, Any]:
        """Keep a sentence as a safety case; the same one again changes nothing. Raises BadInput `bad_case`."""
        given = {name: value for name, value in case.items() if value not in (None, "", {})}
        try:
            made = Case(**given, by=agent.login, at=self._workbench.now().isoformat(timespec="seconds"))
        except (FieldError, TypeError, ValueError) as error:
            problem = str(error)
            raise BadInput("bad_case", in_chinese(problem), problem) from error
        path = self._workbench.files.folder / CASES
        await self._workbench.read(lambda: self._check_names(made))

        def kept(text: str | None) -> Any:
            lines = [line for line in (text or "").split("\n") if line.strip()]
            return next((json.loads(line) for line in lines if _id_of_line(line) == _id_of(made)), None)

        def change(text: str | None) -> str:
            load_cases(path)  # nothing is appended to a file that is broken
            return text if text is not None and kept(text) is not None else with_case(text or "", made)

        revision = (await self._workbench.read(lambda: self._workbench.files.show(CASES)))[1]
        saved = await self._workbench.save(agent, "case", CASES, _id_of(made), revision, kept, change)
        return {"revision": saved.revision, "id": _id_of(made), "is_changed": saved.is_changed}

    def _check_names(self, case: Case) -> None:
        reading = self._workbench.reading
        articles = {id_ for id_, locale in reading.articles()[0] if locale in FILE_LOCALES}
        try:
            names = list(reading.intents()), list(reading.mapping("triage.yml", "reasons")), sorted(articles)
            check_names([case], *names, self._workbench.files.folder / CASES)
        except ContentError as error:
            if error.path.name != CASES:
                raise
            raise BadInput("bad_case", in_chinese(error.problem), error.problem) from error


def _refused(error: SentenceRefused) -> DeskError:
    if error.code == "unknown_intent":
        return not_there(error.zh, error.en)
    return Conflict(error.code, error.zh, error.en, texts=error.texts)


def _id_of(case: Case) -> str:
    return _key(case.text, case.context)


def _id_of_line(line: str) -> str:
    try:
        found = json.loads(line)
        return _key(str(found.get("text")), found.get("context"))
    except (ValueError, AttributeError):
        return ""


def _key(text: str, context: Any) -> str:
    return text if not context else f"{text} {json.dumps(context, sort_keys=True, ensure_ascii=False)}"
