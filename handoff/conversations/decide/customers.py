"""Customers' commands: write, press a button, cancel the wait, restore it, rate. And the desk's messages to them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from contract.locales import ENGLISH, SIMPLIFIED, TRADITIONAL
from contract.reply import Button
from handoff.conversations.care.attachments import Attached
from handoff.conversations.decide.episodes import reopen, undo_cancel
from handoff.conversations.decide.writing import Rule, Writing
from handoff.conversations.events import CUSTOMER, SYSTEM, Cancelled, LanguageChanged, Message, Participant, Rated
from handoff.conversations.state import CHOICE_HUMAN, Conversation
from handoff.conversations.values import Status, WaitTold
from handoff.runtime.errors import BadInput, Conflict
from language.recognition import language_of, written_as

_LABEL_HUMAN = {SIMPLIFIED: "转人工", TRADITIONAL: "轉人工", ENGLISH: "Talk to a person"}


@dataclass(frozen=True)
class Receive:
    """The customer's message, or the button that was pressed; the text of a press is the button's label.

    `door`: the label of the choice if any earlier answer offered it as a door. `is_suggested`: the text is the page's.
    A message opens a new episode if the conversation was resolved, and may change the language.
    """

    client_message_id: str
    text: str = ""
    choice: str | None = None
    door: str | None = None
    is_suggested: bool = False


@dataclass(frozen=True)
class Attach:
    """The customer sent a picture; `key` finds it again. It opens a new episode if the conversation was resolved."""

    attached: Attached
    key: str | None = None


@dataclass(frozen=True)
class HearLanguage:
    """Continue in the language of this customer's text, if it can be determined."""

    text: str


@dataclass(frozen=True)
class ChooseLanguage:
    """The customer chose the language of the conversation on the page: `zh`, `zh-Hant` or `en`."""

    language: str


@dataclass(frozen=True)
class Tell:
    """A message of the desk itself to the customer; `kind` is its subject.

    `promised_until`: by when somebody takes over. `wait`: what the message says about the wait.
    """

    text: str
    kind: str
    buttons: tuple[Button, ...] = ()
    promised_until: dt.datetime | None = None
    wait: WaitTold | None = None


@dataclass(frozen=True)
class KeepWaiting:
    """The customer was asked to confirm the cancel, and keeps waiting; `text` is the desk's reply."""

    text: str


@dataclass(frozen=True)
class Cancel:
    """The customer no longer wants to wait for a person. An urgent or high case must be confirmed."""

    by: Participant = CUSTOMER
    is_confirmed: bool = False


@dataclass(frozen=True)
class UndoCancel:
    """Restore the cancelled wait at its old position. Nothing changes if a person is already requested or assigned."""


@dataclass(frozen=True)
class Rate:
    """The customer's rating, 1 to 5.

    It stays possible after an agent's end until something new is understood: words of thanks open an episode, too.
    """

    score: int
    comment: str | None = None


def _receive(writing: Writing, command: Receive) -> None:
    text = command.text if command.choice is None else _label_of(writing.state, command.choice, command.door)
    if writing.state.status is Status.RESOLVED:
        reopen(writing)
    is_own = command.choice is None
    said = Message(
        text=text,
        client_message_id=command.client_message_id,
        choice=command.choice,
        suggested=True if is_own and command.is_suggested else None,
    )
    writing.add(said, CUSTOMER, f"message:{command.client_message_id}")
    if is_own and not command.is_suggested:
        _hear_language(writing, HearLanguage(text))


def _attach(writing: Writing, command: Attach) -> None:
    if writing.state.status is Status.RESOLVED:
        reopen(writing)
    writing.add(command.attached, CUSTOMER, command.key)


def _label_of(state: Conversation, choice: str, door: str | None) -> str:
    """The words on the button that was pressed."""
    for button in state.offered:
        if button.choice == choice:
            return button.label
    pressed = state.care.intake.button(choice)
    if pressed is not None:
        return pressed.label
    if choice == CHOICE_HUMAN:
        return _LABEL_HUMAN[written_as(state.locale)]
    if door is not None:
        return door
    if state.offered:
        raise BadInput("unknown_choice", "没有这个选项。", "There is no such choice.")
    raise Conflict("choice_expired", "这个选项已失效，请直接输入文字。", "This choice is no longer offered; please type.")


def _hear_language(writing: Writing, command: HearLanguage) -> None:
    locale = writing.state.locale
    language = language_of(command.text, locale)
    if language is not None and language != locale:
        writing.add(LanguageChanged(language=language, was=locale), CUSTOMER)


def _choose_language(writing: Writing, command: ChooseLanguage) -> None:
    locale = writing.state.locale
    if command.language != locale:
        writing.add(LanguageChanged(language=command.language, was=locale), CUSTOMER)


def _tell(writing: Writing, command: Tell) -> None:
    told = Message(
        text=command.text,
        kind=command.kind,
        buttons=command.buttons or None,
        promised_until=command.promised_until,
        wait=command.wait,
    )
    writing.add(told, SYSTEM)


def _keep_waiting(writing: Writing, command: KeepWaiting) -> None:
    writing.add(Message(text=command.text, kind="kept_waiting"), SYSTEM)


def _cancel(writing: Writing, command: Cancel) -> None:
    state = writing.state
    if state.status is not Status.QUEUED:
        raise Conflict("not_queued", "当前没有在排队。", "The conversation is not waiting for a person.")
    if state.must_confirm_cancel() and not command.is_confirmed:
        raise Conflict(
            "confirm_needed",
            "您的情况比较紧急，确定不等人工客服了吗？",
            "Your case is urgent. Are you sure that you no longer want to wait for a person?",
            priority=state.case.priority,
        )
    writing.check_move(Status.WITH_BOT)
    writing.add(Cancelled(), command.by)


def _undo_cancel(writing: Writing, command: UndoCancel) -> None:
    if writing.state.status not in (Status.QUEUED, Status.ASSIGNED):
        undo_cancel(writing, CUSTOMER, key=None, matter=None)


def _rate(writing: Writing, command: Rate) -> None:
    state = writing.state
    if state.status is not Status.RESOLVED and not (state.status is Status.WITH_BOT and state.was_closed_by_person()):
        raise Conflict("not_resolved", "会话结束后才能评价。", "Only a resolved conversation can be rated.")
    writing.add(Rated(score=command.score, comment=command.comment or None), CUSTOMER)


RULES: dict[type, Rule] = {
    Receive: _receive,
    Attach: _attach,
    HearLanguage: _hear_language,
    ChooseLanguage: _choose_language,
    Tell: _tell,
    KeepWaiting: _keep_waiting,
    Cancel: _cancel,
    UndoCancel: _undo_cancel,
    Rate: _rate,
}
