"""The words of short replies (`data/short_replies.yml`): lists of words, patterns and spellings, checked when they are read."""

from __future__ import annotations

from typing import Annotated, Dict, Iterator, List, Literal, Mapping, Pattern, Sequence, Tuple

import msgspec

from content.sources import FieldError, Strict

FILE = "short_replies.yml"
#: Kinds of short replies, in order of precedence: the first one in a reply counts (docs/deciding.md).
KINDS = (
    "whether",
    "hypothesis",
    "not_solved",
    "trouble",
    "anger",
    "question",
    "in_progress",
    "refusal",
    "solved",
    "agreement",
    "assent",
    "content",
    "thanks",
    "bye",
    "greeting",
    "doubt",
    "noun",
    "fragment",
    "filler",
)


class Leaving(Strict, frozen=True):
    """How a customer calls off the wait for a person, and how the customer says that the wait goes on."""

    alone: Tuple[str, ...]
    confirmed: Tuple[str, ...]
    about_waiting: Tuple[Pattern[str], ...]
    unless: Pattern[str]
    staying: Tuple[Pattern[str], ...]


class FollowUp(Strict, frozen=True):
    """A reply that matches `pattern` after the article of the intent `after` means the escalating intent `intent`."""

    after: str
    intent: str
    pattern: Pattern[str]


class ShortReplyWords(Strict, frozen=True, eq=False):
    """`data/short_replies.yml`. Two of them are equal only if they are the same object, so that they can be a cache's key."""

    version: Literal[1]
    #: Characters of the longest short reply.
    longest: Annotated[int, msgspec.Meta(gt=0, le=200)]
    #: Pairs: a regular expression, and the spelling that replaces its matches.
    spellings: Tuple[Tuple[Pattern[str], str], ...]
    asked: Pattern[str]
    not_this: Pattern[str]
    none_of_these: Pattern[str]
    somebody_else: Pattern[str]
    still: Pattern[str]
    follow_ups: Tuple[FollowUp, ...]
    #: Name -> entries with commas between them, for `<name>` in `words`.
    lists: Dict[str, str]
    words: Dict[str, Tuple[str, ...]]
    leaving: Leaving

    def __post_init__(self) -> None:
        if list(self.words) != list(KINDS):
            raise FieldError("words", f"`words` needs these kinds in this order: {', '.join(KINDS)}")
        lists = split_lists(self.lists)
        try:
            for lines in self.words.values():
                for entry in entries(lines):
                    expand(entry, lists)
        except FieldError:
            raise
        except ValueError as error:
            raise FieldError("words", str(error)) from error

    def __repr__(self) -> str:
        return f"ShortReplyWords(longest={self.longest})"  # a trace with thousands of words cannot be read


def entries(lines: Sequence[str]) -> Iterator[str]:
    """The entries of lines in which commas separate them."""
    for line in lines:
        for entry in line.split(","):
            if entry.strip():
                yield entry.strip()


def split_lists(lists: Mapping[str, str]) -> Dict[str, List[str]]:
    """The entries of each list."""
    return {name: list(entries([line])) for name, line in lists.items()}


def expand(pattern: str, lists: Mapping[str, Sequence[str]]) -> List[str]:
    """All texts that a pattern stands for: `(a|b|)` for each of its parts, `<name>` for each entry of a list.

    Raises ValueError for a bracket without its partner or a list that does not exist.

    >>> expand("(没|不)<done>", {"done": ["行", "好"]})
    ['没行', '没好', '不行', '不好']
    """
    position = 0

    def alternatives(nested: bool) -> List[str]:
        nonlocal position
        found: List[str] = []
        texts = [""]
        while position < len(pattern):
            character = pattern[position]
            position += 1
            if character == "(":
                options = alternatives(True)
            elif character == "<":
                end = pattern.find(">", position)
                name = pattern[position:end]
                if end < 0 or name not in lists:
                    raise ValueError(f"“{pattern}”: no list `{name}` under `lists`")
                options, position = list(lists[name]), end + 1
            elif character == "|" and nested:
                found, texts = found + texts, [""]
                continue
            elif character == ")":
                if not nested:
                    break
                return found + texts
            else:
                options = [character]
            texts = [text + option for text in texts for option in options]
        else:
            if not nested:
                return texts
        raise ValueError(f"“{pattern}”: a bracket has no partner")

    return alternatives(False)
