"""The questions that a waiting customer is asked, and what is known of the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contract.reply import Button
from handoff.conversations.care.steps import CareRule, CareStep
from handoff.conversations.events.bodies import HandoffRequested, Message
from handoff.conversations.events.envelope import CUSTOMER, SYSTEM
from handoff.conversations.events.registry import Body, event, internal
from handoff.conversations.values import Status

if TYPE_CHECKING:
    from handoff.conversations.decide.writing import Writing
    from handoff.conversations.events import Event
    from handoff.conversations.state import Conversation

#: The kind of the desk's messages of the intake.
KIND = "intake"


@dataclass(frozen=True)
class Entry:
    """One question of a case.

    `by`: `customer`, `lookup`, `skipped`, or None while the question is open. `option`: the button of the answer. `seq`: the
    customer's message that answers. `buttons`: what the customer may press while the question is open. `transactions`: what the
    wallet says of those among the buttons, as its JSON.
    """

    question: str
    asked_at: dt.datetime | None = None
    by: str | None = None
    answer: str | None = None
    option: str | None = None
    seq: int | None = None
    buttons: tuple[Button, ...] = ()
    transactions: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class IntakeState:
    """The intake of the present case. `reason`: of the case when it began.

    `is_paused`: the customer wants no questions now, and may press `resume_button`. `closing_due_at`: when the closing words
    are due although nobody answered; None without them, or after them. `closed`: the forms whose closing words were said.
    """

    reason: str | None = None
    episode: int = 1
    entries: tuple[Entry, ...] = ()
    is_paused: bool = False
    resume_button: Button | None = None
    closing_due_at: dt.datetime | None = None
    closed: tuple[str, ...] = ()

    @property
    def open_entry(self) -> Entry | None:
        """The question that waits for its answer."""
        return next((entry for entry in self.entries if entry.by is None), None)

    def entry(self, question: str) -> Entry | None:
        """What is known of a question; None if it was not asked."""
        return next((entry for entry in self.entries if entry.question == question), None)

    @property
    def pressable(self) -> tuple[Button, ...]:
        """The buttons that the customer may press now, however old their message is."""
        if self.is_paused:
            return (self.resume_button,) if self.resume_button else ()
        entry = self.open_entry
        return entry.buttons if entry is not None else ()

    def button(self, choice: str) -> Button | None:
        """The button with this choice, if it may be pressed."""
        return next((button for button in self.pressable if button.choice == choice), None)


NO_INTAKE = IntakeState()


@event("intake_asked")
class IntakeAsked(Body):
    """The desk asks a waiting customer a question of the intake; its message follows."""

    question: str
    form: str
    buttons: tuple[Button, ...] | None = None
    closing_due_at: dt.datetime | None = internal("when the closing words of the form are due without an answer", default=None)
    transactions: tuple[dict[str, Any], ...] | None = internal("what the wallet gave for the buttons", default=None)
    assurance: int | None = internal("of the customer, when the wallet was asked", default=None)


@event("intake_answered")
class IntakeAnswered(Body):
    """A question of the intake has its answer, from the customer or from what is known already."""

    question: str
    answer: str
    source: str = internal("`customer` or `lookup`")
    option: str | None = None
    message_seq: int | None = internal("the customer's message that says it", default=None)
    assurance: int | None = internal("of the customer, when it was looked up", default=None)
    transaction: dict[str, Any] | None = internal("what the wallet says of the transaction", default=None)


@event("intake_skipped")
class IntakeSkipped(Body):
    """The customer skips a question of the intake."""

    question: str


@event("intake_paused")
class IntakePaused(Body):
    """The customer wants no questions now."""

    button: Button | None = internal("to go on", default=None)


@event("intake_resumed")
class IntakeResumed(Body):
    """The customer goes on with the questions."""


@event("intake_closed")
class IntakeClosed(Body):
    """The closing words of a form follow: after its last question, or because nobody answered."""

    form: str


@dataclass(frozen=True)
class AskIntake:
    """Ask a question, once in a case, and only while the customer waits. `text`: the desk's message."""

    question: str
    form: str
    text: str
    buttons: tuple[Button, ...] = ()
    closing_due_at: dt.datetime | None = None
    transactions: tuple[dict[str, Any], ...] = ()
    assurance: int | None = None


@dataclass(frozen=True)
class AnswerIntake:
    """Record an answer; a question that has one keeps it."""

    question: str
    answer: str
    by: str
    option: str | None = None
    message_seq: int | None = None
    assurance: int | None = None
    transaction: dict[str, Any] | None = None


@dataclass(frozen=True)
class SkipIntake:
    """Leave a question unanswered."""

    question: str


@dataclass(frozen=True)
class PauseIntake:
    """Ask no more for now. `text`, `button`: the desk's words, and the button to go on."""

    text: str
    button: Button


@dataclass(frozen=True)
class ResumeIntake:
    """Go on with the questions after a pause. `text`: the open question, which the desk shows once more; None without one."""

    text: str | None = None


@dataclass(frozen=True)
class CloseIntake:
    """Say the closing words of a form, once in a case."""

    form: str
    text: str


def _tell(writing: Writing, text: str, buttons: tuple[Button, ...] = ()) -> None:
    writing.add(Message(text=text, kind=KIND, buttons=buttons or None), SYSTEM)


def _ask(writing: Writing, command: AskIntake) -> None:
    intake = writing.state.care.intake
    if writing.state.status is not Status.QUEUED or intake.open_entry is not None or intake.entry(command.question) is not None:
        return
    body = IntakeAsked(
        question=command.question,
        form=command.form,
        buttons=command.buttons or None,
        closing_due_at=command.closing_due_at,
        transactions=command.transactions or None,
        assurance=command.assurance,
    )
    writing.add(body, SYSTEM)
    _tell(writing, command.text, command.buttons)


def _answer(writing: Writing, command: AnswerIntake) -> None:
    entry = writing.state.care.intake.entry(command.question)
    if entry is not None and entry.by is not None:
        return
    offered = entry.transactions if entry is not None else ()
    picked = next((each for each in offered if each.get("id") == command.option), None)
    body = IntakeAnswered(
        question=command.question,
        answer=command.answer,
        source=command.by,
        option=command.option,
        message_seq=command.message_seq,
        assurance=command.assurance,
        transaction=command.transaction or picked,
    )
    writing.add(body, CUSTOMER if command.by == "customer" else SYSTEM)


def _skip(writing: Writing, command: SkipIntake) -> None:
    entry = writing.state.care.intake.entry(command.question)
    if entry is not None and entry.by is None:
        writing.add(IntakeSkipped(question=command.question), CUSTOMER)


def _pause(writing: Writing, command: PauseIntake) -> None:
    if not writing.state.care.intake.is_paused:
        writing.add(IntakePaused(button=command.button), CUSTOMER)
        _tell(writing, command.text, (command.button,))


def _resume(writing: Writing, command: ResumeIntake) -> None:
    if writing.state.care.intake.is_paused:
        writing.add(IntakeResumed(), CUSTOMER)
        entry = writing.state.care.intake.open_entry
        if command.text is not None and entry is not None:
            _tell(writing, command.text, entry.buttons)


def _close(writing: Writing, command: CloseIntake) -> None:
    if command.form not in writing.state.care.intake.closed and writing.state.status is Status.QUEUED:
        writing.add(IntakeClosed(form=command.form), SYSTEM)
        _tell(writing, command.text)


# --- the fold ----------------------------------------------------------------------------------------------------------------


def _begun(state: Conversation) -> IntakeState:
    """The intake; its first event begins it for the case of the moment."""
    if state.care.intake != NO_INTAKE:
        return state.care.intake
    return IntakeState(reason=state.case.reason, episode=state.episode)


def _asked(state: Conversation, event: Event, body: IntakeAsked) -> dict[str, Any]:
    intake = _begun(state)
    entry = Entry(body.question, event.at, buttons=tuple(body.buttons or ()), transactions=tuple(body.transactions or ()))
    due_at = body.closing_due_at if body.closing_due_at is not None else intake.closing_due_at
    return {"intake": replace(intake, entries=(*intake.entries, entry), closing_due_at=due_at)}


def _answered(state: Conversation, event: Event, body: IntakeAnswered) -> dict[str, Any]:
    known: Mapping[str, Any] = {"by": body.source, "answer": body.answer, "option": body.option, "seq": body.message_seq}
    return {"intake": _with(_begun(state), body.question, known)}


def _skipped(state: Conversation, event: Event, body: IntakeSkipped) -> dict[str, Any]:
    return {"intake": _with(_begun(state), body.question, {"by": "skipped"})}


def _with(intake: IntakeState, question: str, known: Mapping[str, Any]) -> IntakeState:
    """The intake with what is now known of a question, which was asked or not."""
    if intake.entry(question) is None:
        return replace(intake, entries=(*intake.entries, Entry(question, **known)))
    entries = tuple(
        replace(each, buttons=(), transactions=(), **known) if each.question == question else each for each in intake.entries
    )
    return replace(intake, entries=entries)


def _paused(state: Conversation, event: Event, body: IntakePaused) -> dict[str, Any]:
    return {"intake": replace(_begun(state), is_paused=True, resume_button=body.button)}


def _resumed(state: Conversation, event: Event, body: IntakeResumed) -> dict[str, Any]:
    return {"intake": replace(_begun(state), is_paused=False, resume_button=None)}


def _closed(state: Conversation, event: Event, body: IntakeClosed) -> dict[str, Any]:
    intake = _begun(state)
    return {"intake": replace(intake, closing_due_at=None, closed=(*intake.closed, body.form))}


def _handoff_requested(state: Conversation, event: Event, body: HandoffRequested) -> dict[str, Any]:
    """Another case has questions of its own. The same one is not asked again, in this episode or a later one."""
    intake = state.care.intake
    if intake == NO_INTAKE:  # nothing was asked: a log from before the intake leaves the care as it was
        return {}
    is_same_case = (
        state.status is Status.QUEUED  # an open case came back
        or intake.episode == state.episode
        or (state.was_closed_by_person() and body.reason == intake.reason)
    )
    if is_same_case:
        return {"intake": replace(intake, episode=state.episode)}
    return {"intake": NO_INTAKE}


STEPS: dict[type, CareStep] = {
    IntakeAsked: _asked,
    IntakeAnswered: _answered,
    IntakeSkipped: _skipped,
    IntakePaused: _paused,
    IntakeResumed: _resumed,
    IntakeClosed: _closed,
    HandoffRequested: _handoff_requested,
}
RULES: dict[type, CareRule] = {
    AskIntake: _ask,
    AnswerIntake: _answer,
    SkipIntake: _skip,
    PauseIntake: _pause,
    ResumeIntake: _resume,
    CloseIntake: _close,
}
