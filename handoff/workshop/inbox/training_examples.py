"""Writes confirmed texts into the editors' files of sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from content.editing.sentence_files import FileChange, SentenceFiles
from handoff.accounts.agents import Agent
from handoff.runtime.transaction import Transaction
from handoff.workshop.edit_store import lock_edits
from handoff.workshop.workbench import Workbench

_KIND = "sentences"


class TrainingExamples:
    """The training sentences of the working copy. `tests`: the folder of the test sets."""

    def __init__(self, workbench: Workbench, tests: Path) -> None:
        self._workbench = workbench
        self._files = SentenceFiles(workbench.files.folder, tests)

    async def add(self, tx: Transaction, editor: Agent, intent: str, texts: Sequence[str]) -> Sequence[str]:
        """Append sentences to an intent; those that it has already are left alone. The added ones.

        Raises SentenceRefused for a sentence of another intent or of a test set; nothing is added then. Raises the errors of
        `Workbench.save`.
        """
        await lock_edits(tx)  # nobody adds one of them to another intent between the check and the save
        change = await self._workbench.read(lambda: self._files.adding(intent, texts))
        if change is None:
            return ()
        await self._save(tx, editor, intent, change)
        return change.texts

    async def remove(self, tx: Transaction, editor: Agent, intent: str, texts: Sequence[str]) -> None:
        """Take sentences out of an intent; those that it does not have are left alone. Raises as `Workbench.save`."""
        await lock_edits(tx)
        for change in await self._workbench.read(lambda: self._files.removing(intent, texts)):
            await self._save(tx, editor, intent, change)

    async def _save(self, tx: Transaction, editor: Agent, intent: str, change: FileChange) -> None:
        seen = await self._workbench.read(lambda: self._workbench.files.show(change.name))
        await self._workbench.save_in(tx, editor, _KIND, change.name, intent, seen[1], change.item, change.change)
