"""The compared systems: how each is installed and started."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, List

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
#: Packages installed by the benchmark; not in git.
INSTALLED = ROOT / "var" / "bench"
_LOCK = ROOT / "requirements" / "bench.txt"
_NLPJS = HERE / "nlpjs"
_INSTALL_SECONDS = 900


class Unavailable(Exception):
    """A system cannot start on this machine; the message says what is missing."""


@dataclass(frozen=True)
class Command:
    """How a system's processes are started; phase and folder are appended to the arguments."""

    arguments: List[str]
    environment: Dict[str, str] = field(default_factory=dict)


def _python(module: str) -> Command:
    return Command([sys.executable, "-m", "tests.benchmarks.nlu.child", module])


def _rasa_diet() -> Command:
    folder = INSTALLED / "python"
    uv = shutil.which("uv") or str(ROOT / ".venv" / "tools" / "bin" / "uv")
    if not Path(uv).exists():
        raise Unavailable("uv, which installs jieba, is missing: run `make setup`")
    command = [uv, "pip", "install", "--quiet", "--require-hashes", "--no-deps", "--python", sys.executable]
    install(folder, [_LOCK], [*command, "--target", str(folder), "-r", str(_LOCK)])
    return Command(_python("rasa_diet").arguments, {"PYTHONPATH": str(folder)})


def _nlpjs() -> Command:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Unavailable("node or npm is missing on this machine")
    folder = INSTALLED / "nlpjs"
    files = [_NLPJS / "package.json", _NLPJS / "package-lock.json"]
    install(folder, files, [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"])
    return Command([node, str(_NLPJS / "bench.js")], {"NODE_PATH": str(folder / "node_modules")})


#: In run order: the slowest last.
SYSTEMS: Dict[str, Callable[[], Command]] = {
    "ours": lambda: _python("ours"),
    "char-lr": lambda: _python("char_lr"),
    "use-knn": lambda: _python("use_knn"),
    "nlp.js": _nlpjs,
    "rasa-diet": _rasa_diet,
}

#: The systems compared on public data: without the triage policy the model alone, neither through Rasa nor with the decision.
PUBLIC_SYSTEMS: Dict[str, Callable[[], Command]] = {
    "ours": lambda: _python("ours_model"),
    "char-lr": SYSTEMS["char-lr"],
    "use-knn": SYSTEMS["use-knn"],
}


def install(folder: Path, locks: List[Path], command: List[str]) -> None:
    """Make a folder match the locks. Does nothing if it does. Raises Unavailable with the installer's last output."""
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()
    stamp = folder / ".lock-stamp"
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for lock in locks:
        shutil.copy(lock, folder)
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ}, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"could not be installed: {error}") from error
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Unavailable(f"could not be installed: {last[0] if last else f'exit code {done.returncode}'}")
    stamp.write_text(digest, encoding="ascii")
