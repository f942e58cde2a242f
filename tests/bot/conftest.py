"""What the tests of the bot share."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.triage_policy import Policy, load_policy


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The triage policy of data/triage.yml."""
    return load_policy(Path("data/triage.yml"))
