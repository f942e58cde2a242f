"""How a text is cut into the terms of the search index. Pure; the index and the query use the same functions.

PostgreSQL's own text search knows no Chinese words. A Chinese text is therefore indexed by each pair of neighbouring
characters (bigrams), and Latin words and numbers as they stand. Candidates from the index are checked against the real text
(`handoff.queue.search.query`), because bigrams do not know their order.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from language.normalization import normalize

#: Counts the changes of this module. Logs that were indexed with another version are indexed again.
VERSION = 1

#: Characters of scripts without spaces between words: Han, kana, Hangul, Thai.
_DENSE = (
    "\u0e00-\u0e7f\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
DENSE = f"[{_DENSE}]"
#: Letters and digits of all other scripts.
SPACED = rf"[^\W_{_DENSE}]"
_TOKEN = re.compile(rf"(?P<dense>{DENSE}+)|(?P<word>{SPACED}+)")

_THOUSANDS = re.compile(rf"(?<!{SPACED})\d{{1,3}}(?:,\d{{3}})+(?!{SPACED})")
_ZERO_CENTS = re.compile(r"(?<=\d)\.0+(?![\d.])")
_UNITS = {"百": 100, "千": 1000, "k": 1000, "万": 10**4, "w": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_COUNTED = re.compile(rf"(?<![\d.])(?<!{SPACED})(\d{{1,9}}(?:\.\d{{1,6}})?)(百万|千万|[百千万亿]|[kw](?!{SPACED}))")

#: Longer words are cut: no word or number that people search for is longer, and PostgreSQL has a limit of its own.
LONGEST_WORD = 64
#: Numbers of at least so many characters are also found by their end, such as the last six digits of an order number.
SHORTEST_PART = 4


def fold(text: str) -> str:
    """The text as search compares it: `language.normalization.normalize`, and amounts in one spelling.

    >>> fold("轉賬 ５,０００.00 元")
    '转账 5000 元'
    >>> fold("被骗了3.5万")
    '被骗了35000'
    """
    text = _THOUSANDS.sub(lambda match: match.group().replace(",", ""), normalize(text))
    return _COUNTED.sub(_plain_number, _ZERO_CENTS.sub("", text))


def _plain_number(match: re.Match[str]) -> str:
    number, unit = match.groups()
    value = Decimal(number) * _UNITS[unit]
    return str(int(value)) if value == int(value) else match.group()


def terms(folded: str) -> set[str]:
    """The terms of a folded text: bigrams, the last character of each dense run, words, and reversed numbers after `~`.

    A single character is found as the beginning of a bigram; the last of a run begins none. A number is found by its end as
    the beginning of the reversed number.

    >>> sorted(terms("转账5000元"))
    ['5000', '元', '账', '转账', '~0005']
    """
    found: set[str] = set()
    for match in _TOKEN.finditer(folded):
        token = match.group()
        if match.lastgroup == "dense":
            found.update(token[i : i + 2] for i in range(len(token) - 1))
            found.add(token[-1])
        else:
            found.add(token[:LONGEST_WORD])
            if is_number(token):
                found.add("~" + token[::-1][:LONGEST_WORD])
    return found


def tokens(folded: str) -> list[tuple[str, bool]]:
    """The runs of a folded text in order, each with whether it is dense."""
    return [(match.group(), match.lastgroup == "dense") for match in _TOKEN.finditer(folded)]


def is_number(word: str) -> bool:
    """Whether a word is searched for by its parts: it has a digit and is long enough."""
    return len(word) >= SHORTEST_PART and any(character.isdigit() for character in word)


def day_number(at: dt.datetime) -> int:
    """The day of an aware time, UTC, counted from 1970-01-01."""
    return at.astimezone(dt.UTC).date().toordinal() - dt.date(1970, 1, 1).toordinal()


def day_term(number: int) -> str:
    """The term that all texts of a day have: it lets the index cut a frequent word down to some days."""
    return f"#{number}"


def as_tsvector(found: set[str]) -> str:
    """Terms as PostgreSQL reads a tsvector. Terms hold letters, digits, `~` and `#` only, so nothing needs to be escaped."""
    return " ".join(f"'{term}'" for term in sorted(found))
