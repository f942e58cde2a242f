"""Handoffs: the only code that passes a conversation from the bot to people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from content.desk_policy import DeskPolicy
from content.waiting_words import Change, Wait
from contract.decision import Decision
from contract.locales import SIMPLIFIED, TRADITIONAL
from contract.priorities import LANES, NORMAL, URGENT
from contract.reasons import USER_REQUEST
from contract.reply import Button
from handoff.accounts.store import list_agents
from handoff.cases.care_desk import NO_CARE_DESK, CareDesk
from handoff.conversations.decide import Cancel, RequestHandoff, Tell, returning_matter
from handoff.conversations.draft import Draft
from handoff.conversations.events import BOT, Participant
from handoff.conversations.services import Board
from handoff.conversations.state import CHOICE_CANCEL_WAIT, CHOICE_KEEP_WAITING, Conversation
from handoff.conversations.store import event_by_key
from handoff.conversations.values import Status, Told, WaitTold
from handoff.queue.lookers import types_at
from handoff.queue.outlook import (
    NO_WAIT,
    Outlook,
    online_by_queue,
    outlook_of,
    promise,
    standing_figure,
    waiting_status,
)
from handoff.queue.store import queued_before
from handoff.queue.waits import NOTHING_KNOWN, RecentWaits
from handoff.runtime.metrics import Metrics
from handoff.runtime.transaction import Transaction
from language.recognition import written_as

#: Messages that follow an acknowledgement within this time belong to it.
_BURST = dt.timedelta(seconds=10)
#: A new promise that ends later by no more than this is not called longer.
_SLIGHTLY = dt.timedelta(minutes=1)


class Handoffs:
    """Performs handoffs for all callers: the bot's action, the turn worker, the customer's button."""

    def __init__(
        self,
        policy: DeskPolicy,
        metrics: Metrics | None = None,
        recent: Callable[[], RecentWaits] = lambda: NOTHING_KNOWN,
        care: CareDesk = NO_CARE_DESK,
    ) -> None:
        """`recent`: how long customers waited lately. `care`: what else a handoff starts."""
        self._policy, self._recent, self._care = policy, recent, care
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
        await self._care.at_handoff(tx, draft, now)
        await self._tell(tx, draft, was_waiting, matter[0] if matter else intent, now)
        await self._care.after_handoff(tx, draft, was_waiting=was_waiting, now=now)
        self._metrics.handoffs.labels(reason if self._policy.is_known_reason(reason) else "other", priority).inc()
        return True

    async def begin_care(self, tx: Transaction, draft: Draft, now: dt.datetime) -> None:
        """Start what a handoff starts, for a conversation that was handed over in another way."""
        await self._care.at_handoff(tx, draft, now)
        await self._care.after_handoff(tx, draft, was_waiting=False, now=now)

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

    async def after_answer(self, tx: Transaction, draft: Draft, intent: str | None, now: dt.datetime) -> None:
        """The bot answered with an article: what else the desk does for the customer."""
        await self._care.after_answer(tx, draft, intent, now)

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

    def acknowledge(self, draft: Draft, written_at: dt.datetime | None, now: dt.datetime) -> None:
        """Tell a waiting customer that the desk has what they added at a time, unless a message has told them already.

        `written_at` None: nothing was added. One acknowledgement is enough for messages in quick succession.
        """
        told = draft.state.handling.told
        if draft.state.status is not Status.QUEUED or told is None or written_at is None:
            return
        noted_at = max(told.since, told.noted_at or told.since)
        if written_at <= noted_at or (told.added_at is not None and written_at - told.added_at <= _BURST):
            return
        draft.do(Tell(self._policy.text("added", draft.state.locale), "added"), now)

    async def _tell(self, tx: Transaction, draft: Draft, was_waiting: bool, intent: str | None, now: dt.datetime) -> None:
        outlook = await self.outlook(tx, draft.state, now)
        case = draft.state.case
        write = self._policy.raised_text if was_waiting else self._policy.handoff_text
        text = write(
            draft.state.locale,
            case.reason or USER_REQUEST,
            intent,
            outlook.ahead,
            outlook.online,
            is_urgent=case.priority == URGENT,
            lane=case.lane,
            wait=outlook.wait,
            opening=outlook.opening,
        )
        self._say(draft, text, "priority_raised" if was_waiting else "handoff", outlook, outlook.wait, now)

    def tell_change(self, draft: Draft, told: Told, outlook: Outlook, now: dt.datetime, *, is_apology: bool) -> None:
        """Tell a waiting customer what changed since they were told something about the wait; after a broken promise, sorry."""
        last, figure = told.wait, standing_figure(told, outlook, now)
        is_same = last is not None and (last.ahead, last.online) == (outlook.ahead, outlook.online)
        is_news = outlook.wait is not None and (is_apology or not is_same or figure != outlook.wait)
        until = promise(outlook.wait, now)
        change = Change(
            ahead=outlook.ahead,
            is_staffed=outlook.is_staffed,
            before=last.ahead if last else None,
            came_online=outlook.is_staffed and last is not None and not last.is_staffed,
            wait=outlook.wait,
            is_news=is_news,
            is_longer=until is not None and told.promised_until is not None and until > told.promised_until + _SLIGHTLY,
            opening=outlook.opening,
            apologies=told.apologies + 1 if is_apology else 0,
            lines=told.lines,
            is_urgent=draft.state.case.priority == URGENT,
        )
        text = self._policy.change_text(draft.state.locale, change)
        self._say(draft, text, "still_waiting", outlook, outlook.wait if is_news else figure, now, told, is_apology=is_apology)

    @staticmethod
    def _say(
        draft: Draft,
        text: str,
        kind: str,
        outlook: Outlook,
        wait: Wait | None,
        now: dt.datetime,
        told: Told | None = None,
        *,
        is_apology: bool = False,
    ) -> None:
        """A message about the wait. A promise that is not over yet stands if the message gives the figure of `told` again."""
        said = outlook.told(wait, is_apology=is_apology)
        until = promise(wait, now)
        pending = told.promised_until if told is not None else None
        if told is not None and pending is not None and pending > now and _repeats(said, told.wait):
            until = pending
        draft.do(Tell(text, kind, promised_until=until, wait=said), now)

    async def outlook(self, tx: Transaction, conversation: Conversation, now: dt.datetime) -> Outlook:
        """What the customer of a waiting conversation can expect now."""
        ahead = await queued_before(tx, conversation, self._policy.same_address)
        online = online_by_queue(await list_agents(tx), self._policy, now)
        return outlook_of(conversation, ahead, online, self._recent(), self._policy, now)

    async def status(
        self, tx: Transaction, conversation: Conversation, now: dt.datetime, board: Board | None = None
    ) -> dict[str, Any]:
        """The status that a customer may read; with the position on `board`, if a board is given."""
        waiting: Mapping[str, Any] = NO_WAIT
        if conversation.status is Status.QUEUED:
            on_board = self.waiting(board, conversation, now) if board is not None else None
            waiting = on_board or waiting_status(conversation, await self.outlook(tx, conversation, now), self._policy, now)
        agent = conversation.agent if conversation.status is Status.ASSIGNED else None
        return {
            "status": conversation.status.value,
            "reason": conversation.case.reason,
            "priority": conversation.case.priority,
            "lane": conversation.case.lane,
            **waiting,
            "agent": conversation.agent_name,
            "agent_typing": agent is not None and await types_at(tx, conversation.id, agent, now),
            "rating": conversation.rating,
            "locale": written_as(conversation.locale),
            **self._care.status(conversation, now),
        }

    def waiting(self, board: Board, conversation: Conversation, now: dt.datetime) -> dict[str, Any] | None:
        """The part of the status that changes while a customer waits; None if the conversation does not wait on the board."""
        ahead = board.places.get(conversation.id)
        if ahead is None:
            return None
        outlook = outlook_of(conversation, ahead, board.online_by_queue, self._recent(), self._policy, now)
        return waiting_status(conversation, outlook, self._policy, now)


def _repeats(said: WaitTold, last: WaitTold | None) -> bool:
    """Whether a message gives the figure of the last one. Without a figure the earlier one is not taken back."""
    if last is None or said.low_seconds is None:
        return True
    return (said.ahead, said.low_seconds, said.high_seconds) == (last.ahead, last.low_seconds, last.high_seconds)
