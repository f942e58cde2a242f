"""A desk with a sample wallet, and customers whom the wallet's app signed."""

from __future__ import annotations

import itertools
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from handoff.runtime.settings import Settings
from tests.handoff.conftest import DATA, Database, make_database, publish, start_afresh
from tests.handoff.fake_bot import FakeBot, escalates
from tests.handoff.people import Customer, Json, of_kind
from tests.handoff.running_desk import Clock, Desk, run_desk
from tests.handoff.sample_wallet import KEY, SampleWallet, run_sample_wallet
from tests.handoff.test_identity import signed_customer

#: A customer of the wallet for each test: what one test does is not seen by another.
_subjects = itertools.count(2000)


def next_subject() -> str:
    """A customer of the wallet that no other test uses: active, with transfers under way and one card."""
    return f"u-{next(_subjects)}"


@pytest.fixture(scope="session")
def wallet_database(server: str) -> Iterator[str]:
    """The sample wallet's own database."""
    with make_database(server, f"first_aid_wallet_{uuid.uuid4().hex[:12]}") as url:
        yield url


@pytest.fixture(scope="session")
async def running_wallet(wallet_database: str) -> AsyncIterator[SampleWallet]:
    """One sample wallet for all tests of first aid."""
    async with run_sample_wallet(wallet_database) as wallet:
        yield wallet


@pytest.fixture
async def sample(running_wallet: SampleWallet) -> AsyncIterator[SampleWallet]:
    """The sample wallet without faults."""
    await running_wallet.switch()
    yield running_wallet
    await running_wallet.switch()


@pytest.fixture(scope="session")
def first_aid_models(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of the other tests, with the offers of the editors' file."""
    data, models = tmp_path_factory.mktemp("first_aid") / "data", tmp_path_factory.mktemp("first_aid_models")
    shutil.copytree(data_folder, data)
    shutil.copy(DATA / "first_aid.yml", data)
    publish(data, models)
    return models


@pytest.fixture(scope="session")
async def running_desk(
    settings: Settings, shared_bot: FakeBot, running_wallet: SampleWallet, server: str, first_aid_models: Path
) -> AsyncIterator[tuple[Desk, Database]]:
    """A desk with a database of its own, connected to the sample wallet."""
    with make_database(server, f"first_aid_desk_{uuid.uuid4().hex[:12]}") as url:
        own = {"database_url": url, "models": first_aid_models, "wallet_url": running_wallet.url, "wallet_key": KEY}
        async with run_desk(settings.model_copy(update=own), shared_bot, Clock()) as desk:
            with psycopg.connect(url, autocommit=True) as connection:
                yield desk, Database(url, connection)


@pytest.fixture
async def wallet_desk(running_desk: tuple[Desk, Database], sample: SampleWallet, shared_bot: FakeBot) -> Desk:
    """The desk with empty tables, connected to a wallet without faults."""
    desk, database = running_desk
    desk.services.wallet.breaker.succeeded()
    await start_afresh(desk, shared_bot, database)
    return desk


async def victim(desk: Desk, subject: str, assurance: int = 2, *, intent: str = "unauthorized_transaction") -> Customer:
    """A signed-in customer who waits for a person after a security incident."""
    customer = await signed_customer(desk, subject, assurance)
    desk.bot.will(escalates("security", "urgent", intent))
    await customer.say("有一笔我没付过的钱")
    await desk.wait_for(customer, lambda events: bool(of_kind(events, "first_aid")))
    await desk.turns_over()
    return customer


async def order(customer: Customer, action: str, key: str, **more: object) -> Json:
    """Order by the API; the answer."""
    answer = await customer.call("POST", "/first-aid", json={"action": action, "confirm": True, "key": key, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def states(customer: Customer) -> dict[str, str]:
    """The states of the actions that the status shows."""
    return {each["action"]: each["state"] for each in (await customer.status())["first_aid"]}


async def told(customer: Customer) -> list[Json]:
    """The messages about first aid that the customer got."""
    return of_kind(await customer.events(), "first_aid")
