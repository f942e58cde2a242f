"""The desk's warnings about staffing: in the log at the start and when they come up, and in the metrics."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from pathlib import Path

import msgspec
import pytest
import yaml
from structlog.testing import capture_logs

from content.bundle import DeskContent
from handoff.bootstrap import published_content
from handoff.queue.staffing_watch import StaffingWatch
from handoff.runtime.metrics import Metrics
from handoff.runtime.settings import Settings
from tests.handoff.conftest import publish
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
def models(data_folder: Path, tmp_path: Path) -> Path:
    """Published content in which a queue has holidays; in the other tests all queues are open at all hours."""
    folder = tmp_path / "data"
    shutil.copytree(data_folder, folder)
    desk = yaml.safe_load((folder / "desk.yml").read_text(encoding="utf-8"))
    desk["queues"]["general"]["hours"] = "service"
    (folder / "desk.yml").write_text(yaml.safe_dump(desk, allow_unicode=True), encoding="utf-8")
    publish(folder, tmp_path / "models")
    return tmp_path / "models"


@pytest.fixture
def now(models: Path) -> Now:
    """Content with holidays, in a year whose holidays are known."""
    return Now(published_content(models).content())


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


async def test_a_desk_warns_when_it_starts(settings: Settings, desk: Desk, bot: FakeBot, models: Path) -> None:
    """The warnings would exist, and no desk would look for them."""
    clock = Clock()
    clock.pass_time(days=(IN_2040 - clock()).days)
    own_settings = settings.model_copy(update={"models": models})
    async with run_desk(own_settings, bot, clock) as own, asyncio.timeout(DEADLINE_SECONDS):
        while warned(own.services.metrics).get("calendar_missing") != 1:
            await asyncio.sleep(0.02)
