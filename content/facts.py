"""Facts (`data/facts.yml`): numbers, phones and times that many texts share."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

from content.sources import ContentError, parse_yaml, plain, read_text
from contract.locales import FILE_LOCALES

FILE = "facts.yml"


def load_facts(path: Path) -> Dict[str, Dict[str, Any]]:
    """`data/facts.yml` as locale -> name -> value. Raises ContentError for anything but scalars and `{zh, en}`."""
    return read_facts(path, read_text(path))


def read_facts(path: Path, text: str) -> Dict[str, Dict[str, Any]]:
    """`load_facts` for the text of the file `path`. Raises ContentError."""
    document = parse_yaml(path, text)
    if not isinstance(document, dict):
        raise ContentError(path, 1, "expected `name: value` lines")
    facts: Dict[str, Dict[str, Any]] = {locale: {} for locale in FILE_LOCALES}
    positions: Any = document
    for name, value in document.items():
        line = positions.lc.key(name)[0] + 1
        if isinstance(value, dict) and set(value) != set(FILE_LOCALES):
            raise ContentError(path, line, f"`{name}` needs a value for each of {', '.join(FILE_LOCALES)}")
        if isinstance(value, list) or value is None:
            raise ContentError(path, line, f"`{name}` must be a number, a text, or one of them for each language")
        for locale in FILE_LOCALES:
            facts[locale][str(name)] = plain(value[locale] if isinstance(value, dict) else value)
    return facts
