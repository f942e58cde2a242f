"""Host names: the desk answers to its own names only."""

from __future__ import annotations

import pytest

from handoff.runtime.hosts import AllowedHosts, HostNameError, is_loopback
from handoff.runtime.settings import Settings
from tests.handoff.conftest import SERVICE_TOKEN
from tests.handoff.fake_bot import FakeBot
from tests.handoff.people import error_code
from tests.handoff.running_desk import Clock, Desk, run_desk

OPERATORS = ["desk.example", "desk2.example:8443", "*.shop.example", " Chat.Example ", ""]

HOSTS = [
    ("localhost", True),
    ("LocalHost:8000", True),
    ("127.0.0.1", True),
    ("127.0.0.1:1", True),
    ("127.1.2.3:8000", True),
    ("[::1]:8000", True),
    ("10.0.0.9:8000", True),  # DESK_HOST
    ("172.16.0.4:8000", True),  # the address at which the connection arrived, a pod's own
    ("desk.example", True),
    ("desk.example:443", True),
    ("DESK.example", True),
    ("desk2.example:8443", True),
    ("chat.example", True),
    ("a.shop.example", True),
    ("a.b.shop.example:9", True),
    ("desk2.example", False),
    ("desk2.example:8444", False),
    ("shop.example", False),
    ("evilshop.example", False),
    ("desk.example.evil.example", False),
    ("evil.example", False),
    ("evil.example:8000", False),
    ("localhost.evil.example", False),
    ("127.0.0.1.evil.example", False),
    ("172.16.0.5", False),
    ("2130706433", False),
    ("0x7f.1", False),
    ("[::2]", False),
    ("0.0.0.0", False),
    ("user@localhost", False),
    ("localhost:8000:8000", False),
    ("localhost:", False),
    ("localhost, evil.example", False),
    ("localhost/evil", False),
    ("*", False),
    ("", False),
]


@pytest.mark.parametrize(("host", "allowed"), HOSTS)
def test_which_names_are_ours(host: str, allowed: bool) -> None:
    """A rebinding name would reach the desk, or a customer or a health check would be refused."""
    assert AllowedHosts("10.0.0.9", OPERATORS).allows(host, "172.16.0.4") is allowed


@pytest.mark.parametrize("listen", ["0.0.0.0", "::"])
def test_listening_everywhere_allows_no_more_names(listen: str) -> None:
    """A desk in a container would answer to every name."""
    hosts = AllowedHosts(listen)
    assert hosts.allows("localhost")
    assert not hosts.allows("evil.example", "172.16.0.4")
    assert not hosts.allows("0.0.0.0:8000")


@pytest.mark.parametrize("name", ["https://desk.example", "desk.example/", "desk example", "*", "desk.example:http", "桌"])
def test_a_name_that_cannot_be_one_is_refused_at_the_start(name: str) -> None:
    """An operator would learn of a wrong setting only from customers who are refused."""
    with pytest.raises(HostNameError, match="is no host name"):
        AllowedHosts("127.0.0.1", [name])


@pytest.mark.parametrize(
    ("name", "loopback"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.1", False), ("desk.example", False)],
)
def test_what_is_loopback(name: str, loopback: bool) -> None:
    """A demo could be open to a network without a warning, or refuse to start on a developer's own machine."""
    assert is_loopback(name) is loopback


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/console"),
        ("GET", "/widget.js"),
        ("GET", "/pages/shared/outbox.js"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/nothing/here"),
        ("GET", "/api/openapi.json"),
        ("GET", "/api/queue"),
        ("POST", "/api/conversations"),
        ("POST", "/api/session"),
        ("OPTIONS", "/api/conversations"),
        ("POST", "/api/handoffs"),
    ],
)
async def test_every_route_refuses_a_foreign_name(desk: Desk, method: str, path: str) -> None:
    """A page with a rebinding name could read or change something through that route."""
    agent = await desk.agent()
    headers = {**agent.headers, "Host": "evil.example", "Origin": "http://evil.example", "Accept": "text/event-stream"}
    headers["Authorization"] = f"Bearer {SERVICE_TOKEN}"
    answer = await desk.http.request(method, path, headers=headers)
    assert (answer.status_code, error_code(answer)) == (421, "wrong_host")
    assert set(answer.json()["error"]) == {"code", "message"}
    assert "access-control-allow-origin" not in answer.headers
    assert "default-src 'self'" in answer.headers["content-security-policy"]


async def test_a_running_desk_answers_under_the_operators_names(settings: Settings, desk: Desk, bot: FakeBot) -> None:
    """DESK_HOSTS would have no effect."""
    own = settings.model_copy(update={"hosts": "desk.example,*.shop.example"})
    async with run_desk(own, bot, Clock()) as named:
        for host, status in (("desk.example", 200), ("a.shop.example", 200), ("evil.example", 421)):
            assert (await named.http.get("/healthz", headers={"Host": host})).status_code == status
