"""The queue as one agent sees it: who waits, what they have themselves, what others have, and who is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy
from handoff.accounts.agents import Agent
from handoff.conversations.reading import unknown_conversation
from handoff.conversations.store import find_conversation
from handoff.queue.board import PAGE_SIZE, Board, QueueBoard, QueueEntry
from handoff.queue.capacity import claim_refusal, load_of, silent_before
from handoff.queue.cards import card
from handoff.queue.mentions import open_mentions
from handoff.queue.staff import agent_entries
from handoff.queue.store import QueuePlace, conversations_of, held_by, queued_of_origin
from handoff.runtime.errors import BadInput
from handoff.runtime.transaction import Store, Transaction


class AgentQueue:
    """Reads the queue for agents."""

    def __init__(self, store: Store, policy: DeskPolicy, board: QueueBoard, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._board, self._now = store, policy, board, now
        #: The cards of the board that was read last, which all agents share. Making a card takes a tenth of a millisecond.
        self._cards: tuple[Board, DeskContent, dict[str, dict[str, Any]]] | None = None

    async def read(self, agent: Agent, after: str | None = None, *, is_live: bool = False) -> dict[str, Any]:
        """Who waits (the first page, or the one after a cursor), what this agent has, what others have, and who is there.

        `is_live`: for a stream, which hears of the next change; what it is shown may be a second old. Raises BadInput for a
        cursor that no page gave.
        """
        try:
            place = QueuePlace.from_cursor(after) if after else None
        except ValueError:
            raise BadInput("bad_cursor", "翻页位置不正确。", "This is no cursor of the queue.") from None
        board = await (self._board.latest() if is_live else self._board.read())
        page = await self._board.page(place) if place else board.page
        now, content = self._now(), self._policy.content
        async with self._store.read() as tx:
            mine = await conversations_of(tx, agent.login)
            mentions = await open_mentions(tx, agent.login, now)
            held = await held_by(tx, agent.login, silent_before(content.desk, now))
            crowds = {entry.conversation.id: await self._ids_of_address(tx, entry) for entry in page.entries}
        cards = self._cards_of(board, content, now)
        waiting = (
            cards
            if page is board.page
            else {each.conversation.id: card(each.conversation, now, content) for each in page.entries}
        )
        return {
            "waiting": [
                {**waiting[entry.conversation.id], **_address(entry, crowds[entry.conversation.id])} for entry in page.entries
            ],
            "waiting_total": len(board.places),
            "next": page.next.as_cursor() if page.next else None,
            "mine": [card(conversation, now, content) for conversation in mine],
            "others": [
                # Reading a colleague's conversation needs a reason, so its card must not show the last message.
                {**cards[conversation.id], **({} if agent.role == "supervisor" else {"preview": ""})}
                for conversation in board.assigned
                if conversation.agent != agent.login
            ],
            "mentions": mentions,
            "claim_refusal": claim_refusal(agent, load_of(agent, held, content.desk)),
            "agents": agent_entries(board.agents, board.held, self._policy, now),
        }

    def _cards_of(self, board: Board, content: DeskContent, now: dt.datetime) -> dict[str, dict[str, Any]]:
        """The cards of a board's first page and of what agents have, by id; made once for all agents."""
        if self._cards is not None and self._cards[0] is board and self._cards[1] is content:
            return self._cards[2]
        shown = [*(entry.conversation for entry in board.page.entries), *board.assigned]
        cards = {conversation.id: card(conversation, now, content) for conversation in shown}
        self._cards = board, content, cards
        return cards

    async def _ids_of_address(self, tx: Transaction, entry: QueueEntry) -> list[str]:
        origin = entry.conversation.birth.origin
        if entry.same_address <= 1 or origin is None:
            return []
        return [conversation.id for conversation in await queued_of_origin(tx, origin, PAGE_SIZE)]

    async def same_address(self, conversation_id: str) -> list[dict[str, Any]]:
        """The cards of the urgent waiting cases that came from the same address as this one, the oldest first."""
        async with self._store.read() as tx:
            conversation = await find_conversation(tx, conversation_id)
            if conversation is None:
                raise unknown_conversation()
            origin = conversation.birth.origin
            alike = await queued_of_origin(tx, origin, PAGE_SIZE) if origin else []
        return [card(other, self._now(), self._policy.content) for other in alike]


def _address(entry: QueueEntry, ids: list[str]) -> dict[str, Any]:
    return {"same_address": entry.same_address, "same_address_ids": ids} if entry.same_address > 1 else {}
