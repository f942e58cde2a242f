"""The desk's log: everything an operator needs, one JSON object per line, and never message text."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import structlog

from handoff.bootstrap import create_app
from handoff.runtime.logs import fault_fields, log_loop_faults, write_logs
from handoff.runtime.settings import Settings
from tests.handoff.conftest import SERVICE_TOKEN
from tests.handoff.desk_process import DeskProcess, Start, desk_processes
from tests.handoff.fake_bot import TOKEN, FakeBot, answers, decision, escalates, hangs_up, own_bot, raw, says
from tests.handoff.people import DEADLINE_SECONDS, Agent, Customer, Json, of_type

#: No log may contain these; in two scripts, because a log may escape one of them.
WORD, 词 = "zebracrossing", "斑马机密"
SECRET = f"{WORD} {词}"


@pytest.fixture
async def bot() -> AsyncIterator[FakeBot]:
    """A bot for the desk processes only."""
    async with own_bot() as bot:
        yield bot


@pytest.fixture
async def start(bot: FakeBot, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts desks, which stop after the test."""
    async with desk_processes(bot, tmp_path) as start:
        yield start


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All log lines of this process, as the desk writes them."""
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    write_logs(stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)
    structlog.reset_defaults()


async def sign_in(desk: DeskProcess, login: str) -> Agent:
    """An agent of the demo accounts."""
    origin = str(desk.http.base_url).rstrip("/")
    answer = await desk.http.post("/api/session", json={"login": login, "password": login}, headers={"Origin": origin})
    assert answer.status_code == 200
    return Agent(desk.http, login, answer.json()["name"], answer.cookies["desk_session"])


async def until(customer: Customer, kind: str, count: int = 1) -> None:
    """Wait until the agents' log has this many events of a type; the customer's view suffices to wait for it."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while len(of_type(await customer.events(), kind)) < count:
            await asyncio.sleep(0.05)


async def say_it_everywhere(desk: DeskProcess, settings: Settings, customer: Customer, agent: Agent) -> None:
    """Put the secret in every place where a stranger, a customer and an agent can put it, on every route."""
    body = dict.fromkeys(("text", "note", "comment", "login", "password", "to", "channel", "turn_id", "locale"), SECRET)
    valid = {**body, "client_message_id": WORD, "conversation_id": SECRET, "decision": {"route": SECRET}, "score": 5}
    paths = create_app(settings).openapi()["paths"]
    for method, path in [(method.upper(), path) for path, methods in paths.items() for method in methods]:
        # The agent stays signed in for the other routes.
        signed_in = agent.headers if method != "DELETE" else {}
        for who in (customer.headers, signed_in, {"Authorization": f"Bearer {WORD}"}, {"Cookie": f"desk_session={WORD}"}):
            for conversation_id in (customer.id, SECRET):
                url = path.replace("{conversation_id}", conversation_id)
                headers = {
                    **who,
                    "Content-Type": "application/json",
                    "Last-Event-ID": WORD,
                    "User-Agent": WORD,
                    "Referer": f"http://{WORD}/",
                }
                content = json.dumps(valid)
                for broken in (content, content[:-1]) if method == "POST" else (None,):
                    await desk.http.request(method, url, params={"locale": SECRET, "after": 0}, content=broken, headers=headers)
    for method in ("GET", "POST"):
        await desk.http.request(method, f"/{SECRET}", content=SECRET.encode())
    with contextlib.suppress(httpx.TransportError):  # the desk may close the connection while the body is sent
        await desk.http.request("POST", "/api/handoffs", content=b'"' + SECRET.encode() * 4000 + b'"')


async def test_a_log_never_holds_what_people_wrote(start: Start, bot: FakeBot, settings: Settings, new_database: str) -> None:
    """Any reader of logs would see customers' messages, notes, names or tokens; backups of logs would need protection."""
    desk = await start(database=new_database)
    customer, agent, other = await desk.customer(), await sign_in(desk, "agent"), await sign_in(desk, "agent2")

    bot.will(answers(SECRET), says({"error": {"code": SECRET}}, 502))
    await customer.say(SECRET)
    await until(customer, "message", 3)
    await customer.say(SECRET)
    await until(customer, "handoff_requested")
    await agent.claim(customer)
    assert (await agent.write(customer, SECRET)).status_code == 201
    assert (await other.write(customer, SECRET)).status_code == 409
    assert (await agent.act(customer, "notes", {"text": SECRET})).status_code == 201
    assert (await agent.let_go(customer, "resolve", {"note": SECRET})).status_code == 200
    assert (await customer.rate(5, SECRET)).status_code == 201

    await say_it_everywhere(desk, settings, customer, agent)

    # Not HTTP.
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.http.base_url.port)
    writer.write(SECRET.encode() + b"\r\n\r\n")
    await reader.read()
    writer.close()

    # Every failure of a bot.
    failures = [raw(SECRET.encode()), says({"error": {"code": WORD}}, 500), says([SECRET]), hangs_up()]
    failures.append(says({"messages": [], "decision": {"route": SECRET}}))
    failures.append(escalates(reason=WORD))
    for failure in failures:
        asking = await desk.customer()
        bot.will(failure)
        await asking.say(SECRET)
        await until(asking, "handoff_requested")

    # A database that rejects the text, and quotes it; in a request, and in a turn.
    asking = await desk.customer()
    with psycopg.connect(new_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE events ADD CONSTRAINT clean CHECK (data::text NOT LIKE '%zebra%') NOT VALID")
    refused = await asking.post({"client_message_id": "m", "text": SECRET})
    assert (refused.status_code, SECRET in refused.text) == (500, False)
    bot.will(says({"messages": [{"text": SECRET}], "decision": decision("chat")}))
    await asking.say("你好")
    await until(asking, "handoff_requested")

    await desk.end(signal.SIGTERM)
    said = desk.said()
    for secret in (WORD, 词, json.dumps(词).strip('"'), repr(SECRET.encode())[2:-1], customer.token, SERVICE_TOKEN, TOKEN):
        assert secret not in said
    assert agent.headers["Cookie"].partition("=")[2] not in said
    assert agent.name not in said
    assert "psycopg" not in "".join(line["event"] for line in desk.lines())

    lines = desk.lines()
    refusals = {line["code"] for line in lines if line["event"] == "request.refused"}
    assert refusals >= {"wrong_token", "not_yours", "wrong_service_token", "bad_last_event_id", "wrong_login", "wrong_origin"}
    fault = next(line for line in lines if line["event"] == "request.failed")
    assert (fault["error"], fault["sqlstate"]) == ("CheckViolation", "23514")
    assert fault["route"] == "/api/conversations/{conversation_id}/messages"
    assert any(place.startswith("handoff/conversations/customers.py:") for place in fault["at"])
    assert {line["code"] for line in lines if line["event"] == "bot.failed"} == {
        "bot_status_502", "bot_spoke_no_json", "bot_status_500", "bot_broke_contract", "bot_unreachable",
    }  # fmt: skip
    assert [line["error"] for line in lines if line["event"] == "turn.reply_refused"] == ["CheckViolation"]


def _only(log: io.StringIO, event: str) -> Json:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return next(line for line in lines if line["event"] == event)


async def test_what_is_logged_of_a_message(start: Start, bot: FakeBot, new_database: str) -> None:
    """An operator could not follow one conversation through the log."""
    desk = await start(database=new_database)
    customer = await desk.customer()
    seq = await customer.say("转账没到")
    await until(customer, "message", 2)
    await desk.end(signal.SIGTERM)
    of_conversation = [line for line in desk.lines() if line.get("conversation_id") == customer.id]
    assert {line["event"] for line in of_conversation} == {"request", "turn.over"}
    request, turn = (next(line for line in of_conversation if line["event"] == event) for event in ("request", "turn.over"))
    assert request.items() >= {
        "level": "info", "method": "POST", "route": "/api/conversations/{conversation_id}/messages", "status": 201,
    }.items()  # fmt: skip
    assert request["ms"] > 0
    assert turn.items() >= {"turn_id": f"{customer.id}.{seq}", "outcome": "answer"}.items()


async def test_libraries_lines_are_cut_down(log: io.StringIO) -> None:
    """A library that quotes an exception would log a customer's text."""
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise ConnectionRefusedError(111, SECRET) from error
    except OSError as error:
        fault = error
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
        logging.getLogger("psycopg.pool").warning("error connecting in %r: %s", SECRET, error)
        logging.getLogger("uvicorn.error").error(error)
    log_loop_faults()

    async def fail() -> None:
        raise RuntimeError(SECRET)

    task = asyncio.get_running_loop().create_task(fail())
    await asyncio.wait({task})
    del task
    gc.collect()  # an error's traceback can hold the task
    asyncio.get_running_loop().set_exception_handler(None)

    assert WORD not in log.getvalue()
    application = _only(log, "Exception in ASGI application")
    assert (application["error"], application["errno"]) == ("ConnectionRefusedError", "ECONNREFUSED")
    assert application["cause"]["error"] == "ValueError"
    assert application["at"][-1].startswith("tests/handoff/test_logs.py:")
    assert _only(log, "error connecting in %r: %s")["errors"] == ["ConnectionRefusedError"]
    assert _only(log, "exception")["errno"] == "ECONNREFUSED"
    loop_fault = _only(log, "loop.fault")
    assert (loop_fault["message"], loop_fault["error"]) == ("Task exception was never retrieved", "RuntimeError")
    assert fault_fields(fault)["error"] == "ConnectionRefusedError"


def test_a_terminal_gets_lines_for_people(monkeypatch: pytest.MonkeyPatch, log: io.StringIO) -> None:
    """A developer who runs a desk by hand would have to read JSON."""
    log.isatty = lambda: True  # type: ignore[method-assign]
    write_logs(log)
    structlog.get_logger("desk").warning("turn.bot_failed", turn_id="c.1", code="bot_too_slow")
    assert log.getvalue().endswith("WARNING turn.bot_failed turn_id=c.1 code=bot_too_slow\n")


async def test_a_desk_that_does_not_start_says_why(start: Start) -> None:
    """An operator with a wrong address would see an error that does not name it."""
    desk = await start(database="postgresql://nobody@127.0.0.1:9/none", up=False)
    async with asyncio.timeout(60):
        assert await desk.process.wait() != 0
    failed = next(line for line in desk.lines() if line["event"] == "desk.failed")
    assert failed["error"] == "OperationalError"
    assert "127.0.0.1" in failed["why"]
    assert sys.executable not in desk.said()
