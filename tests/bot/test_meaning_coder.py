"""Codes of meaning: near texts have near codes, and the channel gives them to the desk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bot.serving.channel import TurnError, read_texts
from bot.serving.meaning_coder import MeaningCoder, codes_of_embeddings
from contract.meaning_codes import BITS, MOST_TEXTS, bits_apart


def apart(first: int, second: int) -> int:
    """How many bits differ."""
    return bin(first ^ second).count("1")


async def test_texts_of_one_matter_have_near_codes() -> None:
    """The scan for waves would see nothing, or everything as one."""
    first, second, other = await MeaningCoder().codes(["育儿补贴的短信是真的吗", "收到育儿补贴短信，能信吗？", "怎么改手机号"])
    assert apart(first, second) < bits_apart(0.55) < apart(first, other)


def test_bits_tell_the_angle() -> None:
    """A radius in bits would be another cosine than it says."""
    dice = np.random.default_rng(3)
    one = dice.standard_normal((1, 512)).astype(np.float32)
    one /= np.linalg.norm(one)
    side = dice.standard_normal((1, 512)).astype(np.float32)
    side -= (side @ one.T) * one
    side /= np.linalg.norm(side)
    for cosine in (0.9, 0.6, 0.3):
        first, second = codes_of_embeddings(np.vstack([one, cosine * one + np.sqrt(1 - cosine**2) * side]).astype(np.float32))
        assert abs(apart(first, second) - bits_apart(cosine)) < 3 * np.sqrt(BITS) / 2


def test_the_planes_stay_the_same() -> None:
    """Codes in the database could not be compared with new ones."""
    (code,) = codes_of_embeddings(np.eye(1, 512, dtype=np.float32))
    assert f"{code:0256x}"[:16] == "b8f449caf5125b1d"


@pytest.mark.parametrize(
    "body", [None, {}, {"texts": []}, {"texts": [1]}, {"texts": ["a"] * (MOST_TEXTS + 1)}, {"texts": ["长" * 9000]}]
)
def test_bad_requests_are_refused(body: Any) -> None:
    """A wrong request would be a fault of the bot."""
    with pytest.raises(TurnError) as refused:
        read_texts(body)
    assert refused.value.status == 400
