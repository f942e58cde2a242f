"""Watches what is owed.

Marks broken promises, reminds agents of those that come due, counts due dates anew with a new calendar.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import structlog

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy, file_locale
from content.templates import fill
from contract.priorities import HIGH
from contract.reasons import USER_REQUEST
from handoff.cases.case_files import duty_book
from handoff.cases.store import cases_after, lock_unlocked, promises_to_settle
from handoff.conversations.care.case_events import CaseRecounted
from handoff.conversations.care.case_file import WriteCase
from handoff.conversations.care.case_values import current
from handoff.conversations.care.promises import (
    CALLBACK,
    FOLLOW_UP,
    MADE,
    Obligation,
    PromiseBroken,
    PromiseReminded,
    SettlePromise,
)
from handoff.conversations.decide import RequestHandoff, Tell
from handoff.conversations.draft import Draft
from handoff.conversations.events import SYSTEM
from handoff.conversations.store import save_conversation
from handoff.conversations.values import Status
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, agent_topic
from language.recognition import written_as

logger = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 10.0
#: Conversations of one look. The next look goes on.
_AT_ONCE = 200


class CareWatch:
    """Runs on every desk. A conversation that another transaction has locked is skipped, and looked at again a moment later."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._now = store, policy, now
        #: The content with which the due dates of all open cases were counted last.
        self._counted_with: str | None = None

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            await asyncio.sleep(_INTERVAL_SECONDS)
            try:
                await self.look_around()
            except Unavailable as error:
                logger.warning("care_watch.failed", code=error.code)

    async def look_around(self) -> None:
        """Settle what is due, and count anew after a publication."""
        content, now = self._policy.content, self._now()
        remind_until = now + dt.timedelta(minutes=content.desk.duties.remind_before_minutes)
        async with self._store.read() as tx:
            ids = await promises_to_settle(tx, now, remind_until, _AT_ONCE)
        for conversation_id in ids:
            await self._settle(conversation_id)
        if self._counted_with != content.revision:
            await self._recount(content)
            self._counted_with = content.revision

    async def _settle(self, conversation_id: str) -> None:
        async with self._store.begin() as tx:
            draft = await lock_unlocked(tx, conversation_id)
            if draft is None:
                return
            now = self._now()
            remind_until = now + dt.timedelta(minutes=self._policy.content.desk.duties.remind_before_minutes)
            for each in draft.state.care.obligations:
                if each.state == MADE and _is_to_remind(each, remind_until):
                    self._remind(draft, each, now)
                if each.state == MADE and now > each.due_at:
                    draft.do(SettlePromise(PromiseBroken(obligation_id=each.id)), now)
                    logger.warning("promise.broken", conversation_id=conversation_id, promise=each.promise)
            await self._save(tx, draft)

    def _remind(self, draft: Draft, each: Obligation, now: dt.datetime) -> None:
        """Put the conversation before the agents: whoever has it sees the board, and one that nobody has goes to the queue."""
        draft.do(SettlePromise(PromiseReminded(obligation_id=each.id)), now)
        if draft.state.status not in (Status.WITH_BOT, Status.RESOLVED):
            return
        case, content, locale = current(draft.state.care.cases), self._policy.content, draft.state.locale
        reason = case.reason if case is not None else USER_REQUEST
        key = f"follow_up:{each.id}"
        draft.do(RequestHandoff(reason, HIGH, SYSTEM, key, lasting=self._policy.lasting_reasons), now)
        text = content.desk.duties.texts.get(file_locale(locale), {}).get("follow_up")
        if text:
            words = fill(text, {**content.facts[file_locale(locale)], "case": case.id if case is not None else ""})
            draft.do(Tell(content.traditional.convert(words) if written_as(locale) == "zh-Hant" else words, "follow_up"), now)

    async def _recount(self, content: DeskContent) -> None:
        """Count due dates that fell into a year which the calendar did not know, and knows now."""
        book, after = duty_book(content), ""
        while True:
            async with self._store.read() as tx:
                found = await cases_after(tx, after, _AT_ONCE)
            for conversation in found:
                if any(book.recounted(case) for case in conversation.care.cases if case.is_open):
                    await self._recount_one(conversation.id, content)
            if len(found) < _AT_ONCE:
                return
            after = found[-1].id

    async def _recount_one(self, conversation_id: str, content: DeskContent) -> None:
        async with self._store.begin() as tx:
            draft = await lock_unlocked(tx, conversation_id, waits=True)
            if draft is None:
                return
            for case in draft.state.care.cases:
                clocks = duty_book(content).recounted(case) if case.is_open else ()
                if clocks:
                    body = CaseRecounted(case_id=case.id, why="calendar", clocks=clocks)
                    draft.do(WriteCase(body), self._now())
            await self._save(tx, draft)

    @staticmethod
    async def _save(tx: Transaction, draft: Draft) -> None:
        if not draft.events:
            return
        await save_conversation(tx, draft)
        tx.wake(draft.state.id, QUEUE)
        if draft.state.agent:
            tx.wake(agent_topic(draft.state.agent))


def _is_to_remind(each: Obligation, until: dt.datetime) -> bool:
    return each.promise in (FOLLOW_UP, CALLBACK) and each.reminded_at is None and each.due_at <= until
