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


@pytest.fixture(scope="session")
def small_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's content with as few sentences as are allowed. Made once: to read all sentences takes seconds."""
    root = tmp_path_factory.mktemp("content")
    shutil.copytree("data", root / "data", ignore=shutil.ignore_patterns("nlu"))
    blocks = []
    for intent, sentences in read_examples(Path("data/nlu")).items():
        chinese = [sentence for sentence in sentences if re.search("[\u4e00-\u9fff]", sentence)]
        lines = "".join(f"    - {sentence}\n" for sentence in chinese[:MINIMUM_EXAMPLES])
        blocks.append(f"- intent: {intent}\n  examples: |\n{lines}")
    (root / "data/nlu").mkdir()
    (root / "data/nlu/sentences.yml").write_text('version: "3.1"\nnlu:\n' + "".join(blocks), encoding="utf-8")
    return root


@pytest.fixture
def root(small_content: Path, tmp_path: Path) -> Path:
    """A copy of the content that a test may break."""
    return Path(shutil.copytree(small_content, tmp_path, dirs_exist_ok=True))
