"""Content as one: the files agree with each other, and what is published changes in one step."""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Callable, Dict, List

import msgspec
import pytest

from actions.decide import decide
from actions.decision import Message, Part
from actions.reply import compose
from actions.triage import triage
from content.bundle import FORMAT, Bundle, Content
from content.compiler import compile_content, load_content
from content.published import POINTER, PublishedContent, write_bundle
from content.sources import ContentError, decode_custom
from contract.turn import Closed, Context
from language.normalization import normalize

TODAY = dt.date(2026, 6, 1)


def test_the_content_of_the_project_is_sound(data: Path) -> None:
    """What is published today would be refused."""
    content = load_content(data)
    assert set(content.replies) == {"zh", "en"}
    assert "{{" not in json.dumps([msgspec.structs.asdict(words) for words in content.replies.values()])


MISTAKES = [
    # file, in it, instead, words of the error
    ("triage.yml", "article: fees,", "article: feees,", "`fees` answers with article `feees`"),
    ("articles/fees.zh.md", "intents: [fees]", "intents: [feees]", r"fees\.zh\.md:1: names intent `feees`"),
    ("articles/fees.zh.md", "intents: [fees]", "intents: [fees, greet]", r"fees\.zh\.md:1: names intent `greet`"),
    ("articles/fees.zh.md", "intents: [fees]", "intents: [invoice]", r"fees\.zh\.md:1: names intent `invoice`"),
    (
        "articles/fees.zh.md",
        "intent: bill_dispute",
        "intent: bill_disputes",
        r"fees\.zh\.md:10: .*`bill_disputes` is not in triage",
    ),
    (
        "articles/fees.en.md",
        "intent: unauthorized_transaction",
        "intent: invoice",
        r"fees\.en\.md:11: .*`invoice` has another route",
    ),
    (
        "articles/fees.en.md",
        "intent: bill_dispute",
        "intent: complaint",
        r"fees\.en\.md:9: the door to `bill_dispute` is missing",
    ),
    (
        "articles/invoice.en.md",
        "owner: ",
        "doors: [{intent: complaint, label: No}]\nowner: ",
        r"invoice\.zh\.md:1: doors \[\] differ",
    ),
    (
        "triage.yml",
        "  refund_status: [merchant_dispute]",
        "  refunds: [merchant_dispute]",
        r"triage\.yml:\d+: .* no article `refunds`",
    ),
    ("replies.yml", "\nen:\n", "\nfr:\n", r"replies\.yml: no texts for `en`"),
    ("replies.yml", "  solved: ", "  solvd: ", r"replies\.yml:\d+: zh\.solved: field required"),
    ("replies.yml", "    thanks: ", "    thank: ", r"replies\.yml:\d+: zh\.chat has no words for `thanks`"),
    ("replies.yml", "  solved: ", "  solved: '{{ no_such_fact }}' # ", "'no_such_fact' is undefined"),
]


@pytest.mark.parametrize(("name", "old", "new", "words"), MISTAKES)
def test_files_that_disagree_are_refused(
    data: Path, edit: Callable[[str, str, str], Path], name: str, old: str, new: str, words: str
) -> None:
    """An intent without an article, or a reply without words, would be found by a customer."""
    edit(name, old, new)
    with pytest.raises(ContentError, match=words):
        load_content(data)


@pytest.mark.parametrize("text", ["", "[]", "zh: 1", "just words"])
def test_replies_of_another_shape_are_refused(data: Path, text: str) -> None:
    """An empty or mistaken file would crash with a message for programmers."""
    (data / "replies.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=r"replies\.yml"):
        load_content(data)


@pytest.mark.parametrize(
    "name", ["triage.yml", "short_replies.yml", "facts.yml", "replies.yml", "desk.yml", "languages.yml", "canned_replies.yml"]
)
def test_a_missing_file_is_named(data: Path, name: str) -> None:
    """A lost file would be found when a customer needs it."""
    (data / name).unlink()
    with pytest.raises(ContentError, match=f"{name}: the file is missing"):
        load_content(data)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("triage.yml", "threshold_cny: 50000", "threshold_cny: 60000"),
        ("facts.yml", 'police_phone: "110"', 'police_phone: "111"'),
        ("replies.yml", "太好了", "太棒了"),
        ("short_replies.yml", "搞掂", "搞惦"),
        ("articles/fees.zh.md", "owner: ", "owner: other-"),
        ("desk.yml", "capacity: 5 ", "capacity: 6 "),
        ("languages.yml", "en: Japanese", "en: Nihongo"),
        ("canned_replies.yml", "shortcut: hi", "shortcut: ho"),
    ],
)
def test_every_file_counts_for_the_revision(
    data: Path, edit: Callable[[str, str, str], Path], name: str, old: str, new: str
) -> None:
    """Two different contents would have one revision."""
    before = load_content(data).revision
    assert load_content(data).revision == before
    edit(name, old, new)
    assert load_content(data).revision != before


# --- what is published ----------------------------------------------------------------------------------------------


def publish(data: Path, models: Path, model: str, stamp: int) -> None:
    """Publish as `bot.serving.publishing` does; `stamp` is the pointer's time, which a quick test must set itself."""
    write_bundle(compile_content(data), model, models)
    os.utime(models / POINTER, ns=(stamp, stamp))


def replace_bundle(models: Path, data: bytes) -> None:
    """Put other bytes in the place of the published bundle, as if published again."""
    pointer = json.loads((models / POINTER).read_text(encoding="utf-8"))
    (models / pointer["content"]).write_bytes(data)
    os.utime(models / POINTER, ns=(7, 7))


def test_the_pointer_switches_the_content(data: Path, tmp_path: Path, edit: Callable[[str, str, str], Path]) -> None:
    """`make publish` would need a restart, or half of the old content would be served with half of the new."""
    models = tmp_path / "models"
    published = PublishedContent(models, Content)

    def text() -> str:
        found = published.content().articles.find("payment_limit", "zh", TODAY)
        assert found is not None
        return found.text

    publish(data, models, "wallet-1", 1)
    assert "77,777" not in text()
    assert published.current()[1] == "wallet-1"
    first = published.content()
    assert published.content() is first
    edit("facts.yml", 'card_payment_single: "50,000"', 'card_payment_single: "77,777"')
    publish(data, models, "wallet-2", 2)
    assert "77,777" in text()
    assert published.current()[1] == "wallet-2"
    edit("facts.yml", 'card_payment_single: "77,777"', 'card_payment_single: "50,000"')
    publish(data, models, "wallet-1", 3)
    assert "77,777" not in text()
    assert published.content().revision == first.revision


def test_a_bundle_holds_all_that_was_compiled(data: Path, tmp_path: Path) -> None:
    """An article, a pattern or a text would be lost between `data/` and the customer."""
    bundle = compile_content(data)
    again = msgspec.json.decode(bundle.encoded(), type=Bundle, dec_hook=decode_custom)
    assert again.encoded() == bundle.encoded()
    assert [each.header.id for each in again.articles] == [each.header.id for each in load_content(data).articles.all]
    assert again.policy.floor == bundle.policy.floor
    assert compile_content(data).encoded() == bundle.encoded(), "the same files would give another bundle"


def test_nothing_published_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """The first start would fail without saying why."""
    with pytest.raises(ContentError, match=r"nothing is published yet: run `make publish`"):
        PublishedContent(tmp_path, Content).current()


UNREADABLE = [
    (b'{"format": 0, "revision": "1"}', "published by an older version"),
    (b'{"format": 99, "revision": "1"}', "published by a newer version"),
    (b'{"revision": "1"}', "not a published bundle"),
    (b'{"format": %d, "revision": "1"}' % FORMAT, "not a published bundle"),
    (b"{", "not a published bundle"),
    (b"\xff", "not a published bundle"),
]


@pytest.mark.parametrize(("stored", "words"), UNREADABLE)
def test_a_bundle_of_another_version_is_refused_with_the_remedy(data: Path, tmp_path: Path, stored: bytes, words: str) -> None:
    """A field that this version does not know, or that is missing, would change answers without a word."""
    models = tmp_path / "models"
    publish(data, models, "wallet-1", 1)
    replace_bundle(models, stored)
    with pytest.raises(ContentError, match=f"{words}.*: run `make publish`"):
        PublishedContent(models, Content).current()


def test_a_folder_of_an_older_version_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """After an update the bot would look for a bundle in the files that the version before it copied."""
    (tmp_path / POINTER).write_text('{"model": "wallet-1", "content": "content/abc", "revision": "abc"}', encoding="utf-8")
    with pytest.raises(ContentError, match="published by an older version: run `make publish`"):
        PublishedContent(tmp_path, Content).current()


def test_a_newer_bundle_that_cannot_be_read_leaves_the_content_before_it(data: Path, tmp_path: Path) -> None:
    """One damaged file would take every turn of a running bot with it."""
    models = tmp_path / "models"
    publish(data, models, "wallet-1", 1)
    refused: List[ContentError] = []
    published = PublishedContent(models, Content, refused.append)
    first = published.current()
    replace_bundle(models, b"{")
    assert published.current() == first
    assert published.current() == first
    assert [error.problem.split(" (")[0] for error in refused] == ["not a published bundle"], "once, not in each turn"
    (models / POINTER).unlink()
    assert published.current() == first


# --- what the customer reads ----------------------------------------------------------------------------------------


LIMITS = {"risk": 0.45, "out_of_scope": 0.3, "harmless": 0.6, "understood": 0.4}


#: The doors of the fees article, which stand after the answers to "did this solve it?".
DOORS = ["topic:bill_dispute", "topic:unauthorized_transaction"]

REPLIES = [
    # intent, probability, locale, part of the text, buttons, whether there is an article
    ("fees", 0.9, "zh", "手续费", ["solved", "unsolved", *DOORS], True),
    ("fees", 0.9, "en", "fee", ["solved", "unsolved", *DOORS], True),
    ("invoice", 0.9, "zh", "发票", ["solved", "unsolved"], True),
    (
        "suspicious_contact",
        0.9,
        "zh",
        "",
        ["solved", "unsolved", "human", "topic:scam_report", "topic:scam_in_progress"],
        True,
    ),
    (
        "merchant_not_received",
        0.9,
        "zh",
        "",
        ["solved", "unsolved", "human", "topic:merchant_dispute", "topic:duplicate_charge"],
        True,
    ),
    ("out_of_scope", 0.9, "zh", "帮不上忙", ["human"], False),
    ("out_of_scope", 0.9, "xx", "帮不上忙", ["human"], False),
    ("fees", 0.3, "en", "Which of these", ["topic:fees", "human"], False),
    ("unresolved", 0.9, "zh", "具体", ["human"], False),
    ("feedback", 0.9, "zh", "意见", [], False),
    ("greet", 0.9, "en", "Hello", [], False),
]


@pytest.mark.parametrize(("intent", "probability", "locale", "part", "buttons", "has_article"), REPLIES)
def test_each_decision_has_its_words_and_buttons(
    content: Content, intent: str, probability: float, locale: str, part: str, buttons: list[str], has_article: bool
) -> None:
    """The customer would get silence, the wrong language, or buttons that lead nowhere."""
    context = Context(locale=locale)
    decision = decide(Message("麻烦瞧一瞧", [(intent, probability)], thresholds=LIMITS), context, content.policy)
    (message,), decided = compose(decision, context, content, TODAY)
    assert message["text"]
    assert part.lower() in message["text"].lower()
    assert [button["choice"] for button in message.get("buttons", [])] == buttons
    assert all(button["label"] for button in message.get("buttons", []))
    assert ("article" in message) is (decided.article is not None) is has_article
    if decided.article:
        assert {name: message["article"][name] for name in ("id", "revision")} == decided.article


GUESSING = {**LIMITS, "understood": 0.7, "tentative": 0.5}
GUESS_REPLIES = [
    # ranking, locale, words of the last message, its buttons
    (
        {"fees": 0.6, "payment_limit": 0.2, "account_locked": 0.1},
        "zh",
        "不是这个？",
        ["topic:payment_limit", "topic:account_locked", "solved", "unsolved", "human"],
    ),
    ({"fees": 0.6, "payment_limit": 0.2}, "en", "Not this?", ["topic:payment_limit", "solved", "unsolved", "human"]),
    ({"fees": 0.6}, "en", "Not this?", ["solved", "unsolved", "human"]),
    # an alternative that is a door of the article is one button
    (
        {"fees": 0.6, "bill_dispute": 0.2, "payment_limit": 0.1},
        "zh",
        "不是这个？",
        ["topic:payment_limit", "solved", "unsolved", "human"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("ranking", "locale", "words", "buttons"), GUESS_REPLIES)
def test_a_guess_says_so_and_offers_alternatives(
    content: Content, ranking: Dict[str, float], locale: str, words: str, buttons: list[str]
) -> None:
    """A guess would look like a sure answer, and the customer could only say that it did not help."""
    context = Context(locale=locale)
    decision = decide(Message("麻烦瞧一瞧", list(ranking.items()), thresholds=GUESSING), context, content.policy)
    (article, question), decided = compose(decision, context, content, TODAY)
    assert article["article"]["id"] == "fees" == (decided.article or {})["id"]
    assert "buttons" not in article, "buttons belong to the last message"
    assert question["text"].startswith(words)
    plain = [button["choice"] for button in question["buttons"] if button.get("kind") != "door"]
    assert plain == buttons
    assert [f"topic:{topic}" for topic in decided.topics] == [choice for choice in buttons if choice.startswith("topic:")]
    assert len({button["choice"] for button in question["buttons"]}) == len(question["buttons"])


def test_not_this_asks_which_alternative_it_is(content: Content) -> None:
    """The customer would get the next guess, or no way to say what was meant."""
    guessed = Context(
        last_route="answer", asked="solved", topic="fees", not_understood=1, tentative=True, topics=("payment_limit", "invoice")
    )
    decision = decide(Message("不是这个", [("deny", 0.9)], thresholds=GUESSING), guessed, content.policy)
    (message,), _ = compose(decision, guessed, content, TODAY)
    assert message["text"] == content.replies["zh"].clarify
    assert [button["choice"] for button in message["buttons"]] == ["topic:payment_limit", "topic:invoice", "human"]


@pytest.mark.parametrize(("text", "status"), [("我被骗了", "with_bot"), ("转人工", "with_bot"), ("转人工", "queued")])
def test_an_escalation_leaves_the_words_to_the_desk(content: Content, text: str, status: str) -> None:
    """The bot would promise what only the desk knows: place and wait."""
    context = Context(status=status)
    assert compose(decide(Message(text), context, content.policy), context, content, TODAY)[0] == []


@pytest.mark.parametrize(("choice", "part"), [("solved", "太好了"), (None, "取消排队")])
def test_solved_and_never_mind_have_words_of_their_own(content: Content, choice: str | None, part: str) -> None:
    """A customer whose wait was called off would be thanked for something else."""
    context = Context(status="queued")
    decision = decide(Message("算了", choice=choice), context, content.policy)
    (message,), _ = compose(decision, context, content, TODAY)
    assert part in message["text"]


def test_an_answer_without_a_valid_article_is_never_made_up(content: Content) -> None:
    """An expired article would be served after all."""
    decision = decide(Message("麻烦瞧一瞧", [("fees", 0.9)], thresholds=LIMITS), Context(), content.policy)
    with pytest.raises(LookupError):
        compose(decision, Context(), content, dt.date(1999, 1, 1))


TOPICS = ("bind_card_failed", "unbind_card")
WORDS_FOR_REPLIES = [
    # context, text, locale, part of the words, buttons
    (
        Context(last_route="answer", asked="solved", topic="fees"),
        "等等",
        "zh",
        "慢慢来",
        ["solved", "unsolved", "human", *DOORS],
    ),
    (
        Context(last_route="answer", asked="solved", topic="fees"),
        "hold on",
        "en",
        "Take your time",
        ["solved", "unsolved", "human", *DOORS],
    ),
    (
        Context(last_route="answer", asked="solved", topic="fees"),
        "？",
        "zh",
        "请接着说",
        ["solved", "unsolved", "human", *DOORS],
    ),
    (
        Context(last_route="answer", asked="solved", topic="fees"),
        "解决了吗",
        "zh",
        "第几步",
        ["solved", "unsolved", "human", *DOORS],
    ),
    (Context(last_route="answer", asked="solved", topic="gone"), "怎么办", "zh", "第几步", ["solved", "unsolved", "human"]),
    (Context(last_route="answer", asked="solved", topic="fees"), "谢谢", "zh", "不客气", []),
    (Context(last_route="answer", asked="solved", topic="fees"), "nothing else", "en", "welcome", []),
    (
        Context(last_route="answer", asked="solved", topic="gone", tentative=True, topics=TOPICS, not_understood=1),
        "等等",
        "zh",
        "慢慢来",
        ["topic:bind_card_failed", "topic:unbind_card", "solved", "unsolved", "human"],
    ),
    (Context(asked="topic", topics=TOPICS), "等等", "zh", "", ["topic:bind_card_failed", "topic:unbind_card", "human"]),
    (Context(asked="topic", topics=("gone", *TOPICS)), "等等", "zh", "", ["human"]),
    (Context(asked="offer_person"), "嗯？", "zh", "", ["human"]),
    (Context(), "给", "zh", "请接着说", []),
    (Context(status="queued", priority="urgent"), "不等了", "zh", "确定不等", ["cancel_wait", "keep_waiting"]),
    (Context(status="queued", priority="high"), "i don't want to wait", "en", "Are you sure", ["cancel_wait", "keep_waiting"]),
    (Context(closed=Closed("agent")), "解决了吗", "zh", "", ["human"]),
    (
        Context(asked="solved", open_topics=TOPICS),
        "好了",
        "zh",
        "绑卡失败",
        ["topic:bind_card_failed", "topic:unbind_card", "solved"],
    ),
    (
        Context(asked="solved", open_topics=TOPICS),
        "solved",
        "en",
        "Adding a card",
        ["topic:bind_card_failed", "topic:unbind_card", "solved"],
    ),
]


@pytest.mark.parametrize(("context", "text", "locale", "part", "buttons"), WORDS_FOR_REPLIES)
def test_a_reply_that_leaves_the_question_open_keeps_its_buttons(
    content: Content, context: Context, text: str, locale: str, part: str, buttons: list[str]
) -> None:
    """After "wait a moment" the customer could no longer press "solved", or would read the wrong language."""
    context = replace(context, locale=locale)
    decision = decide(Message(normalize(text), [("affirm", 0.1)], thresholds=LIMITS), context, content.policy)
    (message,), _ = compose(decision, context, content, TODAY)
    assert part in message["text"]
    assert "{" not in message["text"]
    assert [button["choice"] for button in message.get("buttons", [])] == buttons


@pytest.mark.parametrize(("locale", "name"), [("zh", "发票"), ("en", "Invoices")])
def test_a_second_topic_is_named_with_its_button(content: Content, locale: str, name: str) -> None:
    """Buttons of a message that is not the last one are no longer offered: the second topic would be dead."""
    parts = [Part("一", [("fees", 0.9)]), Part("二", [("invoice", 0.9)])]
    context = Context(locale=locale)
    decision = decide(Message("麻烦瞧一瞧", [("fees", 0.9)], thresholds=LIMITS, parts=parts), context, content.policy)
    answer, also = compose(decision, context, content, TODAY)[0]
    assert answer["article"]["id"] == "fees"
    assert "buttons" not in answer
    assert name in also["text"]
    assert [button["choice"] for button in also["buttons"]] == ["topic:invoice", "solved", "unsolved", *DOORS]


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_doors_of_an_article_are_shown_and_told_in_the_decision(content: Content, locale: str) -> None:
    """Nobody could count the emergencies that stood before the right door, or the widget could not tell doors from answers."""
    for article in (each for each in content.articles.all if each.header.locale == locale):
        doors = [{"choice": f"topic:{door.intent}", "label": door.label, "kind": "door"} for door in article.header.doors]
        (message,), decided = compose(
            decide(
                Message("麻烦瞧一瞧", [(article.header.intents[0], 0.9)], thresholds=LIMITS),
                Context(locale=locale),
                content.policy,
            ),
            Context(locale=locale),
            content,
            TODAY,
        )
        assert [button for button in message["buttons"] if "kind" in button] == doors
        assert list(decided.as_json()["doors"]) == [door.intent for door in article.header.doors]


@pytest.mark.parametrize(
    ("text", "part"),
    [("第二步是什么意思", "第 2 步"), ("怎么办", "再发一遍"), ("等等", "慢慢来"), ("？", "请接着说"), ("解决了吗", "第几步")],
)
def test_doors_stay_as_long_as_the_answer_is_open(content: Content, text: str, part: str) -> None:
    """Asking about a step would take away the button that a robbed customer needs."""
    context = Context(last_route="answer", asked="solved", topic="fees", last_article="fees")
    (message,), decided = compose(
        decide(Message(normalize(text), [], thresholds=LIMITS), context, content.policy), context, content, TODAY
    )
    assert part in message["text"]
    assert [button["choice"] for button in message["buttons"]][-2:] == DOORS
    assert list(decided.doors) == ["bill_dispute", "unauthorized_transaction"]


@pytest.mark.parametrize(
    ("intent", "probability", "context"),
    [
        ("thanks", 0.9, Context(last_route="answer", asked="solved", topic="fees")),
        ("out_of_scope", 0.9, Context()),
        ("fees", 0.3, Context()),
        ("account_locked", 0.9, Context()),
    ],
)
def test_without_an_article_there_is_no_door(content: Content, intent: str, probability: float, context: Context) -> None:
    """The figures would count doors that nobody saw."""
    decision = decide(Message("麻烦瞧一瞧", [(intent, probability)], thresholds=LIMITS), context, content.policy)
    assert list(compose(decision, context, content, TODAY)[1].doors) == []


def test_an_alternative_that_is_a_door_is_one_button(content: Content) -> None:
    """The customer would read two buttons for one thing, and "the first one" would mean another than is shown."""
    decision = decide(Message("麻烦瞧一瞧", [("fees", 0.9)], thresholds=LIMITS), Context(), content.policy)
    decision = replace(decision, topics=("bill_dispute", "invoice"))
    (message,), decided = compose(decision, Context(), content, TODAY)
    choices = [button["choice"] for button in message["buttons"]]
    assert choices.count("topic:bill_dispute") == 1
    assert (tuple(decided.topics), tuple(decided.doors)) == (("invoice",), ("bill_dispute", "unauthorized_transaction"))


def test_every_article_has_steps_to_repeat(content: Content) -> None:
    """ "What does step two mean" would find no step two."""
    for article in content.articles.all:
        topic = content.policy.intents[article.header.intents[0]]
        context = Context(last_route="answer", asked="solved", topic=article.header.intents[0], locale=article.header.locale)
        decision = decide(Message("第二步", [], thresholds=LIMITS), context, content.policy)
        (message,), decided = compose(decision, context, content, TODAY)
        assert decided.step == 2, topic
        assert len(message["text"]) < len(article.text)


@pytest.mark.parametrize("ending", ["", "。", " ！"])
def test_a_doors_own_words_are_a_press_on_it(content: Content, ending: str) -> None:
    """A customer who types what stands on the door instead of pressing it would be asked what they mean, or get an article."""
    ranking = [("transfer_howto", 0.9)]
    for article in content.articles.all:
        header = article.header
        context = Context(
            locale=header.locale,
            last_route="answer",
            asked="solved",
            topic=header.intents[0],
            last_article=header.id,
            doors=[door.intent for door in header.doors],
        )
        for door in header.doors:
            shown = {door.label: header.locale, door.label.upper(): header.locale}
            if header.locale == "zh":
                shown[content.traditional.convert(door.label)] = "zh-Hant"
            for label, locale in shown.items():
                message = Message(normalize(label + ending), ranking, thresholds=LIMITS)
                body = triage(message, replace(context, locale=locale), content, "model", TODAY)[1]
                assert (body["route"], body["reason"]) == ("escalate", content.policy.intents[door.intent].reason), label
                if body["rule"] == "floor.incident":  # these words are grave without the door, too
                    continue
                assert (body["intent"], body["rule"], body["confidence"]) == (door.intent, "context.choice", 1.0), label
                assert body["lane"] == content.policy.intents[door.intent].lane
                detail = f"door {door.intent} ({header.id})"
                assert [step["detail"] for step in body["trace"] if step["rule"] == "context.choice"] == [detail]


@pytest.mark.parametrize(
    ("text", "context"),
    [
        # not offered
        ("付错了", Context()),
        ("付错了", Context(last_route="answer", asked="solved", topic="fees", last_article="fees", doors=["bill_dispute"])),
        # of another article
        ("转错了", Context(last_route="answer", asked="solved", topic="fees", last_article="fees", doors=["wrong_transfer"])),
        # the words in a sentence that asks something
        (
            "这笔钱我不认可怎么申请发票",
            Context(last_route="answer", asked="solved", topic="fees", last_article="fees", doors=["bill_dispute"]),
        ),
    ],
)
def test_words_of_no_open_door_are_no_press(content: Content, text: str, context: Context) -> None:
    """A door that nobody was shown would open, or a question that holds its words would be taken for a press."""
    message = Message(normalize(text), [("invoice", 0.9)], thresholds=LIMITS)
    assert triage(message, context, content, "model", TODAY)[1]["rule"] != "context.choice"
