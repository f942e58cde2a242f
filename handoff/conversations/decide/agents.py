"""What agents do, and what the desk does in their place: claim, write, note, give back, return to the bot, resolve."""

from __future__ import annotations

from dataclasses import dataclass

from handoff.conversations.decide.writing import Rule, Writing, wrong_state
from handoff.conversations.events import (
    SYSTEM,
    Accessed,
    Assigned,
    Message,
    Note,
    Participant,
    Resolved,
    Returned,
    Transferred,
)
from handoff.conversations.state import Conversation
from handoff.conversations.values import Status
from handoff.runtime.errors import Conflict


@dataclass(frozen=True)
class Assign:
    """An agent takes the conversation; a second claim of the same agent changes nothing. A refusal names the faster agent."""

    login: str
    name: str


@dataclass(frozen=True)
class Write:
    """The assigned agent's message to the customer."""

    login: str
    name: str
    text: str
    client_message_id: str


@dataclass(frozen=True)
class AddNote:
    """A note that only agents see."""

    name: str
    text: str


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
    writing.add(Assigned(agent=command.name, login=command.login), SYSTEM)


def _write(writing: Writing, command: Write) -> None:
    check_agent(writing.state, command.login)
    said = Message(text=command.text, client_message_id=command.client_message_id)
    writing.add(said, Participant("agent", command.name), f"agent:{command.login}:{command.client_message_id}")


def _add_note(writing: Writing, command: AddNote) -> None:
    writing.add(Note(text=command.text), Participant("agent", command.name))


def _note_access(writing: Writing, command: NoteAccess) -> None:
    body = Accessed(reason=command.reason, login=command.login)
    writing.add(body, Participant("agent", command.name), writing.state.access_key(command.login))


def _requeue(writing: Writing, command: Requeue) -> None:
    _check_assigned(writing)
    writing.check_move(Status.QUEUED)
    writing.add(Transferred(note=command.note or None, to=command.to or None, why=command.why), command.by)


def _return_to_bot(writing: Writing, command: ReturnToBot) -> None:
    _check_assigned(writing)
    writing.check_move(Status.WITH_BOT)
    writing.add(Returned(note=command.note or None), command.by)


def _resolve(writing: Writing, command: Resolve) -> None:
    writing.check_move(Status.RESOLVED)
    writing.add(Resolved(resolution=command.resolution, note=command.note or None), command.by)


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
}
