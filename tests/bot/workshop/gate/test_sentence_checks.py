"""Harm to the sentences and articles of a data folder is refused; the work of editors on them is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any, List

import msgspec
import pytest

from bot.learning.content_check import Placed
from bot.workshop.gate.article_checks import article_refusals, article_warnings
from bot.workshop.gate.edition import Edition
from bot.workshop.gate.files import file_refusals
from bot.workshop.gate.gate import ROOT
from bot.workshop.gate.sentence_checks import sentence_refusals
from tests.bot.workshop.gate.conftest import with_bundle

TODAY = dt.date(2026, 11, 30)


def _relabelled(live: Edition, intent: str, to: str, count: int) -> Edition:
    left = count
    training: List[Placed] = []
    for one in live.training:
        if one.intent == intent and left > 0:
            training.append(replace(one, intent=to))
            left -= 1
        else:
            training.append(one)
    return replace(live, training=training)


def _added(live: Edition, intent: str, text: str) -> Edition:
    return replace(live, training=[*live.training, Placed(text, intent, live.training[0].path, 1)])


def _removed(live: Edition, intent: str, count: int) -> Edition:
    chosen = {id(one) for one in [one for one in live.training if one.intent == intent][:count]}
    return replace(live, training=[one for one in live.training if id(one) not in chosen])


@pytest.mark.parametrize(
    ("intent", "to", "count", "kinds"),
    [
        ("account_stolen", "login_failed", 1, ["emergency_relabelled"]),
        ("scam_in_progress", "scam_report", 1, ["emergency_relabelled"]),
        ("unauthorized_transaction", "bill_dispute", 1, ["emergency_relabelled"]),
        ("bill_dispute", "unauthorized_transaction", 3, []),
        ("payment_method", "payment_howto", 3, []),
        ("payment_method", "payment_howto", 60, ["sentences_moved"]),
        ("fees", "bill_dispute", 3, []),
    ],
)
def test_labels_may_only_become_graver(live: Edition, intent: str, to: str, count: int, kinds: List[str]) -> None:
    """Emergencies would be learnt as questions."""
    found = list(sentence_refusals(live, _relabelled(live, intent, to, count)))
    assert [refusal.kind for refusal in found] == kinds
    assert all(len(refusal.sentences) == count for refusal in found)


@pytest.mark.parametrize(
    ("intent", "count", "kinds"),
    [("wrong_transfer", 150, ["emergencies_removed"]), ("wrong_transfer", 4, []), ("fees", 40, [])],
)
def test_emergencies_may_not_go_in_numbers(live: Edition, intent: str, count: int, kinds: List[str]) -> None:
    """The bot would forget a kind of emergency."""
    assert [refusal.kind for refusal in sentence_refusals(live, _removed(live, intent, count))] == kinds


def test_a_sentence_in_two_intents_is_refused_also_with_other_marks(live: Edition) -> None:
    """The model would learn two labels for one sentence."""
    text = next(one.text for one in live.training if one.intent == "unbind_card")
    kinds = {refusal.kind for refusal in file_refusals(live, _added(live, "bind_card_howto", f"{text}！！"), ROOT)}
    assert kinds == {"example_in_two_intents"}


@pytest.mark.parametrize("form", ["{}", "{}？？", "请问{}呢", "{}，谢谢"])
def test_a_test_sentence_in_training_is_refused_in_any_form(live: Edition, form: str) -> None:
    """The test sets would measure the model's memory."""
    text = "未满十八周岁的学生可以自己开通钱包账户吗？"
    found = {refusal.kind: refusal for refusal in file_refusals(live, _added(live, "register_howto", form.format(text)), ROOT)}
    assert found["test_sentence_in_training"].sentences == (text,)


def test_a_new_sentence_is_no_fault(live: Edition) -> None:
    """Editors could not teach the bot anything."""
    draft = _added(live, "register_howto", "公司名义能不能开一个钱包账户")
    assert [refusal.kind for refusal in file_refusals(live, draft, ROOT)] == []
    assert list(sentence_refusals(live, draft)) == []


# --- articles --------------------------------------------------------------------------------------------------------------
def _with_header(live: Edition, name: str, **changed: Any) -> Edition:
    articles = tuple(
        msgspec.structs.replace(article, header=msgspec.structs.replace(article.header, **changed))
        if article.header.id == name and article.header.locale == "zh"
        else article
        for article in live.bundle.articles
    )
    return with_bundle(live, articles=articles)


def _without(live: Edition, name: str, locale: str) -> Edition:
    kept = (each for each in live.bundle.articles if (each.header.id, each.header.locale) != (name, locale))
    return with_bundle(live, articles=tuple(kept))


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("article_not_valid_today", {"valid_until": TODAY - dt.timedelta(days=1)}),
        ("article_not_valid_today", {"valid_from": TODAY + dt.timedelta(days=1)}),
        ("article_not_valid_today", {"valid_until": TODAY + dt.timedelta(days=1)}),
        ("article_without_dates", {"valid_until": None}),
        ("article_without_owner", {"owner": " "}),
        ("article_without_title", {"title": " "}),
        ("door_removed", {"doors": ()}),
    ],
)
def test_a_head_that_harms_is_refused(live: Edition, kind: str, changed: Any) -> None:
    """Questions would queue, or a victim would not find the door to a person."""
    assert [refusal.kind for refusal in article_refusals(live, _with_header(live, "fees", **changed), TODAY)] == [kind]


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_an_article_that_is_gone_in_one_language_is_refused(live: Edition, locale: str) -> None:
    """Customers of one language would get another language, or wait for a person."""
    kinds = [refusal.kind for refusal in article_refusals(live, _without(live, "fees", locale), TODAY)]
    assert kinds == ["article_language_removed"]


def test_an_emptied_or_foreign_text_is_refused(live: Edition) -> None:
    """Customers would get an answer without content, or one that they cannot read."""
    english = next(each.text for each in live.bundle.articles if (each.header.id, each.header.locale) == ("fees", "en"))

    def with_text(text: str) -> Edition:
        articles = tuple(
            msgspec.structs.replace(each, text=text) if (each.header.id, each.header.locale) == ("fees", "zh") else each
            for each in live.bundle.articles
        )
        return with_bundle(live, articles=articles)

    assert [refusal.kind for refusal in article_refusals(live, with_text("待补充。"), TODAY)] == ["article_emptied"]
    assert [refusal.kind for refusal in article_refusals(live, with_text(english), TODAY)] == ["article_in_another_language"]


def test_an_article_that_ends_within_a_month_is_a_warning(live: Edition) -> None:
    """Nobody would be told before the questions queue."""
    draft = _with_header(live, "fees", valid_until=TODAY + dt.timedelta(days=20))
    assert list(article_refusals(live, draft, TODAY)) == []
    assert [warning.kind for warning in article_warnings(draft, TODAY)] == ["article_expires_soon"]
    assert list(article_warnings(live, TODAY)) == []


def test_the_tests_of_the_project_are_found_from_the_package() -> None:
    """A draft elsewhere would be judged without the test sets."""
    assert (ROOT / "tests/evaluation").is_dir()
    assert ROOT.samefile(Path())
