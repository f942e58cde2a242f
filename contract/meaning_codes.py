"""Codes of meaning: bits of a text's sentence embedding, with which the desk compares texts without the encoder.

Each bit says on which side of a random plane the embedding is: of two texts, the share of different bits is their angle / pi
(Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002). With 1024 bits a cosine of 0.6 is known to
about 0.04. The desk has no numpy, and needs none: it compares whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from contract.errors import ContractError
from contract.values import is_list_of, is_object, is_text

BITS = 1024
#: Changes with the encoder or the planes: codes of two versions cannot be compared.
VERSION = 1
#: Texts of one request.
MOST_TEXTS = 48
_DIGITS = BITS // 4
_HEXADECIMAL = frozenset("0123456789abcdef")


def bits_apart(cosine: float) -> int:
    """How many bits of two codes differ at most when the embeddings have at least this cosine, on average."""
    return round(BITS * math.acos(cosine) / math.pi)


def as_json(codes: Iterable[int]) -> dict[str, Any]:
    """An answer with codes."""
    return {"version": VERSION, "codes": [f"{code:0{_DIGITS}x}" for code in codes]}


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and len(value) == _DIGITS and set(value) <= _HEXADECIMAL


def read_codes(body: Any, expected: int) -> list[int]:
    """The codes of an answer, in the order of the texts. Raises ContractError, also for another version or number of codes."""
    listed = body.get("codes") if is_object(body) else None
    if not is_list_of(_is_code)(listed) or len(listed or ()) != expected or body.get("version") != VERSION:
        raise ContractError(["codes"])
    return [int(code, 16) for code in listed or ()]


def is_texts(value: Any) -> bool:
    """Whether a request may ask for the codes of these texts."""
    return is_list_of(is_text)(value) and 1 <= len(value) <= MOST_TEXTS
