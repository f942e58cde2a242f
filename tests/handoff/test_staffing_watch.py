"""The desk's warnings about staffing: in the log at the start and when they come up, and in the metrics."""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec
import pytest
from structlog.testing import capture_logs

from content.bundle import DeskContent
from handoff.queue.staffing_watch import StaffingWatch
from handoff.runtime.metrics import Metrics
from handoff.runtime.settings import Settings
from tests.handoff.fake_bot import FakeBot
from tests.handoff.people import DEADLINE_SECONDS
from tests.handoff.running_desk import Clock, Desk, run_desk

IN_2026, IN_2040 = dt.datetime(2026, 6, 1, 4, tzinfo=dt.UTC), dt.datetime(2040, 6, 1, 4, tzinfo=dt.UTC)


def warned(metrics: Metrics) -> dict[str, float]:
    """The metric of the warnings, by code."""
    (family,) = metrics.staffing_warnings.collect()
    return {sample.labels["code"]: sample.value for sample in family.samples}


class Now:
    """What is published, and the time."""

    def __init__(self, content: DeskContent) -> None:
        self.content, self.time = content, IN_2026

    def employ(self, *logins: str) -> None:
        """Publish a desk.yml that names these people."""
        desk = msgspec.structs.replace(self.content.desk, people=dict.fromkeys(logins, self.content.desk.everyone))
        self.content = msgspec.structs.replace(self.content, desk=desk)


@pytest.fixture
def now(desk: Desk) -> Now:
    """The content of the desk, in a year whose holidays are known."""
    return Now(desk.services.content())


async def test_warnings_are_logged_once_and_counted(desk: Desk, now: Now) -> None:
    """Nobody would see that deadlines count holidays as working days; or the log would be full of it."""
    metrics = Metrics()
    watch = StaffingWatch(desk.services.store, lambda: now.content, lambda: now.time, metrics)
    with capture_logs() as log:
        assert await watch.look() == []
    assert log == []
    assert warned(metrics) == {"calendar_missing": 0, "calendar_ends": 0, "unknown_person": 0}

    now.time = IN_2040
    now.employ("agent", "agnet")
    with capture_logs() as log:
        assert len(await watch.look()) == 2
        assert len(await watch.look()) == 2
    assert [(entry["event"], entry["log_level"], entry["code"], entry["about"]) for entry in log] == [
        ("staffing.warning", "warning", "calendar_missing", "2040"),
        ("staffing.warning", "warning", "unknown_person", "agnet"),
    ]
    assert warned(metrics) == {"calendar_missing": 1, "calendar_ends": 0, "unknown_person": 1}

    now.time = IN_2026
    now.employ("agent")
    with capture_logs() as log:
        assert await watch.look() == []
        now.employ("agnet")
        assert len(await watch.look()) == 1
    assert [entry["about"] for entry in log] == ["agnet"]
    assert warned(metrics) == {"calendar_missing": 0, "calendar_ends": 0, "unknown_person": 1}


async def test_a_desk_warns_when_it_starts(settings: Settings, desk: Desk, bot: FakeBot) -> None:
    """The warnings would exist, and no desk would look for them."""
    clock = Clock()
    clock.pass_time(days=(IN_2040 - clock()).days)
    async with run_desk(settings, bot, clock) as own, asyncio.timeout(DEADLINE_SECONDS):
        while warned(own.services.metrics).get("calendar_missing") != 1:
            await asyncio.sleep(0.02)
