"""What may be stored of what people type."""

from __future__ import annotations

import unicodedata

from handoff.domain.errors import BadInput

MESSAGE_LIMIT = 4000


def storable(text: str) -> str:
    """The text as PostgreSQL can hold it: lone surrogates become U+FFFD, NUL goes. Everything else stays as typed."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: spaces, control and format characters only."""
    return all(character.isspace() or unicodedata.category(character) in ("Cc", "Cf") for character in text)


def check_message(text: str) -> str:
    """A message that may be stored. Raises BadInput when it is blank or too long."""
    text = storable(text)
    if is_blank(text):
        raise BadInput("empty_text", "请输入内容。", "The message is empty.")
    if len(text) > MESSAGE_LIMIT:
        raise BadInput(
            "text_too_long",
            f"内容太长，最多 {MESSAGE_LIMIT} 个字。",
            f"The message is too long: at most {MESSAGE_LIMIT} characters.",
            limit=MESSAGE_LIMIT,
        )
    return text
