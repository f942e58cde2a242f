"""The draft: what the working copy changes in comparison with what is live, whether it is sound, and how to undo parts."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from content.compiler import compile_content
from content.editing.differences import Difference, differences
from content.editing.error_words import problem_of
from content.editing.files import decoded
from content.editing.problems import BLOCK, Problem
from content.published import POINTER, read_pointer
from content.snapshots import SnapshotError, data_revision, file_stamps, read_folder, read_snapshot
from content.sources import ContentError
from contract.locales import FILE_LOCALES
from handoff.accounts.agents import Agent
from handoff.runtime.errors import Conflict, Unavailable
from handoff.workshop.edit_store import last_edits
from handoff.workshop.workbench import Workbench, not_there

#: Attempts to judge a working copy that is written to at the same time.
_ATTEMPTS = 3


class DraftEditing:
    """The use cases of the page `publish` that are about the working copy. `models`: the folder of what was published."""

    def __init__(self, workbench: Workbench, models: Path) -> None:
        self._workbench, self._models = workbench, models
        self._live: tuple[str, Mapping[str, bytes]] | None = None
        self._kept: tuple[tuple[str, str | None], dict[str, Any]] | None = None
        self._lock = threading.Lock()

    async def overview(self) -> dict[str, Any]:
        """The changes with who made them last, and the first problem that keeps the draft from being published."""
        async with self._workbench.store.read() as tx:
            changed = await last_edits(tx)
        found = await self._workbench.read(self._compared)
        changes = []
        for change in found["changes"]:
            item = "article" if change["kind"] == "article" else change["id"]
            last = changed.get((change["file"], item))
            changes.append({**change, "by": last[2] if last else None, "at": last[0].isoformat() if last else None})
        return {**found, "changes": changes}

    def _compared(self) -> dict[str, Any]:
        folder = self._workbench.files.folder
        try:
            with self._lock:
                for _ in range(_ATTEMPTS):
                    stamps = file_stamps(folder)
                    revision, live = data_revision(folder), self._live_revision()
                    if self._kept is not None and self._kept[0] == (revision, live):
                        found = self._kept[1]
                        break
                    changes = differences(self._live_files(live), read_folder(folder)) if live else []
                    found = {"changes": [_as_json(each) for each in changes], **self._validity()}
                    # What was written meanwhile, and perhaps written back, must not be remembered as this revision's fault.
                    if file_stamps(folder) == stamps:
                        self._kept = (revision, live), found
                        break
                return {"data_revision": revision, "live_revision": live, **found}
        except SnapshotError as error:
            raise Unavailable("draft_unreadable", error.zh, error.en) from error

    def _live_revision(self) -> str | None:
        if not (self._models / POINTER).exists():
            return None
        try:
            return read_pointer(self._models).data_revision
        except ContentError:
            return None  # an unreadable pointer; the desk logs it

    def _live_files(self, revision: str) -> Mapping[str, bytes]:
        if self._live is None or self._live[0] != revision:
            self._live = revision, read_snapshot(self._models, revision)
        return self._live[1]

    def _validity(self) -> dict[str, Any]:
        folder = self._workbench.files.folder
        try:
            compile_content(folder)
        except ContentError as error:
            return {"is_valid": False, "problem": problem_of(error, folder).as_json()}
        first = self._first_block()
        return {"is_valid": first is None, "problem": first}

    def _first_block(self) -> dict[str, Any] | None:
        """The first text that no wallet may send. Files that people edited by hand are not checked when they are saved."""
        reading, checks = self._workbench.reading, self._workbench.checks
        for form in reading.articles()[0].values():
            for problem in checks.article(form, self._workbench.now().date()):
                if problem.severity == BLOCK:
                    return _placed(problem, f"articles/{form.id}.{form.locale}.md", form.title)
        rules = checks.rules()
        for text in reading.texts():
            if text.kind != "article" and text.locale in FILE_LOCALES:
                for problem in rules.forbidden_problems(text.text, text.locale):
                    return _placed(problem, text.kind, text.id)
        return None

    async def revert(self, agent: Agent, name: str, base_revision: str | None) -> dict[str, Any]:
        """Bring a file back to what is live. Raises Conflict `changed_meanwhile`, `nothing_live`; NotFound."""
        live = await self._workbench.read(self._live_revision)
        if live is None:
            raise Conflict(
                "nothing_live",
                "还没有通过工作台发布过，没有可以退回的版本。",
                "Nothing was published by the workshop yet, so there is no version to go back to.",
            )
        try:
            files = await self._workbench.read(lambda: self._live_files(live))
        except SnapshotError as error:
            raise Unavailable("draft_unreadable", error.zh, error.en) from error
        try:
            self._workbench.files.path(name)
        except ValueError:
            raise not_there(f"没有文件“{name}”。", f"There is no file “{name}”.") from None
        target = decoded(files.get(name))
        if base_revision is None:
            base_revision = (await self._workbench.read(lambda: self._workbench.files.show(name)))[1]
        seen = base_revision
        saved = await self._workbench.save(agent, "revert", name, name, seen, lambda text: text, lambda text: target)
        return {"revision": saved.revision, "is_changed": saved.is_changed}


def _placed(problem: Problem, file: str, title: str) -> dict[str, Any]:
    return {**problem.as_json(), "file": file, "zh": f"“{title}”：{problem.zh}", "en": f"“{title}”: {problem.en}"}


def _as_json(change: Difference) -> dict[str, Any]:
    return {
        "file": change.file,
        "kind": change.kind,
        "id": change.id,
        "zh": change.zh,
        "en": change.en,
        "before": change.before,
        "after": change.after,
    }
