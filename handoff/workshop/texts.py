"""The desk's texts and the canned replies, as editors see, try and change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.desk_policy import filled_in
from content.editing import canned_file, desk_texts
from content.editing.problems import Problem
from content.sources import ContentError
from content.templates import fill
from contract.locales import FILE_LOCALES
from handoff.accounts.agents import Agent
from handoff.runtime.errors import Conflict
from handoff.workshop.workbench import Workbench, not_there

#: The desk's names with values that an editor recognises from a busy hour.
_SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "zh": {"wait": "约 20 到 30 分钟", "opens": "明天 8:00", "agent_name": "小周", "time": "8:00"},
    "en": {"wait": "about 20 to 30 minutes", "opens": "tomorrow at 8:00", "agent_name": "Zhou", "time": "8:00"},
}
_NUMBERS: Mapping[str, Any] = {
    "ahead": 94, "few": 3, "moved": 2, "is_urgent": False, "low": 20, "high": 30, "hours": 3, "month": 12, "day": 1,
    "date": "2026-12-01",
}  # fmt: skip


class TextEditing:
    """The use cases of the page `texts`."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    # --- the desk's texts ------------------------------------------------------------------------------------------------

    async def texts(self) -> dict[str, Any]:
        """The desk's texts. Raises BadInput `content_broken`."""
        text, revision = await self._workbench.read(lambda: self._shown(desk_texts.FILE), desk_texts.FILE)
        return {"revision": revision, "texts": await self._workbench.read(lambda: desk_texts.list_texts(text), desk_texts.FILE)}

    def _shown(self, name: str) -> tuple[str, str]:
        data, revision = self._workbench.files.show(name)
        if data is None:
            raise ContentError(self._workbench.files.folder / name, None, "the file is missing")
        return data.decode("utf-8"), revision

    async def preview_text(self, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A desk text with facts and real numbers filled in, in three scripts, and its problems."""
        return await self._workbench.read(lambda: self._filled(values, set(filled_in(name)), statements=True))

    async def save_text(self, agent: Agent, name: str, values: Mapping[str, Any], base_revision: str) -> dict[str, Any]:
        """Change a desk text. Raises NotFound, BadInput `content_refused`, and what `Workbench.save` raises."""
        text, _ = await self._workbench.read(lambda: self._shown(desk_texts.FILE), desk_texts.FILE)
        present = await self._workbench.read(lambda: desk_texts.text_of(text, name), desk_texts.FILE)
        if present is None:
            raise not_there(f"没有叫“{name}”的文字。", f"There is no text “{name}”.")
        shape = desk_texts.shape_problems(present, values)
        self._workbench.check(shape)
        shown = await self._workbench.read(lambda: self._problems(values, set(filled_in(name)), statements=True))
        self._workbench.check(shown)
        saved = await self._workbench.save(
            agent,
            "text",
            desk_texts.FILE,
            name,
            base_revision,
            lambda text: desk_texts.text_of(text, name),
            lambda text: desk_texts.set_text(text or "", name, values),
        )
        return {"revision": saved.revision, "problems": [problem.as_json() for problem in shown]}

    # --- canned replies --------------------------------------------------------------------------------------------------

    async def canned(self) -> dict[str, Any]:
        """The canned replies. Raises BadInput `content_broken`."""
        text, revision = await self._workbench.read(lambda: self._shown(canned_file.FILE), canned_file.FILE)
        return {
            "revision": revision,
            "canned": await self._workbench.read(lambda: canned_file.list_replies(text), canned_file.FILE),
        }

    async def preview_reply(self, values: Mapping[str, str]) -> dict[str, Any]:
        """A canned reply as customers would read it, and its problems."""
        return await self._workbench.read(lambda: self._filled(values, {"agent_name"}, statements=False))

    async def save_reply(
        self, agent: Agent, reply: Mapping[str, Any], base_revision: str, *, is_new: bool = False
    ) -> dict[str, Any]:
        """Change or add a reply. Raises NotFound, Conflict `exists`, BadInput `content_refused`, and `Workbench.save`'s."""
        text, revision = await self._workbench.read(lambda: self._shown(canned_file.FILE), canned_file.FILE)
        replies = await self._workbench.read(lambda: canned_file.list_replies(text), canned_file.FILE)
        others = [each for each in replies if each["id"] != reply["id"]]
        if is_new and len(others) < len(replies):
            raise Conflict("exists", f"已经有编号“{reply['id']}”了。", f"There is a reply “{reply['id']}” already.")
        if not is_new and len(others) == len(replies):
            raise not_there(f"没有编号“{reply['id']}”的快捷回复。", f"There is no canned reply “{reply['id']}”.")
        problems = canned_file.reply_problems(reply, others, is_new=is_new)
        problems += await self._workbench.read(lambda: self._name_problems(reply))
        problems += await self._workbench.read(lambda: self._problems(reply["text"], {"agent_name"}, statements=False))
        self._workbench.check(problems)
        saved = await self._workbench.save(
            agent,
            "canned",
            canned_file.FILE,
            reply["id"],
            revision if is_new else base_revision,
            lambda text: canned_file.reply_of(text, reply["id"]),
            lambda text: canned_file.set_reply(text or "", reply),
        )
        return {"revision": saved.revision, "problems": [problem.as_json() for problem in problems]}

    async def remove_reply(self, agent: Agent, id_: str, base_revision: str) -> dict[str, Any]:
        """Remove a reply. Removing one that is gone changes nothing."""
        saved = await self._workbench.save(
            agent,
            "canned",
            canned_file.FILE,
            id_,
            base_revision,
            lambda text: canned_file.reply_of(text, id_),
            lambda text: canned_file.remove_reply(text or "", id_),
        )
        return {"revision": saved.revision}

    def _name_problems(self, reply: Mapping[str, Any]) -> list[Problem]:
        reading = self._workbench.reading
        known = {"reasons": reading.mapping("triage.yml", "reasons"), "intents": reading.intents()}
        found = []
        for field, zh in (("reasons", "原因"), ("intents", "意图")):
            for name in reply[field]:
                if name not in known[field]:
                    words = (
                        f"没有叫“{name}”的{zh}，请从列表里选。",
                        f"There is no such entry “{name}”: choose one from the list.",
                    )
                    found.append(Problem("unknown_name", *words, field=field))
        return found

    # --- both ------------------------------------------------------------------------------------------------------------

    def _problems(self, values: Mapping[str, Any], names: set[str], *, statements: bool) -> list[Problem]:
        rules = self._workbench.checks.rules()
        return [
            problem
            for locale in FILE_LOCALES
            for text in _each(values.get(locale, ""))
            for problem in rules.text_problems(text, locale, field=locale, names=names, statements=statements)
        ]

    def _filled(self, values: Mapping[str, Any], names: set[str], *, statements: bool) -> dict[str, Any]:
        facts = self._workbench.reading.facts()
        shown: dict[str, Any] = {}
        for locale in FILE_LOCALES:
            samples = {name: value for name, value in {**_NUMBERS, **_SAMPLES[locale]}.items() if name in names}
            shown[locale] = {
                "text": "\n".join(_try(text, {**facts[locale], **samples}) for text in _each(values.get(locale, "")))
            }
        shown["hant"] = {"text": self._workbench.reading.traditional().convert(shown["zh"]["text"])}
        return {**shown, "problems": [problem.as_json() for problem in self._problems(values, names, statements=statements)]}


def _each(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]


def _try(template: str, values: Mapping[str, Any]) -> str:
    try:
        return fill(template, values)
    except Exception:  # a half-written placeholder; the problems name it
        return template
