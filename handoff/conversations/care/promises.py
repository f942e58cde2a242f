"""What the desk promised a customer, and must keep: one obligation for each promise that was sent.

An obligation is open until it is kept, withdrawn with words to the customer, or broken. A broken one stays on the board until
it is kept late or withdrawn.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from handoff.conversations.care.callbacks import CANCELLED, CallbackEnded
from handoff.conversations.care.case_events import CaseDecided
from handoff.conversations.care.steps import CareRule, CareStep
from handoff.conversations.events.bodies import Message, Resolved
from handoff.conversations.events.envelope import SYSTEM, Participant
from handoff.conversations.events.registry import Body, event, internal
from handoff.runtime.errors import Conflict, NotFound

if TYPE_CHECKING:
    from handoff.conversations.decide.writing import Writing
    from handoff.conversations.draft import Draft
    from handoff.conversations.events import Event
    from handoff.conversations.state import Conversation

MADE, KEPT, WITHDRAWN, BROKEN = "open", "kept", "withdrawn", "broken"
#: Promises that the desk makes by itself: to get back to the customer, and to call.
FOLLOW_UP, CALLBACK = "follow_up", "callback"
#: An agent's message keeps a promise only so long after it was made: the words that go with a promise do not keep it.
SITTING = dt.timedelta(minutes=30)
#: Settled obligations that the row keeps; the log has all of them.
_SETTLED_LIMIT = 20


@dataclass(frozen=True)
class Obligation:
    """One promise that was sent. `id`: unique in its conversation. `promise`: what was promised, an id of data/promises.yml.

    `message_seq`: the message that says it. `why`: how the time comes about, `{zh, en}`. `kept_by`: what keeps it besides an
    agent's word that it is kept: "message" (an agent writes to the customer), "decision" (of the case), "resolution".
    `reminded_at`: when the agents were reminded.
    """

    id: str
    promise: str
    message_seq: int
    made_at: dt.datetime
    due_at: dt.datetime
    why_zh: str
    why_en: str
    kept_by: tuple[str, ...] = ()
    state: str = MADE
    text_kind: str | None = None
    by: str | None = None
    settled_at: dt.datetime | None = None
    broken_at: dt.datetime | None = None
    reminded_at: dt.datetime | None = None

    @property
    def is_owed(self) -> bool:
        """Whether the customer still waits for it, in time or not."""
        return self.state in (MADE, BROKEN)


@event("promise_made")
class PromiseMade(Body):
    """A message promised something by a time."""

    obligation_id: str
    promise: str
    text_kind: str | None = internal("of the message: `article`, `agent`, or its kind", default=None)
    message_seq: int
    due_at: dt.datetime
    why_zh: str
    why_en: str
    kept_by: tuple[str, ...] = ()
    by: str | None = internal("the agent who promised", default=None)


@event("promise_kept")
class PromiseKept(Body):
    """An agent says that a promise is kept."""

    obligation_id: str
    login: str
    note: str | None = None


@event("promise_withdrawn")
class PromiseWithdrawn(Body):
    """A promise was taken back, with words to the customer."""

    obligation_id: str
    login: str
    message_seq: int = internal("the words")


@event("promise_broken")
class PromiseBroken(Body):
    """The time of a promise passed."""

    obligation_id: str


@event("promise_reminded")
class PromiseReminded(Body):
    """The desk reminded the agents of a promise that is due soon."""

    obligation_id: str


@dataclass(frozen=True)
class MakePromise:
    """Owe the customer what a message promised. A message gets the same promise with the same time only once."""

    promise: str
    message_seq: int
    due_at: dt.datetime
    why_zh: str = ""
    why_en: str = ""
    kept_by: tuple[str, ...] = ()
    text_kind: str | None = None
    by: str | None = None


@dataclass(frozen=True)
class SettlePromise:
    """Write down that an obligation was kept, withdrawn, broken, or that agents were reminded.

    Raises Conflict, if it is settled.
    """

    body: PromiseKept | PromiseWithdrawn | PromiseBroken | PromiseReminded
    by: Participant = SYSTEM


def make_promise(
    draft: Draft,
    promise: str,
    due_at: dt.datetime,
    now: dt.datetime,
    *,
    why_zh: str = "",
    why_en: str = "",
    kept_by: tuple[str, ...] = ("message", "decision"),
) -> str:
    """Owe the customer `promise` by `due_at`; the id of the obligation.

    Call it after the message that says so (`Tell`), in the same draft: the last message of the desk or of an agent is the one
    that promised. Without one the obligation belongs to the last entry of the log (a call-back that the customer booked).
    """
    spoken = [event.seq for event in draft.events if isinstance(event.body, Message) and event.by.kind != "customer"]
    seq = spoken[-1] if spoken else draft.state.last_seq
    made = draft.do(MakePromise(promise, seq, due_at, why_zh, why_en, kept_by), now)
    for event_ in made:
        if isinstance(event_.body, PromiseMade):
            return event_.body.obligation_id
    wanted = seq, promise, due_at
    return next(each.id for each in draft.state.care.obligations if (each.message_seq, each.promise, each.due_at) == wanted)


def _make(writing: Writing, command: MakePromise) -> None:
    obligations = writing.state.care.obligations
    wanted = command.message_seq, command.promise, command.due_at
    if any((each.message_seq, each.promise, each.due_at) == wanted for each in obligations):
        return
    body = PromiseMade(
        obligation_id=f"P{writing.state.last_seq + 1}",
        promise=command.promise,
        text_kind=command.text_kind,
        message_seq=command.message_seq,
        due_at=command.due_at,
        why_zh=command.why_zh,
        why_en=command.why_en,
        kept_by=command.kept_by,
        by=command.by,
    )
    writing.add(body, SYSTEM)


def _settle(writing: Writing, command: SettlePromise) -> None:
    known = {each.id: each for each in writing.state.care.obligations}
    owed = known.get(command.body.obligation_id)
    if owed is None:
        raise NotFound("unknown_promise", "没有这个承诺。", "There is no such promise.")
    if not owed.is_owed:
        raise Conflict("promise_settled", "这个承诺已经了结。", "This promise is settled already.", state=owed.state)
    if isinstance(command.body, PromiseBroken) and (owed.state == BROKEN or writing.now <= owed.due_at):
        return
    if isinstance(command.body, PromiseReminded) and owed.reminded_at is not None:
        return
    writing.add(command.body, command.by)


# --- the fold --------------------------------------------------------------------------------------------------------


def _kept_few(obligations: tuple[Obligation, ...]) -> dict[str, Any]:
    """All that is owed, and the last ones that are settled."""
    settled = [each for each in obligations if not each.is_owed][-_SETTLED_LIMIT:]
    return {"obligations": tuple(each for each in obligations if each.is_owed or each in settled)}


def _made(state: Conversation, event: Event, body: PromiseMade) -> dict[str, Any]:
    new = Obligation(
        id=body.obligation_id,
        promise=body.promise,
        message_seq=body.message_seq,
        made_at=event.at,
        due_at=body.due_at,
        why_zh=body.why_zh,
        why_en=body.why_en,
        kept_by=body.kept_by,
        text_kind=body.text_kind,
        by=body.by,
    )
    return _kept_few((*state.care.obligations, new))


def _changed(conversation: Conversation, id_: str, **changes: Any) -> dict[str, Any]:
    return _kept_few(tuple(replace(each, **changes) if each.id == id_ else each for each in conversation.care.obligations))


def _kept(state: Conversation, event: Event, body: PromiseKept) -> dict[str, Any]:
    return _changed(state, body.obligation_id, state=KEPT, settled_at=event.at)


def _withdrawn(state: Conversation, event: Event, body: PromiseWithdrawn) -> dict[str, Any]:
    return _changed(state, body.obligation_id, state=WITHDRAWN, settled_at=event.at)


def _broken(state: Conversation, event: Event, body: PromiseBroken) -> dict[str, Any]:
    return _changed(state, body.obligation_id, state=BROKEN, broken_at=event.at)


def _reminded(state: Conversation, event: Event, body: PromiseReminded) -> dict[str, Any]:
    return _changed(state, body.obligation_id, reminded_at=event.at)


def _kept_with(state: Conversation, how: str, at: dt.datetime) -> dict[str, Any]:
    """What a step keeps. A promise that was made in the same sitting is not kept by a message."""

    def is_kept(each: Obligation) -> bool:
        return each.is_owed and how in each.kept_by and (how != "message" or at - each.made_at >= SITTING)

    if not any(is_kept(each) for each in state.care.obligations):
        return {}
    changed = tuple(replace(each, state=KEPT, settled_at=at) if is_kept(each) else each for each in state.care.obligations)
    return _kept_few(changed)


def _message(state: Conversation, event: Event, body: Message) -> dict[str, Any]:
    return _kept_with(state, "message", event.at) if event.by.kind == "agent" else {}


def _decided(state: Conversation, event: Event, body: CaseDecided) -> dict[str, Any]:
    return _kept_with(state, "decision", event.at)


def _resolved(state: Conversation, event: Event, body: Resolved) -> dict[str, Any]:
    return _kept_with(state, "resolution", event.at) if body.resolution == "agent" else {}


def _call_ended(state: Conversation, event: Event, body: CallbackEnded) -> dict[str, Any]:
    """An agent called, however late; or the customer needs no call any more."""
    how = WITHDRAWN if body.how == CANCELLED else KEPT

    def settled(each: Obligation) -> Obligation:
        is_it = each.is_owed and each.promise == CALLBACK
        return replace(each, state=how, settled_at=event.at) if is_it else each

    return _kept_few(tuple(settled(each) for each in state.care.obligations))


STEPS: dict[type, CareStep] = {
    PromiseMade: _made,
    PromiseKept: _kept,
    PromiseWithdrawn: _withdrawn,
    PromiseBroken: _broken,
    PromiseReminded: _reminded,
    Message: _message,
    CaseDecided: _decided,
    Resolved: _resolved,
    CallbackEnded: _call_ended,
}
RULES: dict[type, CareRule] = {MakePromise: _make, SettlePromise: _settle}
