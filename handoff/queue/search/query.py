"""What an agent asks the search for: phrases that must all stand in the text, and a tsquery that finds candidates."""

from __future__ import annotations

import re
from dataclasses import dataclass

from handoff.queue.search.terms import DENSE, LONGEST_WORD, SPACED, day_term, fold, is_number, tokens

#: Signs that hold a number or an address together: 1234.56, TX-2026, name@example.com.
_JOINED = rf"(?:(?<={SPACED})[.@:/+-]{{1,3}}(?={SPACED}))"
_PHRASE = re.compile(rf"(?:{DENSE}|{SPACED})+(?:{_JOINED}(?:{DENSE}|{SPACED})+)*")
#: More terms than this do not make the candidates fewer; the check of the real text uses the whole query.
_MOST_TERMS = 32
#: Characters of a result's text.
SNIPPET_LENGTH = 120
_STEP = 40
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Query:
    """Phrases of folded text, all of which must be found, in any order."""

    phrases: tuple[str, ...]
    _terms: tuple[str, ...]
    _patterns: tuple[re.Pattern[str], ...]

    @classmethod
    def read(cls, text: str) -> Query:
        """The query of what an agent typed. Words with spaces or signs between them are phrases of their own.

        Without letters and digits there are no phrases, and the query finds nothing.
        """
        # Each part by itself: `fold` closes the gap between two Chinese words.
        parts = [match.group() for part in text.split() for match in _PHRASE.finditer(fold(part))]
        phrases = tuple(dict.fromkeys(parts))
        found = dict.fromkeys(term for phrase in phrases for term in _terms_of(phrase))
        return cls(phrases, tuple(found)[:_MOST_TERMS], tuple(re.compile(_pattern(phrase)) for phrase in phrases))

    def as_tsquery(self, days: range | None = None) -> str:
        """The query as PostgreSQL reads a tsquery; with `days`, only texts of these days (`terms.day_number`)."""
        parts = list(self._terms)
        if days is not None:
            parts.append("(" + " | ".join(f"'{day_term(day)}'" for day in days) + ")")
        return " & ".join(parts)

    def matches(self, text: str) -> bool:
        """Whether all phrases stand in a text."""
        folded = fold(text)
        return bool(self._patterns) and all(pattern.search(folded) for pattern in self._patterns)

    def snippet(self, text: str) -> str:
        """The part of a matching text that shows the first phrase, in the writer's own characters, on one line."""
        line = _SPACES.sub(" ", text).strip()
        if len(line) <= SNIPPET_LENGTH or not self._patterns:
            return cut(line)
        for start in range(0, len(line), _STEP):
            part = line[start : start + SNIPPET_LENGTH]
            if self._patterns[0].search(fold(part)):
                # A window that ends with the phrase would show nothing of what follows.
                better = line[start + _STEP : start + _STEP + SNIPPET_LENGTH]
                if self._patterns[0].search(fold(better)):
                    start, part = start + _STEP, better
                return ("…" if start else "") + part + ("…" if start + SNIPPET_LENGTH < len(line) else "")
        return cut(line)


def cut(text: str) -> str:
    """The beginning of a text, on one line."""
    line = _SPACES.sub(" ", text).strip()
    return line if len(line) <= SNIPPET_LENGTH else line[:SNIPPET_LENGTH] + "…"


def _terms_of(phrase: str) -> list[str]:
    """The parts of the tsquery that a phrase needs."""
    found, runs = [], tokens(phrase)
    for place, (token, is_dense) in enumerate(runs):
        if is_dense and len(token) > 1:
            found += [f"'{token[i : i + 2]}'" for i in range(len(token) - 1)]
        elif is_dense:
            found.append(f"'{token}':*")
        elif len(runs) == 1 and is_number(token):
            part = token[:LONGEST_WORD]
            found.append(f"('{part}':* | '~{token[::-1][:LONGEST_WORD]}':*)")
        elif place == len(runs) - 1 and not token[-1].isdigit():
            found.append(f"'{token[:LONGEST_WORD]}':*")
        else:
            found.append(f"'{token[:LONGEST_WORD]}'")
    return found


def _pattern(phrase: str) -> str:
    """A pattern for a phrase: words are whole, except that the last word may go on, and a number may be a part of one.

    "refund" finds "refunds", and "001434" the order number that ends with it; "50" does not find 5000.
    """
    runs, escaped = tokens(phrase), re.escape(phrase)
    before, after = rf"(?<!{SPACED})", rf"(?!{SPACED})"
    (first, first_is_dense), (last, last_is_dense) = runs[0], runs[-1]
    if len(runs) == 1 and not first_is_dense and is_number(first):
        return f"{before}{escaped}|{escaped}{after}"
    begins = "" if first_is_dense else before
    ends = after if not last_is_dense and last[-1].isdigit() else ""
    return begins + escaped + ends
