"""What PostgreSQL can hold of a text."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text as PostgreSQL can hold it: lone surrogates become U+FFFD, NUL goes. Everything else stays as typed."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")
