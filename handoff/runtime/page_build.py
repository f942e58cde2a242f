"""Builds the pages when a desk starts: the widget as one script, and every file in compressed form.

The build is a folder `VAR_DIR/pages/FINGERPRINT`, made by `scripts/build_pages.js` with Node. A desk whose sources have not
changed since the last build reuses the folder, so a restart does not need Node.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

_PROJECT = Path(__file__).parents[2]
PAGES = _PROJECT / "handoff" / "pages"
_SCRIPT = _PROJECT / "scripts" / "build_pages.js"
_LOCK = _PROJECT / "package-lock.json"
_MODULES = _PROJECT / "node_modules"
#: Made by `scripts/setup.sh`. If it is missing, the Node on the path is used.
_NODE = _PROJECT / ".venv" / "node" / "bin" / "node"
_BUILD_SECONDS = 120
#: A younger build may belong to another desk that is just starting.
_KEEP_SECONDS = 86_400


class PagesNotBuilt(Exception):
    """The pages cannot be built; the message says how to fix it."""


def build_pages(var: Path, pages: Path = PAGES) -> Path:
    """The folder with `widget.js` and `pages/`. Each file has `.gz` and `.br` forms next to it if these are smaller.

    `var`: VAR_DIR. `pages`: the sources. Takes about a second when a source has changed. Raises PagesNotBuilt.
    """
    folder = var.resolve() / "pages"
    built = folder / _fingerprint(pages)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Several desks may start together: the first one builds, and the others wait and reuse its build.
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not built.is_dir():
                with tempfile.TemporaryDirectory(dir=folder, prefix="partial-") as partial:
                    _run_build(pages, Path(partial) / "built")
                    (Path(partial) / "built").rename(built)
        os.utime(built)
        _remove_old_builds(folder, built)
    except OSError as error:
        raise PagesNotBuilt(f"the pages cannot be built in {folder}: {error}") from error
    return built


def _fingerprint(pages: Path) -> str:
    digest = hashlib.sha256()
    for path in [_SCRIPT, _LOCK, *sorted(path for path in pages.rglob("*") if path.is_file())]:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(pages) if path.is_relative_to(pages) else path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _run_build(pages: Path, out: Path) -> None:
    node = str(_NODE) if _NODE.exists() else shutil.which("node")
    if node is None:
        raise PagesNotBuilt("Node 20 or newer is needed to build the pages, and there is none: run `make setup`")
    if not (_MODULES / "esbuild").is_dir():
        raise PagesNotBuilt("esbuild is needed to build the pages, and node_modules does not have it: run `make setup`")
    command = [node, str(_SCRIPT), str(pages), str(out)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False)  # noqa: S603 - our own script
    except subprocess.TimeoutExpired as error:
        raise PagesNotBuilt(f"the pages were not built within {_BUILD_SECONDS} s") from error
    if done.returncode != 0:
        raise PagesNotBuilt(f"the pages cannot be built: {done.stderr.strip()}")


def _remove_old_builds(folder: Path, current: Path) -> None:
    for other in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another desk removes them too
            if other.is_dir() and other != current and time.time() - other.stat().st_mtime > _KEEP_SECONDS:
                shutil.rmtree(other, ignore_errors=True)
