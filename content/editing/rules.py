"""What no wallet may say, and what an editor should look at again, in every text that customers read."""

from __future__ import annotations

import datetime as dt
from typing import Any, Iterable, List, Mapping, Optional

from content.editing.article_file import ArticleForm
from content.editing.article_rules import door_problems, field_problems, validity_problems
from content.editing.problems import BLOCK, Problem
from content.editing.text_rules import character_problems, length_problems, markup_problems, placeholder_problems


def text_problems(
    text: str,
    locale: str,
    facts: Mapping[str, Any],
    *,
    field: str = "text",
    names: Iterable[str] = (),
    statements: bool = False,
) -> List[Problem]:
    """The problems of one text. `facts`: of its language. `names`: what is filled in besides facts, such as `agent_name`."""
    found = character_problems(text, field)
    found += placeholder_problems(text, {*facts, *names}, field, statements=statements)
    found += markup_problems(text, field)
    return found


def article_problems(
    form: ArticleForm,
    other: Optional[ArticleForm],
    facts: Mapping[str, Mapping[str, Any]],
    intents: Mapping[str, Mapping[str, Any]],
    required_doors: Mapping[str, List[str]],
    today: dt.date,
) -> List[Problem]:
    """The problems of an article in one language; `other` is its other language. Blocking ones first."""
    mine = facts[form.locale]
    found = field_problems(form, intents) + validity_problems(form, today)
    found += door_problems(form, other, intents, required_doors.get(form.id, []))
    found += text_problems(form.title, form.locale, {}, field="title")
    found += text_problems(form.text, form.locale, mine)
    for _, label in form.doors:
        found += markup_problems(label, "doors")
    found += length_problems(form.text, form.locale, mine)
    return sorted(found, key=lambda problem: problem.severity != BLOCK)
