"""The whole system as `make run` starts it, in a copy of the project, and a real Chromium."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from browser import installed_browser  # noqa: E402 - scripts/ is not a package

from tests.drill.system import free_ports  # noqa: E402
from tests.e2e.page_desk import PageDesk, run_page_desk  # noqa: E402

READY_SECONDS = 300
#: Milliseconds that a test waits for a change on a page. Generous, because a loaded machine is several times slower.
TIMEOUT_MS = 30_000
expect.set_options(timeout=TIMEOUT_MS)
#: Settings of the user's own system, which the tests must not reach.
FOREIGN = frozenset(
    "DATABASE_URL BOT_URLS BOT_TOKEN SERVICE_TOKEN DESK_URL DESK_HOST DESKS BOTS ACTION_URL VAR_DIR MODELS_DIR"
    " WALLET_URL WALLET_KEY WALLET_PORT".split()
)
PICTURES = ROOT / "docs" / "pictures"
#: Options that Chromium needs to run as root, and that stop its own network requests.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """The condition's first true value; fails with `what` when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")


class System:
    """A running copy of the project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        first_port = free_ports(2)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in FOREIGN},
            "DESK_PORT": str(first_port),
            "BOT_PORT": str(first_port + 1),
            "DEMO": "1",
        }
        self.url = f"http://127.0.0.1:{self.environment['DESK_PORT']}"
        self.output = folder / "run.txt"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it reports that it is ready."""
        with self.output.open("wb") as output:
            command = [str(self.folder / ".venv/desk/bin/python"), "scripts/supervise.py"]
            self._process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=output, stderr=output)

        def is_ready() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, f"the system ended:\n{self.output.read_text()}"
            return "Ready after" in self.output.read_text()

        wait_for(is_ready, "the system to be ready", READY_SECONDS)

    def run(self) -> dict[str, Any]:
        """The supervisor's run file."""
        content: dict[str, Any] = json.loads((self.folder / "var/run.json").read_text())
        return content

    def publish(self) -> str:
        """Run the editor's command after a change: `make publish`."""
        done = subprocess.run(
            ["make", "publish"], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def processes(self) -> list[psutil.Process]:
        """Every process of this system: the supervisor's children and their children, PostgreSQL included."""
        found = []
        for process in psutil.process_iter(["cwd", "cmdline"]):
            command = " ".join(process.info["cmdline"] or [])
            if (process.info["cwd"] or "").startswith(str(self.folder)) or str(self.folder) in command:
                found.append(process)
        return found

    def find_process(self, part: str) -> psutil.Process:
        """The one process whose command line contains these words."""
        (process,) = [p for p in self.processes() if part in " ".join(p.cmdline())]
        return process

    def is_ready(self) -> bool:
        """Whether the database and a bot answer."""
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Send Ctrl-C."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            assert self._process.wait(60) == 0


def _copy_project(target: Path) -> Path:
    """A copy of the work tree with the same environments and models, which tests may change."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listing.stdout.splitlines():
        if (ROOT / name).exists():
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy)
    for made in (".venv", "node_modules"):
        (target / made).symlink_to(ROOT / made)
    shutil.copytree(ROOT / "models", target / "models", dirs_exist_ok=True)
    return target


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The running system, one for all tests; after the last one Ctrl-C must leave no process."""
    running = System(_copy_project(tmp_path_factory.mktemp("project")))
    running.start()
    yield running
    running.stop()
    wait_for(lambda: not running.processes(), "all processes to end")


@pytest.fixture(scope="session")
def running_page_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageDesk]:
    """One desk with a scripted bot for all tests of the pages; use `page_desk`."""
    with run_page_desk(tmp_path_factory.mktemp("page-desk")) as desk:
        yield desk


@pytest.fixture
def page_desk(running_page_desk: PageDesk) -> PageDesk:
    """The desk with a scripted bot, with empty tables."""
    running_page_desk.clean()
    return running_page_desk


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium; `make browser` finds or installs one."""
    path = installed_browser()
    assert path is not None, "no Chromium: run `make browser`, which says what to install"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def browser_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Opens contexts, in which no page may log an error."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # The browser itself logs expected errors (401 before signing in, 409 for a lost race).
        if message.type == "error" and "Failed to load" not in message.text:
            errors.append(message.text)

    def new(width: int = 1440, height: int = 900, locale: str = "zh-CN", **options: Any) -> BrowserContext:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        context.set_default_timeout(TIMEOUT_MS)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("console", heard)
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def open_page(browser_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Opens pages in contexts of their own; at the end no page may have logged an error."""

    def open_(url: str, width: int = 1440, height: int = 900, locale: str = "zh-CN") -> Page:
        page = browser_context(width, height, locale).new_page()
        page.goto(url)
        return page

    return open_


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Takes a picture for the README when UPDATE_PICTURES is set; otherwise only checks that the page can be drawn."""

    def take(page: Page, name: str) -> None:
        path = PICTURES / f"{name}.png" if os.environ.get("UPDATE_PICTURES") else None
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        assert len(page.screenshot(path=path)) > 10_000

    return take
