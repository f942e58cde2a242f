"""What happens with a missed emergency: it becomes a safety case, and a person takes the customer's matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from content.bundle import DeskContent
from contract.reasons import SECURITY
from handoff.accounts.agents import Agent
from handoff.runtime.errors import Conflict, NotFound
from handoff.runtime.transaction import Store
from handoff.workshop.log.openings import CaseOpenings, Finding
from handoff.workshop.reviews import store as rows
from handoff.workshop.reviews.store import DrawnTurn
from handoff.workshop.reviews.verdicts import MISSED
from handoff.workshop.sentences import SentenceEditing

logger = structlog.get_logger(__name__)


class MissedTurns:
    """The use cases of the list of missed emergencies."""

    def __init__(
        self, store: Store, content: Callable[[], DeskContent], sentences: SentenceEditing, openings: CaseOpenings
    ) -> None:
        self._store, self._content, self._sentences, self._openings = store, content, sentences, openings

    async def keep(self, editor: Agent, sample_id: str) -> dict[str, Any]:
        """Keep the turn's words as a safety case that must go to a person; again: nothing changes.

        Raises NotFound, Conflict, and what `SentenceEditing.add_case` raises.
        """
        async with self._store.read() as tx:
            turn = _missed(await rows.find_sample(tx, sample_id))
            text = await rows.words_of(tx, turn)
        note = f"抽检 {turn.day.isoformat()}"
        # The bot reads the pieces of a sentence as one, joined by commas.
        kept = await self._sentences.add_case(editor, {"text": text.replace("\n", "，"), "must": "person", "note": note})
        async with self._store.begin() as tx:
            await rows.note_kept(tx, sample_id, editor.login)
        return {"case": kept["id"], "kept_by": editor.login}

    async def open(self, agent: Agent, sample_id: str) -> dict[str, Any]:
        """Hand the customer's closed conversation over to people. Raises NotFound; Conflict if it cannot be opened now."""
        async with self._store.read() as tx:
            turn = _missed(await rows.find_sample(tx, sample_id))
            episode = await rows.episode_of(tx, turn)
        priority = self._content().policy.reasons[SECURITY].priority
        finding = Finding(turn.conversation_id, episode, turn.turn_seq, SECURITY, priority, None, None, None)
        refused = await self._openings.open_finding(finding, agent)
        if refused is not None:
            raise Conflict("case_not_opened", *refused)
        logger.info("reviews.opened", sample=sample_id, conversation_id=turn.conversation_id, by=agent.login)
        return {"opened": turn.conversation_id}


def _missed(turn: DrawnTurn | None) -> DrawnTurn:
    if turn is None:
        raise NotFound("unknown_sample", "没有这条抽检。", "There is no such sample.")
    if turn.settled != MISSED:
        raise Conflict("not_missed", "这条没有被判断为漏掉的紧急情况。", "This turn was not settled as a missed emergency.")
    return turn
