"""axe-core on a page: what a person with a screen reader, a keyboard or weak sight would meet."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page as AsyncPage
from playwright.sync_api import Page

_AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
#: WCAG 2.2 A and AA, and axe's own good practices.
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = "([within, tags]) => axe.run(within ?? document, {runOnly: tags, resultTypes: ['violations'], preload: false})"
_GRAVE = frozenset({"serious", "critical"})


@cache
def _axe() -> str:
    return _AXE.read_text(encoding="utf-8")


def grave_findings(page: Page, within: str | None = None) -> list[str]:
    """The serious and critical findings of axe-core on the page as it is now, one line for each element.

    `within`: a CSS selector, to look at a part of the page only. The script runs through the browser's debugger, so the page's
    content security policy stays as it is. Raises FileNotFoundError when node_modules is missing (`make setup`).
    """
    page.evaluate(_axe())
    return _grave(page.evaluate(_RUN, [within, _TAGS]))


async def grave_findings_of(page: AsyncPage, within: str | None = None) -> list[str]:
    """As `grave_findings`, for a page of the asynchronous interface."""
    await page.evaluate(_axe())
    return _grave(await page.evaluate(_RUN, [within, _TAGS]))


def _grave(found: dict[str, Any]) -> list[str]:
    assert found["passes"], "axe-core checked nothing"
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:160]}: {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in _GRAVE
        for node in violation["nodes"]
    ]
