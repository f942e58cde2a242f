"""Proposes a floor pattern for a wave: words that its messages share and that hardly any other message has. Pure.

Closed n-grams, then a greedy cover (Chvatal, "A greedy heuristic for the set-covering problem", 1979): an n-gram that is rare
elsewhere, or two that are rare together in one sentence.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

#: Characters of a Chinese n-gram; words of an English one.
_SHORTEST, _LONGEST = 2, 6
_MOST_WORDS = 3
#: An n-gram alone must be so long: two characters name too much.
_ALONE = 3
#: The share of the wave that an n-gram must have, and at least so many messages.
_LEAST_SHARE, _LEAST = 0.15, 2
#: The share of other messages that a pattern may match.
_OTHERS = 0.001
#: Alternatives of a pattern, and how many n-grams are paired.
_ALTERNATIVES, _PAIRED = 4, 40
#: Between the two parts: within one sentence.
_GAP = "[^。！？.!?]{0,24}"
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
_WORDS = re.compile(r"[a-z]{2,}(?: [a-z]{2,})*")
_MASKED = re.compile(r"\[[^\]]*\]|【[^】]*】")


@dataclass(frozen=True)
class ProposedPattern:
    """A regular expression for the floor.

    `covers`: messages of the wave that it matches, of `of`; `others`: other messages, of `others_of`.
    """

    pattern: str
    covers: int
    of: int
    others: int
    others_of: int


def propose_pattern(wave: Sequence[str], others: Sequence[str]) -> ProposedPattern | None:
    """A pattern for normalised texts that matches most of a wave and nearly none of the others; None if there is none."""
    texts = list(dict.fromkeys(wave))
    allowed = int(_OTHERS * len(others))
    candidates = _candidates(texts, others, allowed)
    chosen: list[str] = []
    left = set(range(len(texts)))
    while left and len(chosen) < _ALTERNATIVES:
        pattern, covers = max(
            candidates.items(), key=lambda each: (len(each[1] & left), -len(each[0]), each[0]), default=("", frozenset())
        )
        new = covers & left
        if len(new) < max(_LEAST, _LEAST_SHARE * len(texts)):
            break
        chosen.append(pattern)
        left -= new
        del candidates[pattern]
    if not chosen or len(left) * 2 > len(texts):
        return None
    pattern = "|".join(chosen)
    matched, elsewhere = count_matches(pattern, wave), count_matches(pattern, others)
    return (
        ProposedPattern(pattern, matched, len(wave), elsewhere, len(others)) if elsewhere <= _ALTERNATIVES * allowed else None
    )


def count_matches(pattern: str, texts: Sequence[str]) -> int:
    """How many texts a pattern matches. Raises re.error."""
    compiled = re.compile(pattern)
    return sum(compiled.search(text) is not None for text in texts)


def _candidates(texts: Sequence[str], others: Sequence[str], allowed: int) -> dict[str, frozenset[int]]:
    """Patterns that match at most so many other texts, with the wave's texts that they match."""
    least = max(_LEAST, _LEAST_SHARE * len(texts))
    grams = {gram: where for gram, where in _grams(texts).items() if len(where) >= least}
    found: dict[str, frozenset[int]] = {}
    elsewhere: dict[str, set[int]] = {}
    for gram, where in grams.items():
        elsewhere[gram] = {number for number, other in enumerate(others) if gram in other}
        if len(elsewhere[gram]) <= allowed and len(gram) >= _ALONE:
            found[_escaped(gram)] = where
    # Pairs of the most frequent n-grams that are too usual alone, or too short.
    usual = [gram for gram in grams if _escaped(gram) not in found]
    usual.sort(key=lambda gram: (-len(grams[gram]), gram))
    for first, second in itertools.permutations(usual[:_PAIRED], 2):
        if first in second or second in first or len(grams[first] & grams[second]) < least:
            continue
        pattern = f"{_escaped(first)}{_GAP}{_escaped(second)}"
        compiled = re.compile(pattern)
        where = frozenset(number for number in grams[first] & grams[second] if compiled.search(texts[number]))
        both = elsewhere[first] & elsewhere[second]
        if len(where) >= least and sum(compiled.search(others[number]) is not None for number in both) <= allowed:
            found[pattern] = where
    return found


def _grams(texts: Sequence[str]) -> dict[str, frozenset[int]]:
    """The closed n-grams: of those that stand in the same texts, the longest."""
    where: dict[str, set[int]] = defaultdict(set)
    for number, text in enumerate(texts):
        plain = _MASKED.sub("。", text)
        for run in _CHINESE.findall(plain):
            for length in range(_SHORTEST, _LONGEST + 1):
                for start in range(len(run) - length + 1):
                    where[run[start : start + length]].add(number)
        for run in _WORDS.findall(plain):
            words = run.split()
            for length in range(1, _MOST_WORDS + 1):
                for start in range(len(words) - length + 1):
                    where[" ".join(words[start : start + length])].add(number)
    by_texts: dict[frozenset[int], list[str]] = defaultdict(list)
    for gram, numbers in where.items():
        by_texts[frozenset(numbers)].append(gram)
    closed: dict[str, frozenset[int]] = {}
    for both, grams in by_texts.items():
        for gram in grams:
            if not any(gram != other and gram in other for other in grams):
                closed[gram] = both
    return closed


def _escaped(gram: str) -> str:
    """The n-gram as a part of a pattern; English words only whole."""
    text = re.escape(gram).replace("\\ ", " ")
    return rf"\b{text}\b" if gram.isascii() else text
