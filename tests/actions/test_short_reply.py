"""How a short reply is read, by its words alone."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.ordinals import LAST_STEP, number_chosen, step_named
from actions.short_reply import short_replies_of
from content.short_replies import KINDS, expand
from content.sources import ContentError
from content.triage_policy import Policy, load_policy
from language.normalization import normalize

Edit = Callable[[str, str, str], Path]

KINDS_OF_REPLIES = [
    # text, the kind that counts
    ("嗯", "agreement"),
    ("好的", "agreement"),
    ("ok", "agreement"),
    ("👍", "agreement"),
    ("👍🏽", "agreement"),
    ("[OK]", "agreement"),
    ("行吧", "assent"),
    ("fine", "assent"),
    ("解决了", "solved"),
    ("弄好啦", "solved"),
    ("没问题了", "solved"),
    ("到账了", "solved"),
    ("it worked", "solved"),
    ("解决了吗", "whether"),
    ("解决了么？", "whether"),
    ("可以了吗", "whether"),
    ("好了没", "whether"),
    ("好了？", "whether"),
    ("要手续费不", "whether"),
    ("is it", "whether"),
    ("好了吧", "whether"),
    ("怎么办", "question"),
    ("然后呢", "question"),
    ("在哪里点", "question"),
    ("which button", "question"),
    ("🤔", "question"),
    ("要是不行呢", "hypothesis"),
    ("what if it fails", "hypothesis"),
    ("没解决", "not_solved"),
    ("怎么还没到账", "not_solved"),
    ("我就是这样做的", "not_solved"),
    ("it still doesn't work", "not_solved"),
    ("打不开", "trouble"),
    ("废话", "anger"),
    ("服了", "anger"),
    ("👎", "anger"),
    ("are you kidding me", "anger"),
    ("等等", "in_progress"),
    ("正在试", "in_progress"),
    ("操作了", "in_progress"),
    ("I did that", "in_progress"),
    ("one sec", "in_progress"),
    ("不", "refusal"),
    ("没有", "refusal"),
    ("n", "refusal"),
    ("nooo", "refusal"),
    ("不用了", "content"),
    ("没有其他问题了", "content"),
    ("nothing else", "content"),
    ("that's all", "content"),
    ("that’s all", "content"),
    ("谢谢", "thanks"),
    ("🙏", "thanks"),
    ("拜拜", "bye"),
    ("😭", "doubt"),
    ("在吗", "greeting"),
    ("手机", "noun"),
    ("我的银行卡", "noun"),
    ("手机?", "noun"),
    ("给", "fragment"),
    ("这个", "fragment"),
    ("the", "fragment"),
]


@pytest.mark.parametrize(("text", "kind"), KINDS_OF_REPLIES)
def test_a_reply_is_read_by_its_kind(policy: Policy, text: str, kind: str) -> None:
    """A question would be a yes, a "no, thank you" a complaint, or an emoji nothing at all."""
    assert short_replies_of(policy).read(normalize(text)).kind == kind


@pytest.mark.parametrize("text", ["我妈的退休金存折丢在公交车上", "今天天气真好", "sdkfjh", "the weather in Paris"])
def test_unknown_words_are_left_over(policy: Policy, text: str) -> None:
    """Words that no list knows would be decided by the known ones beside them."""
    reading = short_replies_of(policy).read(normalize(text))
    assert reading.unknown > 0
    assert reading.kind is None


@pytest.mark.parametrize("text", ["", "?", "，", "！", "。。。", "~"])
def test_punctuation_has_no_kind(policy: Policy, text: str) -> None:
    """A question mark would be taken for an answer."""
    reading = short_replies_of(policy).read(normalize(text))
    assert reading.kind in (None, "whether")
    assert not reading.has("agreement", "solved", "content", "thanks")


def test_a_long_text_is_no_short_reply(policy: Policy) -> None:
    """A story would be read word by word, and an "OK" in it would close the case."""
    reading = short_replies_of(policy).read("好的" * 100)
    assert reading.is_long
    assert reading.kind is None
    assert short_replies_of(policy).clauses("好的，" * 100) == []


CHOSEN = [
    # text, which of three
    ("1", 1),
    ("２", 2),
    ("③", 3),
    ("2️⃣", 2),
    ("二", 2),
    ("第二个", 2),
    ("第3项", 3),
    ("选一", 1),
    ("我选第一个吧", 1),
    ("地二个", 2),
    ("中间那个", 2),
    ("最后一个", 3),
    ("上面那个", 1),
    ("first", 1),
    ("the second one", 2),
    ("option 3", 3),
    ("#2", 2),
    ("last one", 3),
    ("second one please", 2),
    ("第二个噻", 2),
    ("4", None),
    ("0", None),
    ("22", None),
    ("200000", None),
    ("不是第一个", None),
    ("第一次用", None),
    ("第一个是什么", None),
    ("一个都不对", None),
    ("等一下", None),
    ("1和2", None),
    ("wait a second", None),
    ("一百块", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "number"), CHOSEN)
def test_a_number_or_place_chooses(policy: Policy, text: str, number: Optional[int]) -> None:
    """ "The second one" would be a stranger's word, or "wait a second" a choice."""
    assert number_chosen(short_replies_of(policy).spelled(normalize(text)), 3) == number


def test_there_is_no_middle_of_two() -> None:
    """One of two topics would be chosen by chance."""
    assert number_chosen("中间那个", 2) is None
    assert number_chosen("最后一个", 2) == 2


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("第二步是什么意思", 2),
        ("第3步怎么点", 3),
        ("step 4 is unclear", 4),
        ("the third step", 3),
        ("最后一步呢", LAST_STEP),
        ("下一步", None),
    ],
)
def test_a_step_is_named_by_its_number(text: str, step: Optional[int]) -> None:
    """The customer would get the whole article again instead of the step in question."""
    assert step_named(text) == step


LEAVING: List[Tuple[str, bool, bool]] = [
    # text, calls off the wait, also as the answer to "are you sure?"
    ("不等了", True, True),
    ("取消排队", True, True),
    ("不用人工了", True, True),
    ("leave the queue", True, True),
    ("太慢了不等了", True, True),
    ("不用转人工了", True, True),
    ("i don't need a person anymore", True, True),
    ("退出", True, True),
    ("取消", True, True),
    ("不用了", True, True),
    ("算了", True, False),
    ("never mind", True, False),
    ("没事了", True, False),
    ("我自己解决了", True, True),
    ("已经好了", True, True),
    ("算了不用了谢谢", True, False),
    ("不用了我儿子帮我弄好了", True, False),
    ("forget it", True, False),
    ("是的", False, True),
    ("嗯", False, True),
    ("yes", False, True),
    ("确定", False, True),
    ("不", False, False),
    ("no", False, False),
    ("继续等", False, False),
    ("不要取消", False, False),
    ("keep waiting", False, False),
    ("取消转账", False, False),
    ("取消那笔付款", False, False),
    ("算了多少手续费", False, False),
    ("取消自动扣款", False, False),
    ("能取消订单吗", False, False),
    ("怎么取消", False, False),
    ("不用等了吗？", False, False),
    ("怎么还没人", False, False),
    ("还要等多久", False, False),
    ("算了你们到底有没有人来处理我的问题", False, False),
    ("hello?", False, False),
    ("", False, False),
    ("算了两万要不回来了吧", False, False),
    ("再不来人我就不等了", False, False),
    ("cancel the transfer", False, False),
    ("不是取消排队，是取消转账", False, False),
    ("好了吗", False, False),
    ("还没解决", False, False),
]


@pytest.mark.parametrize(("text", "leaves", "confirms"), LEAVING)
def test_calling_off_the_wait_needs_words_about_the_wait(policy: Policy, text: str, leaves: bool, confirms: bool) -> None:
    """A victim who wants to stop a transfer would lose the place in the queue, or nobody could leave it."""
    assert short_replies_of(policy).leaves_the_wait(normalize(text)) is leaves
    assert short_replies_of(policy).leaves_the_wait(normalize(text), confirming=True) is confirms


REJECTING = [
    # reply to an article that was a guess, what it says it is not
    ("不是", "article"),
    ("不是的", "article"),
    ("不对", "article"),
    ("不是这个", "article"),
    ("不是那个意思", "article"),
    ("不是我想问的", "article"),
    ("我没问这个", "article"),
    ("我问的不是这个", "article"),
    ("答非所问", "article"),
    ("你没听懂我的话", "article"),
    ("理解错了", "article"),
    ("搞错问题了", "article"),
    ("给错文章了", "article"),
    ("跟我问的不一样", "article"),
    ("not this", "article"),
    ("That's not what I meant", "article"),
    ("it isn't the right one", "article"),
    ("wrong article", "article"),
    ("I didn’t ask about that", "article"),
    ("you misunderstood me", "article"),
    ("都不是", "all"),
    ("这些都不对", "all"),
    ("没有我想问的", "all"),
    ("neither", "all"),
    ("none of these", "all"),
    # the article is about the right thing and does not help, or something went wrong
    ("没解决", None),
    ("不行", None),
    ("还是不行", None),
    ("not working", None),
    ("转错了", None),
    ("搞错了", None),
    ("密码错了", None),
    ("不是我转的", None),
    ("好的", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "rejected"), REJECTING)
def test_not_this_is_told_from_not_solved(policy: Policy, text: str, rejected: Optional[str]) -> None:
    """A customer with a wrong guess would go to a person at once, or one whom nothing helps be asked which topic it is."""
    assert short_replies_of(policy).rejects(normalize(text)) == rejected


def test_alternatives_and_lists_are_spelled_out() -> None:
    """An entry would stand for itself, brackets and all, and match nothing."""
    lists = {"done": ["行", "好"]}
    assert expand("(没|)<done>(了|)", lists) == ["没行了", "没行", "没好了", "没好", "行了", "行", "好了", "好"]
    assert expand("a(b(c|d)|e)", {}) == ["abc", "abd", "ae"]


@pytest.mark.parametrize("pattern", ["(a", "a)", "<nothing>", "<done", "(a|(b)"])
def test_a_broken_entry_is_an_error(pattern: str) -> None:
    """A slip of an editor would silently take words away."""
    with pytest.raises(ValueError, match="“"):
        expand(pattern, {"done": ["行"]})


MISTAKES = [
    # in the file, instead, words of the error
    ("  done: ", "  dome: ", r"short_replies\.yml:\d+: words: .*no list `done`"),
    ("  whether:\n", "  wether:\n", r"short_replies\.yml:\d+: words: .*needs these kinds"),
    ("  hypothesis:\n    - ", "  hypothesis:\n    - (", r"short_replies\.yml:\d+: words: .*no partner"),
    ("longest: 60", "longest: 0", r"short_replies\.yml:\d+: longest"),
    ("asked: ([?？]", "asked: (([?？]", r"short_replies\.yml:\d+: asked: not a regular expression"),
    ("not_this: ", "not_this: (", r"short_replies\.yml:\d+: not_this: not a regular expression"),
    ("none_of_these: ", "none_of_these: (", r"short_replies\.yml:\d+: none_of_these: not a regular expression"),
    ("leaving:\n", "leafing:\n", r"short_replies\.yml.*(leaving|leafing)"),
    ("version: 1", "version: 2", r"short_replies\.yml:\d+: version"),
]


@pytest.mark.parametrize(("old", "new", "words"), MISTAKES)
def test_a_mistake_in_the_words_is_named(data: Path, edit: Edit, old: str, new: str, words: str) -> None:
    """An editor's mistake would be published, or be found without a hint where it is."""
    edit("short_replies.yml", old, new)
    with pytest.raises(ContentError, match=words):
        load_policy(data / "triage.yml")


def test_every_kind_has_words(policy: Policy) -> None:
    """A kind of the table of reactions would never occur."""
    assert set(short_replies_of(policy)._replies._entries.values()) == set(KINDS)


PIECES = [
    *"好的不没了吗？，。 ",
    "解决了",
    "怎么办",
    "不用了",
    "取消",
    "转账",
    "排队",
    "ok",
    "no",
    "wait",
    "👍",
    "第二步",
    "1",
    "那就",
    "就",
    "选",
    "它",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=20).map("".join))
def test_any_text_can_be_read(policy: Policy, text: str) -> None:
    """Some reply would crash the bot."""
    text = normalize(text)
    reading = short_replies_of(policy).read(text)
    assert reading.is_long or 0 <= reading.unknown <= len(text)
    assert set(reading.kinds) <= set(KINDS)
    short_replies_of(policy).leaves_the_wait(text)
    assert number_chosen(text, 3) in (None, 1, 2, 3)
    step_named(text)


@pytest.mark.parametrize(
    "unit", ["好", "那就", "取消", "不想再", "第", "i ", "wait ", "no need ", "？", "，", "解决了吗，", "1", "a'"]
)
def test_no_reply_takes_long(policy: Policy, unit: str) -> None:
    """A crafted message would hold up the bot for everyone."""

    def seconds(text: str) -> float:
        started = time.process_time()
        short_replies_of(policy).read(text)
        short_replies_of(policy).clauses(text)
        short_replies_of(policy).leaves_the_wait(text)
        number_chosen(short_replies_of(policy).spelled(text), 3)
        step_named(text)
        return time.process_time() - started

    for length in (24, 60, 200, 4000):
        text = (unit * 4000)[:length]
        assert min(seconds(text) for _ in range(3)) < 0.02, length


def test_entries_are_written_as_the_bot_reads_text(policy: Policy) -> None:
    """An entry in capitals, in traditional characters or with an apostrophe would never match."""
    entries: Dict[str, str] = short_replies_of(policy)._replies._entries
    wrong = [entry for entry in entries if entry != entry.lower() or re.search(r"[a-z]['’][a-z]|[Ａ-Ｚ０-９]", entry)]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    ["不用转人工", "先别转", "先别转人工", "不要转接了", "暂时不用转", "好，先不用转", "不用给我转人工了谢谢", "别转了",
     "don't transfer me", "don't connect me yet", "hold on, don't transfer", "no need to transfer"],
)  # fmt: skip
def test_refusing_the_handover_while_waiting_is_never_mind(policy: Policy, text: str) -> None:
    """Who says "do not hand me over" while waiting would stay in the queue, or be handed over once more."""
    assert short_replies_of(policy).leaves_the_wait(normalize(text))


@pytest.mark.parametrize(
    "text",
    ["怎么还不转人工", "别转给机器人", "不用转别的，就要人工", "先别转账", "钱先别转", "先别转走我的钱", "别转了钱还能追回吗",
     "不转人工我就投诉", "不要转给别人处理", "别转接来转接去的", "don't transfer my money", "why don't you transfer me"],
)  # fmt: skip
def test_other_handing_over_is_no_never_mind(policy: Policy, text: str) -> None:
    """A victim who says "do not transfer the money" would leave the queue."""
    assert not short_replies_of(policy).leaves_the_wait(normalize(text))


@pytest.mark.parametrize(
    "text", ["懂了懂了搞定", "懂了懂了，搞定", "哦懂了，搞定了谢谢", "知道了知道了，弄好了", "got it got it, all done"]
)
def test_understood_and_done_is_solved(policy: Policy, text: str) -> None:
    """Who is content would get a person."""
    reading = short_replies_of(policy).read(normalize(text))
    assert reading.is_complete
    assert reading.kinds[0] == "solved"
