"""What the desk does for a customer around a handoff: case file, first aid, intake. Each subject adds its part here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from handoff.conversations.draft import Draft
from handoff.conversations.events import Event
from handoff.conversations.state import Conversation
from handoff.runtime.transaction import Transaction


class CareSubject:
    """One subject of care. A subject overrides what it needs; each method works in the caller's transaction."""

    async def at_handoff(self, tx: Transaction, draft: Draft, now: dt.datetime) -> None:
        """The conversation went to the queue, or became graver while it waited; the customer was not told yet."""

    async def after_handoff(self, tx: Transaction, draft: Draft, *, was_waiting: bool, now: dt.datetime) -> None:
        """The conversation went to the queue, or became graver while it waited (`was_waiting`); the customer was told."""

    async def after_message(self, tx: Transaction, draft: Draft, message: Event, now: dt.datetime) -> None:
        """The customer wrote `message`, or pressed a button of the desk. The message is in the draft."""

    async def after_answer(self, tx: Transaction, draft: Draft, intent: str | None, now: dt.datetime) -> None:
        """The bot answered a question with an article; `intent` is what it understood."""

    def status(self, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
        """Further fields of the status that a customer reads."""
        return {}

    def history(self, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
        """Further fields of a conversation in its customer's history."""
        return {}

    def for_agents(self, conversation: Conversation) -> dict[str, Any]:
        """Further fields of the card that an agent reads when they open a conversation."""
        return {}


class CareDesk:
    """All subjects of care, in the order in which the customer reads their messages."""

    def __init__(self, subjects: Sequence[CareSubject]) -> None:
        self._subjects = subjects

    async def at_handoff(self, tx: Transaction, draft: Draft, now: dt.datetime) -> None:
        """Do what a handoff asks for before the customer is told."""
        for subject in self._subjects:
            await subject.at_handoff(tx, draft, now)

    async def after_handoff(self, tx: Transaction, draft: Draft, *, was_waiting: bool, now: dt.datetime) -> None:
        """Do what a handoff asks for."""
        for subject in self._subjects:
            await subject.after_handoff(tx, draft, was_waiting=was_waiting, now=now)

    async def after_message(self, tx: Transaction, draft: Draft, message: Event, now: dt.datetime) -> None:
        """Do what a customer's message asks for."""
        for subject in self._subjects:
            await subject.after_message(tx, draft, message, now)

    async def after_answer(self, tx: Transaction, draft: Draft, intent: str | None, now: dt.datetime) -> None:
        """Do what an article asks for."""
        for subject in self._subjects:
            await subject.after_answer(tx, draft, intent, now)

    def status(self, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
        """The fields of all subjects."""
        fields: dict[str, Any] = {}
        for subject in self._subjects:
            fields |= subject.status(conversation, now)
        return fields

    def for_agents(self, conversation: Conversation) -> dict[str, Any]:
        """The fields of all subjects for agents."""
        fields: dict[str, Any] = {}
        for subject in self._subjects:
            fields |= subject.for_agents(conversation)
        return fields

    def history(self, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
        """The fields of all subjects."""
        fields: dict[str, Any] = {}
        for subject in self._subjects:
            fields |= subject.history(conversation, now)
        return fields


#: A desk without subjects, for tests of handing over alone.
NO_CARE_DESK = CareDesk(())
