"""What the tests of the bot share."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.learning.content_check import MINIMUM_EXAMPLES, read_examples
from content.triage_policy import Policy, load_policy


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The triage policy of data/triage.yml."""
    return load_policy(Path("data/triage.yml"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the project's content that a test may break, with as few sentences as are allowed, for speed."""
    shutil.copytree("data", tmp_path / "data")
    blocks = []
    for intent, sentences in read_examples(tmp_path / "data/nlu").items():
        chinese = [sentence for sentence in sentences if re.search("[\u4e00-\u9fff]", sentence)]
        lines = "".join(f"    - {sentence}\n" for sentence in chinese[:MINIMUM_EXAMPLES])
        blocks.append(f"- intent: {intent}\n  examples: |\n{lines}")
    shutil.rmtree(tmp_path / "data/nlu")
    (tmp_path / "data/nlu").mkdir()
    (tmp_path / "data/nlu/sentences.yml").write_text('version: "3.1"\nnlu:\n' + "".join(blocks), encoding="utf-8")
    return tmp_path
