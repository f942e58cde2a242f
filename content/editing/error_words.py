"""The Chinese sentences of the errors of `content/`: an editor reads the place and what to do, never YAML."""

from __future__ import annotations

import re
from typing import List, Optional, Tuple

from content.editing.error_table import SENTENCES, SYNTAX
from content.editing.problems import Problem
from content.sources import ContentError

_COMPILED: List[Tuple[re.Pattern[str], str]] = [(re.compile(pattern, re.DOTALL), zh) for pattern, zh in SENTENCES]
_SYNTAX: List[Tuple[re.Pattern[str], str]] = [(re.compile(pattern, re.DOTALL), zh) for pattern, zh in SYNTAX]
#: A place before a sentence: `texts.zh.place: ...`, `intents.fees: ...`, `greeting: text.zh: ...`.
_PLACE = re.compile(r"(?P<place>[\w.\-\[\]]+): (?P<rest>.+)", re.DOTALL)
#: What the editor reads of an error that no sentence fits; the English words help whoever is asked.
_OTHER = "这里的写法不对，程序读不懂。原始说明：{0}"


def problem_of(error: ContentError, folder: object = None) -> Problem:
    """An error of a file as a problem with sentences in both languages, file and line."""
    name = file_of(error, folder)
    zh = in_chinese(error.problem)
    where = f"{name} 第 {error.line} 行" if error.line else name
    place = f"{name}, line {error.line}" if error.line else name
    return Problem("content_broken", f"{where}：{zh}", f"{place}: {error.problem}", file=name, line=error.line)


def file_of(error: ContentError, folder: object = None) -> str:
    """The name of the file of an error, relative to the folder of the content."""
    path = error.path
    try:
        return path.relative_to(str(folder)).as_posix() if folder is not None else path.as_posix()
    except ValueError:
        return path.name


def in_chinese(problem: str) -> str:
    """The Chinese sentence for the English one of an error."""
    return translated(problem) or _OTHER.format(problem)


def translated(problem: str) -> Optional[str]:
    """The Chinese sentence for the English one; None if there is none."""
    for pattern, zh in _COMPILED:
        match = pattern.fullmatch(problem)
        if match:
            groups = match.groupdict(default="")
            if "rest" in groups:  # another sentence within
                inner = translated(groups["rest"])
                if inner is None:
                    continue
                groups["rest"] = inner
            return zh.format(*match.groups(default=""), **groups)
    syntax = problem[len("not YAML: ") :] if problem.startswith("not YAML: ") else None
    if syntax is not None:
        found = next((zh for pattern, zh in _SYNTAX if pattern.search(syntax)), None)
        return found or "这一行的写法读不懂：请检查引号、括号、冒号后的空格和开头的缩进。"
    placed = _PLACE.fullmatch(problem)
    if placed:
        inner = translated(placed.group("rest"))
        return None if inner is None else f"{placed.group('place')}：{inner}"
    return None
