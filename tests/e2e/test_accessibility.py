"""The accessibility check itself: a check that finds nothing on a bad page guards nothing."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.e2e.accessibility import grave_findings
from tests.e2e.page_desk import PageDesk


def test_the_check_finds_what_is_wrong(page_desk: PageDesk, open_page: Callable[..., Page]) -> None:
    """A page with a nameless field and grey words on grey would pass."""
    page = open_page(page_desk.url + "/console")
    page.get_by_test_id("login-name").wait_for()
    assert grave_findings(page) == []
    page.evaluate(
        """() => {
          const field = document.createElement("input");
          const words = document.createElement("p");
          words.textContent = "hardly to be read";
          words.style.color = "#bbb";
          words.style.background = "#fff";
          document.querySelector("#console").append(field, words);
        }"""
    )
    found = grave_findings(page)
    assert {line.split()[0] for line in found} == {"label", "color-contrast"}
    assert grave_findings(page, ".sign-in form") == []
