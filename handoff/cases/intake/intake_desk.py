"""Asks waiting customers the questions of their case, one at a time, and records the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Protocol

from content.desk_policy import DeskPolicy, file_locale
from content.intake import Form, Intake, IntakeTexts, Question
from contract.reply import Button
from handoff.cases.care_desk import CareSubject
from handoff.cases.intake.answers import Answer, Said, said_before, typed
from handoff.conversations.decide import AnswerIntake, AskIntake, CloseIntake, PauseIntake, ResumeIntake, SkipIntake
from handoff.conversations.draft import Draft
from handoff.conversations.events import CUSTOMER, Event, Message, Reopened
from handoff.conversations.state import Conversation
from handoff.conversations.store import customer_messages_after
from handoff.conversations.values import Status
from handoff.runtime.transaction import Transaction

_PREFIX = "intake:"
#: So many of the customer's messages are searched for answers that they hold already.
_MESSAGES = 20
#: A text in quick succession was on its way before the customer read the question.
_READING = dt.timedelta(seconds=1)


class Transactions(Protocol):
    """Looks up the customer's own transactions after the transaction of the database that needs them."""

    def look_up(self, tx: Transaction, state: Conversation, question: str, desk: IntakeDesk) -> None:
        """Begin the look-up for a question when `tx` is committed; then ask it with what was found."""


class IntakeDesk(CareSubject):
    """The intake as a subject of care. It never raises a priority and delays no handoff; it only writes to the customer."""

    def __init__(self, policy: DeskPolicy, transactions: Transactions | None = None) -> None:
        """`transactions`: chooses among the customer's own transactions; None: customers write which one it is."""
        self._policy, self._transactions = policy, transactions

    async def after_handoff(self, tx: Transaction, draft: Draft, *, was_waiting: bool, now: dt.datetime) -> None:
        """Ask the first question, or those that a graver reason adds."""
        await self.go_on(tx, draft, now)

    async def after_message(self, tx: Transaction, draft: Draft, message: Event, now: dt.datetime) -> None:
        """Take a press or a text as the answer, and ask the next question while the customer still waits."""
        body = message.body
        if not isinstance(body, Message):
            return
        intake = draft.state.care.intake
        if body.choice is not None and body.choice.startswith(_PREFIX):
            if await self._take_press(draft, body, message.seq, now):
                await self.go_on(tx, draft, now, has_answered=True)
        elif draft.state.status is not Status.QUEUED or intake.is_paused or not intake.entries:
            return
        elif any(isinstance(event.body, Reopened) for event in draft.events):
            await self.go_on(tx, draft, now)  # the customer is back; the words belong to no question
        elif body.choice is None:
            await self._take_text(tx, draft, Said(message.seq, body.text), now)

    async def _take_press(self, draft: Draft, body: Message, seq: int, now: dt.datetime) -> bool:
        """Act on a button. Whether the questions may go on."""
        choice = (body.choice or "")[len(_PREFIX) :]
        entry = draft.state.care.intake.open_entry
        if choice == "resume":
            question = self._intake.questions.get(entry.question) if entry is not None else None
            locale = file_locale(draft.state.locale)
            text = self._filled(question.ask.of(locale), draft.state) if question is not None else None
            return bool(draft.do(ResumeIntake(text), now))
        if entry is None:
            return False
        if choice == f"{entry.question}:later" and self._intake.texts:
            words = self._words(draft.state)
            button = Button(f"{_PREFIX}resume", self._filled(words.resume, draft.state))
            draft.do(PauseIntake(self._filled(words.paused, draft.state), button), now)
            return False
        if choice in (f"{entry.question}:skip", f"{entry.question}:later"):
            return bool(draft.do(SkipIntake(entry.question), now))
        name, _, option = choice.partition(":")
        return bool(draft.do(AnswerIntake(name, body.text, "customer", option, seq), now))

    async def _take_text(self, tx: Transaction, draft: Draft, said: Said, now: dt.datetime) -> None:
        entry = draft.state.care.intake.open_entry
        if entry is None:  # a look-up of the wallet may have been lost with its desk
            return await self.go_on(tx, draft, now)
        question = self._intake.questions.get(entry.question)
        if question is None or (entry.asked_at is not None and now - entry.asked_at < _READING):
            return None
        option = len(f"{_PREFIX}{entry.question}:")
        labels = [(button.choice[option:], button.label) for button in entry.buttons]
        answer = typed(question, said, labels)
        if answer is None:
            return None
        if answer.option == "skip":
            draft.do(SkipIntake(entry.question), now)
        elif answer.option != "later":
            self._record(draft, entry.question, answer, now)
        return await self.go_on(tx, draft, now, has_answered=True)

    async def go_on(self, tx: Transaction, draft: Draft, now: dt.datetime, *, has_answered: bool = False) -> None:
        """Record what is known already, and ask the next question. After the last answer say that all is noted."""
        intake, state = self._intake, draft.state
        if state.status is not Status.QUEUED or state.care.intake.is_paused:
            return
        name = self.form_name(state)
        if name is None or self._is_open(draft, now):
            return
        form = intake.forms[name]
        said: list[Said] | None = None
        for question_name in form.questions:
            question = intake.questions[question_name]
            if draft.state.care.intake.entry(question_name) is not None or not _is_due(question, draft.state):
                continue
            if said is None:
                said = await self._said(tx, draft)
            known = self._known(question, draft.state) or said_before(question, said)
            if known is not None:
                self._record(draft, question_name, known, now)
            elif question.kind == "transaction" and self._looks_up(tx, draft.state, question_name, question, now):
                return  # the wallet is asked after this transaction; the question follows with its answer
            else:
                self.ask(draft, name, question_name, now)
                return
        self._end(draft, name, form, now, has_answered=has_answered)

    def ask(
        self,
        draft: Draft,
        form_name: str,
        question_name: str,
        now: dt.datetime,
        found: Sequence[tuple[Button, dict[str, Any]]] = (),
        assurance: int | None = None,
    ) -> None:
        """Ask a question. `found`: the customer's own transactions as buttons and JSON, of a look-up with `assurance`."""
        intake, state = self._intake, draft.state
        form, question, words = intake.forms[form_name], intake.questions[question_name], self._words(state)
        locale = file_locale(state.locale)
        lines = [question.ask.of(locale)]
        if not any(entry.asked_at is not None for entry in state.care.intake.entries):
            lines.insert(0, form.opening.of(locale) if form.opening is not None else words.opening)
        buttons = [
            Button(f"{_PREFIX}{question_name}:{name}", self._filled(getattr(option, locale), state))
            for name, option in question.options.items()
        ]
        buttons += [button for button, _ in found]
        buttons += [
            Button(f"{_PREFIX}{question_name}:{name}", self._filled(label, state))
            for name, label in (("skip", words.skip), ("later", words.later))
        ]
        closing_due_at = None
        if form.closing is not None and form_name not in state.care.intake.closed and state.care.intake.closing_due_at is None:
            closing_due_at = now + dt.timedelta(seconds=form.closing.after_seconds)
        text = self._filled("\n".join(lines), state)
        given = tuple(transaction for _, transaction in found)
        draft.do(AskIntake(question_name, form_name, text, tuple(buttons), closing_due_at, given, assurance), now)

    def close(self, draft: Draft, now: dt.datetime) -> bool:
        """Say the closing words of the form of this case. Whether there were any to say."""
        state = draft.state
        name = self.form_name(state)
        form = self._intake.forms[name] if name is not None else None
        if name is None or form is None or form.closing is None:
            return False
        return bool(draft.do(CloseIntake(name, self._filled(form.closing.text.of(file_locale(state.locale)), state)), now))

    def form_name(self, state: Conversation) -> str | None:
        """The form of a case; None if it has none."""
        return self._intake.form_of(state.case.reason, state.case.topic, state.case.lane)

    def status(self, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
        """The field `intake`: the choices of the desk's questions that count now."""
        is_waiting = conversation.status is Status.QUEUED
        buttons = conversation.care.intake.pressable if is_waiting else ()
        return {"intake": [button.choice for button in buttons]}

    def for_agents(self, conversation: Conversation) -> dict[str, Any]:
        """The field `intake`: questions and answers."""
        return {"intake": for_agents(conversation, self._intake)}

    # --- parts ---------------------------------------------------------------------------------------------------------------

    @property
    def _intake(self) -> Intake:
        return self._policy.content.intake

    def _words(self, state: Conversation) -> IntakeTexts:
        return self._intake.texts[file_locale(state.locale)]

    def _filled(self, text: str, state: Conversation) -> str:
        return self._policy.fill(text, state.locale)

    def _is_open(self, draft: Draft, now: dt.datetime) -> bool:
        """Whether a question waits for its answer. One that the editors removed meanwhile is skipped."""
        entry = draft.state.care.intake.open_entry
        if entry is not None and entry.question not in self._intake.questions:
            draft.do(SkipIntake(entry.question), now)
            entry = None
        return entry is not None

    async def _said(self, tx: Transaction, draft: Draft) -> list[Said]:
        """The customer's own words of this stretch, those of this transaction included."""
        messages = await customer_messages_after(tx, draft.state.id, draft.state.stretch_seq, _MESSAGES)
        stored = messages[-1].seq if messages else 0
        messages += [event for event in draft.events if event.by == CUSTOMER and event.seq > stored]
        return [
            Said(event.seq, event.body.text)
            for event in messages
            if isinstance(event.body, Message) and event.body.choice is None and not event.body.suggested
        ]

    @staticmethod
    def _known(question: Question, state: Conversation) -> Answer | None:
        """What the decision or the signed identity says."""
        if question.kind == "amount" and state.case.amount_cny:
            return Answer(f"¥{state.case.amount_cny:,.2f}".removesuffix(".00"))
        if question.kind == "account" and state.care.identity is not None:
            return Answer(state.care.identity.subject)
        return None

    def _looks_up(self, tx: Transaction, state: Conversation, name: str, question: Question, now: dt.datetime) -> bool:
        identity = state.care.identity
        if self._transactions is None or identity is None or identity.assurance_at(now) < question.assurance:
            return False
        self._transactions.look_up(tx, state, name, self)
        return True

    def _record(self, draft: Draft, name: str, answer: Answer, now: dt.datetime) -> None:
        is_account = self._intake.questions[name].kind == "account" and answer.seq is None
        by = "lookup" if is_account else "customer"
        assurance = None
        if is_account and draft.state.care.identity is not None:
            assurance = draft.state.care.identity.assurance_at(now)
        draft.do(AnswerIntake(name, answer.text, by, answer.option, answer.seq, assurance), now)

    def _end(self, draft: Draft, name: str, form: Form, now: dt.datetime, *, has_answered: bool) -> None:
        if form.closing is not None:
            self.close(draft, now)
        elif has_answered:
            draft.do(CloseIntake(name, self._filled(self._words(draft.state).done, draft.state)), now)


def _is_due(question: Question, state: Conversation) -> bool:
    """Whether the question's condition holds. A condition on a question without an answer does not."""
    if question.when is None:
        return True
    entry = state.care.intake.entry(question.when.question)
    return entry is not None and entry.option in question.when.options


def for_agents(state: Conversation, intake: Intake) -> list[dict[str, Any]]:
    """The questions of a case with their answers, as agents read them: `[{id, label, answer, by}]`.

    `label` and `answer` are `{zh, en}`; `answer` and `by` are None while the question is open, `answer` is None when it was
    skipped. The order is that of the form, then that in which they were asked.
    """
    shown = []
    for entry in state.care.intake.entries:
        question = intake.questions.get(entry.question)
        option = question.options.get(entry.option or "") if question is not None else None
        answer = None
        if option is not None:
            answer = {"zh": option.zh, "en": option.en}
        elif entry.answer is not None:
            answer = {"zh": entry.answer, "en": entry.answer}
        label = {"zh": question.label.zh, "en": question.label.en} if question else {"zh": entry.question, "en": entry.question}
        shown.append({"id": entry.question, "label": label, "answer": answer, "by": entry.by})
    return shown
