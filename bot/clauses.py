"""The clauses of a message that may be about different things."""

from __future__ import annotations

import re
from typing import List

#: A message with more clauses is a story, not a list.
MOST_CLAUSES = 4
#: Characters of the longest message that is cut.
LONGEST = 120
# "另外" and the like open another matter wherever they stand; "还有" and "同时" do so only at the beginning of a clause.
_CONNECTOR = re.compile(
    r"[,，。.;；!！?？\s]*(?:另外(?!的|一|收)|顺便(?:再|想)?(?:问|请问|说)?一?下?|(?:再|还想|还要|也想)问一?下|此外)[,，:：\s]*"
    r"|(?:[,，。;；!！?？\s]+|\.\s+)(?:还有(?:就是|一个问题|个问题|一件事|件事)?(?!\d|多久|几|没有|吗|呢)|同时|而且|以及|并且)[,，:：\s]*"
    r"|\s*[;；]\s*"
    r"|[,.!?]?\s+(?:and also|also|another thing|one more thing|by the way|besides|in addition|plus)[,:]?\s+"
)
_STOP = re.compile(r"[,，。;；!！?？]+|\.\s+|\n")
_LETTER = re.compile(r"[\w]")


def has_connector(text: str) -> bool:
    """Whether a normalised text says that it goes on to another matter."""
    return len(text) <= LONGEST and len(_parts(_CONNECTOR, text)) > 1


def clauses(text: str) -> List[str]:
    """The clauses of a normalised text: cut where it goes on to another matter, else at its stops; empty if it is but one.

    >>> clauses("验证码收不到,另外银行卡也绑不上")
    ['验证码收不到', '银行卡也绑不上']
    """
    if len(text) > LONGEST:
        return []
    for cut in (_CONNECTOR, _STOP):
        parts = _parts(cut, text)
        if 1 < len(parts) <= MOST_CLAUSES:
            return parts
    return []


def _parts(cut: re.Pattern[str], text: str) -> List[str]:
    return [part.strip() for part in cut.split(text) if len(_LETTER.findall(part)) > 1]
