"""Fills the templates of the help centre. Everything that is filled in is escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contract.locales import ENGLISH, SIMPLIFIED, TRADITIONAL

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
#: Names of the languages in the switch of each page.
LANGUAGES = {SIMPLIFIED: "简体", TRADITIONAL: "繁體", ENGLISH: "English"}
_TAGS = {SIMPLIFIED: "zh-Hans", TRADITIONAL: "zh-Hant", ENGLISH: "en"}


def page(name: str, locale: str, path: str, words: dict[str, str], phones: dict[str, str], **values: Any) -> str:
    """One page as HTML. `path`: the rest of its address after the language, for the language switch."""
    template = _TEMPLATES.get_template(f"{name}.html")
    return template.render(
        locale=locale, tag=_TAGS[locale], languages=LANGUAGES, path=path, words=words, phones=phones, **values
    )
