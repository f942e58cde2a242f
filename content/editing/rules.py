"""What no wallet may say, and what an editor should look at again, in every text that customers read."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any, FrozenSet, Iterable, List, Mapping, Optional

from content.editing.article_file import ArticleForm
from content.editing.article_rules import door_problems, field_problems, validity_problems
from content.editing.fact_texts import FactText, names_in, with_facts
from content.editing.links import foreign_links, hosts_of
from content.editing.number_rules import Key, fact_figures, phone_problems, typed_number_problems
from content.editing.problems import BLOCK, WARN, Problem
from content.editing.secrets import secret_requests
from content.editing.text_rules import character_problems, length_problems, markup_problems, placeholder_problems
from contract.locales import FILE_LOCALES

#: English texts have no marks around menus, so only Chinese ones are compared.
_MENU = re.compile(r"「([^「」\n]{1,60})」")


@dataclass(frozen=True)
class Rules:
    """The rules with what they compare a text to. `facts`: locale -> name -> value. `menus`: see `menus_in`."""

    facts: Mapping[str, Mapping[str, Any]]
    figures: Mapping[str, Mapping[str, FrozenSet[Key]]] = field(default_factory=dict)
    hosts: FrozenSet[str] = frozenset()
    menus: FrozenSet[str] = frozenset()

    @classmethod
    def of(
        cls, facts: Mapping[str, Mapping[str, Any]], texts: Iterable[FactText], menus: FrozenSet[str] = frozenset()
    ) -> Rules:
        """The rules for some facts and the texts that show them."""
        listed = list(texts)
        figures = {locale: fact_figures(facts[locale], listed, locale) for locale in FILE_LOCALES}
        return cls(facts, figures, hosts_of([value for each in facts.values() for value in each.values()]), menus)

    def text_problems(
        self,
        text: str,
        locale: str,
        *,
        field: str = "text",
        names: Iterable[str] = (),
        statements: bool = False,
        near: Iterable[str] = (),
    ) -> List[Problem]:
        """The problems of one text. `names`: what is filled in besides facts. `near`: facts that belong to its matter."""
        facts = self.facts[locale]
        found = character_problems(text, field)
        found += placeholder_problems(text, {*facts, *names}, field, statements=statements)
        found += markup_problems(text, field)
        found += self._secrets(text, facts, field)
        found += [
            _link_problem(text[each.start : each.end], field, each.start, each.end) for each in foreign_links(text, self.hosts)
        ]
        found += phone_problems(text, facts, field)
        return found + typed_number_problems(text, facts, self.figures.get(locale, {}), near, field)

    def _secrets(self, text: str, facts: Mapping[str, Any], field: str) -> List[Problem]:
        found = [_secret_problem(each.words, field, each.start, each.end) for each in secret_requests(text)]
        if not found:  # a fact may say what the text does not
            found = [_secret_problem(each.words, field, None, None) for each in secret_requests(with_facts(text, facts))]
        return found

    def article_problems(
        self,
        form: ArticleForm,
        other: Optional[ArticleForm],
        intents: Mapping[str, Mapping[str, Any]],
        required_doors: Mapping[str, List[str]],
        today: dt.date,
    ) -> List[Problem]:
        """The problems of an article in one language; `other` is its other language. Blocking ones first."""
        near = sorted(names_in(form.text) | (names_in(other.text) if other is not None else frozenset()))
        found = field_problems(form, intents) + validity_problems(form, today)
        found += door_problems(form, other, intents, required_doors.get(form.id, []))
        found += self.text_problems(form.text, form.locale, near=near)
        without_facts = Rules({locale: {} for locale in FILE_LOCALES}, hosts=self.hosts)
        found += without_facts.text_problems(form.title, form.locale, field="title")
        for _, label in form.doors:
            found += markup_problems(label, "doors") + character_problems(label, "doors")
            found += self._secrets(label, {}, "doors")
        found += length_problems(form.text, form.locale, self.facts[form.locale])
        if self.menus:
            found += menu_problems(form.text, self.menus)
        return sorted(found, key=lambda problem: problem.severity != BLOCK)


def forbidden(text: str, field: str) -> List[Problem]:
    """What no text may say, whatever the facts are: it asks for a secret, or holds markup or hidden characters."""
    found = [_secret_problem(each.words, field, each.start, each.end) for each in secret_requests(text)]
    return found + markup_problems(text, field) + character_problems(text, field)


def menus_in(texts: Iterable[str]) -> FrozenSet[str]:
    """The names of the app's menus, as Chinese texts name them: 「我的 > 设置」."""
    return frozenset(step for text in texts for path, _, _ in _menu_paths(text) for step in path)


def menu_problems(text: str, known: FrozenSet[str]) -> List[Problem]:
    """Paths through menus with a step that no published article names: perhaps misspelt, perhaps not in the app."""
    found = []
    for path, start, end in _menu_paths(text):
        unknown = [step for step in path if step not in known]
        if unknown:
            zh = f"别的文章都没有提到菜单“{unknown[0]}”：请核对应用里是不是这样写的。"
            en = f"No other article names the menu “{unknown[0]}”: check how the app spells it."
            found.append(Problem("unknown_menu", zh, en, severity=WARN, field="text", start=start, end=end))
    return found


def _menu_paths(text: str) -> List[Any]:
    found = []
    for match in _MENU.finditer(text):
        steps = [step.strip() for step in match.group(1).split(">")]
        if len(steps) > 1 and all(steps):
            found.append((steps, match.start(), match.end()))
    return found


def _secret_problem(words: str, field: str, start: Optional[int], end: Optional[int]) -> Problem:
    return Problem(
        "asks_for_secret",
        f"“{words.strip()}”像是在向客户要密码、验证码或完整卡号。钱包任何时候都不能这样说，请换一种写法。",
        f"“{words.strip()}” seems to ask for a password, a code or a full card number: no wallet may say so.",
        field=field,
        start=start,
        end=end,
    )


def _link_problem(words: str, field: str, start: int, end: int) -> Problem:
    return Problem(
        "foreign_link",
        f"“{words.strip()}”不是钱包自己的网址、邮箱或联系方式。允许的都在事实里：请用那里的，或先加进去。",
        f"“{words.strip()}” is not the wallet's own link, address or channel: use one of the facts, or add it there.",
        field=field,
        start=start,
        end=end,
    )
