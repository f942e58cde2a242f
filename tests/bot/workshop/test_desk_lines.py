"""What jobs read from the desk: line by line with the service token, and an error in words when the desk is away."""

from __future__ import annotations

import http.server
import threading
from typing import Iterator

import pytest

from bot.workshop.desk_lines import desk_lines
from bot.workshop.jobs import JobError


class Desk(http.server.BaseHTTPRequestHandler):
    """Gives two lines to the right token; half a line for `/cut`."""

    def do_GET(self) -> None:
        """Answer."""
        is_known = self.headers["Authorization"] == "Bearer secret"
        self.send_response(200 if is_known else 401)
        self.end_headers()
        self.wfile.write(b'{"n": 1}\n{"n"' if self.path == "/cut" else f'{{"path": "{self.path}"}}\n\n{{"n": 2}}\n'.encode())

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A small desk."""
    with http.server.HTTPServer(("127.0.0.1", 0), Desk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_lines_come_with_the_token(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job would see no turns, or ask through the proxy of the machine."""
    monkeypatch.setenv("DESK_URL", url)
    monkeypatch.setenv("SERVICE_TOKEN", "secret")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert list(desk_lines("/turns", {"last": 3})) == [{"path": "/turns?last=3"}, {"n": 2}]


@pytest.mark.parametrize(
    ("token", "desk", "path"),
    [("wrong", "", "/turns"), ("secret", "", "/cut"), ("secret", "http://127.0.0.1:9", "/turns"), ("", "", "")],
)
def test_a_desk_that_does_not_answer_is_said_in_words(
    url: str, monkeypatch: pytest.MonkeyPatch, token: str, desk: str, path: str
) -> None:
    """An editor would read a traceback, or half of the log would be taken for all of it."""
    monkeypatch.setenv("DESK_URL", desk or url)
    monkeypatch.setenv("SERVICE_TOKEN", token)
    with pytest.raises(JobError) as raised:
        list(desk_lines(path))
    assert raised.value.zh
