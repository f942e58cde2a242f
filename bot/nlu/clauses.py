"""The clauses of a message, which may be about different matters, and its sentences, one of which may report an emergency."""

from __future__ import annotations

import re
from typing import List

import numpy as np

from language.normalization import MODEL_TEXT_LIMIT

#: A message with more clauses tells a story and does not list matters.
MOST_CLAUSES = 4
#: Characters of the longest message that is split into clauses.
LONGEST = 120
#: Sentences of a message that are ranked separately. With more sentences, neighbours are joined.
MOST_SENTENCES = 6
#: Letters of the shortest sentence that is ranked separately: a shorter one carries too little information.
_LEAST_CHINESE, _LEAST_LATIN = 4, 8
# "另外" and similar words introduce another matter at any place; "还有" and "同时" only at the beginning of a clause.
_CONNECTOR = re.compile(
    r"[,，。.;；!！?？\s]*(?:另外(?!的|一|收)|顺便(?:再|想)?(?:问|请问|说)?一?下?|(?:再|还想|还要|也想)问一?下|此外)[,，:：\s]*"
    r"|(?:[,，。;；!！?？\s]+|\.\s+)(?:还有(?:就是|一个问题|个问题|一件事|件事)?(?!\d|多久|几|没有|吗|呢)|同时|而且|以及|并且)[,，:：\s]*"
    r"|\s*[;；]\s*"
    r"|[,.!?]?\s+(?:and also|also|another thing|one more thing|by the way|besides|in addition|plus)[,:]?\s+"
)
_STOP = re.compile(r"[,，。;；!！?？]+|\.\s+|\n")
_LETTER = re.compile(r"[\w]")
_CHINESE = re.compile("[\u4e00-\u9fff]")
# Chinese is also split at spaces, which replace a stop there.
_CHINESE_STOP = re.compile(r"[,，。.;；!！?？~…\s]+")
_QUESTION = re.compile(r"[?？]|[吗么呢](?=[,，。;；!！\s])")


def has_connector(text: str) -> bool:
    """Whether a normalised text contains a word that introduces another matter."""
    return len(text) <= LONGEST and len(_parts(_CONNECTOR, text)) > 1


def clauses(text: str) -> List[str]:
    """The clauses of a normalised text, split where another matter is introduced, else at its stops; empty for a single clause.

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


def sentences(text: str) -> List[str]:
    """The sentences of a normalised text, at most `MOST_SENTENCES`; empty for a single sentence.

    Of a long text only the beginning and the end are split, `MODEL_TEXT_LIMIT` characters in all: they state the matter and the
    request.

    >>> sentences("昨天买了手机,卖家不发货,也不退钱")
    ['昨天买了手机', '卖家不发货', '也不退钱']
    """
    if len(text) > MODEL_TEXT_LIMIT:
        half = MODEL_TEXT_LIMIT // 2
        text = f"{text[:half]}。{text[-half:]}"
    chinese = bool(_CHINESE.search(text))
    least = _LEAST_CHINESE if chinese else _LEAST_LATIN
    found = [part.strip() for part in (_CHINESE_STOP if chinese else _STOP).split(text)]
    found = [part for part in found if len(part) >= least]
    if len(found) > MOST_SENTENCES:
        found = [",".join(some) for some in np.array_split(found, MOST_SENTENCES)]
    return found if len(found) > 1 else []


def asks_twice(text: str) -> bool:
    """Whether a normalised text contains two questions, each in a sentence of its own."""
    return len(text) <= LONGEST and len(_QUESTION.findall(text + "。")) > 1


def _parts(cut: re.Pattern[str], text: str) -> List[str]:
    return [part.strip() for part in cut.split(text) if len(_LETTER.findall(part)) > 1]
