"""The desk's texts and promises: wording, queue position, expected wait, and editors' mistakes in desk.yml."""

from __future__ import annotations

import copy
import functools
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from content.compiler import load_desk_content, load_desk_policy
from content.desk_policy import DeskPolicy
from content.sources import ContentError
from handoff.runtime.limits.rules import BackOff, Rate, limit_policy

DATA = Path(__file__).parents[2] / "data"
REASONS = "security large_transaction dispute identity_check complex_technical user_request unresolved bot_unavailable".split()


@pytest.fixture(scope="module")
def policy() -> DeskPolicy:
    """The policy as the editors wrote it."""
    return load_desk_policy(DATA)


@functools.cache
def document() -> dict[str, Any]:
    """desk.yml as the editors wrote it; read-only."""
    read: dict[str, Any] = yaml.safe_load((DATA / "desk.yml").read_text(encoding="utf-8"))
    return read


def texts_of(locale: str) -> dict[str, Any]:
    """The editors' texts in a language."""
    texts: dict[str, Any] = document()["texts"][locale]
    return texts


@pytest.mark.parametrize(
    ("ahead", "online", "conversations"),
    [(0, 1, 1), (1, 1, 2), (4, 1, 5), (0, 2, 1), (1, 2, 1), (2, 2, 2), (9, 3, 4), (0, 0, 1), (3, 0, 4)],
)
def test_the_expected_wait(policy: DeskPolicy, ahead: int, online: int, conversations: int) -> None:
    """Customers would be promised a wait that the agents online cannot keep."""
    minutes_each = document()["queue"]["minutes_per_conversation"]
    assert policy.expected_wait(ahead, online).total_seconds() == conversations * minutes_each * 60


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_its_words_place_and_wait(policy: DeskPolicy, locale: str, reason: str) -> None:
    """A customer would be handed over without learning the next step, their position and the wait."""
    words = texts_of(locale)["handoff"][reason]
    first, place, *_ = policy.handoff_text(locale, reason, None, ahead=3, online=1).splitlines()
    assert first == words
    assert "3" in place
    assert "16" in place
    assert "{{" not in place


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_first_in_line_hears_so(policy: DeskPolicy, locale: str) -> None:
    """The first customer in the queue would read "0 ahead of you"."""
    text = policy.handoff_text(locale, "user_request", None, ahead=0, online=2)
    assert texts_of(locale)["place_first"].replace("{{ wait }}", {"zh": "约 4 分钟", "en": "about 4 minutes"}[locale]) in text
    assert "0" not in text


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_nobody_online_is_said(policy: DeskPolicy, locale: str) -> None:
    """At night customers would be promised minutes, and wait until morning."""
    text = policy.handoff_text(locale, "user_request", None, ahead=0, online=0)
    assert "400-000-1234" in text
    assert texts_of(locale)["place_first"].split("{{")[0] not in text


@pytest.mark.parametrize(
    ("reason", "intent", "advice"),
    [
        ("security", "account_stolen", "security"),
        ("security", "scam_report", "scam_report"),
        ("security", "device_lost", "device_lost"),
        ("dispute", "wrong_transfer", "wrong_transfer"),
        ("large_transaction", "transfer_howto", "large_transaction"),
        ("large_transaction", None, "large_transaction"),
        ("dispute", "complaint", None),
        ("user_request", "human_agent", None),
    ],
)
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_what_to_do_while_waiting(policy: DeskPolicy, locale: str, reason: str, intent: str | None, advice: str | None) -> None:
    """A victim of fraud would wait without knowing that transfers must stop, or a complaint would get fraud advice."""
    text = policy.handoff_text(locale, reason, intent, ahead=1, online=1)
    known = {name: policy.fill(words, locale).strip() for name, words in texts_of(locale)["advice"].items()}
    assert [name for name, words in known.items() if words in text] == ([advice] if advice else [])


def test_a_reason_that_the_editors_forgot_still_has_words(policy: DeskPolicy) -> None:
    """A newer bot's reason would break the handoff instead of bringing a person."""
    assert texts_of("zh")["handoff"]["user_request"] in policy.handoff_text("zh", "brand_new_reason", None, 0, 1)


def test_an_unknown_language_is_answered_in_chinese(policy: DeskPolicy) -> None:
    """A conversation with an unknown locale could not be handed over."""
    assert policy.text("cancelled", "xx") == texts_of("zh")["cancelled"]


def test_nobody_has_to_wait_for_an_instruction_in_braces(policy: DeskPolicy) -> None:
    """A customer would read a template instead of a name."""
    assert policy.text("assigned", "zh", agent_name="小林 {{ service_phone }}").count("{{") == 1  # values are not templates
    assert "小林" in policy.text("assigned", "zh", agent_name="小林")


def test_the_limits_leave_the_way_to_a_person_open(policy: DeskPolicy) -> None:
    """A flood of new conversations from an address would also block its neighbours' messages and requests for a person."""
    address, conversation = policy.limits.per_address, policy.limits.per_conversation
    for existing in (address.messages, address.handoffs):
        assert existing.at_once >= 2 * address.conversations.at_once
        assert existing.per_minute >= 2 * address.conversations.per_minute
    assert address.conversations.at_once >= 50  # an office of dozens of people at the same time
    assert address.streams >= 2 * address.conversations.at_once
    assert conversation.messages.at_once >= 20  # a distressed customer sends many short messages
    assert policy.limits.per_login.sign_ins.longest_pause_seconds <= 600


def test_the_limits_of_the_file_are_those_of_the_desk(policy: DeskPolicy) -> None:
    """A limit would have another value than the editors wrote."""
    rules, written = limit_policy(policy.limits), document()["limits"]
    for name in ("conversations", "handoffs", "messages", "sign_ins"):
        assert getattr(rules.per_address, name) == Rate(**written["per_address"][name])
    assert rules.per_address.streams == written["per_address"]["streams"]
    assert rules.per_conversation.messages == Rate(**written["per_conversation"]["messages"])
    assert rules.per_conversation.streams == written["per_conversation"]["streams"]
    wrong_passwords = written["per_login"]["sign_ins"]
    assert rules.sign_ins == BackOff(wrong_passwords["at_once"], wrong_passwords["longest_pause_seconds"])
    assert limit_policy(policy.limits) is rules, "each request would build the rules again"


# --- editors' mistakes -----------------------------------------------------------------------------------------------


def folder_with(tmp_path: Path, change: Any) -> Path:
    """The editors' folder with a changed desk.yml."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("nlu", "calibration"))
    changed = copy.deepcopy(document())
    change(changed)
    (folder / "desk.yml").write_text(yaml.safe_dump(changed, allow_unicode=True), encoding="utf-8")
    return folder


def test_an_unchanged_file_is_right(tmp_path: Path) -> None:
    """The failures below would prove nothing, because every file is rejected."""
    load_desk_policy(folder_with(tmp_path, lambda d: None))


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (lambda d: d["turns"].update(deadline_seconds=0), "turns.deadline_seconds"),
        (lambda d: d["turns"].update(deadline_seconds="soon"), "turns.deadline_seconds"),
        (lambda d: d["agents"].pop("capacity"), "agents.capacity"),
        (lambda d: d["agents"].update(capacity=-1), "agents.capacity"),
        (lambda d: d["queue"].update(minutes=3), "queue.minutes"),
        (lambda d: d.pop("idle"), "idle"),
        (lambda d: d.update(version=2), "version"),
        (lambda d: d["texts"].pop("en"), "texts.en is missing"),
        (lambda d: d["texts"]["zh"].pop("cancelled"), "texts.zh.cancelled"),
        (lambda d: d["texts"]["en"]["handoff"].pop("security"), "handoff has no words for security"),
        (lambda d: d["texts"]["en"].update(place="{{ no_such_fact }} ahead"), "no_such_fact"),
        (lambda d: d["texts"]["zh"].update(place="{{ ahead 位"), "texts.zh"),
        (lambda d: d["texts"]["zh"]["advice"].update(security="{{ service_fone }}"), "service_fone"),
        (lambda d: d["texts"]["zh"].update(raised="{{ minutes }} 分钟"), "texts.zh.raised: 'minutes' is undefined"),
        (lambda d: d["texts"]["en"].update(urgent="{{ ahead }}"), "texts.en.urgent: 'ahead' is undefined"),
        (lambda d: d["texts"]["en"]["advice"].update(security="{{ minutes }}"), "advice.security: 'minutes' is undefined"),
        (lambda d: d["texts"]["zh"].update(cancelled="{{ agent_name }}"), "texts.zh.cancelled: 'agent_name' is undefined"),
        (lambda d: d["texts"]["zh"].update(place="{{ agent_name }}"), "texts.zh.place: 'agent_name' is undefined"),
        (lambda d: d.pop("limits"), "limits"),
        (lambda d: d["limits"]["per_address"].pop("messages"), "limits.per_address.messages"),
        (lambda d: d["limits"]["per_address"].update(streams=0), "limits.per_address.streams"),
        (lambda d: d["limits"]["per_address"]["messages"].update(at_once=0), "limits.per_address.messages.at_once"),
        (lambda d: d["limits"]["per_address"]["messages"].update(per_minute=0), "limits.per_address.messages.per_minute"),
        (lambda d: d["limits"]["per_address"]["messages"].update(per_hour=5), "limits.per_address.messages.per_hour"),
        (lambda d: d["limits"]["per_conversation"].update(streams=1.5), "limits.per_conversation.streams"),
        (lambda d: d["limits"]["per_login"]["sign_ins"].update(at_once=-1), "limits.per_login.sign_ins.at_once"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, mistake: Any, words: str) -> None:
    """An editor's mistake would start a desk without texts, or fail without naming the place."""
    with pytest.raises(ContentError, match=r"desk\.yml") as refused:
        load_desk_policy(folder_with(tmp_path, mistake))
    assert words in str(refused.value)


@pytest.mark.parametrize("content", ["texts: [", "", "- a list", "turns: {deadline_seconds: 1", "\ttab: 1"])
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    """A file that is not YAML would end in a traceback."""
    folder = folder_with(tmp_path, lambda d: None)
    (folder / "desk.yml").write_text(content, encoding="utf-8")
    with pytest.raises(ContentError, match=r"desk\.yml"):
        load_desk_policy(folder)


@pytest.mark.parametrize("content", ["- a list", "name: {zh: 只有中文}"])
def test_broken_facts_are_named(tmp_path: Path, content: str) -> None:
    """A fact without its English value would end in a traceback."""
    folder = folder_with(tmp_path, lambda d: None)
    (folder / "facts.yml").write_text(content, encoding="utf-8")
    with pytest.raises(ContentError, match=r"facts\.yml"):
        load_desk_policy(folder)


@pytest.mark.parametrize("name", ["desk.yml", "facts.yml"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    """A desk in the wrong folder would not say which file it needs."""
    folder = folder_with(tmp_path, lambda d: None)
    (folder / name).unlink()
    with pytest.raises(ContentError, match=name):
        load_desk_policy(folder)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda reply: reply["text"].pop("en"),
        lambda reply: reply["text"].update(zh="{{ agent_nmae }}"),
        lambda reply: reply.pop("shortcut"),
        lambda reply: reply["title"].pop("zh"),
        lambda reply: reply["title"].update(zh=" "),
        lambda reply: reply["text"].update(en=5),
        lambda reply: reply["text"].update(zh="{{ 1 / 0 }}"),
        lambda reply: reply.update(text="您好"),
        lambda reply: reply.update(shortcut="two words"),
        lambda reply: reply.update(txet={}),
    ],
)
def test_a_mistake_in_a_canned_reply_is_named(tmp_path: Path, mistake: Any) -> None:
    """An agent would discover the mistake during a conversation."""
    folder = folder_with(tmp_path, lambda d: None)
    replies = yaml.safe_load((folder / "canned_replies.yml").read_text(encoding="utf-8"))
    load_desk_policy(folder)
    mistake(replies["canned_replies"][0])
    (folder / "canned_replies.yml").write_text(yaml.safe_dump(replies, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ContentError, match=r"canned_replies\.yml:\d+: greeting"):
        load_desk_policy(folder)


@pytest.mark.parametrize(
    ("content", "fix"),
    [
        ("", "canned_replies: \\[\\]"),
        ("# nothing but a comment", "canned_replies: \\[\\]"),
        ("[]", "a list `canned_replies`"),
        ("version: 1", "canned_replies: field required"),
        ("version: 2\ncanned_replies: []", "version"),
        ("version: 1\ncanned_replies:", "canned_replies: .*list"),
        ("version: 1\ncanned_replies: [hi]", "reply 1: .*id, shortcut, title and text"),
        ("version: 1\ncanned_replies: [{id: [x]}]", "id, shortcut, title and text"),
        ("version: 1\ncanned_replies: [", "not YAML"),
    ],
)
def test_a_broken_file_of_canned_replies_is_named(tmp_path: Path, content: str, fix: str) -> None:
    """An editor would read a traceback, and the desk would not start."""
    folder = folder_with(tmp_path, lambda d: None)
    (folder / "canned_replies.yml").write_text(content, encoding="utf-8")
    with pytest.raises(ContentError, match=rf"(?s)canned_replies\.yml(:\d+)?: .*{fix}"):
        load_desk_policy(folder)


@pytest.mark.parametrize("name", ["id", "shortcut"])
def test_a_shortcut_that_two_replies_have(tmp_path: Path, name: str) -> None:
    """An agent would insert another text than the intended one."""
    folder = folder_with(tmp_path, lambda d: None)
    replies = yaml.safe_load((folder / "canned_replies.yml").read_text(encoding="utf-8"))
    replies["canned_replies"][1][name] = replies["canned_replies"][0][name]
    (folder / "canned_replies.yml").write_text(yaml.safe_dump(replies, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ContentError, match=f"2 replies have the {name}"):
        load_desk_policy(folder)


def test_a_desk_without_canned_replies(tmp_path: Path) -> None:
    """A desk without canned replies could not start."""
    folder = folder_with(tmp_path, lambda d: None)
    (folder / "canned_replies.yml").write_text("version: 1\ncanned_replies: []", encoding="utf-8")
    assert load_desk_content(folder).canned_replies == ()


def test_names_of_intents_and_reasons() -> None:
    """Agents would read ids instead of names."""
    names = load_desk_content(DATA).names
    assert names["intents"]["transfer_delay"]["zh"] == "到账延迟"
    assert set(REASONS) <= set(names["reasons"])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("zh: 手续费, en: Fees}", "zh: 手续费}", "intents.fees.en: field required"),
        ("en: Account or money at risk}", "}", "reasons.security.en: field required"),
        ("reasons:\n", "reason:\n", "reasons: field required"),
    ],
)
def test_broken_names_are_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    """A name that is missing in one language would end in a traceback."""
    folder = folder_with(tmp_path, lambda d: None)
    triage = (folder / "triage.yml").read_text(encoding="utf-8")
    assert old in triage
    (folder / "triage.yml").write_text(triage.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=rf"triage\.yml(:\d+)?: {words}"):
        load_desk_policy(folder)
