"""Changed or removed accounts: their sessions and streams end, and their conversations return to the queue."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from handoff.accounts.accounts import Accounts
from handoff.bootstrap import make_accounts
from handoff.queue import streams
from handoff.runtime.errors import BadInput, NotFound
from handoff.runtime.settings import Settings
from tests.handoff.conftest import SERVICE_TOKEN, Database
from tests.handoff.people import DEADLINE_SECONDS, Agent, Customer, error_code, of_type
from tests.handoff.running_desk import Desk

ROOT = Path(__file__).parents[2]
Change = Callable[[Accounts], Awaitable[None]]

#: What ends an account's sessions, and whether the account may sign in afterwards.
CHANGES: dict[str, Change] = {
    "disabled": lambda accounts: accounts.disable("lin"),
    "removed": lambda accounts: accounts.remove("lin"),
    "another role": lambda accounts: accounts.set_role("lin", "editor"),
    "promoted": lambda accounts: accounts.set_role("lin", "supervisor"),
    "another password": lambda accounts: accounts.set_password("lin", "another password"),
    "saved anew": lambda accounts: accounts.save("lin", "林芳", "agent", "another password"),
}


@pytest.fixture
async def accounts(desk: Desk) -> Accounts:
    """The accounts, with an additional one."""
    found = make_accounts(desk.services.store, desk.services.policy, desk.clock)
    await found.save("lin", "林芳", "agent", "a long password")
    return found


async def sign_in(desk: Desk, login: str, password: str) -> httpx.Response:
    """Post the sign-in form."""
    headers = {"Origin": str(desk.http.base_url).rstrip("/")}
    answer = await desk.http.post("/api/session", json={"login": login, "password": password}, headers=headers)
    desk.http.cookies.clear()
    return answer


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_sessions_end_and_conversations_go_back(desk: Desk, accounts: Accounts, change: Change) -> None:
    """A removed agent would keep reading; customers would wait for an agent who cannot answer."""
    first, second = await desk.waiting_customer(), await desk.waiting_customer()
    before = [(await desk.conversation(customer)).case.queued_at for customer in (first, second)]
    agent = await desk.agent("lin")
    await agent.claim(first)
    other = await desk.agent("agent2")
    await other.claim(second)
    await change(accounts)
    assert (await agent.call("GET", "/session")).status_code == 401
    assert (await agent.call("GET", "/queue")).status_code == 401
    conversation = await desk.conversation(first)
    assert (conversation.status, conversation.agent, conversation.case.queued_at) == ("queued", None, before[0])
    (given_back,) = of_type(await desk.log(first), "transferred")
    assert given_back["why"] == "agent_gone"
    assert (await first.events())[-1]["kind"] == "requeued"
    assert (await desk.conversation(second)).agent == "agent2"  # a colleague keeps their conversation
    assert (await other.call("GET", "/session")).status_code == 200


async def test_a_change_that_changes_nothing_ends_nothing(desk: Desk, accounts: Accounts) -> None:
    """Enabling an enabled account would throw its agent out in the middle of a case."""
    agent = await desk.agent("lin")
    await accounts.enable("lin")
    await accounts.set_role("lin", "agent")
    assert (await agent.call("GET", "/session")).status_code == 200


async def test_a_disabled_account_is_as_good_as_none(desk: Desk, accounts: Accounts) -> None:
    """A disabled account could sign in or get conversations, or the error would reveal that it exists."""
    await accounts.disable("lin")
    disabled, unknown = await sign_in(desk, "lin", "a long password"), await sign_in(desk, "nobody", "a long password")
    assert (disabled.status_code, disabled.json()) == (unknown.status_code, unknown.json())
    assert disabled.status_code == 401
    agent, customer = await desk.agent(), await desk.waiting_customer()
    assert "lin" not in {each["login"] for each in (await agent.queue())["agents"]}
    await agent.claim(customer)
    assert (await agent.act(customer, "transfer", {"to": "lin"})).status_code in (409, 422)
    await accounts.save("lin", "林芳", "agent", "another password")
    assert (await sign_in(desk, "lin", "another password")).status_code == 401  # until it is enabled again
    await accounts.enable("lin")
    assert (await sign_in(desk, "lin", "another password")).status_code == 200


async def test_a_removed_account_leaves_its_words(desk: Desk, accounts: Accounts) -> None:
    """Removing an agent would remove messages that customers were sent."""
    customer = await desk.waiting_customer()
    agent = await desk.agent("lin")
    await agent.claim(customer)
    await agent.write(customer, "您好")
    await accounts.remove("lin")
    assert "林芳" in {event["by"]["name"] for event in await customer.events()}
    assert (await sign_in(desk, "lin", "a long password")).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        lambda accounts: accounts.disable("nobody"),
        lambda accounts: accounts.enable("nobody"),
        lambda accounts: accounts.remove("nobody"),
        lambda accounts: accounts.set_role("nobody", "agent"),
        lambda accounts: accounts.set_password("nobody", "a long password"),
    ],
)
async def test_an_account_that_does_not_exist(accounts: Accounts, change: Change) -> None:
    """A mistyped login would look like a success while the account stays active."""
    with pytest.raises(NotFound):
        await change(accounts)


@pytest.mark.parametrize(
    "change", [lambda accounts: accounts.set_role("lin", "admin"), lambda accounts: accounts.set_password("lin", "short")]
)
async def test_a_change_that_is_refused(desk: Desk, accounts: Accounts, change: Change) -> None:
    """An unknown role or a short password would be accepted."""
    agent = await desk.agent("lin")
    with pytest.raises(BadInput):
        await change(accounts)
    assert (await agent.call("GET", "/session")).status_code == 200


# --- streams -----------------------------------------------------------------------------------------------------------------


async def end_of(agent: Agent, path: str, change: Callable[[], Awaitable[object]]) -> None:
    """Open a stream and run an action; the stream must end."""
    async with agent.http.stream("GET", f"/api{path}", headers={**agent.headers, "Accept": "text/event-stream"}) as answer:
        assert answer.status_code == 200
        lines = answer.aiter_lines()
        while not (await anext(lines)).startswith("data: "):
            pass
        await change()
        async with asyncio.timeout(DEADLINE_SECONDS):
            async for _ in lines:
                pass


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams check the session more often than in production."""
    assert streams._SESSION_SECONDS + streams._QUEUE_SECONDS < 9
    monkeypatch.setattr(streams, "_SESSION_SECONDS", 0.2)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("stream", ["queue", "log"])
@pytest.mark.parametrize("reason", ["signed out", "expired", *CHANGES])
async def test_streams_of_who_may_not_read_any_more_end(desk: Desk, accounts: Accounts, stream: str, reason: str) -> None:
    """A signed-out, demoted or removed agent would keep reading customers' messages."""
    customer: Customer = await desk.waiting_customer()
    agent = await desk.agent("lin")

    async def change() -> None:
        if reason == "signed out":
            assert (await agent.call("DELETE", "/session")).status_code == 204
        elif reason == "expired":
            desk.clock.pass_time(hours=13)
        else:
            await CHANGES[reason](accounts)

    path = "/queue" if stream == "queue" else f"/conversations/{customer.id}/log"
    await end_of(agent, path, change)


async def test_a_wake_up_shows_nothing_to_who_may_not_read_any_more(desk: Desk, accounts: Accounts) -> None:
    """The next message would still be sent to an agent who signed out a moment before."""
    customer = await desk.waiting_customer()
    agent = await desk.agent("lin")
    async with agent.stream(f"/conversations/{customer.id}/log") as watched:
        await watched.until(lambda frame: frame.event == "conversation")
        await agent.call("DELETE", "/session")
        await customer.say("这句话不能给离开的客服看")
        with pytest.raises(AssertionError, match="the stream ended"):
            await watched.until(lambda frame: "不能给" in str(frame.data))


# --- sessions and the command line -------------------------------------------------------------------------------------------


async def test_expired_sessions_are_deleted(desk: Desk, database: Database) -> None:
    """The table would keep every sign-in for ever."""
    agent = await desk.agent()
    desk.clock.pass_time(hours=11)
    later = await desk.agent("agent2")
    await desk.watchdog.look_around()
    assert (await agent.call("GET", "/session")).status_code == 200
    desk.clock.pass_time(hours=2)
    await desk.watchdog.look_around()
    assert database.connection.execute("SELECT login FROM sessions").fetchall() == [("agent2",)]
    assert (await later.call("GET", "/session")).status_code == 200


def command(settings: Settings, *arguments: str, password: str = "") -> tuple[int, str]:
    """Run `python -m handoff ...` as an operator does; its exit code and output."""
    import subprocess

    environment = {
        "DATABASE_URL": settings.database_url or "",
        "MODELS_DIR": str(settings.models),
        "VAR_DIR": str(settings.var),
        "SERVICE_TOKEN": SERVICE_TOKEN,
        "PATH": "/usr/bin:/bin",
        "PYTHONWARNINGS": "ignore",  # getpass without a terminal warns that it echoes
    }
    done = subprocess.run(
        [sys.executable, "-m", "handoff", *arguments],
        cwd=ROOT,
        env=environment,
        input=password + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,  # no terminal for the password prompt
    )
    return done.returncode, done.stdout + done.stderr


async def test_the_command_line(desk: Desk, settings: Settings) -> None:
    """An operator could not list, disable or remove an account, or the running desk would not notice."""

    async def run(*arguments: str, password: str = "") -> tuple[int, str]:
        return await asyncio.to_thread(command, settings, *arguments, password=password)

    code, said = await run("add-account", "fang", "--name", "方", "--role", "agent", password="a long password")
    assert code == 0, said
    customer, agent = await desk.waiting_customer(), await desk.agent("fang")
    await agent.claim(customer)
    assert "fang\t方\tagent\tenabled\t1 conversations" in (await run("list-accounts"))[1]
    async with customer.stream() as watched:
        await watched.until(lambda frame: frame.data.get("kind") == "assigned")
        assert (await run("disable-account", "fang"))[0] == 0
        await watched.until(lambda frame: frame.data.get("kind") == "requeued")  # notified without waiting for a sweep
    assert (await agent.call("GET", "/session")).status_code == 401
    assert "fang\t方\tagent\tdisabled\t0 conversations" in (await run("list-accounts"))[1]
    for arguments in (("enable-account", "fang"), ("set-role", "fang", "editor"), ("remove-account", "fang")):
        assert (await run(*arguments))[0] == 0
    code, said = await run("set-password", "fang", password="another password")
    assert (code, "unknown_account" in said) == (1, True)


# --- the password queue ------------------------------------------------------------------------------------------------------


class CountingHasher:
    """A hasher that counts how many checks run at the same time, and waits for the test."""

    def __init__(self) -> None:
        import threading

        self.checked: list[str] = []
        self.now = self.most = 0
        self._lock, self.go_on = threading.Lock(), threading.Event()

    def verify(self, password_hash: str, password: str) -> None:
        """Blocks until the test releases it."""
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
            self.checked.append(password_hash)
        self.go_on.wait(10)
        with self._lock:
            self.now -= 1


async def test_two_passwords_at_a_time_and_a_line_that_ends(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of sign-ins would take 64 MiB each, or one address would fill the whole queue."""
    hasher, passwords = CountingHasher(), desk.services.sign_in._passwords
    monkeypatch.setattr(passwords, "_hasher", hasher)
    places = passwords.PLACES
    line = [asyncio.create_task(passwords.verify("hash", "x", "a")) for _ in range(places // 2)]
    await asyncio.sleep(0)
    refused = await sign_in_queue(passwords.verify("hash", "x", "a"))
    assert refused == "too_many"  # this address has its half
    line += [asyncio.create_task(passwords.verify("hash", "x", "b")) for _ in range(places // 2)]
    await asyncio.sleep(0)
    assert await sign_in_queue(passwords.verify("hash", "x", "c")) == "too_many"
    answer = await sign_in(desk, "agent", "agent")
    assert (answer.status_code, error_code(answer)) == (429, "too_many")
    assert int(answer.headers["retry-after"]) >= 1
    hasher.go_on.set()
    assert await asyncio.gather(*line) == [True] * places
    assert hasher.most == passwords.AT_ONCE == 2
    assert (await sign_in(desk, "agent", "agent")).status_code == 200


async def sign_in_queue(check: Awaitable[bool]) -> str:
    from handoff.runtime.errors import TooMany

    with pytest.raises(TooMany) as refused:
        await check
    return refused.value.code


async def test_unknown_logins_cost_as_much_as_known_ones(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The response time would reveal which logins exist."""
    hasher = CountingHasher()
    hasher.go_on.set()
    monkeypatch.setattr(desk.services.sign_in._passwords, "_hasher", hasher)
    for login in ("agent", "nobody"):
        await sign_in(desk, login, "wrong")
    known, unknown = (hash_.split("$")[1:4] for hash_ in hasher.checked)
    assert known[0] == unknown[0] == "argon2id"
