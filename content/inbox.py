"""What the editors' inbox (desk) and the job that fills it (bot) agree on: the causes, and the name of a text."""

import hashlib
import re
from typing import Optional

from language.letters import letters
from language.normalization import normalize

#: Why a text is in the inbox. A text with several causes has the first of them in this order.
MARKED, NOT_SOLVED, NOT_UNDERSTOOD, TORN, ASKED_BACK, IMPORTED = KINDS = (
    "marked",
    "not_solved",
    "not_understood",
    "torn",
    "asked_back",
    "imported",
)
#: Longer texts tell a story, and no example is made of them.
LONGEST_TEXT = 200
# Control characters and those that YAML does not allow; spaces of any kind.
_SPACE = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]+")
# Rasa reads `[text](entity)` and `[text]{...}` in an example as an annotation.
_ANNOTATION = re.compile(r"\[[^\]]*\]\s*[({]")
_DIGITS = 16


def as_example(text: str) -> Optional[str]:
    """The text on one line, as it can be an example; None if it cannot: without letters, too long, or with Rasa's markup."""
    line = _SPACE.sub(" ", text).strip()
    if not 0 < len(line) <= LONGEST_TEXT or _ANNOTATION.search(line) or not any(map(str.isalpha, line)):
        return None
    return line


def text_id(text: str) -> str:
    """The name of a text: equal for texts that differ only in spelling variants, punctuation and spaces."""
    return hashlib.sha256(letters(normalize(text)).encode("utf-8", "replace")).hexdigest()[:_DIGITS]


def publication(model: Optional[str], content: Optional[str]) -> str:
    """The name of a publication in the inbox: its model and the revision of its content."""
    return f"{model or ''}:{content or ''}"
