"""Part `hostile`: ordinary customers alone, then together with one address that requests as much as it can."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

import aiohttp

from tests.benchmarks.load.customers import TURNS_EACH, Answer, Customer, NoAnswerError, connect, questions
from tests.benchmarks.load.figures import Json, percentile, ratio, summary, table
from tests.benchmarks.load.meter import Meter
from tests.benchmarks.load.sizes import Sizes
from tests.benchmarks.load.system import DESK, running_system

#: The others' p95 may grow by at most this factor.
BAR = 2.0
#: Memory that the desk may use in addition during the attack: two passwords are hashed at a time (64 MiB each), and the
#: attacker's streams are open.
BAR_PEAK_MB, BAR_AFTER_MB = 220.0, 60.0
UNAVAILABLE = "bot_unavailable"

#: An address that no customer of the benchmark has (RFC 5737).
_HOSTILE = {"X-Forwarded-For": "203.0.113.66"}
_URGENT = "我被骗了，钱已经转出去了，快帮我"
_PAUSE_SECONDS = 2.0
_AFTER_SECONDS = 5.0


class Attacker:
    """One address that opens conversations and streams and guesses passwords, each at a given number within some seconds."""

    def __init__(self, http: aiohttp.ClientSession, url: str, sizes: Sizes) -> None:
        self._http, self._origin, self._sizes = http, {"Origin": url, **_HOSTILE}, sizes
        self._opened: list[tuple[str, dict[str, str]]] = []
        self._streams: list[aiohttp.ClientResponse] = []
        self.answers: dict[str, Counter[str]] = {}

    async def attack(self) -> None:
        """Run all of it in parallel."""
        await asyncio.gather(
            self._repeat("conversations", self._sizes.hostile_conversations, self._open),
            self._repeat("streams", self._sizes.hostile_streams, self._stream),
            self._repeat("sign-ins", self._sizes.hostile_sign_ins, self._guess),
        )

    async def _repeat(self, what: str, count: int, act: Callable[[], Awaitable[str]]) -> None:
        """Start this many, evenly, without waiting for responses."""
        started, running, statuses = time.perf_counter(), set[asyncio.Task[str]](), self.answers.setdefault(what, Counter())

        async def one() -> str:
            try:
                return await act()
            except (aiohttp.ClientError, TimeoutError) as error:
                return type(error).__name__

        for number in range(count):
            await asyncio.sleep(max(0.0, started + number * self._sizes.hostile_seconds / count - time.perf_counter()))
            running.add(asyncio.create_task(one()))
        statuses.update(await asyncio.gather(*running))

    async def _open(self) -> str:
        """Open a conversation with a fake emergency, and ask for a person."""
        async with self._http.post("/api/conversations", json={}, headers=_HOSTILE) as answer:
            if answer.status != 201:
                return str(answer.status)
            opened = await answer.json()
        headers = {"Authorization": f"Bearer {opened['token']}", **_HOSTILE}
        self._opened.append((opened["id"], headers))
        address = f"/api/conversations/{opened['id']}"
        body = {"client_message_id": "m1", "text": _URGENT}
        async with self._http.post(f"{address}/messages", json=body, headers=headers):
            pass
        async with self._http.post(f"{address}/handoff", headers=headers):
            return "201"

    async def _stream(self) -> str:
        """A stream that stays open."""
        while not self._opened:
            await asyncio.sleep(0.05)
        conversation, headers = random.choice(self._opened)
        headers = {**headers, "Accept": "text/event-stream"}
        patience = aiohttp.ClientTimeout(total=None, sock_connect=20)
        answer = await self._http.get(f"/api/conversations/{conversation}/events", headers=headers, timeout=patience)
        if answer.status == 200:
            self._streams.append(answer)
        else:
            answer.release()
        return str(answer.status)

    async def _guess(self) -> str:
        body = {"login": random.choice(("agent", "agent2", "supervisor", "root")), "password": "123456"}
        async with self._http.post("/api/session", json=body, headers=self._origin) as answer:
            return str(answer.status)

    def close(self) -> None:
        """Close all streams."""
        for stream in self._streams:
            stream.close()


class Others:
    """Customers, each from their own address, who write, read the answer, pause, and write again."""

    def __init__(self, http: aiohttp.ClientSession, url: str, texts: Iterator[str], count: int) -> None:
        self._http, self._url, self._texts, self._count = http, url, texts, count
        self.answers: list[Answer] = []
        self.errors: list[str] = []

    async def live(self, seconds: float) -> None:
        """Run for this many seconds."""
        ends = time.perf_counter() + seconds
        await asyncio.gather(*(self._one(ends, random.Random(number)) for number in range(self._count)))

    async def _one(self, ends: float, rng: random.Random) -> None:
        await asyncio.sleep(rng.uniform(0, _PAUSE_SECONDS))
        while time.perf_counter() < ends:
            customer: Customer | None = None
            try:
                customer = await Customer.open(self._http, self._url)
                for _ in range(TURNS_EACH):
                    answer = await customer.ask(next(self._texts))
                    self.answers.append(answer)
                    await asyncio.sleep(rng.uniform(0.5, 1.5) * _PAUSE_SECONDS)
                    if time.perf_counter() >= ends or answer.reason is not None:
                        break
            except (NoAnswerError, aiohttp.ClientError, OSError, TimeoutError) as error:
                self.errors.append(str(error) or type(error).__name__)
            finally:
                if customer is not None:
                    customer.close()

    def figures(self) -> Json:
        """How long customers waited, and how many had no answer."""
        seconds = [answer.seconds for answer in self.answers]
        return {
            **summary(seconds),
            "p95_ms": 1000 * percentile(seconds, 0.95) if seconds else None,
            "unavailable": sum(answer.reason == UNAVAILABLE for answer in self.answers),
            "errors": dict(Counter(self.errors)),
        }


async def measure(sizes: Sizes) -> Json:
    """The others alone, then with the attacker, on one system with one bot; the desk's memory throughout."""
    async with running_system(bots=1) as (system, meter), connect(system.url) as http, connect(system.url) as hostile:
        texts = questions()
        await Others(http, system.url, texts, sizes.ordinary).live(sizes.lead_in_seconds * 3)
        alone = Others(http, system.url, texts, sizes.ordinary)
        await alone.live(sizes.hostile_seconds / 2)
        before = _desk_mb(meter)
        beside, attacker = Others(http, system.url, texts, sizes.ordinary), Attacker(hostile, system.url, sizes)
        peaks, cpu = [before], meter.cpu()
        watching = asyncio.create_task(_watch(meter, peaks))
        await asyncio.gather(beside.live(sizes.hostile_seconds), attacker.attack())
        cpu = {name: seconds - cpu[name] for name, seconds in meter.cpu().items()}
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        attacker.close()
        await asyncio.sleep(_AFTER_SECONDS)
        memory = {"before": before, "peak": max(peaks), "after": _desk_mb(meter)}
        return {
            "alone": alone.figures(),
            "beside": beside.figures(),
            "answers": {what: dict(statuses) for what, statuses in attacker.answers.items()},
            "memory_mb": memory,
            "cpu_seconds": cpu,
        }


async def _watch(meter: Meter, peaks: list[float]) -> None:
    while True:
        peaks.append(_desk_mb(meter))
        await asyncio.sleep(0.25)


def _desk_mb(meter: Meter) -> float:
    return float(meter.memory()[DESK]["rss"] or 0.0)


def report(result: Json) -> list[str]:
    """The part's tables in Markdown."""
    names = ("n", "median_ms", "p95_ms", "p99_ms", "longest_ms", "unavailable")
    rows = [[who, *(result[who][name] for name in names), sum(result[who]["errors"].values())] for who in ("alone", "beside")]
    answers = [
        [what, *(sum(n for status, n in found.items() if status[0] == first) for first in "24"), found.get("429", 0)]
        for what, found in result["answers"].items()
    ]
    memory = [result["memory_mb"][name] for name in ("before", "peak", "after")]
    return [
        table("The other customers", ["", "turns", "median ms", "p95 ms", "p99 ms", "longest ms", UNAVAILABLE, "errors"], rows),
        table("What one address got", ["it asked for", "2xx", "4xx", "of these 429"], answers),
        table("The desk's memory", ["before MB", "peak MB", "after MB"], [memory]),
        table(
            "CPU during the attack",
            ["process", "seconds"],
            [[name, seconds] for name, seconds in result["cpu_seconds"].items()],
        ),
    ]


def broken(result: Json) -> list[str]:
    """The others' p95, their lost turns, and the desk's memory."""
    found = []
    alone, beside = result["alone"]["p95_ms"], result["beside"]["p95_ms"]
    if alone is None or beside is None:
        return ["the others had no answers at all"]
    slower = ratio(alone, beside)
    if slower > BAR:
        found.append(f"the others' p95 is {slower:.2f} times as long (at most {BAR})")
    lost = sum(result["beside"]["errors"].values()) + result["beside"]["unavailable"]
    if lost:
        found.append(f"{lost} turns of the others had no answer, or a person because the bot was too slow")
    memory = result["memory_mb"]
    for name, bar in (("peak", BAR_PEAK_MB), ("after", BAR_AFTER_MB)):
        if memory[name] - memory["before"] > bar:
            found.append(f"the desk took {memory[name] - memory['before']:.0f} MB more ({name}; at most {bar:.0f})")
    if not all(statuses.get("429") for statuses in result["answers"].values()):
        found.append("one of the attacks met no limit")
    return found
