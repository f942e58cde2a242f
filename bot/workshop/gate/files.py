"""Whether the files of a draft are sound in themselves: they compile, and no test sentence stands in the training data."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Set, Tuple

from bot.evaluation.labelled import HELD_OUT
from bot.learning.content_check import Placed, check_content, letters
from bot.workshop.gate.edition import Edition
from bot.workshop.gate.report import Refusal
from language.normalization import normalize

#: A new sentence of at least so many letters that is so similar to a test sentence is a copy of it.
_LETTERS, _SIMILAR = 8, 0.88
#: What may be added to a sentence without making it another one.
_FILLER = re.compile(
    r"请问一?下?|您好|你好|谢谢您?|麻烦|那个|就是|啊|呀|呢|吗|嘛|吧|哦|哈|的话|了|我想问一?下?|please|hello|thanks|hi"
)


@dataclass(frozen=True)
class TestSentence:
    """A sentence of `tests/evaluation`."""

    text: str
    held_out: bool


def test_sentences(root: Path) -> Iterator[TestSentence]:
    """All sentences of the evaluation sets of a project folder."""
    for path in sorted((root / "tests/evaluation").rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.strip():
                yield TestSentence(json.loads(line)["text"], path.parent.name == HELD_OUT)


def invalid(problem: str, problem_zh: str = "") -> Refusal:
    """The data folder does not compile."""
    return Refusal("invalid_content", problem, problem_zh or f"数据没有通过校验：{problem}")


def file_refusals(old: Edition, new: Edition, root: Path) -> Iterator[Refusal]:
    """Faults that `make check` reports, as far as they concern the sentences, and copies of sentences."""
    for problem in check_content(root, new.folder, measures=False):
        yield invalid(problem)
    yield from _copied(old, new)
    yield from _leaked(old, new, list(test_sentences(root)))


def _copied(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Sentences that stand in two intents: exactly, or with the same letters."""

    def ambiguous(edition: Edition) -> Dict[str, List[Placed]]:
        places: Dict[str, List[Placed]] = {}
        for folder in edition.labels.values():
            for key, placed in folder.items():
                places.setdefault(key, []).extend(placed)
        return {key: placed for key, placed in places.items() if len({one.intent for one in placed}) > 1}

    before = ambiguous(old)
    found = {key: placed for key, placed in ambiguous(new).items() if key not in before}
    if found:
        intents = sorted({one.intent for placed in found.values() for one in placed})
        yield Refusal(
            "example_in_two_intents",
            f"{len(found)} sentences stand in more than one intent ({', '.join(intents)}): leave each in one.",
            f"{len(found)} 个句子同时出现在多个意图里（{'、'.join(intents)}）：每句只留在一个意图。",
            tuple(placed[0].text for placed in found.values()),
        )


def _leaked(old: Edition, new: Edition, tests: List[TestSentence]) -> Iterator[Refusal]:
    """Test sentences, or copies of them with small changes, in training or calibration."""
    exact = {letters(normalize(test.text)): test for test in tests}
    bare = {_bare(test.text): test for test in tests if len(_bare(test.text)) >= _LETTERS}
    known: Set[str] = {key for folder in old.labels.values() for key in folder}
    leaked: List[Tuple[str, TestSentence]] = []
    near = _Neighbours(bare)
    for folder in new.labels.values():
        for key, placed in folder.items():
            test = exact.get(key)
            if test is None and key not in known:
                test = bare.get(_bare(placed[0].text)) or near.copy_of(_bare(placed[0].text))
            if test is not None:
                leaked.append((placed[0].text, test))
    if leaked:
        hidden = sum(test.held_out for _, test in leaked)
        yield Refusal(
            "test_sentence_in_training",
            f"{len(leaked)} training sentences are sentences of a test set or near copies ({hidden} of a held-out set): "
            "remove them, or nobody can measure any more what the bot understands.",
            f"{len(leaked)} 个训练句与测试集句子相同或几乎相同（其中 {hidden} 句属于保留测试集）："
            "请删除，否则无法再衡量机器人听懂多少。",
            tuple(test.text for _, test in leaked if not test.held_out),
        )


def _bare(text: str) -> str:
    normal = normalize(text)
    return letters(_FILLER.sub("", normal)) if len(normal) >= _LETTERS else letters(normal)


class _Neighbours:
    """Finds a text that is nearly another one. Only texts that share a rare piece are compared, so it is fast."""

    _PIECE = 3

    def __init__(self, texts: Dict[str, TestSentence]) -> None:
        self._texts = texts
        self._with_piece: Dict[str, List[str]] = {}
        for text in texts:
            for piece in self._pieces(text):
                self._with_piece.setdefault(piece, []).append(text)

    def _pieces(self, text: str) -> Set[str]:
        return {text[i : i + self._PIECE] for i in range(len(text) - self._PIECE + 1)}

    def copy_of(self, text: str) -> Optional[TestSentence]:
        """The test sentence of which the text is a near copy."""
        if len(text) < _LETTERS:
            return None
        shared: Dict[str, int] = {}
        pieces = self._pieces(text)
        for piece in pieces:
            for other in self._with_piece.get(piece, ()):
                shared[other] = shared.get(other, 0) + 1
        for other, count in sorted(shared.items(), key=lambda item: -item[1])[:5]:
            if count >= 0.5 * len(pieces) and SequenceMatcher(None, text, other, autojunk=False).ratio() >= _SIMILAR:
                return self._texts[other]
        return None
