"""Rules for typed numbers: those that are facts, those that may contradict one, phone numbers that are not the wallet's."""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Set, Tuple

from content.editing.fact_texts import FactText
from content.editing.problems import BLOCK, WARN, Problem
from content.editing.quantities import Quantity, quantities

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_FILLED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
#: Digits with separators, mobile numbers, and what a text tells to call.
_PHONE = re.compile(
    r"(?<![\d.,])(?:\+\d[\d -]{6,16}\d|(?:400|800)[- ]?\d{3,4}[- ]?\d{3,4}|0\d{2,3}[- ]\d{7,8}|1[3-9]\d{9})(?![\d.,]*\d)"
    r"|(?:拨打?|致电|打电话|热线|客服电话|电话[是为:：]?|\bcall|\bdial|\bphone|\bring)\s*"
    r"(?P<short>\d{3,12})(?!\d|[- ]\d|\s*(?:次|个|天|分|秒|小时|times|days|min))",
    re.IGNORECASE,
)
#: Facts that hold nothing but such a short number are too common to be recognised without a unit.
_SHORTEST_LITERAL = 5
_MEASURED = ("time", "money", "rate")
Key = Tuple[Tuple[float, ...], str]


def without_placeholders(text: str) -> str:
    """The text with what is filled in blanked out; every other character keeps its place."""
    return _FILLED.sub(lambda found: "\x00" * len(found.group(0)), text)


def fact_figures(facts: Mapping[str, Any], texts: Iterable[FactText], locale: str) -> Dict[str, FrozenSet[Key]]:
    """Name of a fact -> the figures that it makes in texts: "60" is "60 秒" where a text says {{ code_resend_seconds }} 秒.

    Facts with several figures, or none, are left out.
    """
    found: Dict[str, Set[Key]] = {}
    for name, value in facts.items():
        own = quantities(str(value), written_counts=True)
        if len(own) == 1:
            found[name] = {own[0].key}
    for text in texts:
        if text.locale != locale:
            continue
        for match in _PLACEHOLDER.finditer(text.text):
            name = match.group(1)
            if name not in found:
                continue
            shown = str(facts[name]) + text.text[match.end() : match.end() + 20].split("{")[0]
            first = next(iter(quantities(shown)), None)
            if first is not None and first.start == 0 and first.unit:
                found[name].add(first.key)
    return {name: frozenset(keys) for name, keys in found.items()}


def typed_number_problems(
    text: str, facts: Mapping[str, Any], figures: Mapping[str, FrozenSet[Key]], near: Iterable[str], field: str
) -> List[Problem]:
    """Warnings for typed numbers. `near`: the facts that the article uses, in any language; they are offered first."""
    typed = without_placeholders(text)
    near = [name for name in near if name in facts]
    found: List[Problem] = []
    taken: List[Tuple[int, int]] = []
    for name in [*near, *(name for name in facts if name not in near)]:
        value = str(facts[name]).strip()
        if len(value) < _SHORTEST_LITERAL or not any(character.isdigit() for character in value):
            continue
        for match in re.finditer(rf"(?<![\d.,]){re.escape(value)}(?![\d]|[.,]\d)", typed):
            if not _overlaps(taken, match.start(), match.end()):
                taken.append(match.span())
                found.append(_is_fact(match.group(0), name, match.start(), match.end(), field))
    for figure in quantities(typed):
        if _overlaps(taken, figure.start, figure.end) or not figure.unit or figure.unit == "phone":
            continue
        same = [name for name in [*near, *figures] if figure.key in figures.get(name, ())]
        if same:
            found.append(_is_fact(figure.words, same[0], figure.start, figure.end, field))
        elif figure.dimension in _MEASURED:
            other = next((name for name in near if _same_dimension(figure, figures.get(name, frozenset()))), None)
            if other is not None:
                found.append(_beside(figure, other, str(facts[other]), field))
    return found


def phone_problems(text: str, facts: Mapping[str, Any], field: str) -> List[Problem]:
    """Phone numbers that no fact holds. A wrong number sends a victim to nobody, or to a fraudster."""
    known = {re.sub(r"\D", "", str(value)) for value in facts.values()}
    found = []
    for match in _PHONE.finditer(without_placeholders(text)):
        start, end = match.span("short") if match.group("short") else match.span()
        words = text[start:end]
        if re.sub(r"\D", "", words) not in known:
            zh = f"电话“{words}”不在事实列表里：请先在事实里加上它，再用 {{{{ 名称 }}}} 引用。"
            en = f"The phone number “{words}” is not among the facts: add it there first, then show it by {{{{ name }}}}."
            found.append(Problem("foreign_phone", zh, en, severity=BLOCK, field=field, start=start, end=end))
    return found


def _is_fact(words: str, name: str, start: int, end: int, field: str) -> Problem:
    return Problem(
        "typed_fact",
        f"“{words.strip()}”就是事实 {name}：换成它，以后改一处就都改了。",
        f"“{words.strip()}” is the fact {name}: use it, and a later change reaches every text.",
        severity=WARN,
        field=field,
        start=start,
        end=end,
        fix="{{ " + name + " }}",
    )


def _beside(figure: Quantity, name: str, value: str, field: str) -> Problem:
    words = figure.words.strip()
    return Problem(
        "typed_number",
        f"“{words}”是手写的数字，而这篇文章用的事实 {name} 是“{value}”：请核对，两个说法可能矛盾。",
        f"“{words}” is typed, and the article's fact {name} is “{value}”: check whether they contradict each other.",
        severity=WARN,
        field=field,
        start=figure.start,
        end=figure.end,
        fix="{{ " + name + " }}",
    )


def _same_dimension(figure: Quantity, keys: FrozenSet[Key]) -> bool:
    return any(Quantity(values, unit, 0, 0, "").dimension == figure.dimension for values, unit in keys)


def _overlaps(taken: List[Tuple[int, int]], start: int, end: int) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in taken)
