"""Ranks texts by the words that they share with a query. Pure; for some hundred texts, which fit into memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from handoff.queue.search.terms import fold, terms

#: What the title says counts so many times as much as what the text says.
_TITLE_SHARE = 3.0


@dataclass(frozen=True)
class Entry:
    """A text with its titles, in any languages."""

    id: str
    titles: tuple[str, ...]
    texts: tuple[str, ...]


class WordIndex:
    """The terms of some entries (`handoff.queue.search.terms`), weighted by how rare they are (inverse document frequency)."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._titles: dict[str, set[str]] = {}
        self._all: dict[str, set[str]] = {}
        for entry in entries:
            self._titles[entry.id] = _terms(entry.titles)
            self._all[entry.id] = self._titles[entry.id] | _terms(entry.texts)
        counts = Counter(term for found in self._all.values() for term in found)
        self._weights = {term: math.log(1 + len(self._all) / count) for term, count in counts.items()}
        self._unknown = math.log(1 + len(self._all))

    def rank(self, text: str) -> Mapping[str, float]:
        """Entries that share words with a text: id -> the share of the text's words that they have, from 0 to 1.

        Words of the title count most; rare words count more than frequent ones.
        """
        wanted = {term: self._weights.get(term, self._unknown) for term in _terms((text,))}
        whole = sum(wanted.values())
        found: dict[str, float] = {}
        for id_, words in self._all.items():
            shared = sum(weight for term, weight in wanted.items() if term in words)
            if shared:
                in_title = sum(weight for term, weight in wanted.items() if term in self._titles[id_])
                found[id_] = (_TITLE_SHARE * in_title + shared) / ((_TITLE_SHARE + 1) * whole)
        return found


def _terms(texts: Iterable[str]) -> set[str]:
    # Single characters and reversed numbers are for the search of parts only; alone they would make everything alike.
    return {term for text in texts for term in terms(fold(text)) if len(term) > 1 and not term.startswith("~")}
