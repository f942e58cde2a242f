"""A short fault drill on a system of its own; `make drill` does the long one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drill.faults import SHARES
from tests.drill.races import KINDS
from tests.drill.signed import EVERY
from tests.e2e.conftest import ROOT

#: Seconds, far longer than a drill takes; a drill that hangs must not hang the tests.
DRILL_SECONDS = 600


@pytest.mark.alone
def test_nothing_is_lost_doubled_or_left_waiting_while_the_system_is_broken(tmp_path: Path) -> None:
    """Customers would lose messages, read them twice, or wait for nobody when processes die under load, or people collide."""
    command = [
        sys.executable,
        "-m",
        "tests.drill",
        "--conversations",
        "60",
        "--faults",
        str(len(SHARES)),
        "--at-once",
        "12",
        "--races",
        str(len(KINDS)),
        "--seed",
        "1",
    ]
    done = subprocess.run(
        [*command, "--out", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=DRILL_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "drill.json").read_text(encoding="utf-8"))
    assert report["conversations"] == 60 + len(KINDS)
    assert report["acknowledged"] > 150
    assert set(report["faults_by_kind"]) == set(SHARES)
    assert report["races"]["moments"] > len(KINDS) / 2
    assert report["races"]["accounts_vanished"] > 0
    assert report["first_reply"]["count"] > 60
    assert report["claims_granted"] > 5
    aid = report["first_aid"]
    assert aid["signed_in"] == 60 / EVERY
    assert sum(aid["lookups"].values()) > 5
    assert aid["requests"] > aid["signed_in"]
    assert aid["orders"]["done"] > 5
    assert aid["in_the_wallets_books"] > 5
