"""Reads a short reply by lists of words (`data/short_replies.yml`), before any model and in addition to it.

A reply is cut into entries of the lists, so that as few characters as possible are left over, and the pieces are as few as
possible. Its kinds are those of the pieces. A text in which nothing is left over is read completely: its words alone decide.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import Dict, List, Literal, Mapping, Optional, Sequence, Set, Tuple

from content.short_replies import KINDS, ShortReplyWords, entries, expand, split_lists
from content.triage_policy import Policy

QUESTIONS = frozenset({"whether", "hypothesis", "question"})
#: Kinds that say nothing about a matter: in a text with a clause about a matter, the matter counts.
SOCIAL = frozenset({"solved", "agreement", "assent", "content", "thanks", "bye", "greeting", "doubt", "filler"})
_NAMING = frozenset({"noun", "fragment"})
_LEAVE = "leave"
#: What a reply to a tentative answer rejects: the article only, or the alternatives too.
Rejected = Literal["article", "all"]
_TROUBLE = frozenset({"whether", "hypothesis", "not_solved", "trouble", "anger", "question"})
#: Kinds that may stand with the words that call off the wait.
_BESIDE_LEAVING = SOCIAL | {_LEAVE, "refusal", "fragment"}

#: Characters of the longest text in which a clause is looked at as a reply. It bounds the time.
_LONGEST_WITH_CLAUSES = 200
#: Skin tones and the parts that make a digit an emoji: they change no meaning. (`normalize` removes joiners.)
DECORATION = re.compile("[\u200d\U0001f3fb-\U0001f3ff\ufe00-\ufe0f\u20e3\u2640\u2642]")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’`](?=[a-z])")
_YES = re.compile(r"^((嗯|对|是|好|行|确定|确认|没错)+(的|了|啊|呀)?|yes|yeah|yep|ok|okay|sure)[,，。.!~ ]*(please )?")
_CLAUSE_END = re.compile(r"[,，。.!！?？;；、~～\n]+|(?<![a-z0-9])\s+(?![a-z0-9])")


@dataclass(frozen=True)
class Reading:
    """A text as a short reply: the kinds of its pieces in order of precedence, and the characters that no entry covers.

    `is_long`: too long to be a short reply; it was not read.
    """

    kinds: Tuple[str, ...]
    unknown: int
    is_long: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every word of the text is known, and there is one."""
        return self.unknown == 0 and bool(self.kinds)

    @property
    def kind(self) -> Optional[str]:
        """The kind that counts, of a text that is known completely; else None."""
        return self.kinds[0] if self.is_complete else None

    def has(self, *kinds: str) -> bool:
        """Whether the text has a piece of one of these kinds."""
        return any(kind in self.kinds for kind in kinds)


class _Lexicon:
    """Entries of the lists, with their kinds."""

    def __init__(self, entries: Mapping[str, str], order: Sequence[str]) -> None:
        self._entries, self._order = entries, order
        lengths: Dict[str, Set[int]] = {}
        for entry in entries:
            lengths.setdefault(entry[-1], set()).add(len(entry))
        #: How long the entries are that end in a character, the longest first.
        self._lengths = {character: sorted(found, reverse=True) for character, found in lengths.items()}

    def read(self, text: str) -> Reading:
        """The cheapest way through a text: first the fewest characters left over, then the fewest pieces."""
        count = len(text)
        best: List[Tuple[int, int, int, str]] = [(0, 0, 0, "")] * (count + 1)  # unknown, pieces, where it begins, kind
        for end in range(1, count + 1):
            character = text[end - 1]
            before = best[end - 1]
            free = not _is_meaningful(character)
            best[end] = (before[0] + (not free), before[1] + (not free), end - 1, "")
            for length in self._lengths.get(character, ()):
                start = end - length
                kind = self._entries.get(text[start:end]) if start >= 0 else None
                if kind is None or not _is_whole(text, start, end):
                    continue
                way = (best[start][0], best[start][1] + 1, start, kind)
                if way[:2] < best[end][:2]:
                    best[end] = way
        kinds, end = set(), count
        while end > 0:
            _, _, start, kind = best[end]
            kinds.add(kind)
            end = start
        return Reading(tuple(kind for kind in self._order if kind in kinds), best[count][0])


def _is_meaningful(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNS" and character not in "~～^`´¨"


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a piece cuts no Latin word or number in two."""
    return not (_cuts(text, start) or _cuts(text, end))


def _cuts(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return before.isascii() and after.isascii() and before.isalnum() and after.isalnum()


class ShortReplies:
    """Reads customers' short replies by the editors' words."""

    def __init__(self, words: ShortReplyWords) -> None:
        self.words = words
        entries_of = self._kinds_of(words.words)
        self._replies = _Lexicon(entries_of, KINDS)
        self._wait = _Lexicon({**entries_of, **self._kinds_of({_LEAVE: words.leaving.alone})}, (_LEAVE, *KINDS))
        self._confirmed = frozenset(self._kinds_of({_LEAVE: words.leaving.confirmed}))

    def _kinds_of(self, words: Mapping[str, Sequence[str]]) -> Dict[str, str]:
        """All entries, spelled out, with their kinds. The order is that of precedence: of two kinds the first has the entry."""
        lists = split_lists(self.words.lists)
        kinds: List[Tuple[str, str]] = []
        for kind, lines in words.items():
            kinds += [(text.strip(), kind) for entry in entries(lines) for text in expand(entry, lists)]
        # All at once: one by one, thousands of entries would take seconds.
        spelled = self.spelled("\n".join(text for text, _ in kinds)).split("\n")
        found: Dict[str, str] = {}
        for text, (_, kind) in zip(spelled, kinds):
            found.setdefault(text, kind)
        found.pop("", None)
        return found

    def spelled(self, text: str) -> str:
        """A normalised text in the spelling of the lists."""
        text = _STRETCHED.sub(r"\1", _APOSTROPHE.sub("", DECORATION.sub("", text)))
        for pattern, instead in self.words.spellings:
            text = pattern.sub(instead, text)
        return text

    def read(self, text: str) -> Reading:
        """A normalised text as a short reply; a longer text has no kinds."""
        if len(text) > self.words.longest:
            return Reading((), len(text), is_long=True)
        spelled = self.spelled(text)
        reading = self._replies.read(spelled)
        is_asked = self.words.asked.search(spelled.rstrip(" .。!！~")) and not reading.has(
            "whether", "question", "not_solved", "anger"
        )
        # "手机?" still only names a thing.
        if is_asked and not _NAMING.issuperset(reading.kinds):
            return Reading(("whether", *reading.kinds), reading.unknown)
        return reading

    def rejects(self, text: str) -> Optional[Rejected]:
        """Whether a normalised text says of an article that it is not what was asked, or of all offered topics."""
        if len(text) > self.words.longest:
            return None
        spelled = self.spelled(text)
        if self.words.none_of_these.search(spelled):
            return "all"
        return "article" if self.words.not_this.search(spelled) else None

    def clauses(self, text: str) -> List[Reading]:
        """The clauses of a text, each as a short reply; none of a text that is too long to hold a reply."""
        if len(text) > _LONGEST_WITH_CLAUSES:
            return []
        return [self.read(clause) for clause in _CLAUSE_END.split(text) if clause and clause.strip()]

    def names_somebody_else(self, text: str) -> bool:
        """Whether a normalised text has somebody else act or give orders."""
        return bool(self.words.somebody_else.search(text))

    def says_still(self, text: str) -> bool:
        """Whether a normalised text says that something goes on failing."""
        return bool(self.words.still.search(text))

    def follow_up(self, topic: str, text: str) -> Optional[str]:
        """The intent that a short normalised text means after the article of a topic, if it means more than it says."""
        if len(text) > self.words.longest:
            return None
        return next((f.intent for f in self.words.follow_ups if f.after == topic and f.pattern.search(text)), None)

    def leaves_the_wait(self, text: str, confirming: bool = False) -> bool:
        """Whether a customer who waits for a person calls that off.

        `confirming`: the customer was just asked whether they mean it, so a plain yes counts and an unclear word does not.
        """
        if len(text) > _LONGEST_WITH_CLAUSES:
            return False
        text = self.spelled(text)
        if any(pattern.search(text) for pattern in self.words.leaving.staying) or self.words.leaving.unless.search(text):
            return False
        if any(pattern.search(text) for pattern in self.words.leaving.about_waiting):
            return True
        if len(text) > self.words.longest:
            return False
        reading = self._wait.read(text)
        if not confirming and reading.has(_LEAVE) and reading.has("solved") and not reading.has(*_TROUBLE):
            return True  # "not needed any more, my daughter got it working"
        if not reading.is_complete or not _BESIDE_LEAVING.issuperset(reading.kinds):
            return False
        if not confirming:
            return reading.has(_LEAVE, "solved")
        bare = text.strip(" ,，。.!！~～")
        # "Yes, cancel": the yes says what the rest says.
        after_yes = _YES.sub("", bare)
        return (
            bare in self._confirmed
            or after_yes in self._confirmed
            or (reading.has("agreement", "solved") and not reading.has(_LEAVE, "refusal", "content"))
        )


@functools.lru_cache(maxsize=4)
def _reader_of(words: ShortReplyWords) -> ShortReplies:
    return ShortReplies(words)


def short_replies_of(policy: Policy) -> ShortReplies:
    """The reader of a policy's short replies. It is built once for each policy: that takes a quarter of a second."""
    return _reader_of(policy.short_replies)
