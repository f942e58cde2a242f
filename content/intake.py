"""What the desk asks a waiting customer (`data/intake.yml`): questions, and the forms that put them in order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Container, Dict, List, Literal, Mapping, NoReturn, Optional, Sequence, Set, Tuple

import msgspec

from content.canned_replies import ByLanguage
from content.editing.secrets import secret_requests
from content.sources import ContentError, FieldError, Strict, line_of, load_mapping, shaped
from content.templates import fill_checked
from content.triage_policy import Policy
from contract.locales import FILE_LOCALES
from contract.priorities import LANES

FILE = "intake.yml"
#: An id is part of a button's choice `intake:<question>:<option>`.
_Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
_Words = Annotated[str, msgspec.Meta(min_length=1)]
#: Buttons of one question at most: more do not fit on a phone's screen.
_OPTIONS = 6
#: The choices of the desk's own buttons under a question.
RESERVED = ("skip", "later", "resume")

Kind = Literal["text", "choice", "amount", "time", "transaction", "account"]


class Option(Strict, frozen=True):
    """One button. `said`: customers' words (normalised) that say the same, so that the question need not be asked."""

    zh: _Words
    en: _Words
    said: Optional[re.Pattern[str]] = None


class When(Strict, frozen=True):
    """Ask only after one of these options of another question."""

    question: _Id
    options: Tuple[_Id, ...]


class Question(Strict, frozen=True):
    """One question. `label`: what agents read beside the answer.

    `choice`, and `time` with options, has buttons; what is typed counts if `accepts` or an option's `said` finds it.
    `amount` is filled from the decision, `account` from the signed identity, `transaction` by look-up for an `assurance` of at
    least this. `accepts`: only a text in which this is found is an answer; without it any text is. `said`: earlier words of the
    customer in which this is found are the answer. `when`: its condition. The patterns read normalised text.
    """

    kind: Kind
    label: ByLanguage
    ask: ByLanguage
    options: Dict[_Id, Option] = {}
    accepts: Optional[re.Pattern[str]] = None
    said: Optional[re.Pattern[str]] = None
    assurance: Annotated[int, msgspec.Meta(ge=1, le=3)] = 2
    when: Optional[When] = None

    def __post_init__(self) -> None:
        if self.kind == "choice" and len(self.options) < 2:
            raise FieldError("options", "a choice needs two options at least")
        if self.kind == "choice" and self.said:
            raise FieldError("said", "the words that answer a choice belong to its options")
        if self.kind not in ("choice", "time") and self.options:
            raise FieldError("options", f"a question of kind {self.kind} has no options: remove them, or make it a choice")
        if len(self.options) > _OPTIONS:
            raise FieldError("options", f"{len(self.options)} options, {_OPTIONS} are allowed: keep the likeliest")


class Closing(Strict, frozen=True):
    """What a customer reads after the last question, or when nobody has answered for `after_seconds`."""

    after_seconds: Annotated[int, msgspec.Meta(ge=10, le=3600)]
    text: ByLanguage


class Form(Strict, frozen=True):
    """The questions for some cases, in order. A form that names the intent comes before one that names the lane or reason.

    `opening`: instead of the general words before the first question.
    """

    questions: Tuple[_Id, ...]
    intents: Tuple[str, ...] = ()
    lanes: Tuple[str, ...] = ()
    reasons: Tuple[str, ...] = ()
    opening: Optional[ByLanguage] = None
    closing: Optional[Closing] = None


class IntakeTexts(Strict, frozen=True):
    """The words around the questions. `opening` stands before the first one, `done` after the last answer."""

    opening: _Words
    skip: _Words
    later: _Words
    paused: _Words
    resume: _Words
    done: _Words


class Intake(Strict, frozen=True):
    """`data/intake.yml`."""

    version: Literal[1]
    texts: Dict[str, IntakeTexts]
    questions: Dict[_Id, Question]
    forms: Dict[_Id, Form]

    def form_of(self, reason: Optional[str], intent: Optional[str], lane: Optional[str]) -> Optional[str]:
        """The id of the form for a case; None without one."""
        for field, value in (("intents", intent), ("lanes", lane), ("reasons", reason)):
            for name, form in self.forms.items():
                if value is not None and value in getattr(form, field):
                    return name
        return None


def load_intake(path: Path, facts: Mapping[str, Mapping[str, Any]], policy: Policy) -> Intake:
    """The intake of a file.

    Raises ContentError for a form with an unknown question, intent, lane or reason, for a case with two forms, for a condition
    on an unknown option, for conditions in a circle, for a condition that no form can fulfil, for a question that no form asks,
    and for a text with an unknown fact or a demand for a secret.
    """
    document = load_mapping(path, Intake)
    intake = shaped(Intake, path, document)
    check = _Check(intake, path, document)
    check.forms(policy)
    check.conditions()
    check.texts(facts)
    return intake


class _Check:
    def __init__(self, intake: Intake, path: Path, document: Any) -> None:
        self._intake, self._path, self._document = intake, path, document

    def _fail(self, place: Sequence[Any], problem: str) -> NoReturn:
        where = ".".join(str(step) for step in place)
        raise ContentError(self._path, line_of(self._document, place), f"{where}: {problem}")

    def forms(self, policy: Policy) -> None:
        """The names in the forms."""
        known: Dict[str, Container[str]] = {
            "questions": self._intake.questions,
            "intents": policy.intents,
            "lanes": LANES,
            "reasons": policy.reasons,
        }
        homes = {"questions": "this file", "intents": "triage.yml", "lanes": "the code", "reasons": "triage.yml"}
        owners: Dict[Tuple[str, str], str] = {}
        for name, form in self._intake.forms.items():
            if not form.questions:
                self._fail(["forms", name, "questions"], "the form asks nothing: name a question, or remove the form")
            if not (form.intents or form.lanes or form.reasons):
                self._fail(["forms", name], "name `intents`, `lanes` or `reasons` whose customers are asked")
            for field, names in known.items():
                listed = getattr(form, field)
                for number, value in enumerate(listed):
                    place = ["forms", name, field, number]
                    if value not in names:
                        self._fail(place, f"`{value}` is not in {homes[field]}: correct or remove it")
                    if value in listed[:number]:
                        self._fail(place, f"`{value}` stands here twice: remove one")
                    if field != "questions" and owners.setdefault((field, value), name) != name:
                        other = owners[(field, value)]
                        self._fail(place, f"`{value}` belongs to the form `{other}`, too: remove it from one of them")
        asked = {question for form in self._intake.forms.values() for question in form.questions}
        for question in self._intake.questions:
            if question not in asked:
                self._fail(["questions", question], "no form asks this question: add it to a form, or remove it")

    def conditions(self) -> None:
        """The conditions: options that exist, no circle, and in each form after the question on which they depend."""
        questions = self._intake.questions
        for name, question in questions.items():
            for option in question.options:
                if option in RESERVED:
                    self._fail(["questions", name, "options", option], f"`{option}` is a button of the desk: use another name")
            if question.when is None:
                continue
            place = ["questions", name, "when"]
            other = questions.get(question.when.question)
            if other is None:
                problem = f"there is no question `{question.when.question}`: correct the name or add the question"
                self._fail([*place, "question"], problem)
            for number, option in enumerate(question.when.options):
                if option not in other.options:
                    problem = f"`{question.when.question}` has no option `{option}`: correct or remove it"
                    self._fail([*place, "options", number], problem)
            if not question.when.options:
                self._fail([*place, "options"], "name the options after which the question is asked")
        for name in questions:
            circle = self._circle_from(name)
            if circle:
                self._fail(
                    ["questions", name, "when"],
                    f"{' -> '.join(circle)} is a circle, so that none of them would ever be asked: remove one condition",
                )
        for form_name, form in self._intake.forms.items():
            for number, name in enumerate(form.questions):
                when = questions[name].when
                if when is not None and when.question not in form.questions[:number]:
                    self._fail(
                        ["forms", form_name, "questions", number],
                        f"`{name}` depends on `{when.question}`, which must stand before it in this form",
                    )

    def _circle_from(self, start: str) -> Optional[List[str]]:
        path, seen, name = [start], {start}, start
        while True:
            when = self._intake.questions[name].when
            if when is None:
                return None
            name = when.question
            path.append(name)
            if name == start:
                return path
            if name in seen:
                return None  # a circle further on is reported at its own questions
            seen.add(name)

    def texts(self, facts: Mapping[str, Mapping[str, Any]]) -> None:
        """Both languages, known facts, and no demand for a secret."""
        for locale in FILE_LOCALES:
            words = self._intake.texts.get(locale)
            if words is None:
                self._fail(["texts"], f"texts.{locale} is missing")
            for field in msgspec.structs.fields(IntakeTexts):
                self._check_text(["texts", locale, field.name], getattr(words, field.name), facts[locale])
            for name, form in self._intake.forms.items():
                if form.opening is not None:
                    self._check_text(["forms", name, "opening", locale], form.opening.of(locale), facts[locale])
                if form.closing is not None:
                    self._check_text(["forms", name, "closing", "text", locale], form.closing.text.of(locale), facts[locale])
            for name, question in self._intake.questions.items():
                self._check_text(["questions", name, "ask", locale], question.ask.of(locale), facts[locale])
                labels: Set[str] = set()
                for option, button in question.options.items():
                    label = getattr(button, locale)
                    if label in labels:
                        self._fail(["questions", name, "options", option, locale], f"two options read “{label}”")
                    labels.add(label)

    def _check_text(self, place: Sequence[Any], text: str, facts: Mapping[str, Any]) -> None:
        try:
            filled = fill_checked(text, facts, self._path, place=".".join(str(step) for step in place))
        except ContentError as error:
            raise ContentError(self._path, line_of(self._document, place), error.problem) from error
        for found in secret_requests(filled):
            self._fail(place, f"“{found.words}” asks for a secret, and nobody may: remove it")
