"""Writing reports and comparisons: as JSON, as a page, or both; each file in one step."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Callable, List, Mapping

from bot.errors import OutputError
from bot.evaluation.page import comparison_page, report_page

_KINDS = (".json", ".html")


def prepare(out: Path) -> None:
    """Make the folder that `out` needs, and see that files can be made in it: better before the measuring than after it.

    Raises OutputError for a name that is neither a folder, `.json` nor `.html`, and for a folder that cannot be used.
    """
    folder = _targets(out, "report")[0].parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot make the folder {folder}: {error.strerror}") from error
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{out}: no right to write into {folder}")
    for target in _targets(out, "report"):
        if target.is_dir():
            raise OutputError(f"{out}: {target} is a folder")


def write_report(report: Mapping[str, Any], out: Path) -> List[Path]:
    """Write a report; the files that were written. `out` is a `.json`, a `.html`, or a folder for both."""
    return _write(report, report_page, out, "report")


def write_comparison(comparison: Mapping[str, Any], out: Path) -> List[Path]:
    """Write a comparison; the files that were written. `out` is a `.json`, a `.html`, or a folder for both."""
    return _write(comparison, comparison_page, out, "comparison")


def _targets(out: Path, name: str) -> List[Path]:
    if out.is_dir() or not out.suffix:
        return [out / f"{name}{kind}" for kind in _KINDS]
    if out.suffix.lower() not in _KINDS:
        raise OutputError(f"{out}: give a name that ends in .json or .html, or a folder for both")
    return [out]


def _write(content: Mapping[str, Any], page: Callable[[Mapping[str, Any]], str], out: Path, name: str) -> List[Path]:
    prepare(out)
    # Everything is made before anything is written: a fault in one leaves neither.
    texts = {
        path: page(content)
        if path.suffix.lower() == ".html"
        else json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        for path in _targets(out, name)
    }
    for path, text in texts.items():
        _replace(path, text)
    return list(texts)


def _replace(path: Path, text: str) -> None:
    """A file under that name is always whole: the old one, or the new one."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # A lone surrogate, which JSON lets into a sentence, has no UTF-8; as an escape it is still seen.
        partial.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(partial, path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
