"""A question about the customer's own money whose every word is known: "has the 500 that I sent to 李雷 yesterday arrived?"

The model cannot tell such a sentence from "I sent it to the wrong person": names and sums outweigh the few words that differ.
So the words decide, for a signed-in customer alone, whose own facts are the answer.
One unknown word, or a model that is nearly sure of a danger, leaves the sentence to the other rules.
docs/decisions/064-questions-of-known-words.md tells more.
"""

from __future__ import annotations

import functools
import re
from typing import Optional, Sequence

from actions.assessment import Assessment, against
from content.lookups import StatedQuestion
from contract.decision import Decision

#: Characters of the longest such question. It bounds the time of the patterns.
_LONGEST = 60
#: Probability of a danger to account or money from which the model overrides the words.
_GRAVE = 0.8
_SECURITY = "security"


def stated_question(assessment: Assessment) -> Optional[Decision]:
    """The answer to a question that is stated in known words."""
    if assessment.context.customer is None or assessment.context.status != "with_bot":
        return None
    text = assessment.message.text
    intent = next((name for name, question in assessment.questions.items() if is_stated(question, text)), None)
    if intent is None:
        return None
    danger = assessment.mass([name for name, each in assessment.policy.intents.items() if each.reason == _SECURITY])
    if not assessment.note("stated_question", danger < _GRAVE, f"{intent}, security {against(danger, _GRAVE)}"):
        return None
    return assessment.take_route(intent, 1.0, "stated_question")


def is_stated(question: StatedQuestion, text: str) -> bool:
    """Whether the text asks the question, and consists of its words and the name of one person alone."""
    if len(text) > _LONGEST or any(_pattern((each,)).search(text) for each in question.unless):
        return False
    if not _pattern(question.asks).search(text) or not _pattern(question.about).search(text):
        return False
    without_name = _pattern(question.names).sub(" ", text, count=1)
    return not any(character.isalnum() for character in _pattern(question.words).sub(" ", without_name))


@functools.lru_cache(maxsize=64)
def _pattern(alternatives: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))
