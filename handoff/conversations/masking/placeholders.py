"""The placeholders of secrets, and the rewriting of placeholders that a person typed."""

from __future__ import annotations

import re
from typing import NamedTuple

from handoff.conversations.masking.folding import fold

PLACEHOLDER = re.compile(r"\[(?:卡号 \*{4}\d{4}|身份证号 \*{4}\d{3}[\dX]|验证码|密码|安全码|登录凭证)\]")
# Anything that could be read as a placeholder, closed or not: the pages and the agents read only its beginning.
_LIKE_ONE = re.compile(r"(?P<open>\[)\s*(?:卡号|身份证号|验证码|密码|安全码|登录凭证)(?:[^\[\]\n]{0,24}(?P<close>\]))?")
_NAMES = {"code": "[验证码]", "password": "[密码]", "security_code": "[安全码]", "proof": "[登录凭证]"}


class Secret(NamedTuple):
    """A secret in a folded text: its position, its kind, and its placeholder."""

    start: int
    end: int
    kind: str
    placeholder: str


def named(start: int, end: int, kind: str) -> Secret:
    """A code, password, security code or proof of identity."""
    return Secret(start, end, kind, _NAMES[kind])


def card(start: int, end: int, digits: str) -> Secret:
    """A card; its last four digits stay."""
    return Secret(start, end, "card", f"[卡号 ****{digits[-4:]}]")


def identity(start: int, end: int, number: str) -> Secret:
    """An identity number; its last four characters stay."""
    return Secret(start, end, "identity", f"[身份证号 ****{number[-4:].upper()}]")


def without_typed_placeholders(text: str) -> str:
    """The text with typed placeholders in 【 】: only the desk writes square brackets around these words.

    Must run on typed text, before `mask`, and never on stored text. Idempotent.

    >>> without_typed_placeholders("我的卡是[卡号 ****1234]")
    '我的卡是【卡号 ****1234】'
    """
    if "[" not in text and "［" not in text and "\ufe47" not in text:
        return text
    folded = fold(text)
    rewritten = list(text)
    for match in _LIKE_ONE.finditer(folded.text):
        rewritten[folded.places[match.start("open")]] = "【"
        if match["close"]:
            rewritten[folded.places[match.start("close")]] = "】"
    return "".join(rewritten)
