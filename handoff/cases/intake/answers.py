"""What a customer's words answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from content.intake import Option, Question
from language.normalization import normalize

#: Characters of a customer's message that an answer keeps. The message itself stays in the log.
ANSWER_LENGTH = 300
_QUESTION_ENDS = ("?", "吗", "呢", "么")


@dataclass(frozen=True)
class Said:
    """A message of the customer: its number in the log, and the masked text."""

    seq: int
    text: str


@dataclass(frozen=True)
class Answer:
    """An answer in the customer's words. `option`: the button that says the same."""

    text: str
    option: str | None = None
    seq: int | None = None


def said_before(question: Question, messages: Sequence[Said]) -> Answer | None:
    """The answer that the customer gave before the question was asked; the last one counts. None: ask."""
    for message in reversed(messages):
        words = normalize(message.text)
        if question.options:
            option = _option_in(question, words)
            if option is not None:
                return Answer(message.text[:ANSWER_LENGTH], option, message.seq)
        if question.said is not None and question.said.search(words):
            return Answer(message.text[:ANSWER_LENGTH], None, message.seq)
    return None


def typed(question: Question, message: Said, labels: Sequence[tuple[str, str]]) -> Answer | None:
    """The answer that a message gives to the open question; None if it speaks of something else.

    `labels`: the ids of the options with the words on their buttons.
    """
    words = normalize(message.text)
    for name, label in labels:
        if words.rstrip("。.!！") == normalize(label):
            return Answer(label, name, message.seq)
    if question.options:
        option = _option_in(question, words)
        if option is not None:
            return Answer(message.text[:ANSWER_LENGTH], option, message.seq)
    if question.accepts is not None:
        accepted = bool(question.accepts.search(words))
    else:
        accepted = question.kind != "choice" and not words.endswith(_QUESTION_ENDS)
    return Answer(message.text[:ANSWER_LENGTH], None, message.seq) if accepted else None


def _option_in(question: Question, words: str) -> str | None:
    """The one option whose words a text has; None if there is none, or if two contradict each other."""
    found = [name for name, option in question.options.items() if _says(option, words)]
    return found[0] if len(found) == 1 else None


def _says(option: Option, words: str) -> bool:
    return option.said is not None and option.said.search(words) is not None
