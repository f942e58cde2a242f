"""Rules for one text that customers read: placeholders, markup, length."""

from __future__ import annotations

import difflib
import re
from typing import Any, Iterable, List, Mapping

from jinja2 import TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from content.editing.fact_texts import names_in
from content.editing.problems import WARN, Problem
from content.templates import fill

_TEMPLATES = SandboxedEnvironment()
_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_STATEMENT = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_NAME = re.compile(r"\s*[A-Za-z_][A-Za-z0-9_]*\s*")
#: HTML, a script address, an image or a link of Markdown. Pages show a text as it is: customers would read the markup.
_MARKUP = re.compile(
    r"</?[A-Za-z!?][^<>\n]{0,200}>?|\b(?:javascript|data|vbscript):[^\s，。]{1,80}|!?\[[^\]\n]{0,80}\]\([^)\n]{0,200}\)|&#?\w{1,8};",
    re.IGNORECASE,
)
#: What a phone shows without scrolling, in characters of the filled-in text, with some room over the longest present article.
PHONE_SCREEN = {"zh": 360, "en": 920}
#: And in lines.
PHONE_LINES = 14


def placeholder_problems(text: str, known: Iterable[str], field: str, *, statements: bool = False) -> List[Problem]:
    """Placeholders that name no fact, or that are no placeholder at all. `statements`: whether `{% if %}` may stand there."""
    known = sorted(known)
    try:
        _TEMPLATES.parse(text)
    except TemplateSyntaxError as error:
        start, end = _line_span(text, error.lineno)
        return [
            Problem(
                "bad_placeholder",
                "这一行的花括号不完整：事实要写成 {{ 名称 }}，两边各两个花括号。",
                "The braces in this line are not complete: write a fact as {{ name }}, with two braces on each side.",
                field=field,
                start=start,
                end=end,
            )
        ]
    found: List[Problem] = []
    if not statements:
        for match in _STATEMENT.finditer(text):
            found.append(
                Problem(
                    "no_statement",
                    "文章里只能用 {{ 名称 }}，不能用 {% %} 或 {# #}。",
                    "An article can only have {{ name }}, not {% %} or {# #}.",
                    field=field,
                    start=match.start(),
                    end=match.end(),
                )
            )
    for match in _EXPRESSION.finditer(text):
        inside = match.group(1)
        if _NAME.fullmatch(inside):
            if inside.strip() not in known:
                found.append(_unknown(inside.strip(), known, field, match.start(), match.end()))
        elif not statements:
            found.append(
                Problem(
                    "bad_placeholder",
                    f"“{match.group(0)}”不是事实的名称：两个花括号里只能写一个名称。",
                    f"“{match.group(0)}” is no fact's name: two braces can only hold one name.",
                    field=field,
                    start=match.start(),
                    end=match.end(),
                )
            )
    if statements and not found:
        found += [_unknown(name, known, field, None, None) for name in sorted(names_in(text) - set(known))]
    return found


def _unknown(name: str, known: List[str], field: str, start: Any, end: Any) -> Problem:
    near = difflib.get_close_matches(name, known, 1, 0.6)
    hint_zh, hint_en = (f"是不是 {near[0]}？", f" Is it {near[0]}?") if near else ("", "")
    return Problem(
        "unknown_fact",
        f"没有叫“{name}”的事实。{hint_zh}请从事实列表里选，或先新建它。",
        f"There is no fact “{name}”.{hint_en} Choose one from the list of facts, or add it first.",
        field=field,
        start=start,
        end=end,
        fix="{{ " + near[0] + " }}" if near else None,
    )


def markup_problems(text: str, field: str) -> List[Problem]:
    """HTML, scripts and links in markup."""
    return [
        Problem(
            "markup",
            f"“{match.group(0)[:40]}”是网页代码，客户会原样看到它：请删掉。文章里只能用编号、**粗体**和空行。",
            f"“{match.group(0)[:40]}” is markup, and customers would read it: use only numbers, **bold** and blank lines.",
            field=field,
            start=match.start(),
            end=match.end(),
        )
        for match in _MARKUP.finditer(text)
    ]


def character_problems(text: str, field: str) -> List[Problem]:
    """Characters that nobody sees: they hide words from readers and from these rules."""
    return [
        Problem(
            "hidden_character",
            f"第 {number + 1} 个字符是看不见的控制字符：请删掉。",
            f"Character {number + 1} is an invisible control character: remove it.",
            field=field,
            start=number,
            end=number + 1,
        )
        for number, character in enumerate(text)
        if character in _HIDDEN or (ord(character) < 32 and character not in "\n\t")
    ]


#: Zero-width and direction characters, and the byte order mark.
_HIDDEN = frozenset(
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad\x7f"
)


def length_problems(text: str, locale: str, facts: Mapping[str, Any]) -> List[Problem]:
    """A text that does not fit one screen of a phone."""
    try:
        shown = fill(text, facts)
    except Exception:  # a template can raise anything; the placeholder rules name it
        shown = text
    most, lines = PHONE_SCREEN[locale], shown.count("\n") + 1
    if len(shown) <= most and lines <= PHONE_LINES:
        return []
    return [
        Problem(
            "too_long",
            f"正文有 {len(shown)} 个字符、{lines} 行，手机一屏大约放得下 {most} 个字符、{PHONE_LINES} 行：请删减或拆成两篇。",
            f"{len(shown)} characters in {lines} lines; a phone shows about {most} in {PHONE_LINES}: shorten or split it.",
            severity=WARN,
            field="text",
        )
    ]


def _line_span(text: str, line: int) -> Any:
    lines = text.split("\n")
    number = min(max(line, 1), len(lines)) - 1
    start = sum(len(each) + 1 for each in lines[:number])
    return start, start + len(lines[number])
