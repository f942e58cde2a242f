"""Steps that several commands share: a new episode begins, a cancelled wait is restored."""

from __future__ import annotations

from handoff.conversations.decide.writing import Writing
from handoff.conversations.events import SYSTEM, CancelUndone, HandoffRequested, Participant, Reopened
from handoff.conversations.values import Status
from handoff.runtime.errors import Conflict

#: What a case is about: an intent, and an amount in CNY.
Matter = tuple[str | None, float | None]


def reopen(writing: Writing) -> None:
    """Begin a new episode. A case that stayed open goes back to the queue, any other conversation to the bot."""
    was = writing.state.case
    writing.check_move(Status.QUEUED if was.is_open else Status.WITH_BOT)
    writing.add(Reopened(episode=writing.state.episode + 1), SYSTEM)
    if was.is_open:
        back = HandoffRequested(
            reason=was.reason or "", priority=was.priority or "normal", lane=was.lane, topic=was.topic, stays_open=True
        )
        writing.add(back, SYSTEM)


def undo_cancel(writing: Writing, by: Participant, key: str | None, matter: Matter | None) -> None:
    """Wait again, at the old place; what the case is about stays the same unless `matter` says something else.

    Raises Conflict when the time for it is over.
    """
    state = writing.state
    if state.cancelled is None or not state.can_undo_cancel(writing.now):
        zh, en = "已经不能撤销了，需要人工请说「转人工」。", "It is too late to undo this. You can ask for a person again."
        raise Conflict("undo_expired", zh, en)
    writing.check_move(Status.QUEUED)
    was = state.cancelled.case
    topic, amount_cny = matter or (was.topic, was.amount_cny)
    again = CancelUndone(
        reason=was.reason or "", priority=was.priority or "normal", lane=was.lane, topic=topic, amount_cny=amount_cny
    )
    writing.add(again, by, key)
