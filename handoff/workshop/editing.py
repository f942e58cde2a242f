"""Everything that editors do with the content, put together for the routes."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Protocol

from fastapi import Depends, Request

from handoff.runtime.errors import DeskError
from handoff.runtime.transaction import Store
from handoff.workshop.articles import ArticleEditing
from handoff.workshop.facts import FactEditing
from handoff.workshop.texts import TextEditing
from handoff.workshop.workbench import Workbench


class Editing:
    """The use cases of editors, each on the same working copy."""

    def __init__(self, store: Store, data: Path, var: Path, now: Callable[[], dt.datetime]) -> None:
        self.workbench = Workbench(store, data, var, now)
        self.articles = ArticleEditing(self.workbench)
        self.facts = FactEditing(self.workbench)
        self.texts = TextEditing(self.workbench)

    async def warm(self) -> None:
        """Read and check everything once, so that the first page of the day is as quick as the others."""
        with contextlib.suppress(DeskError):  # a broken file; its page names it
            await self.articles.overview()


class EditingServices(Protocol):
    """What the routes of editors use."""

    @property
    def editing(self) -> Editing:
        """The use cases of editors."""


async def _editing(request: Request) -> Editing:
    # Asynchronous, because FastAPI runs other dependencies in a thread, at a millisecond each.
    services: EditingServices = request.app.state.services
    return services.editing


Workshop = Annotated[Editing, Depends(_editing)]
