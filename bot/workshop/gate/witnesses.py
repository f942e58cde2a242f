"""Example texts of a regular expression: for each of its alternatives at least one, so that a removed alternative is noticed.

A pattern is a tree of sequences, alternatives and repetitions. The first example takes the first alternative everywhere; each
other example differs in one place. Most look-arounds are ignored, so an example counts only if the pattern really matches it.
"""

from __future__ import annotations

import re
import sre_constants as sre
import sre_parse
from typing import Any, List, Pattern, Sequence

#: Repetitions are tried up to this number, so that a shortened reach is noticed.
_LONGEST = 40
#: Examples of one pattern; its nodes are cut to so many.
_MOST = 2000
#: What stands for "any character": between English words a space, or there would be no end of a word.
_FILLERS = {True: " xX3.某", False: "某甲乙丙x3 "}


def examples(pattern: Pattern[str]) -> List[str]:
    """Texts that the pattern matches, in a fixed order, each once."""
    tree: Any = sre_parse.parse(pattern.pattern, pattern.flags)
    writer = _Writer(_FILLERS["\\b" in pattern.pattern])
    texts = dict.fromkeys(writer.sequence(list(tree)))
    return [text for text in texts if pattern.search(text)]


class _Writer:
    """Writes the examples of the nodes of one pattern. The first of a list is the node's plain example."""

    def __init__(self, fillers: str) -> None:
        self._fillers = fillers

    def sequence(self, nodes: Sequence[Any]) -> List[str]:
        parts = [self._node(operator, value) for operator, value in nodes]
        base = [part[0] for part in parts]
        found = ["".join(base)]
        for place, part in enumerate(parts):
            before, after = "".join(base[:place]), "".join(base[place + 1 :])
            found += [before + variant + after for variant in part[1:]]
        return found[:_MOST]

    def _node(self, operator: Any, value: Any) -> List[str]:
        if operator is sre.LITERAL:
            return [chr(value)]
        if operator is sre.NOT_LITERAL:
            return [next(character for character in self._fillers if ord(character) != value)]
        if operator is sre.ANY:
            return [self._fillers[0]]
        if operator is sre.IN:
            return self._characters(value)
        if operator is sre.BRANCH:
            return [text for branch in value[1] for text in self.sequence(list(branch))][:_MOST]
        if operator is sre.SUBPATTERN:
            return self.sequence(list(value[3]))
        if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            return self._repeated(int(value[0]), value[1], list(value[2]))
        if operator is sre.ASSERT and value[0] > 0:
            return ["", *self.sequence(list(value[1]))]
        return [""]  # positions, other look-arounds, references

    def _repeated(self, least: int, most: Any, nodes: Sequence[Any]) -> List[str]:
        texts = self.sequence(nodes)
        longest = min(_LONGEST, int(most)) if most is not sre.MAXREPEAT else max(least, 8)
        is_gap = texts[0] == " " and longest > 0  # between two words
        found = [texts[0] * (max(least, 1) if is_gap else least)]
        if longest > 0:
            found += [text + texts[0] * (max(least, 1) - 1) for text in texts]
        if longest > 1:
            found.append(texts[0] * longest)
        if least == 0:
            found.append("")
        return list(dict.fromkeys(found))

    def _characters(self, items: Sequence[Any]) -> List[str]:
        if items[0][0] is sre.NEGATE:
            taken = re.compile(f"[{''.join(_escaped(item) for item in items[1:])}]")
            return [next((character for character in self._fillers if not taken.match(character)), "某")]
        found: List[str] = []
        for operator, value in items:
            if operator is sre.LITERAL:
                found.append(chr(value))
            elif operator is sre.RANGE:
                low, high = value
                found += [chr(low), chr(high)] if high - low > 12 else [chr(code) for code in range(low, high + 1)]
            else:
                found.append(_CLASS[value])
        return found


_CLASS = {
    sre.CATEGORY_DIGIT: "3",
    sre.CATEGORY_WORD: "某",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_DIGIT: "某",
    sre.CATEGORY_NOT_WORD: " ",
    sre.CATEGORY_NOT_SPACE: "某",
}
_CLASS_NAMES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_NOT_WORD: r"\W",
    sre.CATEGORY_NOT_SPACE: r"\S",
}


def _escaped(item: Any) -> str:
    operator, value = item
    if operator is sre.LITERAL:
        return re.escape(chr(value))
    if operator is sre.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return _CLASS_NAMES[value]
