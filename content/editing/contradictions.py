"""The same fact said with different numbers: in the two languages of a text, in a fact, in two texts about one matter.

Precise rather than complete: an editor who meets a false alarm stops reading the list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Set, Tuple

from content.editing.fact_texts import FactText, names_in, with_facts
from content.editing.number_rules import Key, without_placeholders
from content.editing.quantities import Quantity, quantities, same_figures

_MEASURED = ("time", "money", "rate")
#: Two clauses speak of the same thing if so much of the shorter one's words is in the other one, numbers aside.
_ALIKE = 0.6
_CLAUSE = re.compile(r"[^，。；：！？,;!?\n]+")
_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
#: A clause with fewer pairs of characters says too little to be compared.
_FEWEST_PAIRS = 4
Place = Tuple[str, str, str]


@dataclass(frozen=True)
class Contradiction:
    """One contradiction, and where: `(kind, id, locale)` of each text (`FactText`), kind `fact` for a fact."""

    zh: str
    en: str
    places: Tuple[Place, ...]

    def as_json(self) -> Dict[str, Any]:
        """The contradiction as the API gives it; `articles` are those of its places that are articles."""
        named = [{"kind": kind, "id": id_, "locale": locale} for kind, id_, locale in self.places]
        return {
            "zh": self.zh,
            "en": self.en,
            "places": named,
            "articles": [each for each in named if each["kind"] == "article"],
        }


def contradictions(facts: Mapping[str, Mapping[str, Any]], texts: Iterable[FactText]) -> List[Contradiction]:
    """All contradictions in the texts of a working copy."""
    listed = list(texts)
    return [*_in_facts(facts), *_between_languages(facts, listed), *_with_facts(facts, listed)]


def _in_facts(facts: Mapping[str, Mapping[str, Any]]) -> List[Contradiction]:
    found = []
    for name, zh in facts["zh"].items():
        en = facts["en"].get(name, zh)
        different = same_figures(str(zh), str(en))
        if different is not None:
            words = (
                f"事实 {name} 的中文是“{zh}”，英文是“{en}”，数字不一样。",
                f"The fact {name} is “{zh}” in Chinese and “{en}” in English.",
            )
            found.append(Contradiction(*words, (("fact", name, "zh"), ("fact", name, "en"))))
    return found


def _between_languages(facts: Mapping[str, Mapping[str, Any]], texts: List[FactText]) -> List[Contradiction]:
    """Numbers with a unit that one language of a text says and the other does not."""
    pairs: Dict[Tuple[str, str], Dict[str, FactText]] = {}
    for text in texts:
        pairs.setdefault((text.kind, text.id), {})[text.locale] = text
    found = []
    for (kind, id_), both in pairs.items():
        if not {"zh", "en"} <= both.keys():
            continue
        figures = {locale: _figures(both[locale], facts[locale]) for locale in ("zh", "en")}
        lone = dict.fromkeys(
            each.words.strip()
            for locale, other in (("zh", "en"), ("en", "zh"))
            for each in figures[locale]
            if each.dimension in _MEASURED and not any(_is_same(each, one) for one in figures[other])
        )
        if lone:
            title = both["zh"].title, both["en"].title
            zh = f"“{title[0]}”的中文和英文说法不一样：“{'”、“'.join(lone)}”只在一种语言里有。"
            en = f"“{title[1]}” differs between Chinese and English: only one of them says “{'”, “'.join(lone)}”."
            found.append(Contradiction(zh, en, ((kind, id_, "zh"), (kind, id_, "en"))))
    return found


def _is_same(figure: Quantity, other: Quantity) -> bool:
    """Whether two figures agree; one language may leave the unit out ("10,000 元", "10,000")."""
    return figure.values == other.values and (figure.unit == other.unit or not other.unit)


def _figures(text: FactText, facts: Mapping[str, Any]) -> List[Quantity]:
    return quantities(with_facts(_STATEMENT.sub(" ", text.text), facts), written_counts=text.locale == "en")


def _with_facts(facts: Mapping[str, Mapping[str, Any]], texts: List[FactText]) -> List[Contradiction]:
    """A typed number in a clause that says what another clause says with a fact, but with another value."""
    said = _clauses_with_facts(texts)
    found = []
    for text in texts:
        if text.locale not in facts:
            continue
        for clause in _CLAUSE.finditer(without_placeholders(_STATEMENT.sub(" ", text.text))):
            for figure in quantities(clause.group()):
                if figure.dimension not in _MEASURED:
                    continue
                words = _pairs(clause.group()[: figure.start] + clause.group()[figure.end :])
                for name, other, pairs in said.get(text.locale, ()):
                    if _alike(words, pairs) and _differs(figure, quantities(str(facts[text.locale].get(name, "")))):
                        value = facts[text.locale][name]
                        zh = f"“{text.title}”写的是“{figure.words.strip()}”，而“{other.title}”用的事实 {name} 是“{value}”。"
                        en = f"“{text.title}” says “{figure.words.strip()}”; “{other.title}” says “{value}” (fact {name})."
                        places = ((text.kind, text.id, text.locale), (other.kind, other.id, other.locale))
                        found.append(Contradiction(zh, en, places))
                        break
    return found


def _clauses_with_facts(texts: List[FactText]) -> Dict[str, List[Tuple[str, FactText, FrozenSet[str]]]]:
    found: Dict[str, List[Tuple[str, FactText, FrozenSet[str]]]] = {}
    for text in texts:
        if not names_in(text.text):
            continue
        for clause in _CLAUSE.finditer(_STATEMENT.sub(" ", text.text)):
            for match in _PLACEHOLDER.finditer(clause.group()):
                rest = _PLACEHOLDER.sub(" ", clause.group())
                found.setdefault(text.locale, []).append((match.group(1), text, _pairs(rest)))
    return found


def _pairs(clause: str) -> FrozenSet[str]:
    """The pairs of neighbouring characters of a Chinese clause, and the words of an English one."""
    words: Set[str] = set(re.findall(r"[a-z]{2,}", clause.lower()))
    for run in re.findall(r"[\u4e00-\u9fff]+", clause):
        words |= {run[at : at + 2] for at in range(len(run) - 1)}
    return frozenset(words)


def _alike(words: FrozenSet[str], others: FrozenSet[str]) -> bool:
    least = min(len(words), len(others))
    return least >= _FEWEST_PAIRS and len(words & others) >= _ALIKE * least


def _differs(figure: Quantity, fact: List[Quantity]) -> bool:
    """Whether a fact has one figure, of the same unit, with another value."""
    keys: List[Key] = [each.key for each in fact]
    return len(keys) == 1 and keys[0][1] == figure.unit and keys[0] != figure.key
