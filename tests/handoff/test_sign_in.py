"""Accounts, passwords and sessions."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from handoff.accounts.accounts import Accounts
from handoff.bootstrap import make_accounts
from handoff.runtime.errors import BadInput
from handoff.runtime.settings import Settings
from tests.handoff.conftest import Database
from tests.handoff.fake_bot import FakeBot
from tests.handoff.people import error_code
from tests.handoff.running_desk import Clock, Desk, run_desk


async def sign_in(desk: Desk, login: Any, password: Any, **headers: str) -> httpx.Response:
    """Post the sign-in form from the desk's own page, unless told otherwise."""
    origin = {"Origin": str(desk.http.base_url).rstrip("/")}
    body = json.dumps({"login": login, "password": password})  # lone surrogates as escapes
    kind = {"Content-Type": "application/json"}
    return await desk.http.post("/api/session", content=body, headers={**origin, **kind, **headers})


def accounts_of(desk: Desk) -> Accounts:
    """The accounts, as the command line changes them."""
    services = desk.services
    return make_accounts(services.store, services.policy, desk.clock)


async def test_a_whole_session(desk: Desk) -> None:
    """Agents could not sign in, or could not sign out."""
    answer = await sign_in(desk, "agent", "agent")
    assert answer.status_code == 200
    account = {"login": "agent", "name": "小林", "role": "agent", "capacity": 5, "demo": True}
    assert answer.json() == account
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    origin, name = str(desk.http.base_url).rstrip("/"), cookie.split(";")[0]
    desk.http.cookies.clear()
    headers = {"Cookie": name, "Origin": origin}
    session = await desk.http.get("/api/session", headers=headers)
    assert (session.status_code, session.json()) == (200, account)
    assert (await desk.http.delete("/api/session", headers=headers)).status_code == 204
    session = await desk.http.get("/api/session", headers=headers)
    assert (session.status_code, error_code(session)) == (401, "not_signed_in")
    assert (await desk.http.delete("/api/session", headers=headers)).status_code == 204


@pytest.mark.parametrize(
    ("login", "password", "status", "code"),
    [
        ("agent", "wrong", 401, "wrong_login"),
        ("agent", "", 401, "wrong_login"),
        ("nobody", "nobody", 401, "wrong_login"),
        ("AGENT", "agent", 401, "wrong_login"),
        ("agent'--", "agent", 401, "wrong_login"),
        ("\x00", "\x00", 401, "wrong_login"),
        ("\ud800", "\ud800", 401, "wrong_login"),
        ("a" * 101, "agent", 422, "bad_request"),
        ("agent", "a" * 201, 422, "bad_request"),
        (None, "agent", 422, "bad_request"),
        ("agent", ["agent"], 422, "bad_request"),
    ],
)
async def test_a_sign_in_that_is_refused(desk: Desk, login: Any, password: Any, status: int, code: str) -> None:
    """An attacker could sign in with a wrong password, or learn which logins exist."""
    answer = await sign_in(desk, login, password)
    assert (answer.status_code, error_code(answer)) == (status, code)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_other_sites_cannot_sign_anybody_in_or_out(desk: Desk, origin: str) -> None:
    """A foreign page could sign an agent in under another name, or sign them out in the middle of a case."""
    answer = await sign_in(desk, "agent", "agent", Origin=origin)
    assert (answer.status_code, error_code(answer)) == (403, "wrong_origin")
    agent = await desk.agent()
    answer = await desk.http.delete("/api/session", headers={"Cookie": agent.headers["Cookie"], "Origin": origin})
    assert (answer.status_code, error_code(answer)) == (403, "wrong_origin")
    assert (await agent.call("GET", "/session")).status_code == 200


async def test_a_session_ends_by_itself(desk: Desk) -> None:
    """A forgotten browser would stay signed in for ever."""
    agent = await desk.agent()
    desk.clock.pass_time(seconds=desk.services.policy.session_length.total_seconds() - 60)
    assert (await agent.call("GET", "/session")).status_code == 200
    desk.clock.pass_time(seconds=61)
    answer = await agent.call("GET", "/session")
    assert (answer.status_code, error_code(answer)) == (401, "not_signed_in")


@pytest.mark.alone
async def test_customers_do_not_wait_while_passwords_are_checked(desk: Desk) -> None:
    """Every sign-in, right or wrong, would stop the whole desk for a quarter of a second."""
    assert (await desk.http.get("/healthz")).status_code == 200  # the first request of a process takes longer
    started = time.monotonic()
    signing_in = asyncio.create_task(sign_in(desk, "agent", "wrong"))
    waits = []
    while not signing_in.done():
        asked = time.monotonic()
        assert (await desk.http.get("/healthz")).status_code == 200
        waits.append(time.monotonic() - asked)
    assert (await signing_in).status_code == 401
    # Independent of the machine's speed: a blocked desk would delay one request for the whole time of the hashing.
    assert max(waits) < (time.monotonic() - started) / 2
    assert len(waits) >= 4


# --- accounts --------------------------------------------------------------------------------------------------------------


async def test_an_account_of_ones_own(desk: Desk, database: Database) -> None:
    """Real agents could not get an account, or not change its password, or it would be stored as plain text."""
    await accounts_of(desk).save("lin", "林芳", "agent", "a long password")
    assert (await sign_in(desk, "lin", "a long password")).json()["name"] == "林芳"
    await accounts_of(desk).save("lin", "林芳", "supervisor", "another password")
    assert (await sign_in(desk, "lin", "a long password")).status_code == 401
    assert (await sign_in(desk, "lin", "another password")).json()["role"] == "supervisor"
    stored = str(database.connection.execute("SELECT password_hash FROM agents WHERE login = 'lin'").fetchone())
    assert "argon2id" in stored
    assert "another password" not in stored
    desk.http.cookies.clear()


@pytest.mark.parametrize(
    ("role", "password", "code"), [("admin", "a long password", "unknown_role"), ("agent", "short", "weak_password")]
)
async def test_an_account_that_is_refused(desk: Desk, role: str, password: str, code: str) -> None:
    """An unknown role, or an easily guessed password, would get an account."""
    with pytest.raises(BadInput) as refused:
        await accounts_of(desk).save("lin", "林芳", role, password)
    assert refused.value.code == code
    assert (await sign_in(desk, "lin", password)).status_code == 401


async def test_demo_accounts_are_shown_in_demo_mode(desk: Desk) -> None:
    """A newcomer who tries the desk would not know how to sign in."""
    demo = (await desk.http.get("/api/demo")).json()
    assert demo["demo"] is True
    assert {(account["login"], account["role"]) for account in demo["accounts"]} == {
        ("agent", "agent"),
        ("agent2", "agent"),
        ("supervisor", "supervisor"),
        ("editor", "editor"),
    }


async def test_demo_accounts_exist_in_demo_mode_only(settings: Settings, new_database: str, bot: FakeBot) -> None:
    """A desk once used as a demo would let in anybody who has read the manual."""
    own = settings.model_copy(update={"database_url": new_database})
    async with run_desk(own, bot, Clock()) as tried_out:
        agent = await tried_out.agent()
        await accounts_of(tried_out).save("lin", "林芳", "agent", "a long password")
    async with run_desk(own.model_copy(update={"demo": False}), bot, Clock()) as in_earnest:
        assert (await in_earnest.http.get("/api/demo")).json() == {"demo": False, "accounts": []}
        assert (await sign_in(in_earnest, "agent", "agent")).status_code == 401
        answer = await in_earnest.http.get("/api/session", headers={"Cookie": agent.headers["Cookie"]})
        assert answer.status_code == 401
        assert (await sign_in(in_earnest, "lin", "a long password")).status_code == 200
