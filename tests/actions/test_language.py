"""The bot answers in the language of the message, and hands over a message in a language that it does not write."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest

from actions.decide import decide
from actions.decision import Message, Part
from actions.triage import message_from_parse, triage
from content.bundle import Content
from content.compiler import load_content
from content.sources import ContentError
from content.triage_policy import Policy
from contract.turn import Context
from language.normalization import normalize

TODAY = dt.date(2026, 11, 30)
DATA = Path(__file__).parents[2] / "data"
LIMITS = {"risk": 0.45, "out_of_scope": 0.3, "harmless": 0.6, "understood": 0.4}


@pytest.fixture(scope="module")
def content() -> Content:
    """The editors' files."""
    return load_content(DATA)


def turn(
    content: Content, said: str, intent: str = "fees", probability: float = 0.9, choice: Optional[str] = None, **context: Any
) -> Tuple[List[Dict[str, Any]], Dict[str, Any]]:
    """Messages and decision for what was said; the parse is as Rasa gives it, with the text normalised."""
    ranking = [{"name": intent, "confidence": probability}, {"name": "invoice", "confidence": (1 - probability) / 2}]
    parse = {"text": normalize(said), "intent_ranking": ranking, "entities": [], "thresholds": LIMITS}
    folded = Context(**context)
    message = message_from_parse(parse, choice, said=said, before=folded.locale)
    return triage(message, folded, content, "model", TODAY)


@pytest.mark.parametrize(
    ("said", "before", "language", "words"),
    [
        ("手续费怎么收", "en", "zh-Hans", "手续费"),
        ("手續費怎麼收", "zh", "zh-Hant", "儲值"),
        ("how much is the fee", "zh", "en", "fee"),
        ("shouxufei zenme shou de", "en", "zh-Hans", "手续费"),
        ("withdraw 的手续费是多少", "en", "zh-Hans", "手续费"),
        ("what is the fee for 提现", "zh", "en", "fee"),
        ("fee?", "zh", "en", "fee"),
        ("???", "en", "en", "fee"),
        ("vip?", "zh-Hant", "zh-Hant", "儲值"),
        ("vip?", "zh", "zh-Hans", "充值"),
    ],
)
def test_the_answer_is_in_the_language_of_the_message(
    content: Content, said: str, before: str, language: str, words: str
) -> None:
    """A customer would read an article in the language of the page and not in theirs."""
    context = {"locale": before}
    if not any(character.isalpha() for character in said):  # "???" is no topic of its own: the article once more
        context |= {"asked": "solved", "topic": "fees", "last_route": "answer"}
    messages, decision = turn(content, said, **context)
    assert decision["language"] == language
    if decision["article"]:
        assert words in messages[0]["text"]


def test_buttons_titles_and_short_replies_are_traditional_too(content: Content) -> None:
    """Half of what a customer of Taiwan reads would be simplified."""
    (answer,), decision = turn(content, "手續費怎麼收")
    labels = {button["choice"]: button["label"] for button in answer["buttons"]}
    assert labels["solved"] == "解決了"
    source = content.articles.find("fees", "zh", TODAY)
    assert source is not None
    assert answer["article"]["title"] == content.traditional.convert(source.header.title)
    assert decision["article"]["revision"] == source.revision
    (question,), _ = turn(content, "那個東西", "fees", 0.3)
    assert "您想問的是下面哪一項" in question["text"]
    (question,), _ = turn(content, "那個東西", "password_reset", 0.3)
    assert "忘記/修改密碼" in [button["label"] for button in question["buttons"]]


@pytest.mark.parametrize(("locale", "language", "label"), [("en", "en", "Solved"), ("zh-Hant", "zh-Hant", "解決了")])
def test_a_button_keeps_the_language(content: Content, locale: str, language: str, label: str) -> None:
    """The words of a button are the page's, not the customer's."""
    messages, decision = turn(content, "手续费", choice="topic:fees", locale=locale)
    assert decision["language"] == language
    assert label in [button["label"] for button in messages[-1]["buttons"]]


@pytest.mark.parametrize(
    ("said", "before"), [("手续费怎么收", "en"), ("how much is the fee", "zh"), ("деньги не пришли", "zh")]
)
def test_words_that_the_page_suggested_do_not_tell_the_language(said: str, before: str) -> None:
    """A customer who presses a suggestion of the page would get an answer in the page's language."""
    parse = {"text": said, "intent_ranking": [], "entities": []}
    assert message_from_parse(parse, said=said, before=before, is_suggested=True).language is None
    assert message_from_parse(parse, said=said, before=before).language is not None


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("アカウントにログインできません", None),
        ("계좌이체가 아직 안 됐어요", "solved"),
        ("tôi không nhận được mã xác minh", None),
        ("no me llega el código de verificación", "solved"),
        ("деньги не пришли", "offer_person"),
        ("मेरा पैसा अभी तक नहीं आया है", None),
    ],
)
@pytest.mark.parametrize("intent", ["fees", "out_of_scope", "affirm"])
def test_a_language_that_nobody_writes_fetches_a_person(content: Content, said: str, asked: Optional[str], intent: str) -> None:
    """The customer would get a guessed article, be refused as gibberish, or be taken for content."""
    messages, decision = turn(content, said, intent, 0.95, asked=asked, topic="fees" if asked else None)
    found = decision["route"], decision["rule"], decision["reason"], decision["priority"], decision["language"]
    assert found == ("escalate", "language", "unresolved", "normal", "other")
    assert messages == []
    assert json.dumps(decision)


@pytest.mark.parametrize(
    ("probability", "reason", "priority"),
    [(0.9, "security", "urgent"), (0.5, "security", "urgent"), (0.4, "unresolved", "normal")],
)
def test_what_the_model_sees_as_risky_keeps_its_reason(policy: Policy, probability: float, reason: str, priority: str) -> None:
    """A theft told in Spanish would wait behind ordinary cases."""
    ranking = [("account_stolen", probability), ("fees", 1 - probability)]
    decision = decide(Message("me robaron la cuenta", ranking, thresholds=LIMITS, language="es"), Context(), policy)
    assert (decision.route, decision.rule, decision.reason, decision.priority) == ("escalate", "language", reason, priority)


@pytest.mark.parametrize(
    ("risk", "rejected", "reason", "priority"),
    [
        (0.20, 0.70, "security", "urgent"),
        (0.50, 0.0, "security", "urgent"),
        (0.10, 0.70, "unresolved", "normal"),
        (0.0, 1.0, "unresolved", "normal"),
    ],
)
@pytest.mark.parametrize("part", [False, True])
def test_what_is_alien_about_a_foreign_sentence_hides_no_emergency(
    policy: Policy, risk: float, rejected: float, reason: str, priority: str, part: bool
) -> None:
    """A scam told in Vietnamese would wait as an ordinary case, because the model finds the language itself out of scope."""
    ranking = [("account_stolen", risk), ("out_of_scope", rejected), ("fees", 1 - risk - rejected)]
    calm = [("fees", 0.3), ("out_of_scope", 0.7)]
    said = "tôi bị lừa chuyển tiền"
    message = Message(said, ranking, thresholds=LIMITS, language="vi")
    if part:
        message = replace(message, sentences=[Part("Xin chào", calm), Part(said, ranking)])
    decision = decide(message, Context(), policy)
    assert (decision.rule, decision.reason, decision.priority) == ("language", reason, priority)


@pytest.mark.parametrize("said", ["转人工, não consigo entrar na minha conta", "我的账号被盗了"])
def test_words_of_the_floor_come_first(policy: Policy, said: str) -> None:
    """An explicitly stated incident would lose its reason because of the language."""
    decision = decide(Message(said, [("fees", 0.9)], thresholds=LIMITS, language="pt"), Context(), policy)
    assert decision.rule.startswith("floor.")


@pytest.mark.parametrize("said", ["hola", "(´・ω・`)", "TXN20261130ABC", "asdf qwer zxcv", "👍", "12345", "La Roche Posay"])
def test_short_words_and_codes_fetch_nobody_for_their_language(content: Content, said: str) -> None:
    """People would be busy with greetings and order numbers."""
    _, decision = turn(content, said)
    assert decision["rule"] != "language"
    assert decision["language"] == "zh-Hans"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("words: {短信: 簡訊, 余额: 餘額}", "`余额` becomes `餘額` without this line"),
        ("words: [短信]", "expected `words:`"),
        ("words: {短信: 5}", "`短信`: write a simplified word"),
        ("{}", "expected `words:`"),
    ],
)
def test_a_mistake_in_the_traditional_words_is_named(tmp_path: Path, text: str, problem: str) -> None:
    """An editor's slip would stop the bot, or a line without effect stay for ever."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("nlu"))
    (folder / "traditional.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=problem):
        load_content(folder)


def test_articles_keep_numbers_addresses_and_facts(content: Content) -> None:
    """A converted amount or phone number would be a wrong answer."""
    for article in content.articles.all:
        if article.header.locale == "zh":
            converted = content.traditional.convert(article.text)
            ascii_only = "".join(character for character in article.text if character.isascii() and not character.isspace())
            # "SIM" and "QR" are what traditional texts say for 手机卡 and 二维码.
            kept = converted.replace("SIM 卡", "").replace("QR 碼", "")
            assert "".join(character for character in kept if character.isascii() and not character.isspace()) == ascii_only
            assert content.traditional.convert(converted) == converted, "converted twice it would change again"
