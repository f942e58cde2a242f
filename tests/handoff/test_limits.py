"""Limits per address, conversation and login: what is refused, what is allowed, and that all desks count together."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import re
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
import yaml
from argon2 import PasswordHasher

from handoff.accounts.store import list_agents, save_agent
from handoff.runtime.limits.rules import BackOff, Failures, Rate
from handoff.runtime.settings import Settings
from tests.handoff.conftest import MANY, Database, limits, publish
from tests.handoff.fake_bot import FakeBot
from tests.handoff.people import DEADLINE_SECONDS, Customer, error_code
from tests.handoff.running_desk import Desk, run_desk

#: Three at once, then one every six seconds.
FEW = {"at_once": 3, "per_minute": 10}
_message_ids = itertools.count(1)
HERE, THERE = "203.0.113.7", "198.51.100.20"

# --- the arithmetic ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "wait"),
    [
        # seconds from now until all requests are paid off, seconds to wait; a request costs 6 s, three fit into 18 s
        (-1000.0, 0.0),
        (0.0, 0.0),
        (6.0, 0.0),
        (12.0, 0.0),
        (12.1, 0.1),
        (18.0, 6.0),
        (60.0, 48.0),
    ],
)
def test_a_rate(until: float, wait: float) -> None:
    """A request would be refused too early, or told to retry too late."""
    now = 1_800_000_000.0
    assert Rate(**FEW).wait(now + until, now) == pytest.approx(wait, abs=0.01)


def test_as_many_at_once_as_stated_and_then_at_the_rate() -> None:
    """The figures in desk.yml would have another meaning than documented."""
    rate, now, until, allowed = Rate(**FEW), 1_800_000_000.25, 0.0, []
    for second in range(61):
        while rate.wait(until, now + second) == 0:
            until = max(until, now + second) + rate.cost
            allowed.append(second)
    assert allowed[:3] == [0, 0, 0]
    assert allowed[3:] == list(range(6, 61, 6))


@pytest.mark.parametrize(
    ("failures", "pause"), [(0, 0), (1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (13, 256), (14, 300), (100, 300), (10_000, 300)]
)
def test_the_pause_after_failed_sign_ins(failures: int, pause: float) -> None:
    """A mistyped password would cost minutes, guessing would cost nothing, or a pause would never end."""
    assert BackOff(5, 300).pause(failures) == pause


def test_attempts_while_one_waits_do_not_prolong_the_wait() -> None:
    """An agent who retries too early, or an attacker at the same address, would extend the pause."""
    waiting = Failures(9, 1000.0)
    assert waiting.attempt(BackOff(5, 300), 990.0) == (10.0, waiting)
    assert waiting.attempt(BackOff(5, 300), 1000.0) == (0.0, Failures(10, 1032.0))
    assert waiting.attempt(BackOff(5, 300), 5000.0) == (0.0, Failures(1, 5000.0))


# --- one desk, two desks -----------------------------------------------------------------------------------------------------


def data_with(folder: Path, source: Path, content: dict[str, Any]) -> Path:
    """The editors' files with changed limits."""
    shutil.copytree(source, folder)
    desk = yaml.safe_load((folder / "desk.yml").read_text(encoding="utf-8"))
    desk["limits"] = content
    (folder / "desk.yml").write_text(yaml.safe_dump(desk, allow_unicode=True), encoding="utf-8")
    return folder


Start = Callable[..., Any]


async def quick_passwords(desks: list[Desk]) -> None:
    """Demo passwords that are cheap to check: these tests count attempts, and each would cost a second of computing."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    for desk in desks:
        desk.services.sign_in._no_such_password = cheap.hash("nobody's")
    async with desks[0].services.store.begin() as tx:
        for agent in await list_agents(tx):
            await save_agent(tx, agent, cheap.hash(agent.login))


@pytest.fixture
async def start(
    settings: Settings, desk: Desk, data_folder: Path, tmp_path: Path, bot: FakeBot
) -> AsyncIterator[Callable[..., Any]]:
    """Starts desks on one database, with limits of their own, behind a proxy on this machine."""
    clock = desk.clock  # one database, one time: the shared desk would close as idle what another clock calls new
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(clock.stopped())

        async def start_(content: dict[str, Any], count: int = 1, **changes: Any) -> list[Desk]:
            folder, models = tmp_path / "limited", tmp_path / "models"
            if not folder.exists():
                publish(data_with(folder, data_folder, content), models)
            given = {"models": models, "forwarded_allow_ips": "127.0.0.1", **changes}
            own = settings.model_copy(update=given)
            desks = [await stack.enter_async_context(run_desk(own, bot, clock)) for _ in range(count)]
            await quick_passwords(desks)
            return desks

        yield start_


def from_(address: str) -> dict[str, str]:
    """The header in which the proxy names the client's address."""
    return {"X-Forwarded-For": address}


async def open_(desk: Desk, address: str) -> httpx.Response:
    """Open a conversation from an address."""
    return await desk.http.post("/api/conversations", json={"locale": "zh"}, headers=from_(address))


async def customer_at(desk: Desk, address: str) -> Customer:
    """A customer whose requests all come from one address."""
    opened = (await open_(desk, address)).json()
    customer = Customer(desk.http, opened["id"], opened["token"])
    customer.headers |= from_(address)
    return customer


async def say(customer: Customer, text: str) -> httpx.Response:
    """Send a message; the response, successful or not."""
    return await customer.post({"client_message_id": f"l{next(_message_ids)}", "text": text})


def check_refused(answer: httpx.Response, longest: int) -> None:
    """429 in the desk's error shape, with a plausible time to retry."""
    assert (answer.status_code, error_code(answer)) == (429, "too_many")
    assert "400-000-1234" in answer.json()["error"]["message"]
    assert 1 <= int(answer.headers["retry-after"]) <= longest
    assert answer.json()["error"]["retry_after"] == int(answer.headers["retry-after"])


async def sign_in(desk: Desk, login: str, password: str, address: str) -> httpx.Response:
    """Post the sign-in form."""
    headers = {"Origin": str(desk.http.base_url).rstrip("/"), **from_(address)}
    answer = await desk.http.post("/api/session", json={"login": login, "password": password}, headers=headers)
    desk.http.cookies.clear()
    return answer


async def test_opening_conversations(start: Start) -> None:
    """One address could open conversations without limit, or its neighbours could not open any."""
    (desk,) = await start(limits(MANY, conversations=FEW))
    assert [(await open_(desk, HERE)).status_code for _ in range(3)] == [201, 201, 201]
    check_refused(await open_(desk, HERE), 6)
    assert (await open_(desk, THERE)).status_code == 201
    desk.clock.pass_time(seconds=6)
    assert (await open_(desk, HERE)).status_code == 201
    check_refused(await open_(desk, HERE), 6)


async def test_desks_count_together(start: Start) -> None:
    """Each desk would allow the whole limit once more."""
    one, other = await start(limits(MANY, conversations={"at_once": 8, "per_minute": 1}), 2)
    answers = [await open_(desk, HERE) for _ in range(6) for desk in (one, other)]
    assert [answer.status_code for answer in answers] == [201] * 8 + [429] * 4


@pytest.mark.alone  # the excess is bounded by what arrives between two reports to the database, 0.25 s apart
async def test_a_flood_on_all_desks_at_the_same_time(start: Start) -> None:
    """Simultaneous requests would all be allowed, because none of them has seen the others."""
    desks = await start(limits(MANY, conversations={"at_once": 20, "per_minute": 1}), 2)
    answers = await asyncio.gather(*(open_(desk, HERE) for _ in range(60) for desk in desks))
    assert sum(answer.status_code == 201 for answer in answers) <= 40  # at most half a limit more for each desk
    await asyncio.gather(*(desk.services.limits.flush() for desk in desks))
    for desk in desks:
        assert (await open_(desk, HERE)).status_code == 429


async def test_messages_of_an_address(start: Start) -> None:
    """One address could use up the bot's time, or its refusal would also block a neighbour's existing conversation."""
    one, other = await start(limits(MANY, messages=FEW), 2)
    customers = [await customer_at(one, HERE) for _ in range(4)]
    answers = [await say(customer, "你好") for customer in customers[:3]]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    check_refused(await say(customers[3], "你好"), 6)
    for desk in (one, other):
        await desk.services.limits.flush()
    elsewhere = Customer(other.http, customers[3].id, customers[3].token)
    elsewhere.headers |= from_(HERE)
    check_refused(await say(elsewhere, "你好"), 6)
    assert (await say((await customer_at(one, THERE)), "你好")).status_code == 201
    assert (await customers[3].call("POST", "/handoff")).status_code == 200  # asking for a person is still possible


async def test_messages_of_a_conversation(start: Start) -> None:
    """One conversation could be flooded from many addresses, or a stranger who only knows its id could block it."""
    content = limits(MANY)
    content["per_conversation"]["messages"] = FEW
    (desk,) = await start(content)
    customer = await customer_at(desk, HERE)
    stranger = Customer(desk.http, customer.id, "not the token")
    for _ in range(5):
        assert (await say(stranger, "你好")).status_code in (401, 429)
    for number in range(3):
        customer.headers |= from_(f"203.0.113.{number}")
        assert (await say(customer, "你好")).status_code == 201
    check_refused(await say(customer, "你好"), 6)
    for path, body in (("/cancel", None), ("/rating", {"score": 5})):
        check_refused(await customer.call("POST", path, json=body), 6)
    assert (await say((await customer_at(desk, HERE)), "你好")).status_code == 201


async def test_signs_are_limited_and_take_no_room_of_messages(start: Start) -> None:
    """A faulty page would load the desk with signs of typing, or a customer who types much could not send the message."""
    content = limits(MANY)
    content["per_conversation"]["messages"] = FEW
    (desk,) = await start(content)
    customer = await customer_at(desk, HERE)
    customer.headers |= from_(HERE)
    for path, body in (("/typing", {"is_typing": True}), ("/read", {"seq": 0}), ("/typing", {"is_typing": False})):
        assert (await customer.call("POST", path, json=body)).status_code == 204
    check_refused(await customer.call("POST", "/typing", json={"is_typing": True}), 6)
    assert (await say(customer, "你好")).status_code == 201


async def test_a_refused_message_does_not_use_up_the_address(start: Start) -> None:
    """A flooded conversation would also block everybody behind the same address."""
    content = limits(MANY, messages={"at_once": 3, "per_minute": 1})
    content["per_conversation"]["messages"] = {"at_once": 2, "per_minute": 1}
    (desk,) = await start(content)
    loud, quiet = await customer_at(desk, HERE), await customer_at(desk, HERE)
    answers = await asyncio.gather(*(say(loud, "你好") for _ in range(20)))
    assert sum(answer.status_code == 201 for answer in answers) == 2
    await desk.services.limits.flush()
    assert (await say(quiet, "你好")).status_code == 201


async def test_strangers_do_not_use_up_the_address(start: Start) -> None:
    """A script without a token would block everybody behind its address."""
    (desk,) = await start(limits(MANY, messages=FEW, handoffs=FEW))
    customer = await customer_at(desk, HERE)
    for i in range(8):
        stranger = Customer(desk.http, f"nope{i}" if i % 2 else customer.id, "not the token")
        stranger.headers |= from_(HERE)
        assert (await say(stranger, "你好")).status_code in (401, 404)
        assert (await stranger.call("POST", "/handoff")).status_code in (401, 404)
    assert (await say(customer, "我的账号被盗了")).status_code == 201
    assert (await customer.call("POST", "/handoff")).status_code == 200


async def test_who_waits_for_a_person_is_heard(start: Start) -> None:
    """A queued victim could no longer write because others at the same address write too much."""
    (desk,) = await start(limits(MANY, messages=FEW))
    victim, other = await customer_at(desk, HERE), await customer_at(desk, HERE)
    assert (await victim.call("POST", "/handoff")).status_code == 200
    for _ in range(3):
        assert (await say(other, "一")).status_code == 201
    check_refused(await say(other, "二"), 6)
    assert (await say(victim, "他们又打电话来了")).status_code == 201


async def test_calling_a_person(start: Start) -> None:
    """One address could fill the agents' queue by the button, or by the equivalent choice."""
    (desk,) = await start(limits(MANY, handoffs=FEW))
    customers = [await customer_at(desk, HERE) for _ in range(4)]
    for customer in customers[:2]:
        assert (await customer.call("POST", "/handoff")).status_code == 200
    assert (await customers[2].press("human")).status_code == 201
    check_refused(await customers[3].press("human"), 6)
    check_refused(await customers[3].call("POST", "/handoff"), 6)
    assert (await say(customers[3], "转人工")).status_code == 201


@pytest.mark.parametrize("kind", ["stream", "poll"])
async def test_streams_of_a_conversation(start: Start, kind: str) -> None:
    """One client could hold hundreds of streams, or a page that reconnects could not return."""
    content = limits(MANY)
    content["per_conversation"]["streams"] = 2
    one, other = await start(content, 2)
    customer = await customer_at(one, HERE)
    there = Customer(other.http, customer.id, customer.token)
    there.headers |= from_(THERE)
    async with customer.stream(), there.stream():
        for each in (customer, there):
            headers = {"Accept": "text/event-stream"} if kind == "stream" else {}
            path = f"/api/conversations/{customer.id}/events" + ("?wait=5" if kind == "poll" else "")
            check_refused(await each.http.get(path, headers={**each.headers, **headers}), 15)
            assert await each.events() == []  # a request that does not wait is always answered
    await closed(one, other)
    async with customer.stream(), customer.stream():
        pass


async def test_streams_of_an_address(start: Start) -> None:
    """One address could hold thousands of streams, on many conversations."""
    (desk,) = await start(limits(MANY, streams=2))
    customers = [await customer_at(desk, HERE) for _ in range(3)]
    async with customers[0].stream(), customers[1].stream():
        path, headers = f"/api/conversations/{customers[2].id}/events", {"Accept": "text/event-stream"}
        check_refused(await desk.http.get(path, headers={**customers[2].headers, **headers}), 15)
        async with (await customer_at(desk, THERE)).stream():
            pass


async def test_streams_that_never_begin_are_not_counted(start: Start) -> None:
    """Refused streams would use up the places of a conversation until its customer is locked out."""
    content = limits(MANY)
    content["per_conversation"]["streams"] = 2
    (desk,) = await start(content)
    customer = await customer_at(desk, HERE)
    headers = {**customer.headers, "Accept": "text/event-stream"}
    for _ in range(5):
        answer = await desk.http.get("/api/conversations/unknown/events", headers=headers)
        assert (answer.status_code, error_code(answer)) == (404, "unknown_conversation")
    await closed(desk)


async def test_streams_of_a_dead_desk_are_not_counted(start: Start, database: Database) -> None:
    """After a crash of a desk its customers could not open their streams again."""
    content = limits(MANY)
    content["per_conversation"]["streams"] = 1
    (desk,) = await start(content)
    customer = await customer_at(desk, HERE)
    async with customer.stream():
        pass
    await closed(desk)
    async with customer.stream():
        database.connection.execute("UPDATE open_streams SET desk = -1")
    await closed(desk)
    async with customer.stream():
        pass
    await desk.services.limits.clean()
    assert database.connection.execute("SELECT count(*) FROM open_streams WHERE desk = -1").fetchone() == (0,)


async def closed(*desks: Desk) -> None:
    """Wait until no desk counts an open stream any more, and the other desks have read that."""
    for desk in desks:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while desk.services.limits._open:
                await asyncio.sleep(0.01)
        await desk.services.limits.flush()


# --- the client's address ----------------------------------------------------------------------------------------------------


async def test_a_forwarded_address_of_nobody_trusted_does_not_count(start: Start) -> None:
    """Any client could choose an address for every request."""
    (desk,) = await start(limits(MANY, conversations=FEW), forwarded_allow_ips="")
    answers = [await open_(desk, f"203.0.113.{number}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]


async def test_a_client_cannot_put_an_address_before_its_own(start: Start) -> None:
    """A client behind the proxy could choose its address by sending the header itself."""
    (desk,) = await start(limits(MANY, conversations=FEW))
    answers = [await open_(desk, f"203.0.113.{number}, {HERE}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::5", "2001:db8:1:3::1"),
        ("::ffff:203.0.113.7", "203.0.113.7", "203.0.113.8"),
        ("203.0.113.7:5123", "203.0.113.7:6234", "203.0.113.8:5123"),
        ("garbage", "other garbage", "203.0.113.7"),
    ],
)
async def test_what_counts_as_one_address(start: Start, address: str, same: str, other: str) -> None:
    """An IPv6 customer could use 2**64 addresses, or two neighbours would share one limit."""
    (desk,) = await start(limits(MANY, conversations={"at_once": 1, "per_minute": 1}))
    assert (await open_(desk, address)).status_code == 201
    assert (await open_(desk, same)).status_code == 429
    assert (await open_(desk, other)).status_code == 201


async def test_an_origin_tells_the_same_address_and_not_which(start: Start) -> None:
    """A flood from one address could not be identified, or the conversations would store customers' addresses."""
    (desk,) = await start(limits(MANY))
    addresses = [HERE, HERE, THERE, "2001:db8:1:2::1", "2001:db8:1:2::2"]
    customers = [await customer_at(desk, address) for address in addresses]
    origins = [(await desk.conversation(customer)).birth.origin for customer in customers]
    assert origins[0] == origins[1] != origins[2]
    assert origins[3] == origins[4]
    assert len(set(origins)) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", str(origin)) for origin in origins)
    assert hashlib.sha256(HERE.encode()).hexdigest()[:32] not in origins  # without the key nobody can test addresses


# --- faults ------------------------------------------------------------------------------------------------------------------


async def test_a_database_that_is_away_is_not_a_limit(start: Start, new_database: str, server: str) -> None:
    """Customers would be told to slow down, instead of that nothing can be stored right now."""
    (desk,) = await start(limits(MANY, conversations=FEW), database_url=new_database)
    customer = await customer_at(desk, HERE)
    name = urlsplit(new_database).path.removeprefix("/")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            desk.http.timeout = httpx.Timeout(30)
            answers = [await open_(desk, THERE), await say(customer, "你好")]
            assert [(answer.status_code, error_code(answer)) for answer in answers] == [(503, "database_unavailable")] * 2
        finally:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


async def test_what_the_limits_store_tells_nobodys_address(start: Start, database: Database) -> None:
    """A copy of the database would hold customers' addresses and agents' logins."""
    (desk,) = await start(limits(MANY))
    customer = await customer_at(desk, HERE)
    await say(customer, "你好")
    await sign_in(desk, "agent", "wrong", HERE)
    async with customer.stream():
        await desk.services.limits.flush()
        rows = database.connection.execute("SELECT key FROM limits UNION ALL SELECT key FROM open_streams").fetchall()
    assert len(rows) >= 6
    assert all(re.fullmatch("[0-9a-f]{32}", str(key)) for (key,) in rows)


async def test_what_is_paid_off_is_deleted(start: Start, database: Database) -> None:
    """The table would grow by a row for each address and conversation for ever."""
    (desk,) = await start(limits(MANY, conversations=FEW))

    def rows() -> object:
        return (database.connection.execute("SELECT count(*) FROM limits").fetchone() or [0])[0]

    await say(await customer_at(desk, HERE), "你好")
    await sign_in(desk, "agent", "wrong", HERE)
    await desk.services.limits.flush()
    assert rows() == 5  # conversations, messages, messages of this conversation, sign-ins, failures
    desk.clock.pass_time(minutes=10)
    await desk.services.limits.clean()
    assert rows() == 1  # a failed sign-in is remembered for an hour
    assert not desk.services.limits._used
    desk.clock.pass_time(minutes=60)
    await desk.services.limits.clean()
    assert rows() == 0


async def test_a_message_asks_the_database_nothing_more(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each turn would wait for one more round trip to the database."""
    (desk,) = await start(limits(100))
    customer = await customer_at(desk, HERE)
    await say(customer, "你好")
    asked: list[Any] = []
    store = desk.services.limits._store
    charge = store.charge

    async def noted(seconds: dict[str, float], now: float) -> dict[str, float]:
        asked.append(asyncio.current_task())
        return await charge(seconds, now)

    monkeypatch.setattr(store, "charge", noted)
    for _ in range(10):
        assert (await say(customer, "你好")).status_code == 201
    flushes = {task for task in asked if "_keep_running" in str(task.get_coro())}
    assert set(asked) == flushes


# --- signing in --------------------------------------------------------------------------------------------------------------


async def test_guessing_a_password(start: Start) -> None:
    """A password could be guessed without pause, or an attacker could lock an agent out from everywhere."""
    content = limits(MANY)
    content["per_login"]["sign_ins"]["at_once"] = 3
    one, other = await start(content, 2)
    answers = [await sign_in(desk, "agent", "wrong", HERE) for desk in (one, other, one)]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    answer = await sign_in(other, "agent", "agent", HERE)  # the right password, but the pause is not over
    check_refused(answer, 1)
    assert (await sign_in(one, "agent", "agent", THERE)).status_code == 200
    assert (await sign_in(one, "agent2", "agent2", HERE)).status_code == 200
    one.clock.pass_time(seconds=1)
    assert (await sign_in(one, "agent", "wrong", HERE)).status_code == 401
    check_refused(await sign_in(one, "agent", "agent", HERE), 2)
    one.clock.pass_time(seconds=2)
    assert (await sign_in(one, "agent", "agent", HERE)).status_code == 200
    answers = [await sign_in(one, "agent", "wrong", HERE) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 401]  # a success forgets the failures


async def test_guesses_in_the_same_moment(start: Start) -> None:
    """A hundred parallel guesses would all be tried before the first of them has failed."""
    content = limits(MANY)
    content["per_login"]["sign_ins"]["at_once"] = 3
    (desk,) = await start(content)
    answers = await asyncio.gather(*(sign_in(desk, "agent", "wrong", HERE) for _ in range(12)))
    assert sum(answer.status_code == 401 for answer in answers) == 3


async def test_unknown_logins_are_limited_like_others(start: Start) -> None:
    """The refusal would reveal which logins exist."""
    content = limits(MANY)
    content["per_login"]["sign_ins"]["at_once"] = 2
    (desk,) = await start(content)
    for login in ("agent", "nobody"):
        answers = [(await sign_in(desk, login, "wrong", HERE)).status_code for _ in range(3)]
        assert answers == [401, 401, 429]


async def test_sign_ins_of_an_address(start: Start) -> None:
    """One address could try one password on thousands of logins, and keep the desk busy with hashing."""
    (desk,) = await start(limits(MANY, sign_ins=FEW))
    answers = [await sign_in(desk, f"login-{number}", "summer2026", HERE) for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert (await sign_in(desk, "agent", "agent", THERE)).status_code == 200


async def test_guessing_codes_and_checking_proofs(start: Start) -> None:
    """A stranger could try codes until one leads to somebody's talk, or keep a desk busy with proofs."""
    (desk,) = await start(limits(MANY, wrong_codes=FEW, identities=FEW))
    customer = await customer_at(desk, HERE)

    async def come_back(code: str, address: str) -> httpx.Response:
        return await desk.http.post("/api/conversations/return", json={"code": code}, headers=from_(address))

    code = (await customer.call("POST", "/return-code")).json()["code"]
    assert [(await come_back(code, HERE)).status_code for _ in range(6)] == [200] * 6, "right codes are free"
    answers = [await come_back("A2A2A2A2", HERE) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    check_refused(answers[-1], 6)
    check_refused(await come_back(code, HERE), 6)
    assert (await come_back(code, THERE)).status_code == 200

    async def history(address: str) -> httpx.Response:
        return await desk.http.get("/api/customer/conversations", headers={"Authorization": "Bearer a.b.c", **from_(address)})

    answers = [await history(HERE) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert (await history(THERE)).status_code == 401
