"""The reviewed words of traditional Chinese (`data/traditional.yml`), read and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Dict

from content.sources import ContentError, line_of, load_yaml
from language.traditional import Traditional, check_words


def load_traditional_words(path: Path) -> Dict[str, str]:
    """Simplified -> traditional. Raises ContentError for an entry that is no word, and for a word that changes nothing."""
    document = load_yaml(path)
    try:
        words = check_words(document)
    except ValueError as error:
        raise ContentError(path, None, str(error)) from error
    characters = Traditional({})
    for simplified, traditional in words.items():
        holds_another = any(simplified != word and word in simplified for word in words)
        if characters.convert(simplified) == traditional and not holds_another:
            line = line_of(document, ["words", simplified])
            raise ContentError(path, line, f"`{simplified}` becomes `{traditional}` without this line: remove it")
    return words
