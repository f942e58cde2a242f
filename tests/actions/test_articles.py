"""Articles: what a customer reads is what the editors wrote, today, with today's facts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Callable

import pytest

from content.articles import Article, Articles, load_articles
from content.facts import load_facts
from content.sources import ContentError
from content.templates import fill_checked

TODAY = dt.date(2026, 6, 1)
FEES = "articles/fees.zh.md"


def load(data: Path) -> Articles:
    return load_articles(data / "articles", load_facts(data / "facts.yml"))


def article(data: Path, article_id: str, locale: str = "zh") -> Article:
    return next(a for a in load(data).all if (a.header.id, a.header.locale) == (article_id, locale))


def set_dates(data: Path, since: str, until: str) -> None:
    """Give the Chinese and the English fees article new dates."""
    for locale in ("zh", "en"):
        path = data / f"articles/fees.{locale}.md"
        lines = path.read_text(encoding="utf-8").splitlines()
        dated = [f"valid_from: {since}" if line.startswith("valid_from") else line for line in lines]
        dated = [f"valid_until: {until}" if line.startswith("valid_until") else line for line in dated]
        path.write_text("\n".join(dated) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("day", "served"),
    [
        (dt.date(2026, 1, 31), False),
        (dt.date(2026, 2, 1), True),
        (dt.date(2026, 2, 14), True),
        (dt.date(2026, 2, 28), True),
        (dt.date(2026, 3, 1), False),
    ],
)
def test_an_article_is_served_from_its_first_day_to_its_last(data: Path, day: dt.date, served: bool) -> None:
    """A customer would read conditions of next month, or of last year."""
    set_dates(data, "2026-02-01", "2026-02-28")
    for locale in ("zh", "en"):
        assert (load(data).find("fees", locale, day) is not None) is served


def test_chinese_stands_in_for_a_language_without_a_valid_article(data: Path, edit: Callable[[str, str, str], Path]) -> None:
    """A customer would get nothing, though there is an article in the other language."""
    (data / "articles/fees.en.md").unlink()
    found = load(data).find("fees", "en", TODAY)
    assert found is not None
    assert found.header.locale == "zh"
    assert load(data).find("fees", "fr", TODAY) == found
    assert load(data).find("nothing", "zh", TODAY) is None


def test_each_language_gets_its_own_article(data: Path) -> None:
    """An English customer would read Chinese."""
    found = load(data).find("fees", "en", TODAY)
    assert found is not None
    assert found.header.locale == "en"


def test_a_changed_fact_changes_the_text_and_the_revision(data: Path, edit: Callable[[str, str, str], Path]) -> None:
    """Two texts would have one revision, and nobody could say what a customer was told."""
    before, other = article(data, "payment_limit"), article(data, "invoice")
    edit("facts.yml", 'card_payment_single: "50,000"', 'card_payment_single: "66,666"')
    after = article(data, "payment_limit")
    assert "66,666" in after.text
    assert after.revision != before.revision
    assert article(data, "invoice") == other
    assert article(data, "payment_limit") == after


def test_no_template_is_left_in_any_article(data: Path) -> None:
    """A customer would read curly brackets instead of a number."""
    articles = load(data)
    assert len(articles.all) == 2 * len(articles.ids())
    for each in articles.all:
        assert not {"{{", "}}", "{%"} & {each.text[i : i + 2] for i in range(len(each.text))}, each.header.id


MISTAKES = [
    # file, in it, instead, words of the error
    (FEES, "id: fees", "id: fees\ncolour: red", r"fees\.zh\.md:3: front matter colour: extra fields"),
    (FEES, "owner: ", "owners: ", r"fees\.zh\.md:1: front matter owner: field required"),
    (FEES, "locale: zh", "locale: fr", r"locale must be one of zh, en"),
    (FEES, "intents: [fees]", "intents: []", r"name at least one intent"),
    (FEES, "valid_from: ", "valid_from: soon # ", r"front matter valid_from: invalid date"),
    (FEES, "valid_until: ", "valid_until: 1999-01-01 # ", r"valid_until is before valid_from"),
    (FEES, "id: fees", "id: [fees", r"fees\.zh\.md:\d+: not YAML"),
    (FEES, "id: fees", "id: invoice", r"article invoice \(zh\) is already in fees\.zh\.md|already in invoice\.zh\.md"),
    (
        FEES,
        "label: 这笔钱我不认可",
        "label: 这笔钱我不认可也没有同意过",
        r"fees\.zh\.md:10: .*has 13 characters, 12 are allowed",
    ),
    (
        "articles/fees.en.md",
        "label: It wasn't me",
        "label: It wasn't me and nobody in my family",
        r"fees\.en\.md:11: .*has 36 characters, 32 are",
    ),
    (FEES, "label: 这笔钱我不认可", "label: ' '", r"fees\.zh\.md:10: .*the door to `bill_dispute` needs a label"),
    (FEES, "label: 这笔钱我不认可", 'label: "这笔钱\\n我不认可"', r"fees\.zh\.md:10: .*needs a label of one line"),
    (FEES, "label: 这笔钱我不认可", "label: '{{ police_phone }}'", r"fees\.zh\.md:10: .*facts are not filled in on buttons"),
    (FEES, "label: 这笔钱我不认可", "words: 这笔钱我不认可", r"fees\.zh\.md:10: front matter doors.0.label: field required"),
    (FEES, "intent: unauthorized_transaction", "intent: bill_dispute", r"fees\.zh\.md:9: .*`bill_dispute` stands twice"),
    (FEES, "label: 不是我操作的", "label: 这笔钱我不认可", r"fees\.zh\.md:9: .*`这笔钱我不认可` stands twice"),
    (FEES, "doors:\n", "doors:\n- {intent: complaint, label: 我要投诉}\n", r"fees\.zh\.md:9: .*3 doors, 2 are allowed"),
    (
        "facts.yml",
        "withdraw_fee_rate: ",
        "withdraw_fee_rat: ",
        r"'withdraw_fee_rate' is undefined; facts are in data/facts.yml",
    ),
    ("facts.yml", 'police_phone: "110"', "police_phone: {zh: '110'}", r"`police_phone` needs a value for each of zh, en"),
    ("facts.yml", 'police_phone: "110"', "police_phone: [1, 2]", r"`police_phone` must be a number, a text"),
    ("facts.yml", 'police_phone: "110"', "police_phone:", r"`police_phone` must be a number, a text"),
    ("facts.yml", 'police_phone: "110"', "police_phone: 1\npolice_phone: 2", r"facts\.yml:\d+: not YAML"),
]


@pytest.mark.parametrize(("name", "old", "new", "words"), MISTAKES)
def test_a_mistake_is_named_with_its_file(
    data: Path, edit: Callable[[str, str, str], Path], name: str, old: str, new: str, words: str
) -> None:
    """An editor would have to search for the mistake, or a customer would find it."""
    edit(name, old, new)
    with pytest.raises(ContentError, match=words):
        load(data)


def test_a_wrong_fact_is_named_with_its_line(edit: Callable[[str, str, str], Path]) -> None:
    """The editor would be sent to the wrong line."""
    path = edit("facts.yml", 'police_phone: "110"', "police_phone: [1]")
    with pytest.raises(ContentError) as caught:
        load_facts(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert caught.value.line == 1 + lines.index("police_phone: [1]")


@pytest.mark.parametrize("broken", ["{{ no_such_fact }}", "{{ withdraw_free_total }", "{{ 1 / 0 }}", "{% if %}"])
def test_a_broken_template_is_named_with_its_line(data: Path, broken: str) -> None:
    """The editor would be sent to a line that does not hold the mistake."""
    path = data / FEES
    lines = [*path.read_text(encoding="utf-8").splitlines(), "最后：", broken, "完"]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load(data)
    assert (caught.value.path, caught.value.line) == (path, 1 + lines.index(broken))


def test_another_label_on_a_door_is_another_revision(data: Path, edit: Callable[[str, str, str], Path]) -> None:
    """The log could not say which words the customer pressed."""
    before = article(data, "fees")
    edit(FEES, "label: 不是我操作的", "label: 不是我点的")
    assert article(data, "fees").revision != before.revision


def test_an_article_without_text_is_refused(data: Path) -> None:
    """The customer would get an empty answer."""
    path = data / FEES
    head = path.read_text(encoding="utf-8").split("\n---\n", 1)[0]
    path.write_text(f"{head}\n---\n\n", encoding="utf-8")
    with pytest.raises(ContentError, match="the article has no text"):
        load(data)


@pytest.mark.parametrize("text", ["no front matter at all", "---\nid: x\n", "---\n- a\n---\ntext"])
def test_a_file_that_is_no_article_is_refused(data: Path, text: str) -> None:
    """A stray file would crash with a message for programmers."""
    path = data / "articles/stray.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=r"stray\.md"):
        load(data)


def test_a_file_that_is_not_utf8_is_refused(data: Path) -> None:
    """An article saved as GBK would crash with a message for programmers, or be served as rubbish."""
    path = data / FEES
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    with pytest.raises(ContentError, match=r"fees\.zh\.md"):
        load(data)


@pytest.mark.parametrize("template", ["{{ ''.__class__.__mro__ }}", "{{ missing }}", "{% for x in %}", "{{ 1/0 }}"])
def test_a_template_can_only_show_facts(template: str) -> None:
    """An editor's text could run code in the bot, or crash it."""
    with pytest.raises(ContentError):
        fill_checked(template, {}, Path("x.md"))
