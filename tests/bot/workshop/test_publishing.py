"""Publishing: either everything reaches the bot, or nothing has changed."""

from __future__ import annotations

import json
import os
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest

from bot.learning.training import TrainingError
from bot.workshop import packages as package_store
from bot.workshop import publishing
from bot.workshop.packages import Bots, PublishError, Who
from content.bundle import Content
from content.packages import Package
from content.published import POINTER, PublishedContent
from content.snapshots import data_revision
from content.sources import ContentError

MODEL = "wallet-123456789abc"


class FakeBot(ThreadingHTTPServer):
    """The bot channel as far as publishing uses it: which model runs, and load another."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model_file = "wallet-000000000000.tar.gz"
        self.swap_status = 204
        self.status_body = b""
        self.swaps: List[Dict[str, Any]] = []
        self.on_swap: Callable[[], None] = lambda: None
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeBot
    protocol_version = "HTTP/1.1"

    def _answer(self, status: int, data: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _is_authorized(self) -> bool:
        assert self.path == "/webhooks/desk/model"
        if self.headers["Authorization"] == "Bearer secret":
            return True
        self._answer(401, b'{"error": {"code": "unauthorized"}}')
        return False

    def do_GET(self) -> None:
        if self._is_authorized():
            self._answer(200, self.server.status_body or json.dumps({"model_file": self.server.model_file}).encode())

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._is_authorized():
            return
        self.server.on_swap()
        self.server.swaps.append(body)
        if self.server.swap_status < 400:
            self.server.model_file = Path(body["model_file"]).name
        self._answer(self.server.swap_status)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test's output is for its failures."""


def _start() -> FakeBot:
    bot = FakeBot()
    threading.Thread(target=bot.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return bot


@pytest.fixture
def bots() -> Iterator[List[FakeBot]]:
    """Two running bots."""
    both = [_start(), _start()]
    yield both
    for bot in both:
        bot.shutdown()
        bot.server_close()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the content with a models folder of its own; nothing is trained."""
    shutil.copytree("data", tmp_path / "data", ignore=shutil.ignore_patterns("nlu", "calibration"))
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(publishing, "ensure_model", lambda say, data: MODEL)
    return tmp_path


def publish(urls: List[str], token: str, say: Callable[[str], None]) -> Package:
    """Publish the project's data folder."""
    package, _ = publishing.publish(Bots(urls, token), Who("editor", "because"), say=say)
    return package


def pointer(project: Path) -> Dict[str, Any]:
    body: Dict[str, Any] = json.loads((project / "models" / POINTER).read_text(encoding="utf-8"))
    return body


def change(project: Path) -> None:
    path = project / "data/facts.yml"
    text = path.read_text(encoding="utf-8")
    assert 'police_phone: "110"' in text
    path.write_text(text.replace('police_phone: "110"', 'police_phone: "111"'), encoding="utf-8")


def quiet(text: str) -> None:
    """Say nothing."""


def everything(folder: Path) -> Dict[str, bytes]:
    """All files of a folder with their bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_published_content_is_what_the_actions_serve(project: Path) -> None:
    """`make publish` would say "published", and customers would read something else."""
    said: List[str] = []
    content = publish([], "", said.append)
    assert pointer(project) == {
        "model": MODEL,
        "content": f"content/{content.revision}.json",
        "revision": content.revision,
        "data_revision": data_revision(project / "data"),
        "package": 1,
    }
    served, model = PublishedContent(project / "models", Content).current()
    assert (served.revision, model) == (content.revision, MODEL)
    assert said == [f"published: content {content.revision}, model {MODEL}, publication 1"]


def test_later_edits_wait_for_the_next_publishing(project: Path) -> None:
    """An editor's half-finished sentence would reach customers as it is typed."""
    first = publish([], "", quiet)
    published = PublishedContent(project / "models", Content)
    published.current()
    change(project)
    assert published.current()[0].revision == first.revision
    second = publish([], "", quiet)
    assert second.revision != first.revision
    assert published.current()[0].revision == second.revision


def test_every_running_bot_gets_the_model_before_the_content_switches(project: Path, bots: List[FakeBot]) -> None:
    """New content would be served with a model that does not know its intents."""
    there_before: List[bool] = []
    for bot in bots:
        bot.on_swap = lambda: there_before.append((project / "models" / POINTER).exists())
    publish([bot.url for bot in bots], "secret", quiet)
    path = str((project / "models" / f"{MODEL}.tar.gz").resolve())
    assert [bot.swaps for bot in bots] == [[{"model_file": path}]] * 2
    assert there_before == [False, False]
    assert pointer(project)["model"] == MODEL


def test_a_bot_that_runs_the_model_is_left_alone(project: Path, bots: List[FakeBot]) -> None:
    """A changed article would cost every bot a reload."""
    urls = [bot.url for bot in bots]
    publish(urls, "secret", quiet)
    change(project)
    publish(urls, "secret", quiet)
    assert [len(bot.swaps) for bot in bots] == [1, 1]


@pytest.mark.parametrize("status", [400, 401, 409, 500, 503])
def test_a_bot_that_refuses_leaves_all_as_it_was(project: Path, bots: List[FakeBot], status: int) -> None:
    """Content would be published for a model that does not run."""
    publish([], "", quiet)
    before = everything(project / "models")
    change(project)
    bots[0].swap_status = status
    with pytest.raises(PublishError, match=f"the bot at {bots[0].url} did not take the model"):
        publish([bots[0].url], "secret", quiet)
    assert everything(project / "models") == before
    bots[0].swap_status = 204
    publish([bots[0].url], "secret", quiet)
    assert everything(project / "models") != before


def test_if_the_second_refuses_the_first_gets_back_what_it_had(project: Path, bots: List[FakeBot]) -> None:
    """Two bots would run two models, and the same question get two answers."""
    for bot in bots:
        bot.model_file = "wallet-earlier.tar.gz"
    bots[1].swap_status = 400
    with pytest.raises(PublishError, match=f"the bot at {bots[1].url} did not take the model"):
        publish([bot.url for bot in bots], "secret", quiet)
    assert [bot.model_file for bot in bots] == ["wallet-earlier.tar.gz"] * 2
    assert [Path(swap["model_file"]).name for swap in bots[0].swaps] == [f"{MODEL}.tar.gz", "wallet-earlier.tar.gz"]


def test_a_bot_that_restarts_meanwhile_gets_the_model_too(
    project: Path, bots: List[FakeBot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It read the earlier pointer, and would answer with the earlier model until somebody publishes again."""
    real = package_store.write_pointer

    def restarts(*arguments: Any) -> None:
        real(*arguments)
        bots[0].model_file = "wallet-earlier.tar.gz"

    monkeypatch.setattr(package_store, "write_pointer", restarts)
    publish([bot.url for bot in bots], "secret", quiet)
    assert [bot.model_file for bot in bots] == [f"{MODEL}.tar.gz"] * 2


def test_a_bot_that_is_down_or_knows_another_token_leaves_all_as_it_was(project: Path, bots: List[FakeBot]) -> None:
    """A publishing that reached no bot would look like a success."""
    for url, token in (("http://127.0.0.1:1", "secret"), (bots[0].url, "wrong")):
        with pytest.raises(PublishError):
            publish([url], token, quiet)
    assert everything(project / "models") == {}


def test_the_token_is_not_told_in_errors(project: Path, bots: List[FakeBot]) -> None:
    """The bot's token would stand in terminals and logs."""
    for url in (bots[0].url, "http://127.0.0.1:1"):
        with pytest.raises(PublishError) as caught:
            publish([url], "very-wrong-token", quiet)
        assert "very-wrong-token" not in str(caught.value)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"null"])
def test_something_else_on_the_bots_port_is_an_error(project: Path, bots: List[FakeBot], body: bytes) -> None:
    """A wrong address would crash with a message for programmers."""
    bots[0].status_body = body
    with pytest.raises(PublishError, match="did not take the model"):
        publish([bots[0].url], "secret", quiet)
    assert everything(project / "models") == {}


def test_wrong_content_is_refused_before_anything_else(project: Path, bots: List[FakeBot]) -> None:
    """A mistake would be found after the model had been swapped."""
    (project / "data/replies.yml").write_text("zh: {}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"replies\.yml"):
        publish([bots[0].url], "secret", quiet)
    assert bots[0].swaps == []
    assert everything(project / "models") == {}


def test_a_training_that_fails_leaves_all_as_it_was(
    project: Path, bots: List[FakeBot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The running bot would be touched for a model that does not exist."""

    def fail(say: Callable[[str], None], data: Path) -> str:
        raise TrainingError("no")

    monkeypatch.setattr(publishing, "ensure_model", fail)
    with pytest.raises(TrainingError):
        publish([bots[0].url], "secret", quiet)
    assert bots[0].swaps == []
    assert everything(project / "models") == {}


def test_the_pointer_is_replaced_in_one_step(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn in that moment would read half a pointer; or a full disk would leave none."""
    publish([], "", quiet)
    before = pointer(project)
    change(project)

    real = os.replace

    def no_space(source: Any, target: Any) -> None:
        if Path(target).name != POINTER:
            real(source, target)
            return
        assert json.loads(Path(source).read_text(encoding="utf-8"))["revision"] != before["revision"]
        assert pointer(project) == before
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", no_space)
    with pytest.raises(OSError, match="no space left"):
        publish([], "", quiet)
    assert pointer(project) == before


def test_a_bundle_that_was_cut_short_is_not_taken_for_the_content(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash while writing would leave content with articles missing, published by the next run."""
    real = Path.write_bytes

    def fail_in_the_middle(path: Path, data: bytes) -> int:
        if path.parent.name != "content":
            return real(path, data)
        real(path, data[: len(data) // 2])
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", fail_in_the_middle)
    with pytest.raises(OSError, match="no space left"):
        publish([], "", quiet)
    assert not (project / "models" / POINTER).exists()
    assert list((project / "models/content").glob("*.json")) == []
    monkeypatch.setattr(Path, "write_bytes", real)
    content = publish([], "", quiet)
    assert PublishedContent(project / "models", Content).content().revision == content.revision


def test_the_last_bundles_are_kept_and_folders_of_older_versions_are_not(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could go back to yesterday's content, or the disk would fill up with what no version can read."""
    monkeypatch.setattr(package_store, "KEPT_PACKAGES", 3)
    monkeypatch.setattr(package_store, "KEPT_BUNDLES", 2)
    folder = project / "models/content"
    (folder / "0123456789ab/articles").mkdir(parents=True)
    published = []
    for number in range(7):
        path = project / "data/facts.yml"
        path.write_text(path.read_text(encoding="utf-8") + f"number_{number}: {number}\n", encoding="utf-8")
        published.append(publish([], "", quiet).revision)
        os.utime(folder / f"{published[-1]}.json", (number, number))
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{revision}.json" for revision in published[-5:])


def test_publishing_the_same_again_changes_nothing(project: Path) -> None:
    """A second run would write over files that are being served."""
    publish([], "", quiet)
    before = everything(project / "models")
    publish([], "", quiet)
    assert everything(project / "models") == before
