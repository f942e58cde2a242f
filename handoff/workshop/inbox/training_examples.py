"""Writes confirmed texts into the editors' files of sentences."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from content.editing.sentence_files import FileChange, SentenceFiles, letters_of
from handoff.accounts.agents import Agent
from handoff.runtime.transaction import Transaction
from handoff.workshop.edit_store import lock_edits
from handoff.workshop.workbench import Workbench

_KIND = "sentences"
_WARMED, _WARM_PAUSE_SECONDS = 200, 0.05


class TrainingExamples:
    """The training sentences of the working copy. `tests`: the folder of the test sets."""

    def __init__(self, workbench: Workbench, tests: Path) -> None:
        self._workbench = workbench
        self._files = SentenceFiles(workbench.files.folder, tests)

    @property
    def files(self) -> SentenceFiles:
        """The files of sentences."""
        return self._files

    async def warm(self) -> None:
        """Prepare the comparison with all sentences, little by little: at once it would hold up turns for seconds."""
        texts = await self._workbench.read(self._files.texts)
        for start in range(0, len(texts), _WARMED):
            await asyncio.to_thread(lambda part: [letters_of(text) for text in part], texts[start : start + _WARMED])
            await asyncio.sleep(_WARM_PAUSE_SECONDS)

    async def add(
        self, tx: Transaction, editor: Agent, intent: str, texts: Sequence[str], *, moved_from: str | None = None
    ) -> Sequence[str]:
        """Append sentences to an intent; those that it has already are left alone. The added ones.

        `moved_from`: the intent that has them and is about to lose them.
        Raises SentenceRefused for a sentence of another intent or of a test set; nothing is added then. Raises the errors of
        `Workbench.save`.
        """
        await lock_edits(tx)  # nobody adds one of them to another intent between the check and the save
        change = await self._workbench.read(lambda: self._files.adding(intent, texts, moved_from=moved_from))
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
