"""The bodies of the requests about desk texts and canned replies."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from handoff.runtime.schemas import Body, Text
from handoff.workshop.editing_schemas import Revision

_Words = Annotated[Text, Field(max_length=10_000)]
_Listed = _Words | Annotated[list[_Words], Field(max_length=20)]
_Name = Annotated[Text, Field(max_length=100)]


class DeskText(Body):
    """A desk text in both languages: a text, or a list of texts where the file has one."""

    zh: _Listed
    en: _Listed

    def values(self) -> dict[str, Any]:
        """The texts by language."""
        return {"zh": self.zh, "en": self.en}


class SavedText(DeskText):
    """`PUT /api/workshop/texts/{name}`."""

    base_revision: Revision = ""


class TriedText(DeskText):
    """`POST /api/workshop/texts/preview`."""

    name: _Name


class Both(Body):
    """A text in both languages."""

    zh: _Words
    en: _Words


class Reply(Body):
    """`PUT /api/workshop/canned/{id}`."""

    base_revision: Revision = ""
    shortcut: _Name
    title: Both
    text: Both
    reasons: Annotated[list[_Name], Field(max_length=50)] = []
    intents: Annotated[list[_Name], Field(max_length=50)] = []

    def form(self, id_: str) -> dict[str, Any]:
        """The reply as `content.editing.canned_file` takes it."""
        return {
            "id": id_,
            "shortcut": self.shortcut.strip(),
            "title": self.title.model_dump(),
            "text": self.text.model_dump(),
            "reasons": self.reasons,
            "intents": self.intents,
        }


class NewReply(Reply):
    """`POST /api/workshop/canned`."""

    id: _Name


class TriedReply(Body):
    """`POST /api/workshop/canned/preview`."""

    text: Both


class BaseRevision(Body):
    """A request that names only the revision that the editor saw."""

    base_revision: Revision = ""
