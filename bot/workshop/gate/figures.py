"""Facts that were changed in one place only: figures typed over a fact, or different in two languages.

In the project no text types a figure: each number with its unit comes from `facts.yml`, so that all texts change together. A
draft that types one where a fact stands, or stood, makes two texts disagree.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from bot.workshop.gate.edition import Edition, TextId
from bot.workshop.gate.report import Refusal
from content.editing.quantities import Quantity, quantities, same_figures
from contract.locales import FILE_LOCALES

_SLOT = re.compile(r"\{\{\s*(\w+)\s*(?:\|[^}]*)?\}\}")
_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{\w+\}", re.DOTALL)
#: "Try again in 10 minutes" states no service of the wallet.
_RETRY = re.compile(r"再试|重试|再来|重启|稍等|try(?:ing)? again|retry|restart")
#: "For example 100 yuan" states no service either, and a calendar date is no duration.
_EXAMPLE = re.compile(r"例如|比如|譬如|举例|假如|\be\.g\.|\bfor (?:example|instance)\b|\bsuch as\b", re.IGNORECASE)
_DATE = re.compile(
    r"(?:\d{4}\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*[日号])?|\d{1,2}\s*月\s*\d{1,2}\s*[日号])"
    r"(?:\s*[至到-]\s*(?:\d{1,2}\s*月\s*)?\d{1,2}\s*[日号])?"
    r"|\b(?:from )?\d{1,2}(?: to \d{1,2})? (?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*(?: \d{4})?\b",
    re.IGNORECASE,
)
#: Short durations. A form that takes 2 minutes says nothing about a refund that takes 3 days.
_SHORT = ("second", "minute", "hour")
#: The word that a plain number counts.
_COUNTED = re.compile(r"\s*([\u4e00-\u9fff]|[a-z]+)", re.IGNORECASE)
_CLAUSE = re.compile(r"[，。；！？,;!?\n：:（）()]|\.(?=\s|$)")


def shown_facts(template: str) -> Counter[str]:
    """The names that a text shows by `{{ name }}`, with their number."""
    return Counter(_SLOT.findall(template))


def typed_figures(template: str) -> List[Quantity]:
    """The figures that are typed in a text, outside of `{{ facts }}`."""
    return quantities(_CODE.sub(lambda match: "＿" * len(match.group()), template))


def fact_figures(template: str, facts: Mapping[str, Any]) -> List[Tuple[str, Quantity, str]]:
    """The figures that facts put into a text: fact, figure, and the word that a plain number counts."""
    found: List[Tuple[str, Quantity, str]] = []
    for match in _SLOT.finditer(template):
        if match.group(1) in facts:
            value, following = str(facts[match.group(1)]), template[match.end() : match.end() + 12]
            for figure in quantities(f"{value}{following}"):
                if figure.start < len(value):
                    found.append((match.group(1), figure, _counted(f"{value}{following}", figure)))
    return found


def _counted(text: str, figure: Quantity) -> str:
    match = _COUNTED.match(text, figure.end)
    return match.group(1).lower().rstrip("s") if match and not figure.unit else ""


def figure_refusals(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Each contradiction between figures that the draft brings."""
    yield from _facts(old, new)
    for text, template in new.texts.items():
        if text.locale in FILE_LOCALES and template != old.texts.get(text):
            yield from _typed_over(old, new, text, template)
    yield from _languages(old, new)
    yield from _old_values(old, new)


def _facts(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Facts whose two languages say different figures."""
    before, after = old.bundle.facts, new.bundle.facts
    for name in after["zh"]:
        zh, en = str(after["zh"][name]), str(after["en"].get(name, ""))
        if (zh, en) == (str(before["zh"].get(name)), str(before["en"].get(name))):
            continue
        difference = same_figures(zh, en)
        if difference:
            yield Refusal(
                "fact_differs_between_languages",
                f"The fact `{name}` says “{zh}” in Chinese and “{en}” in English ({difference}): change both.",
                f"事实 `{name}` 中文是“{zh}”，英文是“{en}”（{difference}）：请两种语言一起改。",
            )


def _new_figures(old: Edition, new: Edition, text: TextId) -> List[Quantity]:
    """The typed figures of a text that its old version does not have."""
    known = Counter(figure.key for figure in typed_figures(old.texts.get(text, "")))
    found: List[Quantity] = []
    for figure in typed_figures(new.texts.get(text, "")):
        if known[figure.key]:
            known[figure.key] -= 1
        else:
            found.append(figure)
    return found


def _typed_over(old: Edition, new: Edition, text: TextId, template: str) -> Iterator[Refusal]:
    """Figures that are typed where a fact stands or stood, and say something else."""
    if text not in old.texts:
        return
    facts = new.bundle.facts[text.locale]
    lost = shown_facts(old.texts[text]) - shown_facts(template)
    gone = [each for each in fact_figures(old.texts[text], old.bundle.facts[text.locale]) if each[0] in lost]
    beside = fact_figures(template, facts)
    other = text._replace(locale="en" if text.locale == "zh" else "zh")
    if other in new.texts:
        beside += fact_figures(new.texts[other], new.bundle.facts[other.locale])
    dates = [match.span() for match in _DATE.finditer(template)]
    for figure in _new_figures(old, new, text):
        if any(start <= figure.start < end for start, end in dates):
            continue
        counted = _counted(template, figure)
        replaced = [each[:2] for each in gone if each[1].dimension == figure.dimension and _fit(each[2], counted)]
        alike = replaced + [each[:2] for each in beside if _is_alike(each[1], figure, each[2], counted)]
        if not alike or any(fact.key == figure.key for _, fact in alike):
            continue
        clause = _clause_around(template, figure)
        if not replaced and (_EXAMPLE.search(clause) or (figure.dimension == "time" and _RETRY.search(clause))):
            continue
        said = ", ".join(f"{name} = {facts[name]}" for name in sorted({name for name, _ in alike}))
        yield Refusal(
            "figure_beside_a_fact",
            f"{text}: “{figure.words.strip()}” is typed; the facts there say {said}. Use the fact, or change it in facts.yml.",
            f"{text}：直接写了“{figure.words.strip()}”，而这里的事实是 {said}。请使用事实占位符，数字在 facts.yml 里改。",
            (_clause_around(template, figure).strip(),),
        )


def _is_alike(fact: Quantity, figure: Quantity, word: str, counted: str) -> bool:
    """Whether a typed figure may contradict a fact: another duration, or a number that counts the same word."""
    if fact.dimension != figure.dimension:
        return False
    if fact.dimension == "time":
        return figure.unit not in _SHORT or fact.unit in _SHORT
    return fact.dimension != "number" or (bool(word) and word == counted)


def _fit(word: str, counted: str) -> bool:
    """Whether two plain numbers count the same; figures with units have no such word."""
    return not word or not counted or word == counted


def _clause_around(template: str, figure: Quantity) -> str:
    start = max((match.end() for match in _CLAUSE.finditer(template, 0, figure.start)), default=0)
    end = _CLAUSE.search(template, figure.end)
    return template[start : end.start() if end else len(template)]


def _languages(old: Edition, new: Edition) -> Iterator[Refusal]:
    """A fact that one language no longer shows and the other does; typed figures that differ between the languages."""
    for text in new.texts:
        if text.locale != "zh" or text._replace(locale="en") not in new.texts:
            continue
        pair = {"zh": text, "en": text._replace(locale="en")}
        if all(new.texts[each] == old.texts.get(each) for each in pair.values()):
            continue
        shown = {locale: shown_facts(new.texts[each]) for locale, each in pair.items()}
        before = {locale: shown_facts(old.texts.get(each, "")) for locale, each in pair.items()}
        for ours, theirs in (("zh", "en"), ("en", "zh")):
            for name in before[ours]:
                was_in_both = name in before[theirs]
                if was_in_both and name in shown[theirs] and name not in shown[ours] and name in new.bundle.facts["zh"]:
                    yield Refusal(
                        "fact_in_one_language",
                        f"{pair[ours]}: no longer shows the fact `{name}`, but {pair[theirs]} does: change both.",
                        f"{pair[ours]}：不再显示事实 `{name}`，而 {pair[theirs]} 还在显示：请两种语言一起改。",
                    )
        yield from _disagree(pair, {locale: _new_figures(old, new, each) for locale, each in pair.items()})


def _disagree(pair: Mapping[str, TextId], figures: Mapping[str, List[Quantity]]) -> Iterator[Refusal]:
    for dimension in ("time", "money", "rate", "phone"):
        zh, en = ({figure.key for figure in figures[locale] if figure.dimension == dimension} for locale in ("zh", "en"))
        if zh and en and zh != en:
            yield Refusal(
                "languages_disagree",
                f"{pair['zh']} and {pair['en']} type different figures: {_words(figures['zh'])} and {_words(figures['en'])}.",
                f"{pair['zh']} 与 {pair['en']} 写的数字不同：{_words(figures['zh'])}；{_words(figures['en'])}。",
            )


def _words(figures: List[Quantity]) -> str:
    return ", ".join(f"“{figure.words.strip()}”" for figure in figures)


def _old_values(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Texts that type the old value of a fact that the draft changes."""
    for locale in FILE_LOCALES:
        before, after = old.bundle.facts[locale], new.bundle.facts[locale]
        changed = {name for name in before if name in after and before[name] != after[name]}
        for text, template in new.texts.items():
            if text.locale != locale or not changed:
                continue
            about = _facts_about(new, text) & changed
            old_figures: Dict[Any, str] = {
                fact.key: name for name in about for fact in quantities(str(before[name])) if fact.unit
            }
            for figure in typed_figures(template):
                name: Optional[str] = old_figures.get(figure.key)
                if name is not None:
                    yield Refusal(
                        "old_value_left",
                        f"{text}: still types “{figure.words.strip()}”, the old value of the fact `{name}`.",
                        f"{text}：还写着“{figure.words.strip()}”，这是事实 `{name}` 的旧值。",
                    )


def _facts_about(edition: Edition, text: TextId) -> Set[str]:
    """The facts that a text shows in any language."""
    return {name for locale in FILE_LOCALES for name in shown_facts(edition.texts.get(text._replace(locale=locale), ""))}
