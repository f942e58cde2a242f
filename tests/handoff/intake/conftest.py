"""A desk that asks the questions of data/intake.yml."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from handoff.runtime.settings import Settings
from tests.handoff.conftest import DATA, Database, make_database, publish, start_afresh
from tests.handoff.fake_bot import FakeBot
from tests.handoff.running_desk import Clock, Desk, run_desk


@pytest.fixture(scope="session")
def intake_models(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the editors' questions."""
    data = tmp_path_factory.mktemp("intake") / "data"
    shutil.copytree(data_folder, data)
    shutil.copy(DATA / "intake.yml", data / "intake.yml")
    models = tmp_path_factory.mktemp("intake-models")
    publish(data, models)
    return models


@pytest.fixture(scope="session")
def intake_database(server: str) -> Iterator[Database]:
    """A database of its own: another desk would take this desk's turns, and ask nothing."""
    with make_database(server, f"handoff_intake_{os.getpid()}") as url, psycopg.connect(url, autocommit=True) as connection:
        yield Database(url, connection)


@pytest.fixture(scope="session")
async def asking_desk(
    settings: Settings,
    intake_database: Database,
    intake_models: Path,
    shared_bot: FakeBot,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Desk]:
    """The desk of these tests; use `desk`."""
    more = {"database_url": intake_database.url, "models": intake_models, "var": tmp_path_factory.mktemp("intake-var")}
    async with run_desk(settings.model_copy(update=more), shared_bot, Clock()) as desk:
        yield desk


@pytest.fixture
async def desk(asking_desk: Desk, shared_bot: FakeBot, intake_database: Database) -> Desk:
    """The asking desk with empty tables."""
    await start_afresh(asking_desk, shared_bot, intake_database)
    return asking_desk
