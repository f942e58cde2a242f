"""Passwords: the value after 密码, 口令, password."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handoff.conversations.masking.codes import GAP, NOT_A_VALUE, SIX
from handoff.conversations.masking.placeholders import Secret, named
from handoff.conversations.masking.words import any_of

_PASSWORD_WORD = any_of(
    ("密码", "口令", "[m]ima", *(f"{word}(?![a-z])" for word in ("pwd", "passwd", "password", "passphrase", "pin(?: code)?")))
)
_SIGNS = r"(?!\[)[!-+\--/:-@\\^-`{-~0-9a-z]"  # printable ASCII except comma, brackets, space
# Possessive: in 密码：12位 the value must not give up its last digit to get past the counter.
_VALUE = rf"(?P<value>{_SIGNS}++)"
_STATED = re.compile(
    _PASSWORD_WORD
    + r"(?:我|他|她|刚|的|已经|现在|应该|一直|都|才){0,3}"
    + r"(?P<link> ?(?:就是|是|为|设(?:置)?(?:成|为|的是)?了?|改(?:成|为|的是)了?|填的?是?|输(?:入)?(?:的是)?了?"
    r"|用的?是?|告诉他(?:了)?是?|给了?他|[:=]|(?:is|was)(?![a-z]))(?:了)?[\s:=\"]{0,3})" + _VALUE + NOT_A_VALUE
)
_BESIDE = re.compile(
    _PASSWORD_WORD + r"[\s\"(]{0,3}(?P<value>(?<![0-9a-z])[0-9a-z@#$!_*&^%+~?.-]{4,64})(?![0-9a-z])" + NOT_A_VALUE
)
_SPACED = re.compile(_PASSWORD_WORD + r"(?:就?是|为|[\s:]){0,3}(?P<value>\d(?:[ -]\d){3,7})(?![ -]?\d|[a-z_])" + NOT_A_VALUE)
_LATER = re.compile(_PASSWORD_WORD + GAP + SIX + NOT_A_VALUE)
_DIGITS_SAID = re.compile(_PASSWORD_WORD + r"(?:就?是|为|[ :]){1,3}(?P<value>[零〇一二三四五六七八九幺]{4,12})(?![位次个])")
#: Words that follow "password is" or 密码是 and are not a password.
_ORDINARY = frozenset(
    "wrong incorrect not invalid expired locked forgotten lost right correct required too always never being still "
    "the a an my stolen changed reset weak strong safe ok okay fine blocked rejected missing unknown needed asked gone "
    "set error failed fail app wifi face id touchid faceid pin iphone ios android sms email bad ".split()
)
_ERROR_LIKE = re.compile(r"(?:[a-z]\d{3,5}|err(?:or)?[-_]?\d{2,8}|[a-z]{2,8}_\d{3,6}|0x[0-9a-f]+)")
_PLAIN_NUMBER = re.compile(
    r"1[3-9]\d{9}|(?:19|20)\d\d[-/.]\d{1,2}(?:[-/.]\d{1,2})?|95\d{3}|1\d{4}|[48]00-?\d{3,4}-?\d{3,4}|0\d{2,3}-\d{7,8}|\d+\.\d+|\d{1,2}:\d\d(?::\d\d)?"
)


def find_passwords(text: str) -> Iterator[Secret]:
    """Passwords of a folded text."""
    for match in _STATED.finditer(text):
        value, link = match.group("value"), match.group("link")
        start = match.start("value")
        value = value.rstrip('.!?;:)"') or value
        if not any(char.isalnum() for char in value):
            continue
        if value.isalpha():
            # "password is wrong" contains no password, "密码：xx" does; after 是 a short word may be the start of 是app的.
            said = ":" in link or "=" in link
            if value in _ORDINARY or (not said and len(value) < 4):
                continue
            after = text[start + len(value) : start + len(value) + 2]
            if ("is" in link or "was" in link) and after[:1] == " " and after[1:].isalpha():
                continue  # "password is getting rejected"
        elif len(value) < 3 and not (":" in link or "=" in link):
            continue  # 密码是6
        yield named(start, start + len(value), "password")
    for match in _BESIDE.finditer(text):
        value = match.group("value").rstrip(".!?-")
        if len(value) < 4 or not any(char.isdigit() for char in value):
            continue
        if _ERROR_LIKE.fullmatch(value) or _PLAIN_NUMBER.fullmatch(value):
            continue
        if value.isdigit() and len(value) > 16:
            continue
        yield named(match.start("value"), match.start("value") + len(value), "password")
    for pattern in (_SPACED, _LATER, _DIGITS_SAID):
        for match in pattern.finditer(text):
            yield named(*match.span("value"), "password")
