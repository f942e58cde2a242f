"""Handoffs: the only code that passes a conversation from the bot to people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from content.desk_policy import DeskPolicy
from contract.decision import Decision
from contract.locales import SIMPLIFIED, TRADITIONAL
from contract.priorities import LANES, NORMAL
from contract.reasons import USER_REQUEST
from contract.reply import Button
from handoff.accounts.store import list_agents
from handoff.conversations.decide import Cancel, RequestHandoff, Tell, returning_matter
from handoff.conversations.draft import Draft
from handoff.conversations.events import BOT, Participant
from handoff.conversations.services import Board
from handoff.conversations.state import CHOICE_CANCEL_WAIT, CHOICE_KEEP_WAITING, Conversation
from handoff.conversations.store import event_by_key
from handoff.conversations.values import Status
from handoff.queue.staff import online
from handoff.queue.store import queued_before
from handoff.runtime.metrics import Metrics
from handoff.runtime.transaction import Transaction
from language.recognition import written_as


class Handoffs:
    """Performs handoffs for all callers: the bot's action, the turn worker, the customer's button."""

    def __init__(self, policy: DeskPolicy, metrics: Metrics | None = None) -> None:
        self._policy = policy
        self._metrics = metrics or Metrics()

    async def request(
        self,
        tx: Transaction,
        draft: Draft,
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
        if key is not None and await event_by_key(tx, draft.state.id, key):
            return False
        was_waiting = draft.state.status is Status.QUEUED
        matter = returning_matter(draft.state, intent, amount_cny)
        command = RequestHandoff(reason, priority, by, key, lane, intent, amount_cny, self._policy.lasting_reasons)
        if not draft.do(command, now):
            return False
        await self._tell(tx, draft, was_waiting, matter[0] if matter else intent, now)
        self._metrics.handoffs.labels(reason if self._policy.is_known_reason(reason) else "other", priority).inc()
        return True

    async def request_for_decision(
        self, tx: Transaction, draft: Draft, turn_id: str, decision: Decision, now: dt.datetime
    ) -> bool:
        """The handoff that a turn's decision (route escalate) asks for."""
        return await self.request(
            tx,
            draft,
            decision.reason or USER_REQUEST,
            decision.priority or NORMAL,
            now,
            key=f"handoff:{turn_id}",
            intent=decision.intent,
            amount_cny=decision.amount_cny,
            # This desk ignores a lane that only a newer bot knows: the priority still orders the queue.
            lane=decision.lane if decision.lane in LANES else None,
        )

    def cancel(self, draft: Draft, now: dt.datetime, *, is_confirmed: bool) -> None:
        """End the customer's wait, and confirm it with a message. Raises Conflict (`decide.Cancel`)."""
        draft.do(Cancel(is_confirmed=is_confirmed), now)
        draft.do(Tell(self._policy.text("cancelled", draft.state.locale), "cancelled"), now)

    def ask_to_confirm_cancel(self, draft: Draft, now: dt.datetime) -> None:
        """Ask the customer of a serious case to confirm the end of the wait."""
        locale = draft.state.locale
        buttons = (
            Button(CHOICE_KEEP_WAITING, self._policy.text("button_keep_waiting", locale)),
            Button(CHOICE_CANCEL_WAIT, self._policy.text("button_cancel_wait", locale)),
        )
        draft.do(Tell(self._policy.text("confirm_cancel", locale), "confirm_cancel", buttons), now)

    async def tell_place(self, tx: Transaction, draft: Draft, now: dt.datetime) -> None:
        """Tell a waiting customer what happens next, their place and the expected wait."""
        await self._tell(tx, draft, False, draft.state.case.topic, now)

    async def follow_language(self, tx: Transaction, draft: Draft, was: str, now: dt.datetime) -> None:
        """Repeat position and advice to a waiting customer if the language has changed from `was`.

        What was said before, theft advice included, may be in a language that they do not read. Both Chinese scripts are read.
        """
        chinese, locale = {SIMPLIFIED, TRADITIONAL}, draft.state.locale
        if draft.state.status is Status.QUEUED and locale != was and not {locale, was} <= chinese:
            await self.tell_place(tx, draft, now)

    async def _tell(self, tx: Transaction, draft: Draft, was_waiting: bool, intent: str | None, now: dt.datetime) -> None:
        ahead, online = await self.place(tx, draft.state, now)
        locale, case = draft.state.locale, draft.state.case
        reason, is_urgent, lane = case.reason or USER_REQUEST, case.priority == "urgent", case.lane
        if was_waiting:
            text = self._policy.raised_text(locale, reason, intent, online, is_urgent=is_urgent, lane=lane)
            draft.do(Tell(text, "priority_raised"), now)
            return
        text = self._policy.handoff_text(locale, reason, intent, ahead, online, is_urgent=is_urgent, lane=lane)
        draft.do(Tell(text, "handoff"), now)

    async def place(self, tx: Transaction, conversation: Conversation, now: dt.datetime) -> tuple[int, int]:
        """How many wait before this conversation, and how many agents are there to take them."""
        ahead = await queued_before(tx, conversation, self._policy.same_address)
        return ahead, online(await list_agents(tx), self._policy, now)

    async def status(
        self, tx: Transaction, conversation: Conversation, now: dt.datetime, board: Board | None = None
    ) -> dict[str, Any]:
        """The status that a customer may read; with the position on `board`, if a board is given."""
        position = eta = None
        if conversation.status is Status.QUEUED:
            if board is not None and conversation.id in board.places:
                position, eta = self.position(board, conversation.id)
            else:
                ahead, online = await self.place(tx, conversation, now)
                position, eta = ahead + 1, self._eta_seconds(ahead, online)
        return {
            "status": conversation.status.value,
            "reason": conversation.case.reason,
            "priority": conversation.case.priority,
            "lane": conversation.case.lane,
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
        # While no agent is online, any number of minutes would be a guess.
        return int(self._policy.expected_wait(ahead, online).total_seconds()) if online else None
