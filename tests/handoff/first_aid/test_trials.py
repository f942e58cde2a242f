"""Presses, faults and deaths at random: a few trials here, 500 by `make bench-customers ONLY=first_aid`."""

from __future__ import annotations

import os
from pathlib import Path

from content.desk_policy import DeskPolicy
from handoff.bootstrap import published_content
from handoff.runtime.database import make_pool, migrate
from tests.handoff.conftest import make_database
from tests.handoff.first_aid.conftest import next_subject
from tests.handoff.first_aid.trials import FAULTS, Trials
from tests.handoff.sample_wallet import SampleWallet


async def test_nothing_is_done_twice_or_said_to_be_done_that_is_not(
    sample: SampleWallet, wallet_database: str, server: str, first_aid_models: Path
) -> None:
    """A transfer would be recalled twice, or a victim told "frozen" whose payments still go through."""
    content = published_content(first_aid_models).content
    with make_database(server, f"first_aid_trials_{os.getpid()}") as url:
        migrate(url)
        async with make_pool(url, 8) as pool, make_pool(wallet_database, 2) as truth:
            trials = Trials(pool, DeskPolicy(content), sample, truth)
            outcomes = [await trials.run(seed, next_subject()) for seed in range(24)]
    assert [(each.seed, each.fault, each.faults) for each in outcomes if each.faults] == []
    assert any(each.has_died for each in outcomes)
    assert len({each.fault for each in outcomes}) == len(FAULTS)
    assert any("done" in each.states.values() for each in outcomes)
