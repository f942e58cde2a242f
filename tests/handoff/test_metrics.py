"""`GET /metrics`: figures for operators, without message text, and with authentication."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import tomllib
import yaml
from prometheus_client.parser import text_string_to_metric_families

from handoff import health
from handoff.runtime.errors import Unavailable
from handoff.runtime.metrics import Metrics
from handoff.runtime.settings import Settings
from tests.handoff.conftest import SERVICE_TOKEN, Database
from tests.handoff.fake_bot import FakeBot, Held, answers, escalates, raw, says
from tests.handoff.people import DEADLINE_SECONDS, error_code
from tests.handoff.running_desk import Desk, run_desk

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "operations.md"


@pytest.fixture
async def own_desk(settings: Settings, desk: Desk, bot: FakeBot) -> AsyncIterator[Desk]:
    """A desk whose counters start at zero, separate from the shared one."""
    async with run_desk(settings, bot, desk.clock) as own:
        yield own


class Figures:
    """One scrape."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def of(self, name: str, **labels: str) -> float | None:
        """The sum of a sample's values over the labels that are not given; None if there is no sample."""
        found = [each.value for each in self.samples if each.name == name and labels.items() <= each.labels.items()]
        return sum(found) if found else None


async def scrape(desk: Desk) -> Figures:
    """The response that Prometheus gets."""
    answer = await desk.http.get("/metrics", headers={"Authorization": f"Bearer {SERVICE_TOKEN}"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return Figures(answer.text)


async def test_only_for_those_with_the_service_token(desk: Desk) -> None:
    """A competitor, or a customer, could read how many people wait and how often the bot fails."""
    customer, agent = await desk.customer(), await desk.agent("supervisor")
    for headers in ({}, {"Authorization": "Bearer wrong"}, customer.headers, agent.headers, {"X-Forwarded-For": "127.0.0.1"}):
        answer = await desk.http.get("/metrics", headers=headers)
        assert (answer.status_code, error_code(answer)) == (401, "wrong_service_token")
        assert "desk_" not in answer.text
    await scrape(desk)


async def test_what_a_conversation_leaves_in_the_figures(own_desk: Desk, bot: FakeBot) -> None:
    """An operator would look at figures that do not follow the events."""
    customer = await own_desk.customer()
    await own_desk.wait_for_turn(customer, await customer.say("转账没到", "again"))
    await customer.say("转账没到", "again")
    bot.will(answers(rule="tentative", tentative=True, topics=["transfer_howto"]))
    await own_desk.wait_for_turn(customer, await customer.say("转账"))
    bot.will(raw(b"{}", 500))
    await own_desk.wait_for_turn(customer, await customer.say("转账没到"))
    own_desk.clock.pass_time(seconds=90)
    other = await own_desk.waiting_customer(escalates("security", "urgent"))
    own_desk.clock.pass_time(seconds=30)
    async with other.stream() as stream:
        await stream.next()
        figures = await scrape(own_desk)
    assert figures.of("desk_turn_seconds_count", outcome="answer") == 1
    assert figures.of("desk_turn_seconds_count", outcome="tentative") == 1, "a guess is no sure answer"
    assert figures.of("desk_turn_seconds_count", outcome="bot_failed") == 1
    assert figures.of("desk_turn_seconds_count", outcome="escalate") == 1
    assert figures.of("desk_bot_request_seconds_count", bot=bot.url) == 4
    assert figures.of("desk_bot_failures_total", bot=bot.url, code="bot_status_500") == 1
    assert figures.of("desk_bot_up", bot=bot.url) == 1
    assert figures.of("desk_messages_acknowledged_total", again="no") == 4
    assert figures.of("desk_messages_acknowledged_total", again="yes") == 1
    assert figures.of("desk_handoffs_total", reason="bot_unavailable", priority="normal") == 1
    assert figures.of("desk_handoffs_total", reason="security", priority="urgent") == 1
    assert {p: figures.of("desk_queue_length", priority=p) for p in ("urgent", "high", "normal")} == {
        "urgent": 1, "high": 0, "normal": 1,
    }  # fmt: skip
    urgent, normal = (figures.of("desk_queue_oldest_seconds", priority=priority) or 0 for priority in ("urgent", "normal"))
    assert 30 <= urgent < 60
    assert 120 <= normal < 150
    assert figures.of("desk_queue_oldest_seconds", priority="high") == 0
    assert figures.of("desk_open_streams", kind="conversation") == 1
    assert figures.of("desk_request_seconds_count", route="/api/conversations", method="POST", status="201") == 2
    assert figures.of("desk_database_up") == 1
    assert (figures.of("desk_database_pool", what="size") or 0) >= 1
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert figures.of("desk_info", version=project["version"]) == 1


async def test_a_slow_turn_counts_its_wait(own_desk: Desk, bot: FakeBot) -> None:
    """The customers' wait would look shorter than it is: it starts with the message, not with the bot."""
    customer, held = await own_desk.customer(), Held(answers())
    bot.will(held)
    seq = await customer.say("转账没到")
    await held.asked()
    own_desk.clock.pass_time(seconds=3)
    held.release()
    await own_desk.wait_for_turn(customer, seq)
    assert 3 <= ((await scrape(own_desk)).of("desk_turn_seconds_sum", outcome="answer") or 0) < 6


async def test_labels_hold_no_words_and_no_ids(own_desk: Desk, bot: FakeBot) -> None:
    """A client that invents addresses, or a broken bot, would fill the memory with series, or put text into labels."""
    word = "zebracrossing"
    for i in range(20):
        await own_desk.http.post(f"/{word}{i}", content=word)
        await own_desk.http.post(f"/api/conversations/{word}{i}/rating", json={"score": 5})
    bot.will(says({"error": {"code": word}}, 500), escalates(reason=word))
    customers = [await own_desk.customer(), await own_desk.customer()]
    for customer in customers:
        await own_desk.wait_for_turn(customer, await customer.say(word))
    figures = await scrape(own_desk)
    assert word not in figures.text
    assert not [customer for customer in customers if customer.id in figures.text]
    assert figures.of("desk_handoffs_total", reason="other") == 1
    assert figures.of("desk_request_seconds_count", route="none", status="404") == 20
    assert figures.of("desk_request_seconds_count", route="/api/conversations/{conversation_id}/rating") == 20


async def test_with_the_database_away_the_rest_is_there(
    own_desk: Desk, bot: FakeBot, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """In a database outage there would be no figures, or Prometheus would wait until it gives up."""
    customer = await own_desk.customer()
    await own_desk.wait_for_turn(customer, await customer.say("转账没到"))
    monkeypatch.setattr(health, "_DATABASE_SECONDS", 0.3)
    with database.connection.transaction():
        # In a thread: a worker of the desk may have a transaction open, which could not end while this loop stands still.
        await asyncio.to_thread(database.connection.execute, "LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE")
        slow = await scrape(own_desk)  # a desk that waited for the lock would wait for ever

    def away() -> None:
        raise Unavailable("database_unavailable", "稍后再试。", "Later.")

    with monkeypatch.context() as patch:
        patch.setattr(type(own_desk.services.store), "read", lambda store: away())
        gone = await scrape(own_desk)
    for figures in (slow, gone):
        assert figures.of("desk_database_up") == 0
        assert figures.of("desk_queue_length") is None
        assert figures.of("desk_turn_seconds_count", outcome="answer") == 1
    assert (await scrape(own_desk)).of("desk_database_up") == 1


async def test_a_blocked_loop_shows() -> None:
    """All customers of a desk would wait, and no figure would show why."""
    metrics = Metrics()
    watching = asyncio.create_task(metrics.watch_loop())
    await asyncio.sleep(0)
    time.sleep(0.6)  # noqa: ASYNC251 - that is what must not happen
    while not metrics.registry.get_sample_value("desk_loop_lag_seconds_count"):
        await asyncio.sleep(0.01)
    watching.cancel()
    assert (metrics.registry.get_sample_value("desk_loop_lag_seconds_sum") or 0) > 0.25


def test_alerts_and_figures_of_the_documentation_exist() -> None:
    """An operator would copy an alert that never fires, because its metric has another name."""
    page = PAGE.read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)]
    alerts = [rule for block in blocks if "groups" in block for group in block["groups"] for rule in group["rules"]]
    assert len(alerts) >= 4
    known = set()
    for family in Metrics().registry.collect():
        kinds = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
        known |= {family.name + suffix for suffix in kinds.get(family.type, ("",))}
    used = {name for rule in alerts for name in re.findall(r"\bdesk_\w+", rule["expr"])}
    assert used
    assert used <= known
    families = {family.name for family in Metrics().registry.collect() if family.name.startswith("desk_")}
    assert {name for name in families if name not in page} == set()


async def test_a_worker_that_fails_begins_again(own_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After one unexpected error a desk would accept messages, leave some unanswered, and report itself ready (I6)."""
    store, begin = own_desk.services.store, own_desk.services.store.begin
    calls = 0

    def fail_once() -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ZeroDivisionError
        return begin()

    monkeypatch.setattr(store, "begin", fail_once)  # now only the worker for due turns calls it, once a second
    async with asyncio.timeout(DEADLINE_SECONDS):
        while calls < 2:
            await asyncio.sleep(0.05)
    assert (await scrape(own_desk)).of("desk_worker_faults_total") == 1


async def test_readiness_does_not_wait_for_a_database_that_hangs(own_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load balancer would get no response from the desk that it must take out of service."""
    monkeypatch.setattr(health, "_DATABASE_SECONDS", 0.2)
    monkeypatch.setattr(type(own_desk.services.store), "ping", lambda store: asyncio.sleep(600))
    answer = await own_desk.http.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"bot": True, "database": False})
