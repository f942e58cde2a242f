"""What all suites share: a temporary folder that no other test run touches."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Give this run a temporary root of its own.

    By default all runs of a user share one root, and each run that starts closes it to other users. The embedded PostgreSQL
    runs as another user: it could not reach its data when another suite started at the same time.
    """
    if config.option.basetemp is None and "PYTEST_DEBUG_TEMPROOT" not in os.environ:
        root = tempfile.mkdtemp(prefix="suite-")
        # Registered before any server is, so it runs after the servers have stopped.
        atexit.register(shutil.rmtree, root, ignore_errors=True)
        os.environ["PYTEST_DEBUG_TEMPROOT"] = root
