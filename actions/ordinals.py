"""Numbers and positions with which a customer selects one of several things: an offered topic, or a step of an article."""

from __future__ import annotations

import re
from typing import Match, Optional

from actions.short_reply import DECORATION

_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九十")}
_DIGITS.update({"两": 2, "俩": 2, "首": 1, "壹": 1, "贰": 2, "叁": 3})
_ENGLISH = {
    **dict.fromkeys(("first", "1st", "one", "i", "a"), 1),
    **dict.fromkeys(("second", "2nd", "two", "ii", "b"), 2),
    **dict.fromkeys(("third", "3rd", "three", "iii", "c"), 3),
    **dict.fromkeys(("fourth", "4th", "four", "d"), 4),
    **dict.fromkeys(("fifth", "5th", "five"), 5),
    **dict.fromkeys(("sixth", "6th", "six"), 6),
}
#: Stands for the last step of an article.
LAST_STEP = -1
_WORDS = r"first|second|third|fourth|fifth|sixth|[1-6](?:st|nd|rd|th)|one|two|three|four|five|six"
_NUMBER = rf"\d{{1,2}}|[一二两三四五六七八九十壹贰叁首俩]|{_WORDS}"
_STEP = re.compile(
    rf"第\s*(?P<chinese>{_NUMBER})\s*[步条点个项]|步骤\s*(?P<after>{_NUMBER})|\bstep\s*(?P<english>{_NUMBER})\b"
    rf"|\b(?P<ordinal>{_NUMBER})\s+step\b|(?P<last>最后一[步条点]|last step|final step)"
)
# Words that may precede and follow the number without changing the selection.
_BEFORE = (
    r"(?:我|就|要|选|选择|想|问|是|点|按|看|应该|可能|大概|说|的|嗯|恩|额|那|那就|好像|也|属于|对应|是这|在|回|回复|扣|选项"
    r"|i|want|need|choose|pick|take|option|number|no|nr|num|choice|topic|its|it|is|id|like|mean|think|the|would|maybe"
    r"|probably|select|ok|yes|go|with|please|my|problem|question|answer|ill|ask|about|[,，.:：#(]|\s)*"
)
_BEHIND = (
    r"(?:个|条|项|种|号|款|点|那个|这个|那项|那条|一个|选项|问题|吧|啊|呀|了|的|谢谢|呢|哈|哦|噢|就|是|就是|对|嗯|请"
    r"|one|option|please|pls|thanks|thank|you|topic|choice|is|my|it|thx|[,，.。!！~)、]|\s)*"
)
_CHOICE = re.compile(rf"^{_BEFORE}第?(?P<number>{_NUMBER}|i{{1,3}}|[abcd]){_BEHIND}$")
_PLACE = re.compile(
    rf"^{_BEFORE}(?:(?P<last>最后|最末|末尾|最下面|最下边|最底下|倒数第一|下面|下边|last|bottom|后面)|(?P<middle>中间|当中|middle)"
    rf"|(?P<first>最上面|最上边|最前面|上面|上边|前面|开头|top|首个|头一个))(?:那|这)?(?:一|1)?{_BEHIND}$"
)
#: An ordinal with "第", which is also typed as other characters of the same sound, or an English ordinal.
_ORDINAL = re.compile(r"(?:[第地弟递]\s*([一二两三四五六七八九]|\d)|\b(first|second|third|fourth|fifth)\b(?! (?:of all|time)))")
_NOT_CHOSEN = re.compile(r"[不别除非没吗?？]|哪|什么|怎么|次|\bnot\b|\bno\b|\bwhat\b|\bwhich\b|\bhow\b|\bsec(?:ond)?s?$")
#: Characters of the longest text that names a number or position. It bounds the time of the patterns.
_SHORT = 24


def number_chosen(text: str, count: int) -> Optional[int]:
    """The number, from 1, of the offered thing that a text names by number or position, out of `count`.

    None if the text names nothing, or something that was not offered. The text has the spelling of `ShortReplies.spelled`.
    """
    text = DECORATION.sub("", text).strip()
    if len(text) > _SHORT:
        return None
    choice, place = _CHOICE.match(text), _PLACE.match(text)
    ordinals = [] if _NOT_CHOSEN.search(text) else _ORDINAL.findall(text)
    number: Optional[int]
    if choice:
        number = _as_number(choice["number"])
    elif place:
        number = _as_place(place, count)
    elif len(ordinals) == 1:
        number = _as_number(next(filter(None, ordinals[0])))
    else:
        return None
    return number if number is not None and 1 <= number <= count else None


def step_named(text: str) -> Optional[int]:
    """The number of the step that a text names, from 1, or `LAST_STEP`; None if it names none."""
    match = _STEP.search(DECORATION.sub("", text))
    if match is None:
        return None
    if match["last"]:
        return LAST_STEP
    return _as_number(next(match[name] for name in ("chinese", "after", "english", "ordinal") if match[name]))


def _as_place(match: Match[str], count: int) -> Optional[int]:
    if match["last"]:
        return count
    return 1 if match["first"] else (count + 1) // 2 if count % 2 else None


def _as_number(word: str) -> int:
    if word.isdigit():
        return int(word)
    return _ENGLISH[word] if word in _ENGLISH else _DIGITS[word]
