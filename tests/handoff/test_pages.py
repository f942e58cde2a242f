"""The pages: served with their headers and compressed, without references to other hosts."""

from __future__ import annotations

import asyncio
import gzip
import json
import posixpath
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from handoff.bootstrap import create_app
from handoff.runtime.settings import Settings
from tests.handoff.people import DEADLINE_SECONDS
from tests.handoff.running_desk import Desk

PAGES = Path(__file__).parents[2] / "handoff" / "pages"
FILES = {str(path.relative_to(PAGES)): path.read_text(encoding="utf-8") for path in sorted(PAGES.rglob("*")) if path.is_file()}

#: Names, not addresses: nothing is loaded from them.
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/", "text/html"),
        ("/console", "text/html"),
        ("/console/edit", "text/html"),
        ("/pages/help/help.css", "text/css"),
        ("/pages/shared/dom.js", "text/javascript"),
    ],
)
async def test_a_page_is_served_with_its_headers(shared_desk: Desk, address: str, kind: str) -> None:
    """A page would be missing, run foreign scripts, be framed by another site, or stay old after an update."""
    answer = await shared_desk.http.get(address)
    check_headers(answer, kind)
    assert answer.headers["cache-control"] == "no-cache"


def check_headers(answer: httpx.Response, kind: str) -> None:
    """Check that a response has this media type and all security headers."""
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


async def widget_address(desk: Desk) -> str:
    """The target of /widget.js."""
    answer = await desk.http.get("/widget.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-cache")
    return str(answer.headers["location"])


async def test_the_widget_is_kept_for_a_year_under_the_name_of_its_content(shared_desk: Desk) -> None:
    """Customers would load the script with each page, or keep an old one after an update."""
    where = await widget_address(shared_desk)
    assert re.fullmatch(r"/widget-[0-9a-f]{16}\.js", where)
    answer = await shared_desk.http.get(where)
    check_headers(answer, "text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "customElements.define" in answer.text
    assert not re.search(r"""\bimport\s*["'{*]|\bfrom\s*["']""", answer.text), "the widget needs a second script to begin"


async def test_the_parts_of_the_widget_are_kept_under_the_name_of_their_content(shared_desk: Desk) -> None:
    """The part that a press asks for would be missing, come anew each time, or be an old one after an update."""
    widget = (await shared_desk.http.get(await widget_address(shared_desk))).text
    parts = set(re.findall(r"""\bimport\(\s*["'`]\./([^"'`]+)["'`]""", widget))
    assert {part.split("-")[1] for part in parts} == {"care", "chat_zh_hant"}
    assert len(parts) == widget.count("import(")
    for part in parts:
        answer = await shared_desk.http.get(f"/{part}")
        check_headers(answer, "text/javascript")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert not re.search(r"""\bimport\s*[("'{*]|\bfrom\s*["']""", answer.text), "a part needs further scripts"
        other = await shared_desk.http.get(f"/{part[: part.rindex('-')]}-0123456789abcdef.js")
        assert (other.status_code, other.headers["cache-control"], other.content) == (200, "no-cache", answer.content)


async def test_another_widget_than_ours_is_not_kept(shared_desk: Desk) -> None:
    """During an update, a customer would see no chat, or cache one version under the name of another for a year."""
    where = await widget_address(shared_desk)
    answer = await shared_desk.http.get("/widget-0123456789abcdef.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert answer.content == (await shared_desk.http.get(where)).content


@pytest.mark.parametrize("address", ["/", "/console", "/pages/chat/chat-view.js", "/pages/shared/logo.svg", "widget"])
@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5, br;q=0", "gzip"),
        ("br;q=0.0, gzip;q=0.000", None),
        ("identity", None),
        ("", None),
        (";q=,,=;", None),
    ],
)
async def test_a_file_comes_as_the_client_can_read_it(
    shared_desk: Desk, address: str, accepted: str, coding: str | None
) -> None:
    """A customer would wait for three times as many bytes, or a client or a cache would get bytes that it cannot read."""
    where = await widget_address(shared_desk) if address == "widget" else address
    plain = await shared_desk.http.get(where, headers={"Accept-Encoding": "identity"})
    async with shared_desk.http.stream("GET", where, headers={"Accept-Encoding": accepted}) as answer:
        sent = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == coding
    assert int(answer.headers["content-length"]) == len(sent)
    assert {part.strip() for part in answer.headers["vary"].split(",")} == {"Accept-Encoding", "Origin"}
    if coding is None:
        assert sent == plain.content
    else:
        assert len(sent) < len(plain.content)
    if coding == "gzip":
        assert gzip.decompress(sent) == plain.content


@pytest.mark.parametrize("address", ["/", "/console", "/pages/shared/dom.js", "widget"])
async def test_what_a_client_has_is_not_sent_again(shared_desk: Desk, address: str) -> None:
    """Each visit would load all pages again, or a client would keep a form that it did not ask for."""
    where = await widget_address(shared_desk) if address == "widget" else address
    tags = {}
    for coding in ("br", "gzip", "identity"):
        answer = await shared_desk.http.get(where, headers={"Accept-Encoding": coding})
        tags[coding] = tag = answer.headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await shared_desk.http.get(where, headers={"Accept-Encoding": coding, "If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
            assert again.headers["cache-control"] == answer.headers["cache-control"]
        changed = await shared_desk.http.get(where, headers={"Accept-Encoding": coding, "If-None-Match": '"other"'})
        assert changed.status_code == 200
    assert len(set(tags.values())) == 3


@pytest.mark.parametrize("address", ["/", "/console", "/pages/shared/dom.js", "widget"])
async def test_a_file_can_be_asked_about(shared_desk: Desk, address: str) -> None:
    """A monitor or a proxy that sends HEAD would get an error."""
    where = await widget_address(shared_desk) if address == "widget" else address
    full, head = [await shared_desk.http.request(method, where) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) | {"date": ""} == dict(full.headers) | {"date": ""}
    assert (await shared_desk.http.head("/widget.js")).status_code == 307


async def test_a_stream_is_neither_compressed_nor_held_back(desk: Desk) -> None:
    """A message would reach its customer only when the following ones fill a block."""
    customer = await desk.customer()
    await customer.say("转账没到")
    url, headers = f"/api/conversations/{customer.id}/events", {**customer.headers, "Accept": "text/event-stream"}
    headers["Accept-Encoding"] = "gzip, br"
    async with desk.http.stream("GET", url, headers=headers, timeout=DEADLINE_SECONDS) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        async for line in answer.aiter_lines():
            if line.startswith("data:") and "转账没到" in line:
                break


async def test_answers_of_the_api_have_the_headers_too(shared_desk: Desk) -> None:
    """A browser would interpret a response of the API as a page."""
    for address in ("/api/demo", "/api/nothing", "/healthz"):
        answer = await shared_desk.http.get(address)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def local_addresses(name: str, text: str) -> set[str]:
    """The references of a page or script, as addresses of the desk."""
    found = set(re.findall(r"""(?:src|href)="(/[^"#]*)\"""", text))
    imported = re.findall(r"""(?:\bfrom|\bimport)\s*\(?["']([./][^"']+)["']""", text)
    return found | {posixpath.normpath(posixpath.join("/pages", posixpath.dirname(name), each)) for each in imported}


def test_there_are_pages() -> None:
    """The checks below would pass because they find no references."""
    assert len(FILES) > 10
    assert local_addresses("chat/widget.js", FILES["chat/widget.js"]) == {"/pages/chat/chat-element.js"}
    assert "/widget.js" in local_addresses("help/help.html", FILES["help/help.html"])


@pytest.mark.parametrize("name", FILES)
async def test_nothing_is_loaded_from_elsewhere_and_everything_is_there(shared_desk: Desk, name: str) -> None:
    """A page would break without the internet, tell a third party who reads it, or miss a script."""
    code = re.sub(r"(?m)^\s*(//|/?\*).*$", "", FILES[name])
    elsewhere = set(re.findall(r"(?:https?:|wss?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'`)]*", code)) - NAMESPACES
    assert not elsewhere
    for address in local_addresses(name, code):
        assert (await shared_desk.http.get(address, follow_redirects=True)).status_code == 200, address
    assert (await shared_desk.http.get(f"/pages/{name}")).status_code == 200


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".html")])
def test_pages_hold_no_inline_code(name: str) -> None:
    """The content security policy would block a part of the page."""
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\son[a-z]+=|\sstyle=|javascript:", FILES[name])


@pytest.mark.parametrize(
    "address",
    [
        "/pages/../runtime/app.py",
        "/pages/%2e%2e/runtime/app.py",
        "/pages/..%2fruntime/app.py",
        "/pages/..%5cruntime%5capp.py",
        "/pages//etc/passwd",
        "/pages/%00",
        "/pages/",
        "/pages/chat",
        "/pages/shared/dom.js.br",
        "/pages/widget.js",
        "/widget.js.gz",
        "/widget-..%2f..%2fsettings.js",
        "/widget-.js",
        "/widget-care-.js",
        "/widget-care-0123456789ABCDEF.js",
        "/widget-other-0123456789abcdef.js",
        "/widget-..%2fpages-0123456789abcdef.js",
        "/widget-0123456789ABCDEF.js",
    ],
)
async def test_nothing_but_pages_is_served(shared_desk: Desk, address: str) -> None:
    """The desk's source or settings could be read."""
    base = urlsplit(str(shared_desk.http.base_url))
    # A client of its own: httpx would resolve the dots before it sends them.
    reader, writer = await asyncio.open_connection(base.hostname, base.port)
    writer.write(f"GET {address} HTTP/1.1\r\nHost: {base.netloc}\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 404 ")
    assert json.loads(body)["error"]["code"] == "not_found"


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
    """Any site could call the desk in its visitors' names, or the allowed shop could not."""
    app = create_app(settings.model_copy(update={"widget_origins": origins}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http:
        headers = {"Origin": asks, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        answer = await http.options("/api/conversations", headers=headers)
        assert (answer.headers.get("access-control-allow-origin") == asks) is is_allowed
        assert "access-control-allow-credentials" not in answer.headers
