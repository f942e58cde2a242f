"""Writes the pages' words in traditional Chinese, `words/NAME.zh-Hant.js`, from those in simplified Chinese.

`--check` only compares.

    .venv/desk/bin/python -m content.traditional_pages
"""

from __future__ import annotations

import sys
from pathlib import Path

from content.traditional_words import load_traditional_words
from language.traditional import FILE, Traditional

_PROJECT = Path(__file__).parents[1]

WORDS = _PROJECT / "handoff" / "pages" / "words"
#: The word files that customers read.
NAMES = ("chat", "care")
_HEADING = "// Made by content/traditional_pages.py from {name}.zh.js: change that file.\n"


def traditional_of(name: str) -> str:
    """The word file of a page in traditional Chinese."""
    convert = Traditional(load_traditional_words(_PROJECT / "data" / FILE)).convert
    lines = (WORDS / f"{name}.zh.js").read_text(encoding="utf-8").splitlines(keepends=True)
    body = "".join(line if line.lstrip().startswith("//") else convert(line) for line in lines[1:])
    return _HEADING.format(name=name) + body.replace('"locale.tag": "zh-CN"', '"locale.tag": "zh-Hant"')


def main() -> int:
    """Write or compare the files; 1 when one is not current."""
    is_stale = False
    for name in NAMES:
        path, text = WORDS / f"{name}.zh-Hant.js", traditional_of(name)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        is_stale = True
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
    return 1 if is_stale and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
