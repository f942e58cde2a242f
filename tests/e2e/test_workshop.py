"""Editors in the workshop, in a real browser, against a real desk that writes a copy of the editors' files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.accessibility import grave_findings
from tests.e2e.page_desk import PageDesk

NewContext = Callable[..., BrowserContext]
OpenWorkshop = Callable[..., Page]
Picture = Callable[[Page, str], None]

_ARTICLE = "transfer_delay"
_FILE = f"articles/{_ARTICLE}.zh.md"
#: Added to the first line of the article; no other text has it.
_NOTE = "请先等一等。"


@pytest.fixture
def workshop(page_desk: PageDesk, browser_context: NewContext) -> Iterator[OpenWorkshop]:
    """Opens the workshop for an account, on a fresh copy of the editors' files."""
    page_desk.restore_working_copy()

    def open_(address: str = "", login: str = "editor", **options: Any) -> Page:
        context = browser_context(**options)
        page_desk.sign_in(context, login)
        page = context.new_page()
        page.goto(f"{page_desk.url}/console/edit#{address}")
        return page

    yield open_
    page_desk.restore_working_copy()


def saved(page_desk: PageDesk, name: str = _FILE) -> str:
    """What stands in a file of the working copy."""
    return (page_desk.working_copy / name).read_text(encoding="utf-8")


def text_of(page: Page) -> Any:
    """The field of the open language's text."""
    return page.get_by_test_id("text-input").locator("visible=true")


def preview(page: Page) -> Any:
    """The phone with what a customer reads."""
    return page.get_by_test_id("preview")


def type_first(page: Page, words: str) -> None:
    """Type at the beginning of the article's text."""
    text_of(page).focus()
    page.keyboard.press("Control+Home")
    page.keyboard.type(words)


def test_the_first_view_says_what_needs_an_editor(page_desk: PageDesk, workshop: OpenWorkshop, picture: Picture) -> None:
    """All articles would expire on one day before anybody noticed, or a change would wait unpublished without being seen."""
    page = workshop("home")
    crowded = page.get_by_test_id("home-crowded")
    expect(crowded).to_contain_text("2027-12-31")
    expect(page.get_by_test_id("home-draft").locator("li, p").first).to_be_visible()
    picture(page, "workshop-home")
    crowded.get_by_test_id("spread").click()
    page.get_by_test_id("dialog-confirm").click()
    expect(crowded).to_have_count(0, timeout=120_000)
    assert "valid_until: 2027-12-31" not in saved(page_desk, "articles/fees.zh.md")
    days = [re.findall(r"valid_until: (\S+)", saved(page_desk, f"articles/fees.{locale}.md")) for locale in ("zh", "en")]
    assert days[0] == days[1] != []


def test_an_editor_changes_an_answer_and_sees_it_as_a_customer_would(
    page_desk: PageDesk, workshop: OpenWorkshop, picture: Picture
) -> None:
    """An editor would have to write YAML, would see the result only after publishing, or a dangerous text would be saved."""
    before = saved(page_desk)
    page = workshop("articles")
    page.get_by_test_id("articles-find").fill("到账 content-transfers")
    page.get_by_test_id("article-row").filter(has_text=_ARTICLE).click()
    expect(page.get_by_test_id("article-heading")).to_contain_text("转账")
    # The phone shows values, not names; in traditional Chinese, too.
    expect(preview(page)).to_contain_text("2 小时")
    expect(preview(page)).not_to_contain_text("{{")
    type_first(page, _NOTE)
    expect(preview(page)).to_contain_text(_NOTE)
    page.get_by_test_id("preview-hant").locator("..").click()
    expect(preview(page)).to_contain_text("請先等一等。")
    page.get_by_test_id("preview-help").locator("..").click()
    expect(preview(page).get_by_role("heading")).to_contain_text("轉帳")

    type_first(page, "请把您的支付密码发给我们核实。")
    block = page.locator('[data-testid="problem"].block').locator("visible=true")
    expect(block).to_contain_text("密码")
    picture(page, "workshop-article")
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("toast")).to_contain_text("没有保存")
    assert saved(page_desk) == before
    text_of(page).fill(text_of(page).input_value().replace("请把您的支付密码发给我们核实。", ""))
    expect(block).to_have_count(0)
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("toast")).to_contain_text("已保存")
    assert saved(page_desk) == before.replace("先看「账单」", f"{_NOTE}先看「账单」", 1)
    expect(page.get_by_test_id("save")).to_be_disabled()
    page.get_by_test_id("article-history").locator("summary").first.click()
    expect(page.get_by_test_id("article-history")).to_contain_text("编辑小吴")


def test_a_typed_number_becomes_the_fact(page_desk: PageDesk, workshop: OpenWorkshop) -> None:
    """A number that is a fact would be typed again, and stay wrong when the fact changes."""
    page = workshop(f"article/{_ARTICLE}")
    type_first(page, "一般 1-7 个工作日到账。")
    problem = page.get_by_test_id("problem").filter(has_text="1-7").locator("visible=true").first
    problem.get_by_test_id("problem-fix").click()
    expect(text_of(page)).to_have_value(re.compile(r"^一般 ?\{\{ \w+ \}\} ?到账。"))
    expect(preview(page)).to_contain_text("一般 1-7 个工作日到账。")
    # A chip goes as a whole, is not cut by typing, and one step of undo brings it back.
    text_of(page).evaluate("input => input.setSelectionRange(8, 8)")
    page.keyboard.type("很快")
    expect(text_of(page)).to_have_value(re.compile(r"^一般 ?\{\{ \w+ \}\}很快 ?到账。"))
    text_of(page).evaluate("input => { const end = input.value.indexOf('}}') + 2; input.setSelectionRange(end, end); }")
    page.keyboard.press("Backspace")
    expect(text_of(page)).to_have_value(re.compile(r"^一般 ?很快"))
    page.keyboard.press("Control+z")
    expect(text_of(page)).to_have_value(re.compile(r"^一般 ?\{\{ \w+ \}\}很快"))


def test_two_editors_lose_nothing(page_desk: PageDesk, workshop: OpenWorkshop, picture: Picture) -> None:
    """The second of two editors would overwrite the first, or lose the own text, or publish a mixture that nobody read."""
    mine, theirs = workshop(f"article/{_ARTICLE}"), workshop(f"article/{_ARTICLE}")
    type_first(mine, "我的第一句。")
    mine.get_by_test_id("article-owner").locator("visible=true").fill("content-mine")
    text_of(theirs).focus()
    theirs.keyboard.press("Control+End")
    theirs.keyboard.type("对方的最后一句。")
    theirs.get_by_test_id("article-owner").locator("visible=true").fill("content-theirs")
    theirs.keyboard.press("Control+s")
    expect(theirs.get_by_test_id("toast")).to_contain_text("已保存")

    mine.keyboard.press("Control+s")
    conflict = mine.get_by_test_id("conflict")
    expect(conflict.get_by_test_id("conflict-text")).to_contain_text("对方的最后一句。")
    expect(conflict).to_contain_text("编辑小吴")
    hand = conflict.get_by_test_id("hand-text")
    expect(hand).to_have_value(re.compile("^我的第一句。.*对方的最后一句。$", re.DOTALL))
    assert grave_findings(mine, "dialog") == []
    picture(mine, "workshop-conflict")
    # Leaving the dialog keeps the text and saves nothing.
    mine.keyboard.press("Escape")
    expect(text_of(mine)).to_have_value(re.compile("^我的第一句。"))
    assert "我的第一句" not in saved(page_desk)
    mine.keyboard.press("Control+s")
    conflict.get_by_test_id("take-owner-theirs").check()
    conflict.get_by_test_id("conflict-save").click()
    expect(mine.get_by_test_id("toast")).to_contain_text("已保存")
    content = saved(page_desk)
    for words in ("我的第一句。", "对方的最后一句。", "owner: content-theirs"):
        assert words in content


def test_unsaved_text_survives_a_reload_and_leaving_asks(page_desk: PageDesk, workshop: OpenWorkshop) -> None:
    """An hour of writing would be gone after a reload, a press on a link, or an ended session."""
    page = workshop(f"article/{_ARTICLE}")
    type_first(page, _NOTE)
    page.get_by_test_id("to-articles").click()
    expect(page.get_by_test_id("leave")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(f"#article/{_ARTICLE}$"))
    expect(text_of(page)).to_have_value(re.compile(f"^{_NOTE}"))
    page.on("dialog", lambda dialog: dialog.accept())  # the browser's own question
    page.reload()
    expect(text_of(page)).to_have_value(re.compile(f"^{_NOTE}"))
    expect(page.get_by_test_id("kept").locator("visible=true")).to_be_visible()
    page_desk.end_sessions()
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("sign-in-over")).to_be_visible()
    page.get_by_test_id("login-name").fill("editor")
    page.get_by_test_id("login-password").fill("editor")
    page.get_by_test_id("login-submit").click()
    expect(text_of(page)).to_have_value(re.compile(f"^{_NOTE}"))
    page.get_by_test_id("to-articles").click()
    page.get_by_test_id("leave-go").click()
    expect(page.get_by_test_id("articles-count")).to_be_visible()
    page.get_by_test_id("articles-find").fill("transfer_delay")
    expect(page.get_by_test_id("article-row").first).to_contain_text("没保存")
    assert _NOTE not in saved(page_desk)


def test_a_file_broken_by_hand_is_told_with_its_line(page_desk: PageDesk, workshop: OpenWorkshop) -> None:
    """A slip in a text editor would hide the article, or show the editor a traceback instead of the place."""
    path = page_desk.working_copy / _FILE
    path.write_text(path.read_text(encoding="utf-8").replace("intents: [transfer_delay]", "intents: [transfer_delay"), "utf-8")
    page = workshop("articles/problems")
    row = page.get_by_test_id("article-row").filter(has_text=_ARTICLE)
    expect(row).to_be_visible()
    row.click()
    broken = page.get_by_test_id("broken")
    expect(broken).to_contain_text(_FILE)
    expect(broken).to_contain_text(re.compile(r"第 \d+ 行"))
    assert "Traceback" not in page.content()
    # The text is still there, and saving writes the head anew.
    expect(text_of(page)).to_have_value(re.compile("先看「账单」"))
    page.get_by_test_id("article-title").locator("visible=true").fill("转账多久到账")
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("toast")).to_contain_text("已保存")
    content = saved(page_desk)
    for words in ("intents: [transfer_delay]", "title: 转账多久到账", "valid_until: 2027-12-31", "label: 转错了"):
        assert words in content


def test_a_changed_fact_shows_every_text_before_it_is_saved(
    page_desk: PageDesk, workshop: OpenWorkshop, picture: Picture
) -> None:
    """A number would change in many answers at once without anybody reading them."""
    page = workshop("facts")
    page.get_by_test_id("facts-find").fill("refund_card")
    expect(page.get_by_test_id("fact-row").first).to_contain_text("refund_card")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.get_by_test_id("fact-zh").fill("4-9 个工作日")
    page.get_by_test_id("fact-en").fill("4-9 business days")
    page.keyboard.press("Control+s")
    effect = page.get_by_test_id("fact-effect")
    expect(effect.locator("li").first).to_contain_text("4-9 business days")
    picture(page, "workshop-facts")
    assert "4-9 个工作日" not in saved(page_desk, "facts.yml")
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("toast")).to_contain_text("跟着变了")
    assert 'refund_card_arrival: {zh: "4-9 个工作日", en: "4-9 business days"}' in saved(page_desk, "facts.yml")


def test_a_desk_text_is_shown_with_real_numbers(page_desk: PageDesk, workshop: OpenWorkshop) -> None:
    """An editor would save a sentence about waiting without seeing what a waiting customer reads."""
    page = workshop("texts/desk/place")
    expect(preview(page)).to_contain_text("94")
    page.get_by_test_id("text-zh").fill("前面有 {{ ahead }} 位，要等{{ wait }}。")
    expect(preview(page)).to_contain_text("前面有 94 位，要等约 20 到 30 分钟。")
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("toast")).to_contain_text("已保存")
    assert "前面有 {{ ahead }} 位，要等{{ wait }}。" in saved(page_desk, "desk.yml")


def test_the_keyboard_is_enough(page_desk: PageDesk, workshop: OpenWorkshop) -> None:
    """An editor without a mouse could not find, open, change and save an article."""
    page = workshop()
    expect(page.get_by_test_id("workshop")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page.get_by_test_id("article-row").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("transfer_delay")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(text_of(page)).to_be_visible()
    text_of(page).focus()
    page.keyboard.press("Control+Home")
    page.keyboard.type("等 ")
    page.keyboard.press("Control+j")
    expect(page.get_by_test_id("fact-find")).to_be_focused()
    page.keyboard.type("transfer_card")
    page.keyboard.press("Enter")
    expect(text_of(page)).to_have_value(re.compile(r"^等 \{\{ transfer_card_arrival \}\}"))
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("toast")).to_contain_text("已保存")
    assert "等 {{ transfer_card_arrival }}先看" in saved(page_desk)
    # Writing goes on where it was.
    page.keyboard.type("呀")
    expect(text_of(page)).to_have_value(re.compile(r"^等 \{\{ transfer_card_arrival \}\}呀先看"))
    page.keyboard.press("Backspace")
    expect(page.get_by_test_id("save")).to_be_disabled()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("article-row").first).to_be_visible()


def test_a_supervisor_reads_and_an_agent_is_told_where_to_go(page_desk: PageDesk, workshop: OpenWorkshop) -> None:
    """A supervisor would type into fields that cannot be saved; an agent would see an empty page."""
    page = workshop(f"article/{_ARTICLE}", login="supervisor")
    expect(text_of(page)).to_have_attribute("readonly", "")
    expect(page.get_by_test_id("save")).to_have_count(0)
    page.get_by_test_id("to-board").click()
    expect(page).to_have_url(re.compile("/console/board$"))
    page.get_by_test_id("to-workshop").click()
    expect(page.get_by_test_id("workshop")).to_be_visible()
    agent = workshop(login="agent")
    expect(agent.get_by_test_id("other-role")).to_contain_text("客服")
    agent.get_by_test_id("to-console").click()
    expect(agent).to_have_url(re.compile("/console$"))


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_views_are_accessible_and_fit_a_phone(page_desk: PageDesk, workshop: OpenWorkshop, locale: str) -> None:
    """Somebody with a screen reader or a small screen could not work; half of a view would be in the other language."""
    page = workshop(width=360, height=740)
    if locale == "en":
        page.get_by_test_id("switch-language").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
    for address, ready in (
        ("home", "home-tasks"),
        ("articles", "article-row"),
        (f"article/{_ARTICLE}", "article-title"),
        ("facts/service_phone", "fact-zh"),
        ("texts/canned/greeting", "text-zh"),
    ):
        page.evaluate("address => { location.hash = address; }", f"#{address}")
        expect(page.get_by_test_id(ready).locator("visible=true").first).to_be_visible()
        assert grave_findings(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
        if locale == "en":
            heads = page.locator(".view-head, nav, .bar-top, .form-field > label").locator("visible=true").all_inner_texts()
            found = re.findall(r"[\u4e00-\u9fff]+", " ".join(heads).replace("编辑小吴", ""))
            titles = page.get_by_test_id("article-heading").all_inner_texts()
            assert [words for words in found if words != "中文" and words not in "".join(titles)] == [], address
