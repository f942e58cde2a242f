"""Facts as editors see, try and change them."""

from __future__ import annotations

from typing import Any

from content.editing.fact_texts import FactText, names_in, with_facts
from content.editing.facts_file import FILE, add_fact, fact_of, fact_problems, list_facts, set_fact
from content.sources import ContentError
from contract.locales import FILE_LOCALES
from handoff.accounts.agents import Agent
from handoff.runtime.errors import Conflict
from handoff.workshop.workbench import Workbench, not_there


class FactEditing:
    """The use cases of the page `facts`."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    async def overview(self) -> dict[str, Any]:
        """All facts with their uses. Raises BadInput `content_broken`."""
        return await self._workbench.read(self._listed, FILE)

    def _listed(self) -> dict[str, Any]:
        data, revision = self._workbench.files.show(FILE)
        if data is None:
            raise ContentError(self._workbench.files.folder / FILE, None, "the file is missing")
        reading = self._workbench.reading
        facts = reading.parsed(FILE, "list", lambda path: list_facts(data.decode("utf-8")))
        uses: dict[str, list[FactText]] = {}
        for text in reading.texts():
            for name in names_in(text.text):
                uses.setdefault(name, []).append(text)
        return {
            "revision": revision,
            "facts": [
                {
                    "name": fact.name,
                    "zh": fact.zh,
                    "en": fact.en,
                    "comment": fact.comment,
                    "uses": [
                        {"kind": use.kind, "id": use.id, "locale": use.locale, "title": use.title}
                        for use in uses.get(fact.name, ())
                    ],
                }
                for fact in facts
            ],
        }

    async def save(
        self, agent: Agent, name: str, zh: str, en: str, base_revision: str, *, dry_run: bool = False
    ) -> dict[str, Any]:
        """Change a fact, or with `dry_run` only say what would change. `changed_texts`: before and after, facts filled in.

        Raises NotFound, BadInput `content_refused`, and what `Workbench.save` raises.
        """
        facts = await self._workbench.read(self._workbench.reading.facts, FILE)
        if name not in facts["zh"]:
            raise not_there(f"没有叫“{name}”的事实。", f"There is no fact “{name}”.")
        self._workbench.check(fact_problems(name, zh, en, is_new=False, known=[]))
        new = {locale: {**facts[locale], name: value} for locale, value in (("zh", zh), ("en", en))}
        changed = await self._workbench.read(lambda: self._changed_texts(name, facts, new))
        if dry_run:
            return {"changed_texts": changed}
        saved = await self._workbench.save(
            agent,
            "fact",
            FILE,
            name,
            base_revision,
            lambda text: fact_of(text, name),
            lambda text: set_fact(text or "", name, zh, en),
        )
        return {"revision": saved.revision, "changed_texts": changed if saved.is_changed else []}

    def _changed_texts(self, name: str, before: Any, after: Any) -> list[dict[str, str]]:
        found = []
        for text in self._workbench.reading.texts():
            locale = text.locale if text.locale in FILE_LOCALES else "en"
            if name in names_in(text.text) and before[locale][name] != after[locale][name]:
                shown = [with_facts(text.text, facts[locale]) for facts in (before, after)]
                place = {"kind": text.kind, "id": text.id, "locale": text.locale, "title": text.title}
                found.append({**place, "before": shown[0], "after": shown[1]})
        return found

    async def add(self, agent: Agent, name: str, zh: str, en: str, after: str | None) -> dict[str, Any]:
        """Add a fact behind another one, or at the end. Raises BadInput `content_refused`, Conflict `exists`."""
        known = list((await self._workbench.read(self._workbench.reading.facts, FILE))["zh"])
        if name in known:
            raise Conflict("exists", f"已经有叫“{name}”的事实了。", f"There is a fact “{name}” already.")
        self._workbench.check(fact_problems(name, zh, en, is_new=True, known=known))

        def add(text: str | None) -> str:
            return text if text and fact_of(text, name) else add_fact(text or "", name, zh, en, after)

        # Whoever adds a fact has seen that there is none: no version of the file matters.
        revision = (await self._workbench.read(lambda: self._workbench.files.show(FILE)))[1]
        saved = await self._workbench.save(agent, "fact", FILE, name, revision, lambda text: fact_of(text, name), add)
        return {"revision": saved.revision}
