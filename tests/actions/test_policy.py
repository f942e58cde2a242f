"""The triage policy: a mistake in the editors' file is named with its line before it reaches a customer."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Callable, Optional

import pytest

from content.sources import ContentError, load_yaml
from content.triage_policy import Policy, load_policy

GREET = "greet: {route: chat, zh: 问候, en: Greeting}"
MISTAKES = [
    # in the file, instead, words of the error, text on the line that is named (None: no line is known)
    (GREET, "greet: {route: chats, zh: 问候, en: Greeting}", "intents.greet.route: unexpected value; permitted", "greet:"),
    (GREET, "greet: {route: chat, zh: 问候}", "intents.greet.en: field required", "greet:"),
    (GREET, "greet: {route: chat, zh: 问候, en: Greeting, artcle: x}", "intents.greet.artcle: extra fields", "greet:"),
    (GREET, "greet: {route: escalate, zh: 问候, en: Greeting}", "add or remove `reason`", "greet:"),
    (GREET, "greet: {route: chat, reason: security, zh: 问候, en: Greeting}", "add or remove `reason`", "greet:"),
    (GREET, "greet: {route: answer, zh: 问候, en: Greeting}", "add or remove `article`", "greet:"),
    (GREET, "greet: {route: chat, article: fees, zh: 问候, en: Greeting}", "add or remove `article`", "greet:"),
    (GREET, "greet: {route: escalate, reason: secrity, zh: 问候, en: Greeting}", "`secrity` is not among `reasons`", None),
    (GREET, "greet: {route: chat, lane: money_moving, zh: 问候, en: Greeting}", "remove `lane`", "greet:"),
    ("article: fees, ", "article: fees, lane: money_moving, ", "a lane belongs to route escalate: remove `lane`", "fees:"),
    ("lane: money_moving, ", "lane: fast, ", "scam_in_progress.lane: unexpected value", "scam_in_progress:"),
    (GREET, f"{GREET}\n  {GREET}", "not YAML", "greet:"),
    (GREET, "greet: {route: chat, zh: 问候, en: Greeting", "not YAML", ""),
    ("priority: urgent", "priority: asap", "reasons.security.priority: unexpected value", "security: {"),
    ("dispute: 0.007", "dispute: 7", "lies between 0 and 1: correct dispute", "missed_emergency:"),
    ("dispute: 0.007, ", "", "needs a rate for each of risk_reasons", None),
    ("wrong_answer: 0.006", "wrong_answer: 0", "greater than 0", "wrong_answer:"),
    ("threshold_cny: 50000", "threshold_cny: 0", "greater than 0", "threshold_cny:"),
    ("threshold_cny: 50000", "threshold_cny: a lot", "not a valid float", "threshold_cny:"),
    ("USD: 7.1", "usd: 7.1", "['usd']", "rates: {"),
    ("USD: 7.1", "USD: -7.1", "['USD']", "rates: {"),
    ("USDT: 7.2", "USDTX: 7.2", "['USDTX']", "rates: {"),
    ("{CNY: 1, ", "{", "and CNY: 1", "rates: {"),
    ("without_rate: 1000", "without_rate: 0", "greater than 0", "without_rate:"),
    ("information_only: [payment_limit", "information_only: [payment_limits", "`payment_limits` is not among `intents`", None),
    ("risk_reasons: [security", "risk_reasons: [securty", "`securty` is not among `reasons`", None),
    ("refund_status: [merchant_dispute]", "refund_status: [merchant]", "`merchant` is not among `intents`", "required_doors:"),
    ("refund_status: [merchant_dispute]", "refund_status: [fees]", "`fees` has another route than escalate", "required_doors:"),
    ("intent: human_agent", "intent: human_agents", "`human_agents` is not among `intents`", None),
    ("- intent: scam_report", "- intent: security_advice", "`security_advice` must have route escalate", None),
    ("      - 转(接|到)?个?", "      - 转(接|到?个?", "not a regular expression", "- 转(接|到?个?"),
    ("    negation: ", "    negation: )", "not a regular expression", "negation:"),
    ("    within: ", "    wihtin: ", "floor.guards.within: field required", "guards:"),
    ("version: 1", "version: 2", "version: unexpected value", "version: 2"),
]


def named_line(path: Path, error: ContentError) -> Optional[str]:
    """The text of the line that an error names."""
    return path.read_text(encoding="utf-8").splitlines()[error.line - 1] if error.line else None


@pytest.mark.parametrize(("old", "new", "words", "line"), MISTAKES)
def test_a_mistake_is_named_with_file_and_line(
    edit: Callable[[str, str, str], Path], old: str, new: str, words: str, line: Optional[str]
) -> None:
    """An editor would have to search for the mistake, or it would reach the customers."""
    path = edit("triage.yml", old, new)
    with pytest.raises(ContentError) as caught:
        load_policy(path)
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(path))
    found = named_line(path, caught.value)
    assert (found is None) if line is None else (found is not None and line in found), (found, caught.value)


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "expected a mapping"), (b"- a\n", "expected a mapping"), (b"\xff\xfe", "save it as UTF-8")]
)
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    """A file saved in another encoding, or an empty one, would crash with a message for programmers."""
    path = tmp_path / "triage.yml"
    path.write_bytes(content)
    with pytest.raises(ContentError, match=words):
        load_policy(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A lost file would crash with a message for programmers."""
    with pytest.raises(ContentError, match=r"gone\.yml: the file is missing"):
        load_yaml(tmp_path / "gone.yml")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("triage.yml", "threshold_cny: 50000", "threshold_cny: 60000"), ("short_replies.yml", "搞掂", "搞惦")],
)
def test_the_version_is_the_hash_of_both_files(
    data: Path, edit: Callable[[str, str, str], Path], name: str, old: str, new: str
) -> None:
    """Two policies would have one version, and a logged decision could not be reproduced."""
    before = load_policy(data / "triage.yml").version_hash
    edit(name, old, new)
    after = load_policy(data / "triage.yml").version_hash
    both = (data / "triage.yml").read_bytes() + (data / "short_replies.yml").read_bytes()
    assert after == hashlib.sha256(both).hexdigest()[:12] != before


GRAVER = [
    (["security", "dispute"], "security"),
    (["user_request", "dispute"], "dispute"),
    (["dispute", "large_transaction"], "large_transaction"),
    (["unresolved", "user_request"], "user_request"),
    (["identity_check"], "identity_check"),
]


@pytest.mark.parametrize(("reasons", "graver"), GRAVER)
def test_the_graver_reason_wins_in_any_order(policy: Policy, reasons: list[str], graver: str) -> None:
    """The order in which reasons were found would decide how urgent a conversation is (rule 6)."""
    assert policy.graver(reasons) == policy.graver(reasons[::-1]) == graver


@pytest.mark.parametrize(
    ("reason", "other", "more"),
    [
        ("security", "dispute", True),
        ("dispute", "security", False),
        ("large_transaction", "dispute", False),
        ("dispute", "unresolved", True),
    ],
)
def test_more_urgent_is_a_matter_of_priority_only(policy: Policy, reason: str, other: str, more: bool) -> None:
    """Of two reasons of one priority one would push the other aside."""
    assert policy.is_more_urgent(reason, other) is more


PRIORITIES = {
    "security": "urgent",
    "large_transaction": "high",
    "dispute": "high",
    "identity_check": "normal",
    "complex_technical": "normal",
    "user_request": "normal",
    "unresolved": "normal",
    "bot_unavailable": "normal",
}


def test_reasons_have_the_promised_priorities(policy: Policy) -> None:
    """The published priorities would drift from the product's promise."""
    assert {name: reason.priority for name, reason in policy.reasons.items()} == PRIORITIES


def test_a_policy_cannot_be_changed_once_read(policy: Policy) -> None:
    """One turn could change the rules for the next."""
    with pytest.raises(AttributeError):
        policy.version_hash = "other"
