"""What a short reply is: read from lists of words (`data/short_replies.yml`), before and beside any model.

A reply is cut into entries of the lists, so that as few characters as possible are left over, and the pieces are as few as
possible. Its kinds are those of the pieces. A text in which nothing is left over is read completely: its words alone decide.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, Iterator, List, Literal, Mapping, Optional, Pattern, Sequence, Set, Tuple

from pydantic import BaseModel, Extra, Field, PrivateAttr, validator

#: Kinds of short replies, in order of precedence: of several in one reply the first counts (docs/deciding.md).
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
QUESTIONS = frozenset({"whether", "hypothesis", "question"})
#: Kinds that say nothing about a matter: beside a clause with a matter, the matter counts.
SOCIAL = frozenset({"solved", "agreement", "assent", "content", "thanks", "bye", "greeting", "doubt", "filler"})
_NAMING = frozenset({"noun", "fragment"})
_LEAVE = "leave"
#: What the reply to a tentative answer says it is not: the article, or the alternatives too.
Rejected = Literal["article", "all"]
_NEVER = re.compile("(?!)")
_TROUBLE = frozenset({"whether", "hypothesis", "not_solved", "trouble", "anger", "question"})
#: What may stand beside the words that call off the wait.
_BESIDE_LEAVING = SOCIAL | {_LEAVE, "refusal", "fragment"}

#: Characters of the longest text in which a clause is looked at as a reply. It bounds the time.
_LONGEST_WITH_CLAUSES = 200
#: Skin tones and the parts that make a digit an emoji: they change no meaning. (`normalize` removes joiners.)
DECORATION = re.compile("[\u200d\U0001f3fb-\U0001f3ff\ufe00-\ufe0f\u20e3\u2640\u2642]")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’`](?=[a-z])")
_YES = re.compile(r"^((嗯|对|是|好|行|确定|确认|没错)+(的|了|啊|呀)?|yes|yeah|yep|ok|okay|sure)[,，。.!~ ]*(please )?")
_CLAUSE_END = re.compile(r"[,，。.!！?？;；、~～\n]+|(?<![a-z0-9])\s+(?![a-z0-9])")


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
        """Whether a piece of one of these kinds is in the text."""
        return any(kind in self.kinds for kind in kinds)


class _Lexicon:
    """Entries with their kinds."""

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


class _Strict(BaseModel):
    class Config:
        extra = Extra.forbid
        arbitrary_types_allowed = True


def _entries(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        for entry in line.split(","):
            if entry.strip():
                yield entry.strip()


def _lists(lists: Mapping[str, str]) -> Dict[str, List[str]]:
    return {name: list(_entries([line])) for name, line in lists.items()}


def _compile(value: Any) -> Pattern[str]:
    if isinstance(value, re.Pattern):
        return value
    try:
        return re.compile(str(value))
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error


class Leaving(_Strict):
    """How a customer calls off the wait for a person, and how the customer says that it goes on."""

    alone: Tuple[str, ...]
    confirmed: Tuple[str, ...]
    about_waiting: Tuple[Pattern[str], ...]
    unless: Pattern[str]
    staying: Tuple[Pattern[str], ...]

    _patterns = validator("about_waiting", "staying", each_item=True, pre=True, allow_reuse=True)(_compile)
    _guard = validator("unless", pre=True, allow_reuse=True)(_compile)


class FollowUp(_Strict):
    """What a reply that matches `pattern` means after the article of the intent `after`: the escalating intent `intent`."""

    after: str
    intent: str
    pattern: Pattern[str]

    _pattern = validator("pattern", pre=True, allow_reuse=True)(_compile)


class ShortReplies(_Strict):
    """`data/short_replies.yml`: the words that make a short reply what it is."""

    version: Literal[1]
    longest: int = Field(gt=0, le=200)
    spellings: Tuple[Tuple[Pattern[str], str], ...]
    asked: Pattern[str]
    # The defaults serve content that was published before the fields existed.
    not_this: Pattern[str] = _NEVER
    none_of_these: Pattern[str] = _NEVER
    somebody_else: Pattern[str] = _NEVER
    still: Pattern[str] = _NEVER
    follow_ups: Tuple[FollowUp, ...] = ()
    lists: Dict[str, str]
    words: Dict[str, Tuple[str, ...]]
    leaving: Leaving

    _replies: _Lexicon = PrivateAttr()
    _wait: _Lexicon = PrivateAttr()
    _confirmed: FrozenSet[str] = PrivateAttr()

    _asked_pattern = validator("asked", "not_this", "none_of_these", "somebody_else", "still", pre=True, allow_reuse=True)(
        _compile
    )

    def __repr_args__(self) -> List[Tuple[Optional[str], Any]]:
        return [("longest", self.longest)]  # thousands of words help nobody in a trace

    @validator("spellings", each_item=True, pre=True)
    def _compile_spelling(cls, value: Any) -> Any:
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            raise ValueError("a spelling is a pair: [regular expression, instead]")
        return _compile(value[0]), str(value[1])

    @validator("words")
    def _kinds_are_known(cls, value: Dict[str, Tuple[str, ...]]) -> Dict[str, Tuple[str, ...]]:
        if list(value) != [kind for kind in KINDS if kind in value] or len(value) != len(KINDS):
            raise ValueError(f"`words` needs these kinds in this order: {', '.join(KINDS)}")
        return value

    @validator("words")
    def _entries_are_sound(cls, value: Dict[str, Tuple[str, ...]], values: Dict[str, Any]) -> Dict[str, Tuple[str, ...]]:
        lists = _lists(values.get("lists", {}))
        for lines in value.values():
            for entry in _entries(lines):
                expand(entry, lists)
        return value

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)
        entries = self._kinds_of(self.words)
        self._replies = _Lexicon(entries, KINDS)
        self._wait = _Lexicon({**entries, **self._kinds_of({_LEAVE: self.leaving.alone})}, (_LEAVE, *KINDS))
        self._confirmed = frozenset(self._kinds_of({_LEAVE: self.leaving.confirmed}))

    def _kinds_of(self, words: Mapping[str, Sequence[str]]) -> Dict[str, str]:
        """All entries, spelled out, with their kinds. The order is that of precedence: of two kinds the first has the entry."""
        lists = _lists(self.lists)
        kinds: List[Tuple[str, str]] = []
        for kind, lines in words.items():
            kinds += [(text.strip(), kind) for entry in _entries(lines) for text in expand(entry, lists)]
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
        for pattern, instead in self.spellings:
            text = pattern.sub(instead, text)
        return text

    def read(self, text: str) -> Reading:
        """A normalised text as a short reply; a longer text has no kinds."""
        if len(text) > self.longest:
            return Reading((), len(text), is_long=True)
        spelled = self.spelled(text)
        reading = self._replies.read(spelled)
        is_asked = self.asked.search(spelled.rstrip(" .。!！~")) and not reading.has(
            "whether", "question", "not_solved", "anger"
        )
        # "手机?" still only names a thing.
        if is_asked and not _NAMING.issuperset(reading.kinds):
            return Reading(("whether", *reading.kinds), reading.unknown)
        return reading

    def rejects(self, text: str) -> Optional[Rejected]:
        """Whether a normalised text says of an article that it is not what was asked, or of all offered topics."""
        if len(text) > self.longest:
            return None
        spelled = self.spelled(text)
        if self.none_of_these.search(spelled):
            return "all"
        return "article" if self.not_this.search(spelled) else None

    def clauses(self, text: str) -> List[Reading]:
        """The clauses of a text, each as a short reply; none of a text that is too long to hold a reply."""
        if len(text) > _LONGEST_WITH_CLAUSES:
            return []
        return [self.read(clause) for clause in _CLAUSE_END.split(text) if clause and clause.strip()]

    def names_somebody_else(self, text: str) -> bool:
        """Whether a normalised text has somebody else act or give orders."""
        return bool(self.somebody_else.search(text))

    def says_still(self, text: str) -> bool:
        """Whether a normalised text says that something goes on failing."""
        return bool(self.still.search(text))

    def follow_up(self, topic: str, text: str) -> Optional[str]:
        """The intent that a short normalised text means after the article of a topic, if it means more than it says."""
        if len(text) > self.longest:
            return None
        return next((f.intent for f in self.follow_ups if f.after == topic and f.pattern.search(text)), None)

    def leaves_the_wait(self, text: str, confirming: bool = False) -> bool:
        """Whether a customer who waits for a person calls that off.

        `confirming`: the customer was just asked whether they mean it, so a plain yes counts and an unclear word does not.
        """
        if len(text) > _LONGEST_WITH_CLAUSES:
            return False
        text = self.spelled(text)
        if any(pattern.search(text) for pattern in self.leaving.staying) or self.leaving.unless.search(text):
            return False
        if any(pattern.search(text) for pattern in self.leaving.about_waiting):
            return True
        if len(text) > self.longest:
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
