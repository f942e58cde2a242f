"""One shape of errors everywhere, with stable codes, in the caller's language."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from handoff.bootstrap import create_app
from handoff.conversations.store import find_conversation
from handoff.runtime.settings import Settings
from tests.handoff.conftest import SERVICE_TOKEN
from tests.handoff.people import error_code
from tests.handoff.running_desk import Desk

SOURCE = Path(__file__).parents[2] / "handoff"

#: Every error code of the desk, and its status: changing one breaks programs that read them.
CODES = {
    "agent_absent": 409,
    "agent_cannot": 409,
    "already_assigned": 409,
    "already_judged": 409,
    "already_live": 409,
    "already_offered": 409,
    "already_settled": 409,
    "article_in_use": 409,
    "at_capacity": 409,
    "bad_article_id": 422,
    "bad_case": 422,
    "bad_cursor": 422,
    "bad_days": 422,
    "bad_pattern": 422,
    "bad_json": 400,
    "bad_last_event_id": 422,
    "bad_reason": 422,
    "bad_request": 422,
    "bad_result": 422,
    "bad_time": 422,
    "bad_upload": 422,
    "bad_window": 422,
    "cannot_edit": 409,
    "case_not_opened": 409,
    "changed_meanwhile": 409,
    "check_not_done": 409,
    "choice_expired": 409,
    "confirm_needed": 409,
    "content_broken": 422,
    "content_refused": 422,
    "database_unavailable": 503,
    "decided_meanwhile": 409,
    "draft_unreadable": 503,
    "editors_only": 403,
    "empty_file": 422,
    "empty_text": 422,
    "exists": 409,
    "file_missing": 422,
    "file_too_large": 413,
    "gate_refused": 409,
    "import_running": 409,
    "incident_closed": 409,
    "internal_error": 500,
    "job_is_over": 409,
    "job_is_publishing": 409,
    "job_not_done": 409,
    "lease_lost": 409,
    "live_changed": 409,
    "method_not_allowed": 405,
    "no_space": 503,
    "no_text_column": 422,
    "no_token": 401,
    "not_assigned": 409,
    "not_found": 404,
    "not_measured": 404,
    "not_missed": 409,
    "not_permitted": 403,
    "not_queued": 409,
    "not_resolved": 409,
    "not_saved": 503,
    "not_signed_in": 401,
    "not_yours": 409,
    "note_needed": 409,
    "nothing_live": 409,
    "nothing_proposed": 409,
    "nothing_to_find": 422,
    "nothing_to_publish": 409,
    "nothing_to_undo": 409,
    "one_file_only": 422,
    "outcome_needed": 409,
    "package_incomplete": 409,
    "picture_animated": 422,
    "picture_broken": 422,
    "picture_heic": 415,
    "picture_too_many_pixels": 422,
    "picture_type": 415,
    "pictures_busy": 503,
    "pictures_full": 409,
    "proposal_is_over": 409,
    "reason_needed": 403,
    "same_agent": 409,
    "same_conversation": 422,
    "same_person": 409,
    "search_too_slow": 503,
    "snapshot_not_taken": 503,
    "second_person_needed": 409,
    "stale": 409,
    "stale_turn": 409,
    "text_too_long": 422,
    "too_large": 413,
    "too_many": 429,
    "too_many_incidents": 409,
    "too_many_links": 422,
    "too_many_pictures": 429,
    "undo_expired": 409,
    "identity_mismatch": 409,
    "anonymous_customer": 409,
    "first_aid_open": 409,
    "identity_needed": 403,
    "key_reused": 409,
    "needs_more_assurance": 403,
    "target_needed": 422,
    "too_many_actions": 409,
    "unknown_action": 422,
    "wallet_away": 503,
    "wallet_not_connected": 503,
    "identity_unavailable": 503,
    "bad_phone": 422,
    "callback_booked": 409,
    "callback_code_expired": 409,
    "callback_code_wrong": 422,
    "callback_unavailable": 503,
    "invalid_identity": 401,
    "no_callback": 409,
    "slot_gone": 409,
    "unknown_callback": 404,
    "wrong_code": 404,
    "unknown_account": 404,
    "unknown_agent": 422,
    "unknown_article": 404,
    "unknown_vote_reason": 422,
    "unknown_attachment": 404,
    "unknown_choice": 422,
    "unknown_conversation": 404,
    "unknown_figure": 404,
    "unknown_group": 404,
    "unknown_incident": 404,
    "unknown_intent": 422,
    "unknown_item": 404,
    "unknown_job": 404,
    "unknown_outcome": 422,
    "unknown_package": 404,
    "unknown_proposal": 404,
    "unknown_queue": 422,
    "unknown_role": 422,
    "unknown_sample": 404,
    "unknown_skill": 422,
    "unknown_wave": 404,
    "unread": 409,
    "unreadable_log": 422,
    "wave_is_live": 409,
    "weak_password": 422,
    "wrong_host": 421,
    "wrong_login": 401,
    "wrong_origin": 403,
    "wrong_service_token": 401,
    "wrong_state": 409,
    "wrong_token": 401,
    "bad_reason_for_case": 422,
    "case_closed": 409,
    "case_open": 409,
    "case_undecided": 409,
    "clock_cannot_pause": 409,
    "clock_over": 409,
    "complained_of": 409,
    "extension_not_possible": 409,
    "promise_settled": 409,
    "promises_open": 409,
    "same_case": 422,
    "unknown_case": 404,
    "unknown_clock": 404,
    "unknown_decision": 422,
    "unknown_extension": 422,
    "unknown_fact": 422,
    "unknown_promise": 404,
    "unknown_step": 422,
    "words_needed": 422,
}


def test_every_code_is_listed() -> None:
    """A program would meet an undocumented code."""
    raised = re.compile(r"\b(?:BadInput|NotAllowed|NotFound|Conflict|Unavailable|TooMany|DeskError)\(\s*\"([a-z_]+)\"")
    found = {code for path in SOURCE.rglob("*.py") for code in raised.findall(path.read_text(encoding="utf-8"))}
    assert found | {"method_not_allowed"} == set(CODES)


def routes(settings: Settings) -> list[tuple[str, str]]:
    """Every method and address of the API."""
    app = create_app(settings)
    paths = app.openapi()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


async def test_every_route_refuses_a_stranger_in_the_one_shape(desk: Desk, settings: Settings) -> None:
    """Some route would answer without authentication, or reject in a shape that the pages cannot read."""
    found = routes(settings)
    assert len(found) > 15
    open_to_all = {"/healthz", "/readyz", "/api/demo", "/api/service"}
    open_to_all = {
        "/healthz",
        "/readyz",
        "/api/demo",
        "/api/incidents",
        "/api/service",
        "/demo/identity",  # in demo mode only (test_identity.py)
    }
    for method, path in found:
        url = path.replace("{conversation_id}", "nobody")
        answer = await desk.http.request(method, url)
        if method == "GET" and path in open_to_all:
            assert answer.status_code in (200, 503)
        elif (method, path) == ("POST", "/api/conversations"):
            assert answer.status_code == 201
        else:
            assert 400 <= answer.status_code < 500, (method, path)
            code = error_code(answer)
            assert CODES[code] == answer.status_code


async def test_every_route_refuses_a_broken_body_in_the_one_shape(desk: Desk, settings: Settings) -> None:
    """A broken body would be a server error on some route."""
    agent, customer = await desk.agent(), await desk.customer()
    by_role = {"agent": agent.headers, "customer": customer.headers, "bot": {"Authorization": f"Bearer {SERVICE_TOKEN}"}}
    for method, path in routes(settings):
        if method != "POST":
            continue
        url = path.replace("{conversation_id}", customer.id)
        for role, headers in by_role.items():
            for body in (b"{", b"[]", b'"\xff"', b'{"to": {}, "note": [], "text": {}, "score": {}, "login": 1, "locale": 7}'):
                answer = await desk.http.post(url, content=body, headers={**headers, "Content-Type": "application/json"})
                assert answer.status_code < 500, (role, path, body)
                if answer.status_code >= 400:
                    assert error_code(answer) in CODES


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/nothing", 404, "not_found"),
        ("GET", "/pages/nothing.js", 404, "not_found"),
        ("GET", "/%00", 404, "not_found"),
        ("PUT", "/api/session", 405, "method_not_allowed"),
        ("DELETE", "/api/conversations", 405, "method_not_allowed"),
        ("POST", "/", 405, "method_not_allowed"),
        ("POST", "/pages/help/help.js", 405, "method_not_allowed"),
    ],
)
async def test_what_is_not_there(shared_desk: Desk, method: str, path: str, status: int, code: str) -> None:
    """An unknown address would answer in the framework's own shape."""
    answer = await shared_desk.http.request(method, path)
    assert (answer.status_code, error_code(answer)) == (status, code)


@pytest.mark.parametrize(
    ("languages", "is_english"),
    [
        (None, False),
        ("zh-CN,zh;q=0.9,en;q=0.8", False),
        ("en-US,en;q=0.9,zh;q=0.8", True),
        ("EN", True),
        ("fr,en;q=0.5", True),
        ("fr", False),
        ("*", False),
        (";;;,,", False),
    ],
)
async def test_the_callers_language(shared_desk: Desk, languages: str | None, is_english: bool) -> None:
    """An English customer would read Chinese errors, or an unusual header would break the error response."""
    headers = {"Accept-Language": languages} if languages else {}
    answer = await shared_desk.http.get("/api/session", headers=headers)
    assert error_code(answer) == "not_signed_in"
    assert answer.json()["error"]["message"] == ("Please sign in." if is_english else "请先登录。")


async def test_a_database_that_is_away_is_said_with_503(settings: Settings) -> None:
    """A customer would believe that the message was sent, or the page would not know that it may retry."""
    from handoff.runtime.database import make_pool
    from handoff.runtime.errors import Unavailable
    from handoff.runtime.transaction import Store

    pool = make_pool("postgresql://nobody@127.0.0.1:9/none", 1)
    await pool.open()
    with pytest.raises(Unavailable) as refused:
        async with Store(pool).begin() as tx:
            await find_conversation(tx, "c")
    await pool.close()
    assert (refused.value.code, refused.value.status) == ("database_unavailable", 503)

    app = create_app(settings)
    app.get("/away")(_away)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http:
        answer = await http.get("/away")
    assert (answer.status_code, error_code(answer)) == (503, "database_unavailable")
    assert answer.headers["retry-after"] == "2"


async def _away() -> None:
    from handoff.runtime.errors import Unavailable

    raise Unavailable("database_unavailable", "稍后再试。", "Later.")


async def test_a_fault_of_our_own_tells_nothing_of_itself(settings: Settings) -> None:
    """The response would show a traceback, or a customer's message in it."""
    app = create_app(settings)

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("卡号6222021234567894")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        answer = await http.get("/fault")
    assert (answer.status_code, error_code(answer)) == (500, "internal_error")
    assert "6222" not in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_readiness_names_what_is_missing(desk: Desk) -> None:
    """A load balancer would send customers to a desk without a bot, and operators would not learn why."""
    assert (await desk.http.get("/healthz")).json() == {"status": "ok"}
    answer = await desk.http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "checks": {"bot": True, "database": True}}
    await desk.bot.stop()
    assert (await desk.http.get("/readyz")).json()["checks"]["bot"] is False
