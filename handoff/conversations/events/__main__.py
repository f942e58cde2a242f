"""Writes the table of events into docs/conversation.md: `python -m handoff.conversations.events`."""

from __future__ import annotations

import re
from pathlib import Path

import handoff.conversations.care  # noqa: F401  registers its event types
from handoff.conversations.events.registry import table

_PAGE = Path(__file__).parents[3] / "docs" / "conversation.md"
_TABLE = re.compile(r"(<!-- events: generated -->\n).*?(\n<!-- end of events -->)", re.DOTALL)

if __name__ == "__main__":
    page = _PAGE.read_text(encoding="utf-8")
    _PAGE.write_text(_TABLE.sub(lambda found: found[1] + table() + found[2], page), encoding="utf-8")
    print(f"the table of events is written to docs/{_PAGE.name}")
