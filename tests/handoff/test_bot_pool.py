"""Several bots: healthy bots answer, and a failed bot costs no customer the answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from contract.turn import TurnRequest
from handoff.turns import bot_pool
from handoff.turns.bot_pool import KEEP_SECONDS, BotError, BotPool, open_session
from tests.handoff.fake_bot import TOKEN, FakeBot, Held, answers, raw, says
from tests.handoff.people import DEADLINE_SECONDS

TURN = TurnRequest("c", "c.1", "你好")


@pytest.fixture
async def other() -> AsyncIterator[FakeBot]:
    """A second bot."""
    other = FakeBot()
    await other.start()
    yield other
    await other.stop()


@pytest.fixture
async def pool(bot: FakeBot, other: FakeBot) -> AsyncIterator[BotPool]:
    """Both bots."""
    async with aiohttp.ClientSession() as http:
        yield BotPool([other.url, bot.url], TOKEN, http)


async def test_turns_go_round(pool: BotPool, bot: FakeBot, other: FakeBot) -> None:
    """One bot would do all the work."""
    for _ in range(6):
        await pool.turn(TURN, 5)
    assert (len(bot.turns), len(other.turns)) == (3, 3)


async def test_one_that_is_down_is_left_alone(pool: BotPool, bot: FakeBot, other: FakeBot) -> None:
    """One dead bot would delay or lose the answer of every second customer."""
    await other.stop()
    for _ in range(4):
        assert (await pool.turn(TURN, 5)).decision.route == "answer"
    assert len(bot.turns) == 4
    assert [each.is_ready() for each in pool.bots] == [False, True]


async def test_one_that_hangs_leaves_time_for_the_other(pool: BotPool, bot: FakeBot, other: FakeBot) -> None:
    """A hanging bot would use up the deadline, and the customer would go to a person although another bot is healthy."""
    other.will(Held(answers()), Held(answers()))
    started = asyncio.get_running_loop().time()
    for _ in range(4):
        assert (await pool.turn(TURN, 1)).decision.route == "answer"
    assert len(other.turns) == 1
    assert asyncio.get_running_loop().time() - started < 0.9


async def test_an_error_goes_to_the_other_and_three_in_a_row_are_a_fault(pool: BotPool, bot: FakeBot, other: FakeBot) -> None:
    """A bot without its action would get turns all the time, or one bad message would mark every bot as failed."""
    other.will(*[raw(b"{}", 502)] * 9)
    for asked in range(1, 9):
        assert (await pool.turn(TURN, 5)).decision.route == "answer"
        assert len(other.turns) == min(asked // 2, 3)


async def test_when_no_bot_is_well_all_are_asked_anyway(pool: BotPool, bot: FakeBot, other: FakeBot) -> None:
    """Health data may be old: customers would go to a person although a bot is up again."""
    for each in pool.bots:
        each.is_healthy = False
        each.failed(at_once=True)
    assert (await pool.turn(TURN, 5)).decision.route == "answer"


@pytest.mark.parametrize(
    ("body", "code"),
    [(raw(b"<html>"), "bot_spoke_no_json"), (says([]), "bot_broke_contract"), (raw(b"{}", 500), "bot_status_500")],
)
async def test_when_all_fail_the_last_failure_is_said(
    pool: BotPool, bot: FakeBot, other: FakeBot, body: object, code: str
) -> None:
    """Operators would not learn the cause of a failure."""
    bot.will(body)  # type: ignore[arg-type]
    other.will(body)  # type: ignore[arg-type]
    with pytest.raises(BotError) as failed:
        await pool.turn(TURN, 5)
    assert failed.value.code == code


async def test_health_checks_find_the_one_that_is_down_and_up_again(
    pool: BotPool, other: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first customers after a fault would pay for its detection, or a restarted bot would never be asked again."""
    monkeypatch.setattr(bot_pool, "_CHECK_SECONDS", 0.02)
    watching = asyncio.create_task(pool.watch())
    await other.stop()
    async with asyncio.timeout(DEADLINE_SECONDS):
        while pool.bots[0].is_ready():
            await asyncio.sleep(0.01)
    assert pool.bots[1].is_ready()
    await other.start()
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not pool.bots[0].is_ready():
            await asyncio.sleep(0.01)
    watching.cancel()
    assert await pool.ping()


class ForgetfulServer:
    """A bot that keeps connections, and closes one in the moment in which the desk reuses it.

    `asked`: for each turn that reached it, the number of its connection.
    """

    def __init__(self, *, answers_first: bool) -> None:
        self._answers_first = answers_first
        self.asked: list[int] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the first request of a connection, and close it at the next."""
        self.connections += 1
        number = self.connections
        for is_answered in (self._answers_first, False):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            await reader.readexactly(int(head.lower().split("content-length:")[1].split("\r\n")[0]))
            self.asked.append(number)
            if not is_answered:
                break
            body = (await answers()({})).body
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
        writer.transport.abort()


@contextlib.asynccontextmanager
async def forgetful(*, answers_first: bool) -> AsyncIterator[tuple[ForgetfulServer, BotPool]]:
    """Such a bot, and a pool with the desk's own HTTP client."""
    bot = ForgetfulServer(answers_first=answers_first)
    server = await asyncio.start_server(bot.serve, "127.0.0.1", 0)
    async with server, open_session() as http:
        yield bot, BotPool([f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"], TOKEN, http)


async def test_an_idle_connection_that_the_bot_closed_costs_no_answer() -> None:
    """A race between two timers would send a customer to a person although the bot is healthy."""
    async with forgetful(answers_first=True) as (bot, pool):
        # Two connections, both reused: the second could be dead like the first.
        await asyncio.gather(pool.turn(TURN, 5), pool.turn(TURN, 5))
        for _ in range(2):
            assert (await pool.turn(TURN, 5)).decision.route == "answer"
        assert bot.asked.count(1) == 2
        assert pool.bots[0].is_ready()


async def test_a_new_connection_that_breaks_is_the_bots_fault() -> None:
    """A bot that crashes on a message would get it again and again."""
    async with forgetful(answers_first=False) as (bot, pool):
        with pytest.raises(BotError) as failed:
            await pool.turn(TURN, 5)
        assert (failed.value.code, bot.asked) == ("bot_unreachable", [1])


async def test_idle_connections_are_dropped_before_the_bot_closes_them() -> None:
    """The race would occur at each pause in the traffic."""
    async with open_session() as http:
        assert http.connector is not None
        assert http.connector._keepalive_timeout == KEEP_SECONDS < 5  # type: ignore[attr-defined]
