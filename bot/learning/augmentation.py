"""Plain beginnings and endings for training sentences: words around a matter that customers add and authors omit.

Their frequencies in real queries are in docs/writing-examples.md, the measured gain in docs/understanding.md.
"""

from __future__ import annotations

import random
import re
from typing import List, Sequence

from contract.understanding import SOCIAL_INTENTS

_BEGINNINGS = (
    "为什么", "怎么", "请问", "你好", "您好", "我的", "请问一下", "你好,", "为啥", "如何", "我", "想问下", "亲,", "不好意思,",
    "麻烦问下", "那个", "我想问一下", "你们", "为什么我的", "我这个",
)  # fmt: skip
_ENDINGS = (
    "?", "怎么办", "是怎么回事", "怎么回事", "怎么办?", "。", "吗", "呢", "啊", "谢谢", "是什么原因", "为什么", "为什么?",
    "怎么弄", "了", "怎么处理", "啊?", "在吗", "!", "求助",
)  # fmt: skip
#: Shares of the sentences that get only a beginning, and only an ending. All others get both.
_BEGINNING_ONLY, _ENDING_ONLY = 0.4, 0.4
_CHINESE = re.compile("[\u4e00-\u9fff]")


def varied(texts: Sequence[str], intents: Sequence[str]) -> List[str]:
    """Each normalised text with a plain beginning, ending, or both.

    Social intents stay unchanged, because such words are their meaning; English texts stay unchanged, because English has other
    beginnings. The same arguments give the same texts.
    """
    generator = random.Random(0)  # noqa: S311  # no secret
    return [
        _vary(text, generator) if _CHINESE.search(text) and intent not in (*SOCIAL_INTENTS, "unresolved") else text
        for text, intent in zip(texts, intents)
    ]


def _vary(text: str, generator: random.Random) -> str:
    kind = generator.random()
    beginning = generator.choice(_BEGINNINGS) if kind < _BEGINNING_ONLY or kind >= _BEGINNING_ONLY + _ENDING_ONLY else ""
    ending = generator.choice(_ENDINGS) if kind >= _BEGINNING_ONLY else ""
    return beginning + text + ending
