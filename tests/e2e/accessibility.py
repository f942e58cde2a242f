"""axe-core on a page: what a person with a screen reader, a keyboard or weak sight would meet."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
#: WCAG 2.2 A and AA, and axe's own good practices.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = frozenset({"serious", "critical"})


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def grave_findings(page: Page, within: str | None = None) -> list[str]:
    """The serious and critical findings of axe-core on the page as it is now, one line for each element.

    `within`: a CSS selector, to look at a part of the page only. The script runs through the browser's debugger, so the page's
    content security policy stays as it is. Raises FileNotFoundError when node_modules is missing (`make setup`).
    """
    page.evaluate(_axe())
    found: dict[str, Any] = page.evaluate(
        "([within, tags]) => axe.run(within ?? document, {runOnly: tags, resultTypes: ['violations'], preload: false})",
        [within, TAGS],
    )
    assert found["passes"], "axe-core checked nothing"
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:160]}: {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
