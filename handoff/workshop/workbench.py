"""Changes to the working copy by people: saved under the lock, recorded with their name, refused in their language."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import structlog

from content.editing.checks import Checks
from content.editing.error_words import problem_of
from content.editing.files import ChangedMeanwhile, NotSaved, Saved, Versions, WorkingCopy
from content.editing.problems import BLOCK, Problem
from content.editing.reading import Reading
from content.editing.yaml_spans import CannotEdit
from content.sources import ContentError
from handoff.accounts.agents import Agent
from handoff.runtime.errors import BadInput, Conflict, DeskError, NotFound, Unavailable
from handoff.runtime.transaction import Store, Transaction
from handoff.workshop.edit_store import add_edit, lock_edits

logger = structlog.get_logger(__name__)

T = TypeVar("T")


class Workbench:
    """The working copy of the editors' files, as the pages read and write it."""

    def __init__(self, store: Store, data: Path, var: Path, now: Callable[[], dt.datetime]) -> None:
        self.store, self.now = store, now
        self.files = WorkingCopy(data, Versions(var / "workshop" / "versions"))
        self.reading = Reading(data)
        self.checks = Checks(self.reading)

    async def read(self, work: Callable[[], T], name: str = "") -> T:
        """Do some reading in a thread. `name`: the file that it is about. Raises the desk's errors for a broken file."""
        return await asyncio.to_thread(self._in_words, work, name)

    async def save(
        self,
        agent: Agent,
        kind: str,
        name: str,
        item_name: str,
        base_revision: str,
        item: Callable[[str | None], Any],
        change: Callable[[str | None], str | None],
    ) -> Saved:
        """Change one item of a file and record who did it. See `WorkingCopy.save` for `item` and `change`.

        Raises Conflict `changed_meanwhile` with `theirs` and `base`, `cannot_edit`; BadInput `content_broken`; Unavailable
        `not_saved`. Then the file is as it was.
        """
        async with self.store.begin() as tx:
            return await self.save_in(tx, agent, kind, name, item_name, base_revision, item, change)

    async def save_in(
        self,
        tx: Transaction,
        agent: Agent,
        kind: str,
        name: str,
        item_name: str,
        base_revision: str,
        item: Callable[[str | None], Any],
        change: Callable[[str | None], str | None],
    ) -> Saved:
        """`save` within a transaction. It begins before: while the database is away, nothing is saved without its name."""
        await lock_edits(tx)
        saved = await asyncio.to_thread(self._in_words, lambda: self.files.save(name, base_revision, item, change), name)
        if saved.is_changed:
            await add_edit(tx, self.now(), agent.login, name, item_name, kind, saved.before, saved.after)
            logger.info("edit.saved", login=agent.login, kind=kind, file=name, item=item_name)
        return saved

    def _in_words(self, work: Callable[[], T], name: str) -> T:
        path = self.files.folder / name
        try:
            return work()
        except ContentError as error:
            # Functions on texts do not know the file.
            is_placed = error.path.is_relative_to(self.files.folder)
            raise self.broken(error if is_placed else ContentError(path, error.line, error.problem)) from error
        except UnicodeDecodeError as error:
            raise self.broken(ContentError(path, None, f"not UTF-8 ({error}): save it as UTF-8")) from error
        except ChangedMeanwhile as error:
            raise Conflict(
                "changed_meanwhile",
                "别人刚改过这一项，请比较两边再保存。",
                "Somebody else has just changed this: compare both sides, then save.",
                theirs=error.theirs,
                base=error.base,
                revision=error.revision,
            ) from error
        except NotSaved as error:
            raise Unavailable("not_saved", error.zh, error.en) from error
        except CannotEdit as error:
            raise Conflict(
                "cannot_edit",
                "这一项在文件里的写法比较特别，页面改不了它，请用文本编辑器改。",
                "The file is laid out in a way in which this page cannot change it: use a text editor.",
                item=str(error),
            ) from error

    def broken(self, error: ContentError) -> DeskError:
        """The desk's error for a file that cannot be read."""
        problem = problem_of(error, self.files.folder)
        return BadInput("content_broken", problem.zh, problem.en, file=problem.file, line=problem.line)

    @staticmethod
    def check(problems: list[Problem]) -> None:
        """Raise BadInput `content_refused` with all problems if one of them blocks; the message is the first one's."""
        first = next((problem for problem in problems if problem.severity == BLOCK), None)
        if first is not None:
            listed = [problem.as_json() for problem in problems]
            raise BadInput("content_refused", first.zh, first.en, problems=listed)


def not_there(zh: str, en: str) -> NotFound:
    """The error for an item that does not exist."""
    return NotFound("unknown_item", zh, en)
