"""`python -m handoff prove CASE` and `python -m handoff verify PACK`."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path

from content.bundle import DeskContent
from handoff.proof_pack.archive import as_zip
from handoff.proof_pack.contents import Pack
from handoff.proof_pack.desk import ProofDesk, recorded_roots
from handoff.proof_pack.verification import Verdict, verify
from handoff.runtime.transaction import Store


def add_prove_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `prove`."""
    parser.add_argument("case", help="the case's id, such as C7K2M9QX")
    parser.add_argument("--out", type=Path, default=Path("."), metavar="DIR", help="where the folder and the zip file go")


def add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `verify`."""
    parser.add_argument("pack", type=Path, help="the folder or the zip file")
    parser.add_argument("--root", metavar="HASH", help="the root that the case's log or the command `prove` printed")
    parser.add_argument("--recorded", action="store_true", help="compare the root with the case's log in the database")


async def prove(
    store: Store, content: Callable[[], DeskContent], now: Callable[[], dt.datetime], options: argparse.Namespace
) -> int:
    """Write the pack as a folder and as a zip file. An older pack in this place is not overwritten. Raises DeskError."""
    folder: Path = options.out / f"proof-{Path(options.case).name}"
    if _is_there(folder):
        print(f"{folder} or its zip file is there already: move it away, or name another folder with --out")
        return 1
    pack = await ProofDesk(store, content, now).make(None, options.case)
    archive = await asyncio.to_thread(_write, pack, folder)
    print(f"{folder}\n{archive}\nroot {pack.root}")
    return 0


def _is_there(folder: Path) -> bool:
    return folder.exists() or folder.with_suffix(".zip").exists()


def _write(pack: Pack, folder: Path) -> Path:
    for path, data in pack.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    archive = folder.with_suffix(".zip")
    archive.write_bytes(as_zip(pack.files))
    return archive


def print_verdict(verdict: Verdict) -> int:
    """Say what a check found; the exit code."""
    for problem in verdict.problems:
        print(problem)
    print(f"NOT INTACT: {len(verdict.problems)} problems" if verdict.problems else f"intact, root {verdict.root}")
    return 0 if verdict.is_intact else 1


def check(options: argparse.Namespace) -> Verdict:
    """Check a pack without a database. Raises OSError."""
    return verify(options.pack, options.root)


async def check_recorded(store: Store, verdict: Verdict) -> Verdict:
    """The verdict after a look into the case's log."""
    if not verdict.is_intact or verdict.case_id is None:
        return verdict
    async with store.read() as tx:
        roots = await recorded_roots(tx, verdict.case_id)
    if verdict.root in roots:
        return verdict
    return Verdict(verdict.root, verdict.case_id, (f"the log of case {verdict.case_id} has no pack with root {verdict.root}",))
