"""The workshop's views in a real browser against a real desk; the jobs of the bot's environment are ended by the test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from content.inbox import text_id
from tests.e2e.accessibility import grave_findings
from tests.e2e.page_desk import PageDesk
from tests.e2e.test_console import until
from tests.handoff.conftest import DATA
from tests.handoff.people import Json

NewContext = Callable[..., BrowserContext]

PHONE = 360
#: Seconds in which a job must have been queued. Generous, because a loaded machine is several times slower.
JOB_SECONDS = 60
VIEWS = ("inbox", "sentences", "waves", "policy", "publish", "history", "reviews", "look-back")
STRANGE = ("咕噜小红袋怎么拆", "小红袋咕噜怎么弄", "<img src=x onerror=alert(1)>小红袋")
#: A sentence of a test set.
TESTED = json.loads((DATA.parent / "tests/evaluation/development/standard.jsonl").read_text(encoding="utf-8").split("\n")[0])[
    "text"
]


@pytest.fixture
def workshop(page_desk: PageDesk, browser_context: NewContext) -> Callable[..., Page]:
    """Opens a view for an account."""
    page_desk.restore_working_copy()

    def open_(view: str, login: str = "editor", **options: Any) -> Page:
        context = browser_context(**options)
        page_desk.sign_in(context, login)
        page = context.new_page()
        page.goto(f"{page_desk.url}/console/edit#{view}")
        return page

    return open_


def group(*texts: str) -> Json:
    """A group of the inbox as its job makes it."""
    at = "2026-11-30T08:00:00+00:00"
    entries = [
        {"id": text_id(text), "text": text, "kind": "not_understood", "count": 3, "cost": 2.0, "first_at": at, "last_at": at}
        for text in texts
    ]
    suggested = [{"intent": "coupon_howto", "score": 0.61}, {"intent": "fees", "score": 0.2}]
    leader = {"id": f"g{text_id(texts[0])}", "kind": "not_understood", "leader": texts[0], "weight": 6.0}
    return {**leader, "entries": entries, "suggested": suggested, "nearest": [{**suggested[0], "text": "红包怎么领"}]}


def fill_inbox(page_desk: PageDesk, *groups: Json) -> None:
    """Store a job's result."""
    result = {"read_at": page_desk.desk.clock().isoformat(), "groups": list(groups)}
    assert page_desk.run(page_desk.desk.services.inbox.store_result(1, result))


def examples(page_desk: PageDesk) -> str:
    """The file with the examples of the intent `coupon_howto`."""
    return (page_desk.working_copy / "nlu" / "coupons.yml").read_text(encoding="utf-8")


def end_job(page_desk: PageDesk, kind: str, result: Json) -> Json:
    """Take the next job and end it with a result, as the runner would. Returns its parameters."""
    jobs = page_desk.desk.services.jobs
    lane = "publishing" if kind in ("publish", "roll_back") else "work"
    job = page_desk.run(jobs.take(lane, JOB_SECONDS))
    assert job is not None
    assert job.kind == kind
    parameters: Json = dict(job.parameters)
    page_desk.run(jobs.done(job.id, str(job.lease), {"data_revision": parameters["data_revision"], **result}))
    return parameters


def turn(text: str, before: str, after: str) -> Json:
    """A changed turn of a shadow."""
    sides = {
        "before": {"route": before, "intent": "scam_report", "reason": None, "article": None},
        "after": {"route": after, "intent": "coupon_howto", "reason": None, "article": "coupon_howto"},
    }
    return {"text": text, "kind": "other", "count": 1, **sides}


def test_every_view_opens_for_an_editor_on_a_phone_and_on_a_screen(workshop: Callable[..., Page]) -> None:
    """A view would fail on an empty desk, be cut off on a phone, or not be usable with a screen reader."""
    for width, locale in ((PHONE, "zh-CN"), (1440, "en-GB")):
        page = workshop("home", width=width, locale=locale)
        for view in VIEWS:
            page.evaluate(f"location.hash = '#{view}'")
            expect(page.locator(".workshop-main .view h2").first).to_be_attached()
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, view
            if width == PHONE:  # the slow part: the same nodes on both
                assert grave_findings(page) == [], view


def test_the_inbox_is_worked_through_by_keys_without_waiting_for_the_desk(
    page_desk: PageDesk, workshop: Callable[..., Page]
) -> None:
    """An editor would wait after each key, a key would decide about another group, or a customer's text would be markup."""
    fill_inbox(page_desk, group(*STRANGE[:2]), group("退款小绿袋还没到"), group(STRANGE[2]))
    page = workshop("inbox")
    shown = page.get_by_test_id("inbox-group")
    expect(shown).to_be_visible()
    held: list[Route] = []
    is_slow = True
    page.route("**/api/workshop/inbox/g*", lambda route: held.append(route) if is_slow else route.continue_())
    order = []
    for key in ("1", "o", "x"):
        order.append(str(shown.get_attribute("data-group")))
        page.keyboard.press(key)
        expect(page.locator(f'[data-group="{order[-1]}"]')).to_have_count(0)
    assert len(set(order)) == 3
    expect(page.get_by_test_id("inbox-sending")).to_be_visible()
    until(page, lambda: held, "the first decision")
    is_slow = False
    held[0].continue_()
    expect(page.get_by_test_id("inbox-sending")).to_be_hidden()
    expect(page.get_by_test_id("inbox-empty")).to_be_visible()
    learnt = [text for text in STRANGE[:2] if text in examples(page_desk)]
    assert (len(learnt) == 2) == (order[0] == f"g{text_id(STRANGE[0])}")
    for back in reversed(order):
        page.keyboard.press("z")
        expect(page.locator(f'[data-group="{back}"]')).to_be_visible()
    expect(page.get_by_test_id("inbox-left")).to_have_text("4")
    until(page, lambda: not any(text in examples(page_desk) for text in STRANGE), "the file without the sentences")


def test_an_unticked_text_stays_and_a_hostile_one_is_text(page_desk: PageDesk, workshop: Callable[..., Page]) -> None:
    """A sentence that the editor excluded would be learnt, or a customer could run a script in the workshop."""
    fill_inbox(page_desk, group(*STRANGE))
    page = workshop("inbox", width=360, height=740)
    shown = page.get_by_test_id("inbox-group")
    expect(shown).to_contain_text(STRANGE[2])
    assert shown.locator("img").count() == 0
    page.get_by_role("checkbox", name=STRANGE[2]).uncheck()
    page.get_by_role("checkbox", name=STRANGE[1]).uncheck()
    page.keyboard.press("1")
    expect(page.get_by_test_id("toast")).to_contain_text("1 句")
    expect(shown).to_contain_text(STRANGE[1])  # what is left comes back
    assert STRANGE[0] in examples(page_desk)
    assert STRANGE[1] not in examples(page_desk)


def test_thousands_of_examples_scroll_and_a_sentence_of_a_test_set_is_refused(
    page_desk: PageDesk, workshop: Callable[..., Page]
) -> None:
    """An intent of 2,000 examples would stutter, or a test set would lose its worth without a word to the editor."""
    page = workshop("sentences/coupon_howto")
    rows = page.locator("[data-sentence]")
    expect(rows.first).to_be_visible()
    many = [{"text": f"第 {n} 种说法", "intent": "fees", "file": "fees.yml", "line": n} for n in range(2_000)]
    shown = {"intents": [{"id": "fees", "zh": "手续费", "en": "Fees", "route": "answer", "count": 2_000}], "total": 2_000}

    def part(route: Route) -> None:
        offset = int(re.findall(r"offset=(\d+)", route.request.url)[0])
        route.fulfill(json={**shown, "sentences": many[offset : offset + 1_000]})

    page.route("**/api/workshop/sentences?*intent=fees*", part)
    page.evaluate("location.hash = '#sentences/fees'")
    expect(page.get_by_test_id("sentence-count")).to_contain_text("2000")
    page.locator(".sentence-list .scroller").evaluate("node => { node.scrollTop = node.scrollHeight; }")
    expect(page.get_by_text("第 1999 种说法")).to_be_visible()
    assert rows.count() < 60
    page.evaluate("location.hash = '#sentences/coupon_howto'")
    expect(page.get_by_text("第 1999 种说法")).to_have_count(0)
    page.get_by_test_id("sentence-add").fill(TESTED)
    page.get_by_test_id("sentence-add").press("Enter")
    expect(page.get_by_test_id("sentence-problem")).to_contain_text("测试")
    page.get_by_test_id("sentence-add").fill(STRANGE[0])
    page.get_by_test_id("sentence-add").press("Enter")
    expect(rows.filter(has_text=STRANGE[0])).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_test_id("toast-undo").click()
    expect(rows.filter(has_text=STRANGE[0])).to_have_count(0)
    assert STRANGE[0] not in examples(page_desk)


def test_a_field_of_the_policy_is_saved_or_refused_with_a_sentence(page_desk: PageDesk, workshop: Callable[..., Page]) -> None:
    """An editor would save what is no rate, or lose the sentence that says why."""
    page = workshop("policy/promises")
    field = page.locator('[data-path="triage.yml:promises.wrong_answer"]')
    value = field.locator("input")
    before = value.input_value()
    value.fill("150%")
    value.press("Enter")
    expect(field.get_by_role("alert")).to_contain_text("0 和 1 之间")
    value.fill("1.5%")
    value.press("Enter")
    expect(page.get_by_test_id("toast")).to_contain_text("已保存")
    assert re.search(r"^\s*wrong_answer: 0\.015\b", (page_desk.working_copy / "triage.yml").read_text("utf-8"), re.MULTILINE)
    assert before != "0.015"
    expect(field.get_by_test_id("policy-save")).to_be_hidden()


def test_a_refused_check_names_its_sentences_and_a_passed_one_is_published(
    page_desk: PageDesk, workshop: Callable[..., Page]
) -> None:
    """An editor could publish what the gate refused, or would not see first which emergencies the draft misses."""
    page = workshop("publish")

    def check(verdict: str, *reasons: Json) -> None:
        page.get_by_test_id("check").click()
        shadow = {"n": 10_000, "changed": 2, "flips": {"answer->answer": 1, "escalate->answer": 1}}
        examples = [turn("怎么领红包", "answer", "answer"), turn("红包链接点了钱没了", "escalate", "answer")]
        result = {"model": "wallet-test", "live": [None, None], "live_revision": None}
        gate = {"verdict": verdict, "reasons": list(reasons), "warnings": []}
        end_job(page_desk, "check", {**result, "gate": gate, "shadow": {**shadow, "examples": examples}})

    lost = {"kind": "case_flips", "detail": "A case flips.", "detail_zh": "安全用例不再转人工。", "sentences": ["钱没了"]}
    check("refuse", lost)
    expect(page.get_by_test_id("gate-reason")).to_contain_text("安全用例不再转人工。")
    expect(page.get_by_test_id("gate-reason")).to_contain_text("钱没了")
    expect(page.get_by_test_id("publish")).to_have_count(0)
    check("pass")
    expect(page.get_by_test_id("shadow-summary")).to_contain_text("10,000 条中的 2 条")
    expect(page.get_by_test_id("shadow-lost")).to_contain_text("1 条")
    expect(page.get_by_test_id("shadow-example").first).to_contain_text("红包链接点了钱没了")
    page.get_by_test_id("publish").click()
    expect(page.get_by_test_id("publish-problem")).not_to_be_empty()
    page.get_by_test_id("publish-why").fill("红包的说法")
    page.get_by_test_id("publish").click()
    expect(page.get_by_test_id("proposed")).to_be_visible()
    expect(page.get_by_test_id("proposal-approve")).to_have_count(0)  # never the proposer
    second = workshop("publish", "supervisor")
    second.get_by_test_id("proposal-approve").click()
    second.get_by_test_id("note-text").fill("看过了")
    second.get_by_test_id("dialog-confirm").click()
    parameters = end_job(page_desk, "publish", {"package": 1, "seconds": 1.2})
    assert parameters["who"]["why"] == "红包的说法"
    assert parameters["who"]["second"] == "supervisor"
    expect(second.get_by_test_id("published")).to_be_visible()
    page.get_by_test_id("shadow-example").first.focus()
    page.keyboard.press("p")
    expect(page.get_by_test_id("toast")).to_contain_text("必须转人工")
    assert "红包链接点了钱没了" in (page_desk.working_copy / "cases.jsonl").read_text(encoding="utf-8")


def test_a_reviewer_judges_with_one_key_and_never_sees_the_answer(page_desk: PageDesk, workshop: Callable[..., Page]) -> None:
    """A key pressed twice would judge a text that was not read, or the bot's answer would sway the reviewer."""
    samples = [{"id": f"s{n}", "text": f"第 {n} 句", "before": ["你好"], "day": "2026-11-29"} for n in range(3)]
    judged: list[Json] = []
    page = workshop("home")
    page.route("**/reviews/next", lambda route: route.fulfill(json={"sample": samples[len(judged)], "left": 3 - len(judged)}))
    held: list[Route] = []
    page.route(re.compile(r"/reviews/s\d$"), lambda route: held.append(route))
    page.evaluate("location.hash = '#reviews'")
    expect(page.get_by_test_id("review-text")).to_have_text("第 0 句")
    page.keyboard.press("1")
    page.keyboard.press("1")
    until(page, lambda: held, "the verdict")
    page.wait_for_timeout(200)
    assert [route.request.post_data_json for route in held] == [{"verdict": "needs_person"}]
    judged.append({})
    held[0].fulfill(json={"verdict": "needs_person"})
    expect(page.get_by_test_id("review-text")).to_have_text("第 1 句")
