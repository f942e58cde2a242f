"""The build of the pages: it follows the sources, and a desk that cannot build reports how to fix it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from handoff.runtime import page_build
from handoff.runtime.page_build import PagesNotBuilt, build_pages
from handoff.runtime.page_routes import Pages
from tests.handoff.conftest import SERVICE_TOKEN

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the pages' sources, which the test changes."""
    return Path(shutil.copytree(page_build.PAGES, tmp_path / "sources"))


def change(file: Path, old: str, new: str) -> None:
    """Replace a text that must exist."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def folders(var: Path) -> set[Path]:
    """The builds, finished or not, that are kept."""
    return {path for path in (var / "pages").iterdir() if path.is_dir()}


def test_the_same_sources_make_the_same_build_once(sources: Path, tmp_path: Path) -> None:
    """Desks with a common folder would each need Node at each start, or customers would load an unchanged script again."""
    first = build_pages(tmp_path, sources)
    made = (first / "widget.js").stat().st_mtime_ns
    assert build_pages(tmp_path, sources) == first
    assert (first / "widget.js").stat().st_mtime_ns == made
    elsewhere = build_pages(tmp_path / "elsewhere", sources)
    assert Pages.read(elsewhere).widget_address == Pages.read(first).widget_address


def test_a_changed_source_of_the_chat_has_another_address(sources: Path, tmp_path: Path) -> None:
    """Customers would keep the old chat for a year."""
    before = Pages.read(build_pages(tmp_path, sources))
    change(sources / "shared" / "logo.svg", "</svg>", "<!-- x --></svg>")
    other_file = Pages.read(build_pages(tmp_path, sources))
    assert other_file.widget_address == before.widget_address
    assert other_file.files["shared/logo.svg"].digest != before.files["shared/logo.svg"].digest
    change(sources / "chat" / "chat-element.js", 'const SEEN = "seen"', 'const SEEN = "seen2"')
    changed = Pages.read(build_pages(tmp_path, sources))
    assert changed.widget_address != before.widget_address
    assert b"seen2" in changed.widget.forms["identity"]
    change(sources / "chat" / "care" / "sheet.js", "sheet-body", "sheet-body2")
    part = Pages.read(build_pages(tmp_path, sources))
    assert part.parts["care"].digest != changed.parts["care"].digest
    assert f"widget-care-{part.parts['care'].digest}.js".encode() in part.widget.forms["identity"]
    assert part.widget_address != changed.widget_address


def test_only_pages_are_in_the_build(sources: Path, tmp_path: Path) -> None:
    """A note, a test or a configuration file next to the pages would be served to everybody."""
    for name in ("notes.md", "chat/settings.json", "chat/view.py", ".env"):
        (sources / name).write_text("secret", encoding="utf-8")
    build = build_pages(tmp_path, sources)
    assert {path.suffix for path in build.rglob("*") if path.is_file()} == {".css", ".html", ".js", ".svg", ".gz", ".br"}
    assert not [name for name in Pages.read(build).files if "node_modules" in name]


def test_a_page_file_with_a_package_is_bundled_with_it_alone(sources: Path, tmp_path: Path) -> None:
    """The browser could not find the package, or would load a second copy of the page's own modules with a state of its own."""
    build = build_pages(tmp_path, sources)
    plot = (build / "pages" / "board" / "time-plot.js").read_text(encoding="utf-8")
    assert "u-legend" in plot
    assert '"../shared/dom.js"' in plot
    assert 'from "uplot"' not in plot
    assert ".u-legend" in (build / "pages" / "board" / "time-plot.css").read_text(encoding="utf-8")
    untouched = "board/board-model.js"
    assert (build / "pages" / untouched).read_bytes() == (sources / untouched).read_bytes()


def test_a_source_that_is_broken_is_named(sources: Path, tmp_path: Path) -> None:
    """A desk would start with half a chat, or the operator would not learn which file is wrong."""
    change(sources / "chat" / "chat-view.js", "export class", "export klass")
    with pytest.raises(PagesNotBuilt, match=r"chat-view\.js:\d+:\d+"):
        build_pages(tmp_path, sources)
    assert folders(tmp_path) == set()


def test_desks_that_start_together_share_a_build(sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of several desks would not start, serve half of a folder that another is writing, or slow the others down."""
    runs, run_build = 0, page_build._run_build

    def counted(pages: Path, out: Path) -> None:
        nonlocal runs
        runs += 1
        run_build(pages, out)

    monkeypatch.setattr(page_build, "_run_build", counted)
    with ThreadPoolExecutor(3) as threads:
        builds = {build.result() for build in [threads.submit(build_pages, tmp_path, sources) for _ in range(3)]}
    assert len(builds) == 1
    assert folders(tmp_path) == builds
    assert runs == 1, "each desk built the pages"
    assert "help/help.html" in Pages.read(builds.pop()).files


def test_old_builds_are_removed_and_recent_ones_are_not(sources: Path, tmp_path: Path) -> None:
    """The disk would fill, or a desk of the previous version would lose the build that it is about to read."""
    first = build_pages(tmp_path, sources)
    change(sources / "help" / "help.css", "}", " }")
    second = build_pages(tmp_path, sources)
    day_before_yesterday = time.time() - 2 * 86_400
    os.utime(first, (day_before_yesterday, day_before_yesterday))
    change(sources / "help" / "help.css", "}", " }")
    third = build_pages(tmp_path, sources)
    assert folders(tmp_path) == {second, third}


def test_a_folder_that_cannot_be_written_is_named(sources: Path, tmp_path: Path) -> None:
    """An operator would see a traceback instead of the folder."""
    (tmp_path / "pages").write_text("a file", encoding="utf-8")
    with pytest.raises(PagesNotBuilt, match=str(tmp_path)):
        build_pages(tmp_path, sources)


@pytest.mark.parametrize("missing", ["Node", "esbuild"])
def test_without_its_tools_a_build_says_what_to_do(
    missing: str, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk would start with half a page, or a desk with a finished build would not restart."""
    built = build_pages(tmp_path, sources)
    if missing == "Node":
        monkeypatch.setattr(page_build, "_NODE", tmp_path / "none")
        monkeypatch.setenv("PATH", str(tmp_path))
    else:
        monkeypatch.setattr(page_build, "_MODULES", tmp_path / "none")
    assert build_pages(tmp_path, sources) == built
    change(sources / "help" / "help.css", "}", " }")
    with pytest.raises(PagesNotBuilt, match=f"{missing}.*make setup"):
        build_pages(tmp_path, sources)


def test_a_desk_without_node_does_not_start(tmp_path: Path) -> None:
    """An operator would have a running desk, and customers a page without a chat."""
    program = (
        "import pathlib, sys; from handoff.runtime import page_build; from handoff.__main__ import main;"
        "page_build._NODE = pathlib.Path('none'); sys.argv[1:] = ['serve']; sys.exit(main())"
    )
    environment = {"PATH": str(tmp_path), "VAR_DIR": str(tmp_path), "SERVICE_TOKEN": SERVICE_TOKEN, "DEMO": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "run `make setup`" in done.stderr
    assert "Traceback" not in done.stderr
