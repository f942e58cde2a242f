"""The cache of embeddings on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.learning import embeddings
from bot.learning.embeddings import embed
from bot.nlu.features import encode

TEXTS = ["验证码收不到", "转账没到", "验证码收不到", ""]


def test_the_cache_gives_what_the_encoder_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model would be trained on other embeddings than those that are served, or the cache would not be used."""
    first = embed(TEXTS, tmp_path)
    assert np.allclose(first, encode(TEXTS), atol=1e-6)

    def fail(texts: list[str]) -> None:
        raise AssertionError("a known text was encoded again")

    monkeypatch.setattr(embeddings, "encode_many", fail)
    assert (embed(TEXTS, tmp_path) == first).all()
    assert embed([], tmp_path).shape == (0, 512)


def test_a_damaged_cache_is_made_again(tmp_path: Path) -> None:
    """A full disk or a killed process would stop every later training."""
    first = embed(TEXTS, tmp_path)
    (file,) = tmp_path.glob("*.sqlite")
    for path in tmp_path.glob("*.sqlite-*"):
        path.unlink()
    file.write_bytes(b"no database" * 1000)
    assert (embed(TEXTS, tmp_path) == first).all()
    embed(TEXTS, tmp_path)
    assert [path.read_bytes()[:6] for path in tmp_path.glob("*.sqlite")] == [b"SQLite"]


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    """Without a place for its cache nothing could be trained."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert np.allclose(embed(TEXTS, blocked), encode(TEXTS), atol=1e-6)
