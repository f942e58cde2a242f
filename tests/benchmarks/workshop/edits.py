"""What an edit of a data folder is made of: replacing words in a file, adding and moving sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Change = Callable[[Path], None]


@dataclass(frozen=True)
class Edit:
    """One planted edit. `trains`: the gate can only judge it with a new model."""

    name: str
    change: Change
    trains: bool = False


def read(folder: Path, file: str) -> str:
    return (folder / file).read_text(encoding="utf-8")


def write(folder: Path, file: str, text: str) -> None:
    (folder / file).write_text(text, encoding="utf-8")


def replace(folder: Path, file: str, old: str, new: str, count: int = 1) -> None:
    """Replace words that must stand in a file."""
    text = read(folder, file)
    assert old in text, f"{file} does not hold {old!r}"
    write(folder, file, text.replace(old, new, count))


def substitute(folder: Path, file: str, pattern: str, new: str, count: int = 1) -> None:
    """Replace what a pattern finds; it must find something."""
    text, found = re.subn(pattern, new, read(folder, file), count=count, flags=re.MULTILINE)
    assert found, f"{file} does not match {pattern!r}"
    write(folder, file, text)


def _block(text: str, intent: str) -> tuple[int, int]:
    start = text.index(f"- intent: {intent}\n")
    start = text.index("examples: |\n", start) + len("examples: |\n")
    end = text.find("- intent:", start)
    return start, len(text) if end < 0 else end


def file_of(folder: Path, intent: str, kind: str = "nlu") -> str:
    """The first file with sentences of an intent."""
    for path in sorted((folder / kind).rglob("*.yml")):
        if f"- intent: {intent}\n" in path.read_text(encoding="utf-8"):
            return path.relative_to(folder).as_posix()
    raise AssertionError(f"no sentences of {intent}")


def add_sentences(folder: Path, intent: str, sentences: list[str], kind: str = "nlu") -> None:
    """Add sentences to an intent, in `nlu` or `calibration`."""
    file = file_of(folder, intent, kind)
    text = read(folder, file)
    start, _ = _block(text, intent)
    write(folder, file, text[:start] + "".join(f"    - {sentence}\n" for sentence in sentences) + text[start:])


def take_sentences(folder: Path, intent: str, count: int, offset: int = 0, kind: str = "nlu") -> list[str]:
    """Remove some sentences of an intent."""
    file = file_of(folder, intent, kind)
    text = read(folder, file)
    start, end = _block(text, intent)
    lines = [line for line in text[start:end].split("\n") if line.strip()]
    taken = lines[offset : offset + count]
    assert len(taken) == count, f"{file} has too few sentences of {intent}"
    kept = lines[:offset] + lines[offset + count :]
    write(folder, file, text[:start] + "\n".join(kept) + "\n" + text[end:])
    return [line.strip().removeprefix("- ") for line in taken]
