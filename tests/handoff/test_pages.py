"""The pages: served with their headers, and nothing in them reaches for another host."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from handoff.bootstrap import create_app
from handoff.runtime.settings import Settings
from tests.handoff.running_desk import Desk

PAGES = Path(__file__).parents[2] / "handoff" / "pages"
FILES = {str(path.relative_to(PAGES)): path.read_text(encoding="utf-8") for path in sorted(PAGES.rglob("*")) if path.is_file()}

#: Names, not addresses: nothing is loaded from them.
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


@pytest.mark.parametrize(
    ("address", "kind"), [("/", "text/html"), ("/console", "text/html"), ("/widget.js", "text/javascript")]
)
async def test_a_page_is_served_with_its_headers(shared_desk: Desk, address: str, kind: str) -> None:
    """A page would be missing, run foreign scripts, be framed by another site, or stay old after an update."""
    answer = await shared_desk.http.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-cache"


async def test_answers_of_the_api_have_the_headers_too(shared_desk: Desk) -> None:
    """A browser would guess that an answer of the API is a page."""
    for address in ("/api/demo", "/api/nothing", "/healthz"):
        answer = await shared_desk.http.get(address)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def local_addresses(text: str) -> set[str]:
    """What a page or script loads."""
    found = set(re.findall(r"""(?:src|href)="(/[^"#]*)\"""", text))
    return found | set(re.findall(r"""(?:from|import)\s*\(?["'](/[^"']+)["']""", text))


def test_there_are_pages() -> None:
    """The checks below would pass because they look at nothing."""
    assert len(FILES) > 10
    assert local_addresses(FILES["widget.js"]) == {"/pages/chat/chat-element.js"}


@pytest.mark.parametrize("name", FILES)
async def test_nothing_is_loaded_from_elsewhere_and_everything_is_there(shared_desk: Desk, name: str) -> None:
    """A page would break without the internet, tell a third party who reads it, or miss a script."""
    code = re.sub(r"(?m)^\s*(//|/?\*).*$", "", FILES[name])
    elsewhere = set(re.findall(r"(?:https?:|wss?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'`)]*", code)) - NAMESPACES
    assert not elsewhere
    for address in local_addresses(code):
        assert (await shared_desk.http.get(address)).status_code == 200, address
    assert (await shared_desk.http.get(f"/pages/{name}")).status_code == 200


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".html")])
def test_pages_hold_no_inline_code(name: str) -> None:
    """The content security policy would block a part of the page."""
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\son[a-z]+=|\sstyle=|javascript:", FILES[name])


@pytest.mark.parametrize(
    "address", ["/pages/../app.py", "/pages/%2e%2e/app.py", "/pages/..%2fapp.py", "/pages/%00", "/pages/", "/pages/chat"]
)
async def test_nothing_but_pages_is_served(shared_desk: Desk, address: str) -> None:
    """The desk's source or settings could be read."""
    answer = await shared_desk.http.get(address)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("origins", "asks", "is_allowed"),
    [
        ("", "https://shop.example", False),
        ("https://shop.example", "https://shop.example", True),
        ("https://a.example,https://shop.example", "https://shop.example", True),
        ("https://shop.example", "https://shop.example.evil.example", False),
        ("https://shop.example", "http://shop.example", False),
    ],
)
async def test_who_may_embed_the_chat(settings: Settings, origins: str, asks: str, is_allowed: bool) -> None:
    """Any site could talk to the desk in its visitors' names, or the shop that may could not."""
    app = create_app(settings.model_copy(update={"widget_origins": origins}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http:
        headers = {"Origin": asks, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        answer = await http.options("/api/conversations", headers=headers)
        assert (answer.headers.get("access-control-allow-origin") == asks) is is_allowed
        assert "access-control-allow-credentials" not in answer.headers
