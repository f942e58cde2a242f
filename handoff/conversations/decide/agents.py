"""What agents do, and what the desk does in their place: claim, write, note, give back, return to the bot, resolve."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from handoff.conversations.decide.writing import Rule, Writing, wrong_state
from handoff.conversations.events import (
    SYSTEM,
    Accessed,
    Assigned,
    Linked,
    Marked,
    Message,
    Note,
    Offered,
    OfferEnded,
    Participant,
    ResolutionUndone,
    Resolved,
    Returned,
    Transferred,
    Unlinked,
)
from handoff.conversations.state import Conversation
from handoff.conversations.values import Status
from handoff.runtime.errors import Conflict


@dataclass(frozen=True)
class Assign:
    """An agent takes the conversation; a second claim of the same agent changes nothing. A refusal names the faster agent."""

    login: str
    name: str
    how: str = "claimed"
    over_capacity_by: str | None = None


@dataclass(frozen=True)
class OfferTo:
    """Offer a waiting conversation to an agent until a time. Raises Conflict if it does not wait, or is offered already."""

    login: str
    name: str
    until: dt.datetime


@dataclass(frozen=True)
class EndOffer:
    """The offer to this agent ends without an acceptance: "late", "declined" or "absent". Nothing changes without an offer."""

    login: str
    why: str


@dataclass(frozen=True)
class Write:
    """The assigned agent's message to the customer."""

    login: str
    name: str
    text: str
    client_message_id: str


@dataclass(frozen=True)
class AddNote:
    """A note that only agents see. `key`: a repeated request finds it again. `mentions`: logins."""

    login: str
    name: str
    text: str
    key: str | None = None
    mentions: tuple[str, ...] = ()
    whisper_to: str | None = None


@dataclass(frozen=True)
class Mark:
    """An agent judges the bot, or takes the judgement back (`is_set` False)."""

    login: str
    name: str
    mark: str
    is_set: bool
    about_seq: int | None = None


@dataclass(frozen=True)
class Link:
    """Another conversation is of the same customer; the caller writes the same into the other's log. Once is enough."""

    login: str
    name: str
    other: str
    is_set: bool = True


@dataclass(frozen=True)
class NoteAccess:
    """An agent reads a colleague's conversation and gives a reason; logged once an episode."""

    login: str
    name: str
    reason: str


@dataclass(frozen=True)
class Requeue:
    """Back into the queue, at its old place: it waits since it first did. `why`: "agent" or "agent_gone"."""

    by: Participant
    why: str
    note: str | None = None
    to: str | None = None
    queue: str | None = None
    skill: str | None = None


@dataclass(frozen=True)
class ReturnToBot:
    """The agent is done; the bot has the conversation, and starts afresh."""

    by: Participant
    note: str | None = None


@dataclass(frozen=True)
class Resolve:
    """The episode ends. A case that is closed as idle stays open if its reason says so (`stays_open`).

    `resolution`: "solved", "closed" (content, or thanks after a person's end), "agent" or "idle".
    """

    resolution: str
    by: Participant
    note: str | None = None
    login: str | None = None
    outcome: str | None = None
    seen_seq: int | None = None


@dataclass(frozen=True)
class UndoResolution:
    """The agent takes the resolution back, within seconds and before the customer writes. Raises Conflict otherwise."""

    login: str
    name: str


def check_agent(state: Conversation, login: str) -> None:
    """Only the assigned agent may go on. Raises Conflict otherwise."""
    if state.status is not Status.ASSIGNED or state.agent != login:
        raise Conflict(
            "not_yours",
            "会话不在您名下。" if not state.agent_name else f"会话在 {state.agent_name} 名下。",
            "You do not have this conversation.",
            agent=state.agent_name,
        )


def _assign(writing: Writing, command: Assign) -> None:
    state = writing.state
    if state.status is Status.ASSIGNED:
        if state.agent == command.login:
            return
        raise Conflict(
            "already_assigned",
            f"会话已由 {state.agent_name} 接手。",
            f"{state.agent_name} already has this conversation.",
            agent=state.agent_name,
        )
    if state.status is not Status.QUEUED:
        raise Conflict("not_queued", "会话没有在排队。", "The conversation is not waiting for a person.")
    writing.check_move(Status.ASSIGNED)
    assigned = Assigned(agent=command.name, login=command.login, how=command.how, over_capacity_by=command.over_capacity_by)
    writing.add(assigned, SYSTEM)


def _offer(writing: Writing, command: OfferTo) -> None:
    state = writing.state
    if state.status is not Status.QUEUED:
        raise wrong_state(state)
    if state.handling.offer is not None:
        zh, en = "会话已经在等另一位客服接受。", "The conversation is offered to an agent already."
        raise Conflict("already_offered", zh, en, agent=state.handling.offer.name)
    writing.add(Offered(login=command.login, agent=command.name, until=command.until), SYSTEM)


def _end_offer(writing: Writing, command: EndOffer) -> None:
    offer = writing.state.handling.offer
    if offer is not None and offer.login == command.login:
        writing.add(OfferEnded(login=offer.login, agent=offer.name, why=command.why), SYSTEM)


def _write(writing: Writing, command: Write) -> None:
    check_agent(writing.state, command.login)
    said = Message(text=command.text, client_message_id=command.client_message_id)
    writing.add(said, Participant("agent", command.name), f"agent:{command.login}:{command.client_message_id}")


def _add_note(writing: Writing, command: AddNote) -> None:
    note = Note(text=command.text, login=command.login, mentions=command.mentions or None, whisper_to=command.whisper_to)
    writing.add(note, Participant("agent", command.name), command.key)


def _mark(writing: Writing, command: Mark) -> None:
    marked = Marked(mark=command.mark, login=command.login, is_set=command.is_set, about_seq=command.about_seq)
    writing.add(marked, Participant("agent", command.name))


def _link(writing: Writing, command: Link) -> None:
    if (command.other in writing.state.handling.links) == command.is_set:
        return
    body = Linked if command.is_set else Unlinked
    writing.add(body(other=command.other, login=command.login), Participant("agent", command.name))


def _note_access(writing: Writing, command: NoteAccess) -> None:
    body = Accessed(reason=command.reason, login=command.login)
    writing.add(body, Participant("agent", command.name), writing.state.access_key(command.login))


def _requeue(writing: Writing, command: Requeue) -> None:
    _check_assigned(writing)
    writing.check_move(Status.QUEUED)
    transferred = Transferred(
        note=command.note or None, to=command.to or None, why=command.why, queue=command.queue, skill=command.skill
    )
    writing.add(transferred, command.by)


def _return_to_bot(writing: Writing, command: ReturnToBot) -> None:
    _check_assigned(writing)
    writing.check_move(Status.WITH_BOT)
    writing.add(Returned(note=command.note or None), command.by)


def _resolve(writing: Writing, command: Resolve) -> None:
    writing.check_move(Status.RESOLVED)
    resolved = Resolved(
        resolution=command.resolution,
        note=command.note or None,
        login=command.login,
        outcome=command.outcome,
        seen_seq=command.seen_seq,
    )
    writing.add(resolved, command.by)


def _undo_resolution(writing: Writing, command: UndoResolution) -> None:
    state = writing.state
    if not state.can_undo_resolution(command.login, writing.now) or state.handling.closed is None:
        zh, en = "已经不能撤销结束了。", "It is too late to undo the resolution."
        raise Conflict("undo_expired", zh, en, state=state.status.value)
    writing.check_move(Status.ASSIGNED if state.handling.closed.assignment else Status.QUEUED)
    writing.add(ResolutionUndone(), Participant("agent", command.name))


def _check_assigned(writing: Writing) -> None:
    if writing.state.status is not Status.ASSIGNED:
        raise wrong_state(writing.state)


RULES: dict[type, Rule] = {
    Assign: _assign,
    Write: _write,
    AddNote: _add_note,
    NoteAccess: _note_access,
    Requeue: _requeue,
    ReturnToBot: _return_to_bot,
    Resolve: _resolve,
    OfferTo: _offer,
    EndOffer: _end_offer,
    Mark: _mark,
    Link: _link,
    UndoResolution: _undo_resolution,
}
