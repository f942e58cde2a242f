"""What is late or soon due to customers: entries of the supervisors' board, and the mark on an agent's card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from content.bundle import DeskContent
from handoff.cases.clocks import clock_state
from handoff.cases.store import cases_due, promises_due
from handoff.conversations.care.promises import Obligation
from handoff.conversations.state import Conversation
from handoff.conversations.values import Status
from handoff.runtime.transaction import Transaction

#: A clock is near at most so long before it is due: a fifth of the longest usual duty.
_AHEAD = dt.timedelta(days=15)
#: Entries of one kind that are read for the board.
_MOST = 500
#: Entries of one kind that the board shows.
_SHOWN = 50
Item = dict[str, Any]


class OwedBoard:
    """Reads what is late or soon due."""

    def __init__(self, content: Callable[[], DeskContent], now: Callable[[], dt.datetime]) -> None:
        self._content, self._now = content, now

    async def attention(self, tx: Transaction) -> list[Item]:
        """The entries `duty_breached`, `duty_near`, `promise_broken`, `promise_near` of the board's list."""
        content, now = self._content(), self._now()
        items: list[Item] = []
        for conversation in await cases_due(tx, now + _AHEAD, _MOST):
            items += _of_cases(conversation, content, now)
        for conversation in await promises_due(tx, now + _AHEAD, _MOST):
            items += _of_promises(conversation, content, now)
        shown: list[Item] = []
        for kind in ("duty_breached", "promise_broken", "duty_near", "promise_near"):
            shown += sorted((item for item in items if item["kind"] == kind), key=lambda item: str(item["due_at"]))[:_SHOWN]
        return shown


def case_mark(conversation: Conversation, content: DeskContent, now: dt.datetime) -> Item | None:
    """The nearest thing that is owed to the customer of a conversation, for its card; None if nothing is.

    `{case, kind, name, label: {zh, en}, due_at, state}`; `kind`: "duty" or "promise".
    """
    marks = [*_marks_of_cases(conversation, content, now), *_marks_of_promises(conversation, content, now)]
    nearest = min(marks, key=lambda mark: str(mark["due_at"]), default=None)
    return None if nearest is None else {name: nearest[name] for name in ("case", "kind", "name", "label", "due_at", "state")}


def _marks_of_cases(conversation: Conversation, content: DeskContent, now: dt.datetime) -> Iterator[Item]:
    near = content.desk.duties.near_share
    for case in conversation.care.cases:
        for clock in case.clocks if case.is_open else ():
            if clock.is_owed and clock.due_at is not None:
                yield {
                    "case": case.id,
                    "kind": "duty",
                    "name": clock.name,
                    "label": {"zh": clock.zh, "en": clock.en},
                    "due_at": clock.due_at.astimezone(dt.UTC).isoformat(),
                    "near_at": _near_at(clock.started_at or case.t0_at, clock.due_at, near),
                    "state": clock_state(clock, now, near),
                    "is_first_word": "first_word" in clock.met_by,
                }


def _marks_of_promises(conversation: Conversation, content: DeskContent, now: dt.datetime) -> Iterator[Item]:
    for each in conversation.care.obligations:
        if each.is_owed:
            kind = content.promises.promises.get(each.promise)
            yield {
                "case": None,
                "kind": "promise",
                "name": each.id,
                "label": {"zh": kind.zh, "en": kind.en} if kind else {"zh": each.promise, "en": each.promise},
                "due_at": each.due_at.astimezone(dt.UTC).isoformat(),
                "near_at": _near_at(each.made_at, each.due_at, content.desk.duties.near_share),
                "state": promise_state(each, now, content.desk.duties.near_share),
            }


def _near_at(start: dt.datetime, due_at: dt.datetime, near_share: float) -> str:
    """Since when it is near."""
    return (due_at - near_share * (due_at - start)).astimezone(dt.UTC).isoformat()


def promise_state(each: Obligation, now: dt.datetime, near_share: float) -> str:
    """`breached`, `near` or `running` of a promise that is owed."""
    if now > each.due_at:
        return "breached"
    return "near" if each.due_at - now < near_share * (each.due_at - each.made_at) else "running"


def _of_cases(conversation: Conversation, content: DeskContent, now: dt.datetime) -> Iterator[Item]:
    kinds = {"breached": "duty_breached", "near": "duty_near"}
    for mark in _marks_of_cases(conversation, content, now):
        # A waiting case that nobody has answered is on the board already, as `urgent_waiting`.
        is_shown = mark["is_first_word"] and conversation.status is Status.QUEUED
        if mark["state"] in kinds and not is_shown:
            yield _item(kinds[mark["state"]], conversation, mark, now)


def _of_promises(conversation: Conversation, content: DeskContent, now: dt.datetime) -> Iterator[Item]:
    kinds = {"breached": "promise_broken", "near": "promise_near"}
    for mark in _marks_of_promises(conversation, content, now):
        if mark["state"] in kinds:
            yield _item(kinds[mark["state"]], conversation, mark, now)


def _item(kind: str, conversation: Conversation, mark: Item, now: dt.datetime) -> Item:
    """One entry: `at` is when it was due, or since when it is near; `seconds` since then."""
    at = mark["due_at"] if mark["state"] == "breached" else mark["near_at"]
    return {
        "kind": kind,
        "conversation_id": conversation.id,
        "at": at,
        "seconds": int((now - dt.datetime.fromisoformat(at)).total_seconds()),
        "due_at": mark["due_at"],
        "login": conversation.agent,
        "name": conversation.agent_name,
        "case": mark["case"],
        "label": mark["label"],
    }
