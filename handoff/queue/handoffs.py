"""Bringing a person in: the one place where a conversation passes from the bot to people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from content.desk_policy import DeskPolicy
from contract.decision import Decision
from contract.locales import SIMPLIFIED, TRADITIONAL
from contract.priorities import LANES, NORMAL
from contract.reasons import USER_REQUEST
from handoff.accounts.store import list_agents
from handoff.conversations.conversation import CHOICE_CANCEL_WAIT, CHOICE_KEEP_WAITING, Conversation, Status
from handoff.conversations.events import BOT, Participant
from handoff.conversations.services import Board
from handoff.conversations.store import event_by_key
from handoff.queue.store import queued_before
from handoff.runtime.metrics import Metrics
from handoff.runtime.transaction import Transaction
from language.recognition import written_as

#: Intents that name no matter of their own.
_VAGUE_INTENTS = ("human_agent", "unresolved", "affirm", "deny", None)


class Handoffs:
    """Performs handoffs, whoever asks: the bot's action, the turn worker, the customer's button."""

    def __init__(self, policy: DeskPolicy, metrics: Metrics | None = None) -> None:
        self._policy = policy
        self._metrics = metrics or Metrics()

    async def request(
        self,
        tx: Transaction,
        conversation: Conversation,
        reason: str,
        priority: str,
        now: dt.datetime,
        *,
        by: Participant = BOT,
        key: str | None = None,
        intent: str | None = None,
        amount_cny: float | None = None,
        lane: str | None = None,
    ) -> bool:
        """Hand a locked conversation over and tell the customer, in the caller's transaction. Whether anything changed.

        Exactly once: a second request with the same `key`, or while a person is waited for or there, changes nothing, except
        that a graver reason or a lane moves a waiting conversation up.
        """
        if key is not None and await event_by_key(tx, conversation.id, key):
            return False
        was_waiting = conversation.status is Status.QUEUED
        came_back = conversation.was_closed_by_person()
        changed = conversation.request_handoff(reason, priority, now, by, key, lane, self._policy.lasting_reasons)
        case = conversation.earlier or {}
        if changed and came_back and (intent in _VAGUE_INTENTS or (intent == case.get("intent") and amount_cny is None)):
            intent = conversation.topic = case.get("intent")
            conversation.amount_cny = case.get("amount_cny")
        elif changed and by is BOT:  # what agents see on the card is what made the conversation wait, or move up
            conversation.topic, conversation.amount_cny = intent, amount_cny
        if changed:
            await self._tell(tx, conversation, was_waiting, intent, now)
            self._metrics.handoffs.labels(reason if self._policy.is_known_reason(reason) else "other", priority).inc()
        return changed

    async def request_for_decision(
        self, tx: Transaction, conversation: Conversation, turn_id: str, decision: Decision, now: dt.datetime
    ) -> bool:
        """The handoff that a turn's decision (route escalate) asks for."""
        return await self.request(
            tx,
            conversation,
            decision.reason or USER_REQUEST,
            decision.priority or NORMAL,
            now,
            key=f"handoff:{turn_id}",
            intent=decision.intent,
            amount_cny=decision.amount_cny,
            # This desk ignores a lane that only a newer bot knows: the priority still orders the queue.
            lane=decision.lane if decision.lane in LANES else None,
        )

    def cancel(self, conversation: Conversation, now: dt.datetime, *, is_confirmed: bool) -> None:
        """The customer waits no longer, and hears so. Raises Conflict (`Conversation.cancel`)."""
        conversation.cancel(now, is_confirmed=is_confirmed)
        conversation.tell(self._policy.text("cancelled", conversation.locale), now, "cancelled")

    def ask_to_confirm_cancel(self, conversation: Conversation, now: dt.datetime) -> None:
        """Ask the customer of a grave case whether they really no longer want to wait."""
        locale = conversation.locale
        buttons = [
            {"choice": CHOICE_KEEP_WAITING, "label": self._policy.text("button_keep_waiting", locale)},
            {"choice": CHOICE_CANCEL_WAIT, "label": self._policy.text("button_cancel_wait", locale)},
        ]
        conversation.tell(self._policy.text("confirm_cancel", locale), now, "confirm_cancel", buttons)

    async def tell_place(self, tx: Transaction, conversation: Conversation, intent: str | None, now: dt.datetime) -> None:
        """Tell a waiting customer what happens next, their place and the expected wait."""
        await self._tell(tx, conversation, False, intent, now)

    async def follow_language(self, tx: Transaction, conversation: Conversation, was: str, now: dt.datetime) -> None:
        """Say again where a waiting customer stands, and what to do meanwhile, if the language is not the one before (`was`).

        What was said before, theft advice included, may be in a language that they do not read. Both Chinese scripts are read.
        """
        chinese = {SIMPLIFIED, TRADITIONAL}
        if conversation.status is Status.QUEUED and conversation.locale != was and not {conversation.locale, was} <= chinese:
            await self.tell_place(tx, conversation, conversation.topic, now)

    async def _tell(
        self, tx: Transaction, conversation: Conversation, was_waiting: bool, intent: str | None, now: dt.datetime
    ) -> None:
        ahead, online = await self.place(tx, conversation, now)
        locale, reason = conversation.locale, conversation.reason or USER_REQUEST
        is_urgent, lane = conversation.priority == "urgent", conversation.lane
        if was_waiting:
            text = self._policy.raised_text(locale, reason, intent, online, is_urgent=is_urgent, lane=lane)
            conversation.tell(text, now, "priority_raised")
            return
        text = self._policy.handoff_text(locale, reason, intent, ahead, online, is_urgent=is_urgent, lane=lane)
        conversation.tell(text, now, "handoff")

    async def place(self, tx: Transaction, conversation: Conversation, now: dt.datetime) -> tuple[int, int]:
        """How many wait before this conversation, and how many agents are there to take them."""
        ahead = await queued_before(tx, conversation, self._policy.same_address)
        within = self._policy.online_within
        online = sum(agent.takes_conversations and agent.is_online(now, within) for agent in await list_agents(tx))
        return ahead, online

    async def status(
        self, tx: Transaction, conversation: Conversation, now: dt.datetime, board: Board | None = None
    ) -> dict[str, Any]:
        """What a customer may know of where the conversation stands; the place from `board`, if it is there."""
        position = eta = None
        if conversation.status is Status.QUEUED:
            if board is not None and conversation.id in board.places:
                position, eta = self.position(board, conversation.id)
            else:
                ahead, online = await self.place(tx, conversation, now)
                position, eta = ahead + 1, self._eta_seconds(ahead, online)
        return {
            "status": conversation.status.value,
            "reason": conversation.reason,
            "priority": conversation.priority,
            "lane": conversation.lane,
            "queue_position": position,
            "eta_seconds": eta,
            "agent": conversation.agent_name,
            "rating": conversation.rating,
            "locale": written_as(conversation.locale),
        }

    def position(self, board: Board, conversation_id: str) -> tuple[int, int | None]:
        """Place in line (from 1) and expected wait in seconds of a conversation that waits on the board."""
        ahead = board.places[conversation_id]
        return ahead + 1, self._eta_seconds(ahead, board.online)

    def _eta_seconds(self, ahead: int, online: int) -> int | None:
        # With nobody there, any number of minutes would be a guess.
        return int(self._policy.expected_wait(ahead, online).total_seconds()) if online else None
