"""The bodies of the editors' requests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from content.editing.article_file import ArticleForm
from handoff.runtime.schemas import Body, Text

Locale = Literal["zh", "en"]
Revision = Annotated[str, Field(pattern=r"^([0-9a-f]{12})?$")]
_Line = Annotated[Text, Field(max_length=400)]
_Name = Annotated[Text, Field(max_length=100)]
_Words = Annotated[Text, Field(max_length=20_000)]
_Day = Annotated[Text, Field(max_length=40)]


class Door(Body):
    """A button under an article."""

    intent: _Name
    label: _Line


class ArticleText(Body):
    """What an article says, in one language."""

    title: _Line
    text: _Words
    doors: Annotated[list[Door], Field(max_length=20)] = []


class Article(ArticleText):
    """`PUT /api/workshop/articles/{id}/{locale}`: the whole form. Dates are `2026-01-31`; null: it stays valid."""

    base_revision: Revision = ""
    intents: Annotated[list[_Name], Field(max_length=50)]
    valid_from: _Day
    valid_until: _Day | None = None
    owner: _Line

    def form(self, article_id: str, locale: str) -> ArticleForm:
        """The form of `content.editing`."""
        return ArticleForm(
            id=article_id,
            locale=locale,
            title=self.title.strip(),
            text=_lines(self.text),
            intents=tuple(self.intents),
            owner=self.owner.strip(),
            valid_from=self.valid_from,
            valid_until=self.valid_until or "",
            doors=tuple((door.intent, door.label.strip()) for door in self.doors),
        )


class NewArticle(Article):
    """`POST /api/workshop/articles`."""

    id: _Name
    locale: Locale


class Preview(ArticleText):
    """`POST /api/workshop/articles/preview`; what an editor has not filled in yet may be missing."""

    id: _Name = ""
    locale: Locale
    intents: list[_Name] | None = None
    valid_from: _Day | None = None
    valid_until: _Day | None = None
    owner: _Line | None = None


class RemovedArticle(Body):
    """`DELETE /api/workshop/articles/{id}`: the revisions that the editor saw, by language."""

    revisions: dict[Locale, Revision] = {}


class FactValue(Body):
    """`PUT /api/workshop/facts/{name}`. `dry_run`: only say which texts would change."""

    base_revision: Revision = ""
    zh: _Line
    en: _Line
    dry_run: bool = False


class NewFact(Body):
    """`POST /api/workshop/facts`. `after`: the fact behind which it should stand."""

    name: _Name
    zh: _Line
    en: _Line
    after: _Name | None = None


def _lines(text: str) -> str:
    """A text with line feeds only, without blanks at the ends of lines."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()
