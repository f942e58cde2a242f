"""Proofs of identity and other JWTs: whoever reads one in a log could be the customer until it expires."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handoff.conversations.masking.placeholders import Secret, named

# "eyJ" is {" in base64url, the beginning of each header. Possessive and bounded: the time stays linear.
_JWT = re.compile(r"(?<![0-9a-z_-])eyj[0-9a-z_-]{8,4000}+\.[0-9a-z_-]{8,8000}+(?:\.[0-9a-z_-]{0,2000}+)?")


def find_proofs(text: str) -> Iterator[Secret]:
    """The JWTs of a folded text."""
    for match in _JWT.finditer(text):
        yield named(*match.span(), "proof")
