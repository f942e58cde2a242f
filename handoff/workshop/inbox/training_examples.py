"""Writes confirmed texts into the editors' files of sentences."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from content.editing.sentence_files import FileChange, SentenceFiles
from handoff.accounts.agents import Agent
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Transaction


class TrainingExamples:
    """The training sentences of the working copy."""

    def __init__(self, data: Path, tests: Path) -> None:
        self._files = SentenceFiles(data, tests)

    async def add(self, tx: Transaction, editor: Agent, intent: str, texts: Sequence[str]) -> Sequence[str]:
        """Append sentences to an intent; those that it has already are left alone. The added ones.

        Raises SentenceRefused for a sentence of another intent or of a test set; nothing is added then. Raises Unavailable.
        """
        change = await asyncio.to_thread(self._files.adding, intent, texts)
        if change is None:
            return ()
        await self._save(change)
        return change.texts

    async def remove(self, tx: Transaction, editor: Agent, intent: str, texts: Sequence[str]) -> None:
        """Take sentences out of an intent; those that it does not have are left alone. Raises Unavailable."""
        for change in await asyncio.to_thread(self._files.removing, intent, texts):
            await self._save(change)

    async def _save(self, change: FileChange) -> None:
        try:
            await asyncio.to_thread(self._files.apply, change)
        except OSError as error:
            raise Unavailable("not_saved", "训练数据写不进去，请联系运维。", "The sentences cannot be saved.") from error
