"""The letters of a text: what two sentences share that differ only in punctuation and spaces."""

import re

_NO_LETTER = re.compile(r"[^\w]")


def letters(text: str) -> str:
    """The characters of a normalised text without punctuation and space; the text itself if nothing is left."""
    return _NO_LETTER.sub("", text) or text
