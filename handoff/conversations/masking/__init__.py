"""Masks secrets in messages of customers and agents before anything is stored: cards, identity numbers, codes, passwords.

Many people read a chat log, and it is kept for a long time; none of them needs these secrets. Everything that an agent needs
stays: order and transaction numbers, amounts, phone numbers, IMEIs, dates, error codes.

==============  =======================================================================  ==================
found           evidence                                                                 becomes
==============  =======================================================================  ==================
card            13-19 digits with the prefix and the length of an issuer (`issuers`)     [卡号 ****6789]
                that pass Luhn; with another prefix if a word for a card is next to
                them; with a wrong check digit when they are called 卡号, card number,
                银行卡, card
identity        18 characters with a right check character and a real date; 15 digits,   [身份证号 ****123X]
                or a wrong check character, only when they are called 身份证
code            4-8 digits or letters and digits next to 验证码, 动态码, otp,            [验证码]
                verification code; 16-24 digits after 付款码
password        the value after 密码, pwd, password                                      [密码]
security_code   3-4 digits after CVV, 安全码, or after a card and its expiry date        [安全码]
proof           a JWT: base64url that begins with eyJ, in two or three parts             [登录凭证]
==============  =======================================================================  ==================

Modules: `folding` (normalises the spelling), `numbers` with `issuers`, `codes`, `passwords`, `proofs`, `placeholders`, `words`.

Check digits: ISO/IEC 7812-1 (Luhn) and GB 11643-1999, the latter by python-stdnum. The placeholders are Chinese in every
language: agents read Chinese, and a placeholder must not depend on the reader.

A number introduced as an order, transaction or device number is never masked as a card: such numbers have 15 to 32 digits, and
one in ten passes Luhn by chance (an IMEI always does).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from handoff.conversations.masking.codes import find_codes
from handoff.conversations.masking.folding import Folded, fold
from handoff.conversations.masking.numbers import find_numbers
from handoff.conversations.masking.passwords import find_passwords
from handoff.conversations.masking.placeholders import PLACEHOLDER, Secret, without_typed_placeholders
from handoff.conversations.masking.proofs import find_proofs

__all__ = ["Masked", "mask", "without_typed_placeholders"]

#: A value that one pass uncovers is masked by the next pass. Usually one pass finds secrets and a second finds none. The
#: bound keeps the time linear.
_PASSES = 3
# Characters that every secret contains, according to the patterns of all modules.
_SIGNS_OF_A_SECRET = re.compile(r"[0-9a-z零〇一二三四五六七八九幺两]+")


@dataclass(frozen=True)
class Masked:
    """A text without secrets.

    Attributes:
        text: the text with each secret replaced by its placeholder.
        found: one of ``card``, ``identity``, ``code``, ``password``, ``security_code``, ``proof`` for each replacement, in the order of
            the text; secrets found by later passes come last. Never the secret itself.
    """

    text: str
    found: tuple[str, ...]


def _secrets(text: str, folded: Folded) -> list[Secret]:
    """The secrets of a text, in order and without overlaps. Positions refer to the folded text."""
    taken = bytearray(len(folded.text))
    # Placeholders of an earlier pass are neither evidence nor secrets.
    for match in PLACEHOLDER.finditer(text):
        low, high = bisect_left(folded.places, match.start()), bisect_left(folded.places, match.end())
        taken[low:high] = b"\x01" * (high - low)
    kept: list[Secret] = []
    # The order of precedence: a card number after 密码 is a card, a code after 动态密码 a code.
    for source in (find_proofs, find_numbers, find_codes, find_passwords):
        for secret in source(folded.text):
            if any(taken[secret.start : secret.end]):
                continue
            taken[secret.start : secret.end] = b"\x01" * (secret.end - secret.start)
            kept.append(secret)
    kept.sort()
    return kept


def _mask_once(text: str) -> Masked:
    folded = fold(text)
    kept = _secrets(text, folded)
    pieces: list[str] = []
    position = 0
    for secret in kept:
        pieces += [text[position : folded.places[secret.start]], secret.placeholder]
        position = folded.end_of(text, secret.end - 1)
    return Masked("".join([*pieces, text[position:]]), tuple(secret.kind for secret in kept))


def mask(text: str) -> Masked:
    """Replace the secrets in `text` by placeholders; the module docstring has the table.

    Works on any text: control characters, lone surrogates and emoji stay in place. Time is linear in the length, because every
    pattern is bounded. ``mask(mask(text).text).text == mask(text).text``; placeholders that a person typed are therefore
    rewritten first, by `without_typed_placeholders`.

    Args:
        text: the message of a customer or an agent, as typed.

    Returns:
        The text without secrets, and the kinds of the secrets found. Numbers introduced as order or transaction numbers,
        amounts, phone numbers, dates and error codes are unchanged.
    """
    found: list[str] = []
    for _ in range(_PASSES):
        masked = _mask_once(text)
        if not masked.found:
            return Masked(text, tuple(found))
        text = masked.text
        found += masked.found
    return Masked(_blacked_out(text), tuple(found))


def _blacked_out(text: str) -> str:
    """The text without any letter or digit that could be part of a secret.

    A text that uncovers new secrets in every pass was made to defeat the search. The rest of it has no value, and the result
    must not change when it is masked again.
    """
    folded = fold(text)
    ours = [match.span() for match in PLACEHOLDER.finditer(text)]
    pieces: list[str] = []
    position = at = 0
    for match in _SIGNS_OF_A_SECRET.finditer(folded.text):
        start, end = folded.places[match.start()], folded.end_of(text, match.end() - 1)
        while at < len(ours) and ours[at][1] <= start:
            at += 1
        if at < len(ours) and ours[at][0] <= start:
            continue
        pieces += [text[position:start], "＊"]
        position = end
    return "".join([*pieces, text[position:]])
