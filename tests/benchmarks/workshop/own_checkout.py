"""A copy of the project in a folder of its own: a benchmark can publish without touching the models of this checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
#: Large folders that no benchmark changes.
_LINKED = (".venv", "node_modules")


def copy_checkout(into: Path) -> Path:
    """Copy the committed and changed files, the live model, its content and the cache of embeddings. Returns the new root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, target = ROOT / name, into / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    for name in _LINKED:
        (into / name).symlink_to(ROOT / name)
    _copy_models(ROOT / "models", into / "models")
    return into


def _copy_models(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("wallet-*.tar.gz", "training-*"))
    for archive in source.glob("wallet-*.tar.gz"):
        # A model is never written again, so a link is as good as a copy of 90 MB.
        try:
            os.link(archive.resolve(), target / archive.name)
        except OSError:
            shutil.copy2(archive, target / archive.name)
