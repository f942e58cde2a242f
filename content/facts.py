"""Facts (`data/facts.yml`): numbers, phones and times that many texts share."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

from content.sources import ContentError, load_yaml, plain

FILE = "facts.yml"
#: The languages that the editors write; traditional Chinese is made of the first.
LOCALES = ("zh", "en")


def load_facts(path: Path) -> Dict[str, Dict[str, Any]]:
    """`data/facts.yml` as locale -> name -> value. Raises ContentError for anything but scalars and `{zh, en}`."""
    document = load_yaml(path)
    if not isinstance(document, dict):
        raise ContentError(path, 1, "expected `name: value` lines")
    facts: Dict[str, Dict[str, Any]] = {locale: {} for locale in LOCALES}
    positions: Any = document
    for name, value in document.items():
        line = positions.lc.key(name)[0] + 1
        if isinstance(value, dict) and set(value) != set(LOCALES):
            raise ContentError(path, line, f"`{name}` needs a value for each of {', '.join(LOCALES)}")
        if isinstance(value, list) or value is None:
            raise ContentError(path, line, f"`{name}` must be a number, a text, or one of them for each language")
        for locale in LOCALES:
            facts[locale][str(name)] = plain(value[locale] if isinstance(value, dict) else value)
    return facts
