"""`facts.yml` as a list of facts: names, values in both languages, the comment above them; change one, add one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Optional

from content.editing.problems import Problem
from content.editing.yaml_spans import node_at, read_value, scalar_text, set_value
from content.facts import FILE
from contract.locales import FILE_LOCALES

NAME = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
_LONGEST = 300
#: A number that a fact without unit may hold; a leading zero is part of a text, not of a number.
_NUMBER = re.compile(r"^(?:0|[1-9][0-9]{0,14})$")
_MARKUP = re.compile(r"[{}<>`]|\*\*")


@dataclass(frozen=True)
class Fact:
    """One fact. `zh`, `en`: its values as texts show them. `comment`: what the file says of its group."""

    name: str
    zh: str
    en: str
    comment: str


def list_facts(text: str) -> List[Fact]:
    """The facts of a file's text, in its order. Raises ContentError."""
    lines = text.splitlines()
    found = []
    for name, value in (read_value(text, []) or {}).items():
        node = node_at(text, [name])
        line = node.start_mark.line if node is not None else 0
        found.append(Fact(str(name), _of(value, "zh"), _of(value, "en"), _comment_above(lines, line)))
    return found


def fact_of(text: Optional[str], name: str) -> Optional[Dict[str, str]]:
    """One fact as `{zh, en}`; None if there is none. Raises ContentError."""
    document = read_value(text or "", []) or {}
    if name not in document:
        return None
    return {locale: _of(document[name], locale) for locale in FILE_LOCALES}


def set_fact(text: str, name: str, zh: str, en: str) -> str:
    """The file's text with other values of a fact. Raises KeyError for an unknown one, and ContentError."""
    present = read_value(text, [name])
    if fact_of(text, name) == {"zh": zh, "en": en}:
        return text
    if isinstance(present, dict):
        for locale, value in (("zh", zh), ("en", en)):
            text = set_value(text, [name, locale], value)
        return text
    return set_value(text, [name], _value(zh, en, like=present))


def add_fact(text: str, name: str, zh: str, en: str, after: Optional[str] = None) -> str:
    """The file's text with a new fact: behind the fact `after`, or at the end. Raises ContentError."""
    value = _value(zh, en, like="")
    written = (
        "{" + ", ".join(f"{locale}: {scalar_text(each, quoted=True)}" for locale, each in value.items()) + "}"
        if isinstance(value, dict)
        else scalar_text(value, quoted=not isinstance(value, int))
    )
    newline = "\r\n" if "\r\n" in text else "\n"
    node = node_at(text, [after]) if after else None
    lines = text.split("\n")
    at = len(text) if node is None else sum(len(line) + 1 for line in lines[: node.end_mark.line + 1])
    before = text[:at] if at == 0 or text[at - 1 : at] == "\n" else text[:at] + newline
    return before + f"{name}: {written}{newline}" + text[at:]


def fact_problems(name: str, zh: str, en: str, *, is_new: bool, known: List[str]) -> List[Problem]:
    """What is wrong with a fact as an editor typed it."""
    found = []
    if is_new and not NAME.match(name):
        found.append(
            Problem(
                "bad_fact_name",
                "名称只能用小写英文字母、数字和下划线，以字母开头，2 到 40 个字符。",
                "A name has 2 to 40 lower-case letters, digits and underscores, and begins with a letter.",
                field="name",
            )
        )
    if is_new and name in known:
        found.append(Problem("fact_exists", f"已经有叫“{name}”的事实了。", f"There is a fact “{name}” already.", field="name"))
    for locale, value in (("zh", zh), ("en", en)):
        which = {"zh": "中文", "en": "英文"}[locale]
        if not value.strip():
            found.append(Problem("empty_fact", f"{which}的值是空的。", f"The value in {locale} is empty.", field=locale))
        elif len(value) > _LONGEST or "\n" in value or not value.isprintable():
            found.append(
                Problem(
                    "bad_fact_value",
                    f"{which}的值必须是一行字，最多 {_LONGEST} 个字符。",
                    f"The value in {locale} must be one line of at most {_LONGEST} characters.",
                    field=locale,
                )
            )
        elif _MARKUP.search(value):
            found.append(
                Problem(
                    "bad_fact_value",
                    f"{which}的值里不能有花括号、尖括号、反引号或 **。",
                    f"The value in {locale} cannot hold braces, angle brackets, backquotes or **.",
                    field=locale,
                )
            )
    return found


def _of(value: Any, locale: str) -> str:
    found = value.get(locale, "") if isinstance(value, dict) else value
    return "" if found is None else str(found)


def _value(zh: str, en: str, *, like: Any) -> Any:
    if zh != en:
        return {"zh": zh, "en": en}
    if isinstance(like, int) and not isinstance(like, bool) and _NUMBER.match(zh):
        return int(zh)
    return zh


def _comment_above(lines: List[str], line: int) -> str:
    """The comment of the group that a line (from 0) belongs to: the lines of comments above the last blank line."""
    at = line - 1
    while at >= 0 and lines[at].strip() and not lines[at].lstrip().startswith("#"):
        at -= 1
    found: List[str] = []
    while at >= 0 and lines[at].lstrip().startswith("#"):
        found.insert(0, lines[at].lstrip().lstrip("#").strip())
        at -= 1
    return " ".join(found)


__all__ = ["FILE", "NAME", "Fact", "add_fact", "fact_of", "fact_problems", "list_facts", "set_fact"]
