"""Fixtures of the tests of the evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import pytest

from bot.evaluation import (
    write_report,
)
from content.triage_policy import Policy
from tests.bot.evaluation.made_reports import (
    SET,
    report_of,
)


@pytest.fixture(scope="module")
def report(policy: Policy) -> Dict[str, Any]:
    """The report on `SET`."""
    return report_of(SET, policy)


@pytest.fixture(scope="module")
def written(report: Dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page and the JSON of the report on the set above."""
    folder = tmp_path_factory.mktemp("written")
    write_report(report, folder)
    return folder
