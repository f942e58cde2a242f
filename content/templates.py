"""Fill facts and other values into the editors' texts. The sandbox keeps a text from running code."""

from __future__ import annotations

import functools
import traceback
from pathlib import Path
from typing import Any, Mapping, Optional

from jinja2 import StrictUndefined, Template, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from content.sources import ContentError

_TEMPLATES = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@functools.lru_cache(maxsize=1000)
def _compiled(template: str) -> Template:
    # Compiling takes milliseconds, and the console asks for all canned replies at once.
    return _TEMPLATES.from_string(template)


def fill(template: str, values: Mapping[str, Any]) -> str:
    """A text with its `{{ names }}` filled in. An expression in a template can raise any exception."""
    return _compiled(template).render(values).strip()


def fill_checked(
    template: str, values: Mapping[str, Any], path: Path, lines_before: Optional[int] = None, place: str = ""
) -> str:
    """`fill` for an editor's file: raises ContentError where a name is unknown or the template is wrong.

    With `lines_before`, the number of the file's lines before the text, the error names the line. `place` names the text in a
    file of many texts, such as `texts.zh.place`.
    """
    try:
        return fill(template, values)
    except Exception as error:  # an expression in a template can raise anything
        line = None if lines_before is None else lines_before + _template_line(error)
        where = f"{place}: " if place else ""
        raise ContentError(path, line, f"{where}{error}; facts are in data/facts.yml") from error


def _template_line(error: Exception) -> int:
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == "<template>"]
    return lines[-1] if lines else 1
