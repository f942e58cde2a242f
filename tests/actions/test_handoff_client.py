"""The handoff client, against a real server on this machine."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, Iterator, List

import pytest

from actions import handoff_client
from actions.handoff_client import HandoffClient, HandoffError

DECISION = {"route": "escalate", "reason": "security", "priority": "urgent", "intent": "scam_report"}


class Desk(ThreadingHTTPServer):
    """A desk that records what it is asked and answers what the test says; `release` ends a silence."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: List[Dict[str, Any]] = []
        self.status, self.body = 200, b'{"status": "queued", "changed": true}'
        self.silent = False
        self.release = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Desk
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append({"path": self.path, "headers": dict(self.headers), "body": json.loads(body)})
        if self.server.silent:
            self.server.release.wait(10)
            self.close_connection = True
            return
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test's output is for its failures."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk on a free port."""
    server = Desk()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


async def ask(url: str) -> Dict[str, Any]:
    return await HandoffClient(url, "secret").request_handoff("c-1", "t-1", DECISION)


async def test_posts_the_contract(desk: Desk) -> None:
    """The desk would refuse the bot's handoffs."""
    assert await ask(desk.url + "/") == {"status": "queued", "changed": True}
    (request,) = desk.requests
    assert request["path"] == "/api/handoffs"
    assert request["body"] == {"conversation_id": "c-1", "turn_id": "t-1", "decision": DECISION}
    assert request["headers"]["Authorization"] == "Bearer secret"


async def test_the_turn_is_the_idempotency_key_each_time(desk: Desk) -> None:
    """A handoff that is asked for twice would be made twice."""
    for _ in range(2):
        await ask(desk.url)
    assert [request["body"]["turn_id"] for request in desk.requests] == ["t-1", "t-1"]


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 500, 503])
async def test_a_refusal_is_an_error_that_names_the_status(desk: Desk, status: int) -> None:
    """A refused handoff would pass for a made one."""
    desk.status, desk.body = status, b'{"error": {"code": "no", "message": "customer words"}}'
    with pytest.raises(HandoffError, match=f"^desk answered {status}$"):
        await ask(desk.url)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'"text"', b"null"])
async def test_an_answer_that_is_not_the_contract_is_an_error(desk: Desk, body: bytes) -> None:
    """Something else that answers on the desk's port would fail the whole turn instead of the handoff alone."""
    desk.body = body
    with pytest.raises(HandoffError):
        await ask(desk.url)


async def test_an_unreachable_desk_is_an_error(desk: Desk) -> None:
    """A turn would fail because of a desk that is being restarted, and with it the customer's answer."""
    with pytest.raises(HandoffError, match="desk unreachable: ConnectionError"):
        await ask("http://127.0.0.1:1")


async def test_a_silent_desk_is_given_up_in_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk that hangs would eat the turn's deadline."""
    assert sum(handoff_client.TIMEOUTS) <= 5
    monkeypatch.setattr(handoff_client, "TIMEOUTS", (0.2, 0.2))
    desk.silent = True
    with pytest.raises(HandoffError, match="desk unreachable: ReadTimeout"):
        await ask(desk.url)
    assert len(desk.requests) == 1


async def test_no_proxy_stands_between_bot_and_desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers' words would leave the machine by a proxy that somebody configured for something else."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert (await ask(desk.url))["changed"] is True
