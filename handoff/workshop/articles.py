"""Articles as editors see, try and change them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from content.articles import article_from
from content.editing.article_file import ArticleForm, file_name, read_form, write_form
from content.editing.checks import present_facts
from content.editing.error_words import problem_of
from content.editing.files import revision_of
from content.editing.problems import Problem
from content.sources import ContentError
from content.templates import fill
from contract.locales import FILE_LOCALES
from handoff.accounts.agents import Agent
from handoff.runtime.errors import BadInput, Conflict, DeskError
from handoff.workshop.edit_store import edits_of, last_edits
from handoff.workshop.workbench import Workbench, not_there

#: Entries of an article's history.
_HISTORY = 50


class ArticleEditing:
    """The use cases of the pages `articles` and `article`."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def today(self) -> dt.date:
        """The day by which validity is judged."""
        return self._workbench.now().date()

    async def overview(self) -> dict[str, Any]:
        """All articles with their languages, problems, and who changed them last."""
        async with self._workbench.store.read() as tx:
            changed = await last_edits(tx)
        found: dict[str, Any] = await self._workbench.read(self._listed)
        for article in found["articles"]:
            last = [
                changed[key] for key in ((file_name(article["id"], loc), "article") for loc in FILE_LOCALES) if key in changed
            ]
            newest = max(last, default=None)
            article["changed_at"] = newest[0].isoformat() if newest else None
            article["changed_by"] = newest[2] if newest else None
        return found

    def _listed(self) -> dict[str, Any]:
        forms, broken = self._workbench.reading.articles()
        articles: dict[str, dict[str, Any]] = {}
        for (id_, locale), form in forms.items():
            entry = articles.setdefault(id_, {"id": id_, "locales": {}, "problems": []})
            data = self._workbench.files.read(file_name(id_, locale))
            entry["locales"][locale] = {
                "title": form.title,
                "valid_from": form.valid_from,
                "valid_until": form.valid_until or None,
                "revision": "" if data is None else revision_of(data),
            }
            entry["problems"] += [{**problem.as_json(), "locale": locale} for problem in self._problems(form)]
        for name, error in broken.items():
            id_, _, locale = name.rpartition("/")[2][: -len(".md")].rpartition(".")
            problem = {**problem_of(error, self._workbench.files.folder).as_json(), "locale": locale}
            articles.setdefault(id_ or name, {"id": id_ or name, "locales": {}, "problems": []})["problems"].append(problem)
        for id_, entry in articles.items():
            first = forms.get((id_, "zh")) or forms.get((id_, "en"))
            entry["intents"] = list(first.intents) if first else []
            entry["owner"] = first.owner if first else ""
            entry["doors"] = [intent for intent, _ in first.doors] if first else []
            entry["missing_locales"] = [locale for locale in FILE_LOCALES if (id_, locale) not in forms]
        return {"articles": list(articles.values()), "today": self.today().isoformat(), **self._choices(set(articles))}

    def _choices(self, ids: set[str]) -> dict[str, Any]:
        """What an article's fields can be: intents for doors, and intents that need an article."""
        try:
            intents = self._workbench.reading.intents()
        except ContentError:
            intents = {}  # the problems name the broken file
        return {
            "door_intents": [name for name, each in intents.items() if each.get("route") == "escalate"],
            "free_intents": [
                name for name, each in intents.items() if each.get("route") == "answer" and each.get("article") not in ids
            ],
        }

    def _problems(self, form: ArticleForm) -> list[Problem]:
        return self._workbench.checks.article(form, self.today())

    async def show(self, article_id: str) -> dict[str, Any]:
        """One article with the texts of both languages, its problems, and its history. Raises NotFound."""
        shown: dict[str, Any] = await self._workbench.read(lambda: self._shown(article_id))
        async with self._workbench.store.read() as tx:
            edits = await edits_of(tx, [file_name(article_id, locale) for locale in FILE_LOCALES], _HISTORY)
        shown["history"] = [
            {
                "at": edit.at.isoformat(),
                "by": edit.login,
                "by_name": edit.name,
                "locale": edit.file.rpartition(".")[0].rpartition(".")[2],
                "before": edit.before,
                "after": edit.after,
            }
            for edit in edits
        ]
        return shown

    def _shown(self, article_id: str) -> dict[str, Any]:
        locales: dict[str, Any] = {}
        problems: list[dict[str, Any]] = []
        for locale in FILE_LOCALES:
            name = self._name(article_id, locale)
            data, revision = self._workbench.files.show(name)
            if data is None:
                continue
            try:
                form = read_form(data.decode("utf-8"), name)
            except ContentError as error:
                # The page shows what the file holds, so that the editor can set it right.
                broken = problem_of(
                    ContentError(self._workbench.files.folder / name, error.line, error.problem), self._workbench.files.folder
                )
                locales[locale] = {"revision": revision, "broken": data.decode("utf-8")}
                problems.append({**broken.as_json(), "locale": locale})
                continue
            locales[locale] = {**form.as_json(), "revision": revision}
            problems += [{**problem.as_json(), "locale": locale} for problem in self._problems(form)]
        if not locales:
            raise not_there(f"没有文章“{article_id}”。", f"There is no article “{article_id}”.")
        first: dict[str, Any] = next((locales[locale] for locale in FILE_LOCALES if "intents" in locales.get(locale, {})), {})
        return {
            "id": article_id,
            "intents": first.get("intents", []),
            "owner": first.get("owner", ""),
            "locales": locales,
            "problems": problems,
            "door_intents": self._choices(set())["door_intents"],
        }

    def _name(self, article_id: str, locale: str) -> str:
        try:
            return file_name(article_id, locale)
        except ValueError:
            raise BadInput(
                "bad_article_id",
                "编号只能用小写英文字母、数字和下划线，以字母开头；语言是 zh 或 en。",
                "An id has lower-case letters, digits and underscores and begins with a letter; the language is zh or en.",
            ) from None

    async def present(self, article_id: str, locale: str) -> ArticleForm:
        """The form of an article as it stands in its file; for a new or broken one, an empty form that is valid from today."""
        return await self._workbench.read(lambda: self._present(article_id, locale))

    def _present(self, article_id: str, locale: str) -> ArticleForm:
        forms = self._workbench.reading.articles()[0]
        found = forms.get((article_id, locale)) or forms.get((article_id, "en" if locale == "zh" else "zh"))
        if found is not None:
            return replace(found, locale=locale)
        return ArticleForm(article_id, locale, "", "", (), "", self.today().isoformat())

    async def preview(self, form: ArticleForm) -> dict[str, Any]:
        """The text as customers read it, also in traditional Chinese, and its problems."""
        return await self._workbench.read(lambda: self._previewed(form))

    def _previewed(self, form: ArticleForm) -> dict[str, Any]:
        reading = self._workbench.reading
        facts = present_facts(reading)[form.locale]
        try:
            text = fill(form.text, facts)
        except Exception:  # a half-written placeholder; the problems name it
            text = form.text
        shown = {"title": form.title, "text": text, "doors": [label for _, label in form.doors]}
        found: dict[str, Any] = {form.locale: shown}
        if form.locale == "zh":
            convert = reading.traditional().convert
            found["hant"] = {
                "title": convert(form.title),
                "text": convert(text),
                "doors": [convert(label) for _, label in form.doors],
            }
        return {**found, "problems": [problem.as_json() for problem in self._problems(form)]}

    async def save(self, agent: Agent, form: ArticleForm, base_revision: str) -> dict[str, Any]:
        """Save one language of an article. Raises what `Workbench.save` raises, and BadInput `content_refused`."""
        name = self._name(form.id, form.locale)
        problems: list[Problem] = await self._workbench.read(lambda: self._problems(form))
        self._workbench.check(problems)

        def item(text: str | None) -> Any:
            if text is None:
                return None
            try:
                return read_form(text, name).as_json()
            except ContentError:
                return {"broken": text}

        def change(text: str | None) -> str:
            try:
                written = write_form(text, form)
            except ContentError:
                # A front matter that somebody broke by hand is written anew. The editor saw it: `base_revision` is its.
                written = write_form(None, form)
            facts = present_facts(self._workbench.reading)
            if facts["zh"]:
                article_from(self._workbench.files.folder / name, written, facts)
            return written

        try:
            saved = await self._workbench.save(agent, "article", name, "article", base_revision, item, change)
        except Conflict as error:
            raise await self._with_names(error, name, form) from error
        return {
            "revision": saved.revision,
            "is_changed": saved.is_changed,
            "problems": [problem.as_json() for problem in await self._workbench.read(lambda: self._problems(form))],
        }

    async def _with_names(self, error: Conflict, name: str, form: ArticleForm) -> DeskError:
        """A conflict with both sides complete: what the editor wanted, and who changed it meanwhile."""
        if error.code != "changed_meanwhile":
            return error
        async with self._workbench.store.read() as tx:
            last = await edits_of(tx, [name], 1)
        theirs = dict(error.details["theirs"] or {}, revision=error.details["revision"])
        if last and last[0].after == error.details["theirs"]:
            theirs.update(by=last[0].login, by_name=last[0].name, at=last[0].at.isoformat())
        details = {**error.details, "theirs": theirs if error.details["theirs"] is not None else None, "yours": form.as_json()}
        return Conflict(error.code, error.zh, error.en, **details)

    async def add(self, agent: Agent, form: ArticleForm) -> dict[str, Any]:
        """Create an article, or its other language. Raises Conflict `exists`."""
        name = self._name(form.id, form.locale)
        if await self._workbench.read(lambda: self._workbench.files.read(name)) is not None:
            raise Conflict(
                "exists", f"文章“{form.id}”已经有这种语言了。", f"The article “{form.id}” has this language already."
            )
        return await self.save(agent, form, "")

    async def remove(self, agent: Agent, article_id: str, revisions: dict[str, str]) -> dict[str, Any]:
        """Remove all languages of an article. `revisions`: what the editor saw, by language. Raises NotFound and Conflict."""
        shown = await self._workbench.read(lambda: self._shown(article_id))
        used = [name for name, each in self._workbench.reading.intents().items() if each.get("article") == article_id]
        if used:
            names = self._workbench.reading.intents()
            zh = "、".join(str(names[name].get("zh", name)) for name in used)
            en = ", ".join(str(names[name].get("en", name)) for name in used)
            raise Conflict(
                "article_in_use",
                f"这些意图还用这篇文章回答：{zh}。请先给它们换文章或改去向。",
                f"These intents answer with it: {en}. Give them another article or route first.",
                intents=used,
            )
        for locale in shown["locales"]:
            name = self._name(article_id, locale)

            def item(text: str | None, name: str = name) -> Any:
                return None if text is None else read_form(text, name).as_json()

            await self._workbench.save(agent, "article", name, "article", revisions.get(locale, ""), item, lambda text: None)
        return {}
