"""`python -m bot import-logs FILE`: a wallet's past logs become entries of the editors' inbox.

The desk reads, masks and stores the file: masking is the desk's, and the upload of the inbox page is the same code. The two
environments share no code, so the command is a process of its own; it needs no running desk.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Mapping, Optional

_ROOT = Path(__file__).parents[2]
_DESK = _ROOT / ".venv/desk/bin/python"


def import_logs(path: Path, json_file: Optional[Path] = None) -> int:
    """Import a file and print what became of its lines. The exit code is 0, or 1 with an error message."""
    if not path.is_file():
        print(f"error: {path}: there is no such file", file=sys.stderr)
        return 1
    if not _DESK.exists():
        print("error: the desk's environment is missing: run `make setup`", file=sys.stderr)
        return 1
    ended = subprocess.run(  # noqa: S603 - our own program, and the file is one argument
        [str(_DESK), "-m", "handoff", "import-logs", str(path.resolve())], cwd=_ROOT, capture_output=True, check=False
    )
    if ended.returncode != 0:
        said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        print(f"error: {path}: {said[-1] if said else f'exit code {ended.returncode}'}", file=sys.stderr)
        return 1
    report = json.loads(ended.stdout.decode("utf-8").strip().splitlines()[-1])
    if json_file is not None:
        json_file.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _print(report)
    return 0


def _print(report: Mapping[str, Any]) -> None:
    if report["is_repeated"]:
        print("this file was imported before; nothing was stored")
        return
    print(f"{report['lines']} lines: {report['taken']} texts of customers taken, {report['known']} of them known")
    print(f"{report['masked']} texts had secrets, which are masked; {report['others']} rows were not of customers")
    print(f"{report['left_out']} texts were empty, too long or without words; {report['skipped_count']} lines are broken")
    for line in report["skipped"]:
        print(f"  line {line['line']}: {line['en']}")
    print("The running desk groups them within some minutes: open the inbox (/console/edit#inbox).")
