"""The console's button that makes a logged decision again."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.e2e.accessibility import grave_findings
from tests.e2e.page_desk import PageDesk
from tests.e2e.test_console_talk import opened
from tests.handoff.workshop.test_jobs import Runner

NewContext = Callable[..., BrowserContext]


def test_a_supervisor_replays_a_decision(page_desk: PageDesk, browser_context: NewContext) -> None:
    """Nobody could check why the bot answered so, or a different outcome would look like the same."""
    customer = page_desk.run(page_desk.desk.waiting_customer())
    page, runner = opened(page_desk, browser_context, customer, "supervisor"), Runner(page_desk.desk)
    page.get_by_test_id("tab-why").click()
    gone = {
        "part": "model",
        "name": "wallet-1",
        "zh": "当时的模型 wallet-1 已经不再保留，无法重演。",
        "en": "gone",
        "turns": [],
    }
    different = {"turn_id": "t", "seq": 2, "field": "route", "logged": "escalate", "replayed": "answer"}
    same = {"identical": True, "n": 1, "n_identical": 1, "differences": [], "missing": [], "code": [], "inferred": []}
    for result, words in (
        (same, "重演结果完全一致。"),
        ({**same, "identical": False, "differences": [different]}, "route：当时 escalate，重演 answer"),
        ({**same, "identical": False, "missing": [gone]}, gone["zh"]),
    ):
        page.get_by_test_id("replay").click()
        expect(page.get_by_test_id("replay-outcome")).to_have_attribute("data-state", "running")
        taken = page_desk.run(runner.take("work", 20))
        assert taken is not None
        assert taken["parameters"] == {"conversation_id": customer.id, "seq": 2}
        page_desk.run(runner.done(taken, result))
        expect(page.get_by_test_id("replay-outcome")).to_contain_text(str(words))
        expect(page.get_by_test_id("replay")).to_be_enabled()
    assert grave_findings(page, ".facts") == []
