"""Finds the words of a text that promise a customer something by a time: how much time, and the words.

A time is a promise if an action of ours goes with it (`actions` of data/promises.yml), in the same clause. A time without one
is a fact: when money arrives, how long a code is valid.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Dict, Iterator, List, Mapping, Optional, Pattern, Tuple

_CLAUSE_ZH = re.compile(r"[。！？!?；;，,：:\n]+")
_SENTENCE_EN = re.compile(r"(?<=[.!?;,])\s+|\n+")
#: Characters of traditional texts that the words of promises use.
_SIMPLIFIED = str.maketrans(
    "個內聯繫絡復覆給處結電訪饋進專員團隊會後時鐘銀對請沒辦決當為調實審報實訴與還過間鐘點號應間戶這們說幾兩",
    "个内联系络复复给处结电访馈进专员团队会后时钟银对请没办决当为调实审报实诉与还过间钟点号应间户这们说几两",
)
_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ENGLISH = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
_NUMBER = r"\d{1,4}|[零一二两三四五六七八九十百]{1,5}|半"
_TIME_ZH = re.compile(
    rf"(?:(?P<least>{_NUMBER})\s*(?:-|—|–|~|至|到)\s*)?(?P<most>{_NUMBER})\s*"
    r"(?P<unit>个?工作日|个?自然日|个?小时|个?钟头|分钟|天|日|[hH])\s*(?:之内|以内|内)"
)
_DAY_ZH = re.compile(r"(?P<day>今天|今日|今晚|明天|明日|后天)(?!是|也|还|就)")
_TIME_EN = re.compile(
    r"\b(?:within|in)\s+(?:the\s+next\s+)?(?:(?P<least>\d+|[a-z]+)\s*(?:-|–|to)\s*)?(?P<most>\d{1,4}|[a-z]+)\s+"
    r"(?P<kind>business|working|calendar)?\s*(?P<unit>day|hour|minute|hr|min)s?\b",
    re.IGNORECASE,
)
_DAY_EN = re.compile(r"\b(?P<day>today|tonight|tomorrow)\b", re.IGNORECASE)
_UNITS_ZH: Mapping[str, str] = {
    "工作日": "business_days",
    "自然日": "calendar_days",
    "小时": "hours",
    "钟头": "hours",
    "分钟": "minutes",
}
_UNITS_EN = {"hour": "hours", "hr": "hours", "minute": "minutes", "min": "minutes"}
_DAYS = {"今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1, "后天": 2, "today": 0, "tonight": 0, "tomorrow": 1}
#: Characters of a clause that are looked at: an agent's text can be long.
_LONGEST = 400


@dataclass(frozen=True)
class Promised:
    """A promise in a text: `within` so many of `unit` (of `content.duties.Unit`, or "end_of_day": of the day so many days on).

    `words`: the clause that says it.
    """

    within: int
    unit: str
    words: str


@dataclass(frozen=True)
class PromiseWords:
    """The compiled lists of data/promises.yml, by language."""

    actions: Mapping[str, Pattern[str]]
    not_ours: Mapping[str, Pattern[str]]

    @classmethod
    def of(cls, actions: Mapping[str, Tuple[str, ...]], not_ours: Mapping[str, Tuple[str, ...]]) -> PromiseWords:
        """From lists of regular expressions. Raises re.error."""

        def joined(lists: Mapping[str, Tuple[str, ...]]) -> Dict[str, Pattern[str]]:
            return {name: re.compile("|".join(f"(?:{each})" for each in found) or r"(?!)") for name, found in lists.items()}

        return cls(joined(actions), joined(not_ours))

    def find(self, text: str) -> List[Promised]:
        """The promises of a text in the order in which they stand, in Chinese and in English."""
        plain = unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED)
        return [*self._chinese(plain), *self._english(plain)]

    def _chinese(self, text: str) -> Iterator[Promised]:
        for clause in _CLAUSE_ZH.split(text):
            clause = clause.strip()[:_LONGEST]
            times = [*_TIME_ZH.finditer(clause), *_DAY_ZH.finditer(clause)]
            if not times or self.not_ours["zh"].search(clause):
                continue
            for time in times:
                if self.actions["zh"].search(clause, time.end()):
                    found = _chinese_time(time)
                    if found is not None:
                        yield Promised(*found, clause)

    def _english(self, text: str) -> Iterator[Promised]:
        for sentence in _SENTENCE_EN.split(text):
            folded = sentence.strip()[:_LONGEST].lower().replace("’", "'")
            times = [*_TIME_EN.finditer(folded), *_DAY_EN.finditer(folded)]
            if not times or self.not_ours["en"].search(folded) or not self.actions["en"].search(folded):
                continue
            for time in times:
                found = _english_time(time)
                if found is not None:
                    yield Promised(*found, sentence.strip()[:_LONGEST])


def _chinese_time(match: re.Match[str]) -> Optional[Tuple[int, str]]:
    named = match.groupdict()
    if "day" in named:
        return _DAYS[named["day"]], "end_of_day"
    unit = named["unit"].lstrip("个")
    if named["most"] == "半":
        return (30, "minutes") if unit in ("小时", "钟头") else (12, "hours") if unit == "天" else None
    number = _chinese_number(named["most"])
    if number is None or number <= 0:
        return None
    return number, _UNITS_ZH.get(unit, "hours" if unit in "hH" else "calendar_days")


def _chinese_number(text: str) -> Optional[int]:
    if text.isdigit():
        return int(text)
    if "百" in text:
        return None
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
    return _DIGITS.get(text[-1])  # of 一两天 the later


def _english_time(match: re.Match[str]) -> Optional[Tuple[int, str]]:
    named = match.groupdict()
    if "day" in named:
        return _DAYS[named["day"].lower()], "end_of_day"
    most = named["most"]
    number = int(most) if most.isdigit() else _ENGLISH.get(most)
    if number is None or number <= 0:
        return None
    if named["unit"] == "day":
        return number, "business_days" if named["kind"] in ("business", "working") else "calendar_days"
    return number, _UNITS_EN[named["unit"]]
