"""Commands that record the result of a bot's turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import contract.reply
from contract.decision import Decision
from handoff.conversations.decide.writing import Rule, Writing
from handoff.conversations.events import BOT, SYSTEM, BotFailed, FeedbackRecorded, Message, Triage
from handoff.conversations.values import IncidentNamed, Status
from language.recognition import written_as


@dataclass(frozen=True)
class RecordTriage:
    """Log the decision of a turn, once, although it may arrive twice (by the bot's handoff request and by the turn).

    The turn read the customer's messages from `first_seq` to `message_seq`. `begun_seq`: the last entry of the log that the
    bot's context knew; None where the caller does not know it. `incidents`: what the context named.
    """

    turn_id: str
    first_seq: int
    message_seq: int
    decision: Decision
    begun_seq: int | None = None
    incidents: tuple[IncidentNamed, ...] = ()


@dataclass(frozen=True)
class Speak:
    """The bot's messages. A late reply is dropped: the bot may write only while it has the conversation."""

    messages: Sequence[contract.reply.Message]


@dataclass(frozen=True)
class RecordFeedback:
    """A customer's opinion was understood as one."""

    message_seq: int


@dataclass(frozen=True)
class FailTurn:
    """The bot cannot react to the messages up to `through`.

    `is_handed_over`: a handoff follows, so everything that the customer wrote is the person's, later messages included.
    """

    turn_id: str
    code: str
    through: int
    is_handed_over: bool


def _record_triage(writing: Writing, command: RecordTriage) -> None:
    state = writing.state
    if state.triaged_turn == command.turn_id:
        return
    triage = Triage(
        turn_id=command.turn_id,
        decision=command.decision.as_json(),
        silent=state.status is not Status.WITH_BOT,
        message_seq=command.message_seq,
        first_seq=command.first_seq if command.first_seq != command.message_seq else None,
        begun_seq=command.begun_seq,
        incidents=command.incidents or None,
    )
    writing.add(triage, BOT, f"triage:{command.turn_id}")


def _speak(writing: Writing, command: Speak) -> None:
    state = writing.state
    if state.status is not Status.WITH_BOT:
        return
    for words in command.messages:
        # The page's words over buttons must be in the language of their labels.
        locale = written_as(state.locale) if words.buttons else None
        article = words.article.as_json() if words.article else None
        writing.add(Message(text=words.text, buttons=tuple(words.buttons) or None, article=article, locale=locale), BOT)


def _record_feedback(writing: Writing, command: RecordFeedback) -> None:
    writing.add(FeedbackRecorded(message_seq=command.message_seq), BOT)


def _fail_turn(writing: Writing, command: FailTurn) -> None:
    settled = writing.state.last_seq if command.is_handed_over else command.through
    writing.add(BotFailed(turn_id=command.turn_id, code=command.code, settled_seq=settled), SYSTEM)


RULES: dict[type, Rule] = {
    RecordTriage: _record_triage,
    Speak: _speak,
    RecordFeedback: _record_feedback,
    FailTurn: _fail_turn,
}
