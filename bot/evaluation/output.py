"""Writes reports and comparisons as JSON, as a page, or both; each file atomically."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Callable, List, Mapping

from bot.errors import OutputError
from bot.evaluation.page import comparison_page, report_page

_KINDS = (".json", ".html")


def prepare(out: Path) -> None:
    """Create the folder for `out` and check that it is writable, before the evaluation starts.

    Raises OutputError if the name is not a folder, a `.json` or a `.html`, and if the folder cannot be used.
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
    """Write a report and return the written files. `out` is a `.json`, a `.html`, or a folder for both."""
    return _write(report, report_page, out, "report")


def write_comparison(comparison: Mapping[str, Any], out: Path) -> List[Path]:
    """Write a comparison and return the written files. `out` is a `.json`, a `.html`, or a folder for both."""
    return _write(comparison, comparison_page, out, "comparison")


def _targets(out: Path, name: str) -> List[Path]:
    if out.is_dir() or not out.suffix:
        return [out / f"{name}{kind}" for kind in _KINDS]
    if out.suffix.lower() not in _KINDS:
        raise OutputError(f"{out}: give a name that ends in .json or .html, or a folder for both")
    return [out]


def _write(content: Mapping[str, Any], page: Callable[[Mapping[str, Any]], str], out: Path, name: str) -> List[Path]:
    prepare(out)
    # All texts are rendered before the first file is written: if one fails, no file is written.
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
    """Replace a file atomically: readers see the complete old or the complete new file."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # JSON allows a lone surrogate in a sentence. UTF-8 cannot encode it, so it is written as an escape.
        partial.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(partial, path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
