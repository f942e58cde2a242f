"""Checks and masks texts before they are stored."""

from __future__ import annotations

from contract.characters import is_blank, storable
from handoff.conversations.masking import without_typed_placeholders
from handoff.runtime.errors import BadInput

MESSAGE_LIMIT = 4000


def check_message(text: str) -> str:
    """A message that may be masked and stored. Raises BadInput when it is blank or too long.

    What looks like one of the desk's placeholders ([验证码]) is written in 【 】: a person typed it.
    """
    text = without_typed_placeholders(storable(text))
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
