"""What the tests of the actions share: the policy as it is published, and a copy of the content to break."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Callable

import pytest

from actions.policy import Policy, load_policy

#: Replaces a text in a file of the copy; the text must be there, so that no test breaks nothing.
Edit = Callable[[str, str, str], Path]


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The triage policy of data/triage.yml."""
    return load_policy(Path("data/triage.yml"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the content that a test may break."""
    return Path(shutil.copytree("data", tmp_path / "data"))


@pytest.fixture
def edit(data: Path) -> Edit:
    """Edit a file of the copy: `edit(name, old, new)`."""

    def replace(name: str, old: str, new: str) -> Path:
        path = data / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return replace
