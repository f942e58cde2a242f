"""Opens a case when a conversation of a case's reason goes to people, and shows the customer where it stands."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy
from handoff.cases.care_desk import CareSubject
from handoff.cases.claim import Claim, find_claim, first_words
from handoff.cases.clock_words import explained
from handoff.cases.clocks import DutyBook, clock_state, facts_of
from handoff.cases.store import find_case, latest_turns
from handoff.conversations.care.case_events import CaseOpened, CaseReopened, CaseWidened
from handoff.conversations.care.case_file import WriteCase
from handoff.conversations.care.case_values import CaseFile, current
from handoff.conversations.draft import Draft
from handoff.conversations.events import Reopened
from handoff.conversations.state import Conversation
from handoff.runtime.transaction import Transaction

#: Entries of the log in which the customer's first sentence is looked for.
_LOOK_BACK = 80
#: Without characters that look alike.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_ID_LENGTH = 7


def duty_book(content: DeskContent) -> DutyBook:
    """The duties and calendars of a content."""
    return DutyBook(content.desk.duties.active, content.duties, content.calendars)


class CaseFiles(CareSubject):
    """The part of the case file around handoffs. What agents do with a case is in `case_desk`."""

    def __init__(self, policy: DeskPolicy) -> None:
        self._policy = policy

    async def at_handoff(self, tx: Transaction, draft: Draft, now: dt.datetime) -> None:
        """Open the case, widen the open one, or open the closed one again if it is the same matter."""
        content, reason = self._policy.content, draft.state.case.reason
        if reason is None or reason not in content.desk.duties.reasons:
            return
        case = current(draft.state.care.cases)
        if case is not None and case.is_open:
            if case.reason != reason:
                await self._widen(tx, draft, case, reason, content, now)
        elif case is not None and _is_same_matter(case, draft.state, content, now):
            draft.do(WriteCase(CaseReopened(case_id=case.id, reason=reason)), now)
        else:
            claim = await claim_of(tx, draft, reason)
            if claim is not None:
                draft.do(await opening(tx, draft, content, reason, claim), now)

    @staticmethod
    async def _widen(
        tx: Transaction, draft: Draft, case: CaseFile, reason: str, content: DeskContent, now: dt.datetime
    ) -> None:
        claim = await claim_of(tx, draft, reason)
        if claim is None:
            return
        there = {clock.key for clock in case.clocks}
        begun = duty_book(content).open_clocks(reason, claim.at, facts_of(case))
        new = tuple(clock for clock in begun if clock.key not in there)
        body = CaseWidened(case_id=case.id, reason=reason, t0_seq=claim.seq, t0_at=claim.at, words=claim.words, clocks=new)
        draft.do(WriteCase(body), now)

    def history(self, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
        """`case` and `promise_due_at` of a conversation in its customer's history."""
        case, due_at = current(conversation.care.cases), conversation.care.promise_due_at
        return {
            "case": {"id": case.id, "state": case.state} if case is not None else None,
            "promise_due_at": due_at.isoformat() if due_at is not None else None,
        }

    def status(self, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
        """`case`: its id and its clocks, each with the time and how it comes about in the customer's language; or None."""
        case = current(conversation.care.cases)
        if case is None:
            return {"case": None}
        content = self._policy.content
        near = content.desk.duties.near_share
        clocks = [
            {
                "name": clock.name,
                "label": clock.en if conversation.locale == "en" else clock.zh,
                "due_at": clock.due_at.isoformat(),
                "why": explained(clock, content, conversation.locale),
                "state": clock_state(clock, now, near, is_open=case.is_open),
                "shown": clock.is_shown,
            }
            for clock in case.clocks
            if clock.due_at is not None
        ]
        return {"case": {"id": case.id, "state": case.state, "clocks": clocks}}


async def claim_of(tx: Transaction, draft: Draft, reason: str) -> Claim | None:
    """The customer's first sentence about the matter of a handoff that the draft holds."""
    stretch = draft.state.stretch_seq
    if any(isinstance(event.body, Reopened) for event in draft.events):
        # A look-back opened a closed conversation. Nobody knows better, so all that was said in its episode is the claim.
        stored = await latest_turns(tx, draft.state.id, 0, _LOOK_BACK)
        begun = max((event.seq for event in stored if isinstance(event.body, Reopened)), default=0)
        return first_words(stored, begun)
    stored = await latest_turns(tx, draft.state.id, stretch, _LOOK_BACK)
    return find_claim([*stored, *draft.events], reason, stretch)


async def opening(
    tx: Transaction, draft: Draft, content: DeskContent, reason: str, claim: Claim, login: str | None = None
) -> WriteCase:
    """The command that opens a case for a claim, with an id that no case has."""
    book, state = duty_book(content), draft.state
    body = CaseOpened(
        case_id=await _new_id(tx),
        reason=reason,
        duties=tuple(name for name, _ in book.active_for(reason)),
        duty_revision=content.revision,
        t0_seq=claim.seq,
        t0_at=claim.at,
        words=claim.words,
        topic=state.case.topic,
        amount_cny=state.case.amount_cny,
        clocks=book.open_clocks(reason, claim.at, {}),
        login=login,
    )
    return WriteCase(body)


async def _new_id(tx: Transaction) -> str:
    while True:
        case_id = "C" + "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
        if await find_case(tx, case_id) is None:
            return case_id


def _is_same_matter(case: CaseFile, state: Conversation, content: DeskContent, now: dt.datetime) -> bool:
    """Whether the customer came back with what the closed case was about, soon enough."""
    if case.reason != state.case.reason or case.closed_at is None:
        return False
    if now - case.closed_at > dt.timedelta(days=content.desk.duties.reopen_days):
        return False
    is_same_topic = state.case.topic is None or case.topic is None or state.case.topic == case.topic
    is_same_amount = state.case.amount_cny is None or case.amount_cny is None or state.case.amount_cny == case.amount_cny
    return is_same_topic and is_same_amount
