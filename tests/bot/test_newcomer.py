"""What a newcomer adds in `data/` works without a change of code: an intent with its article, and a reason."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from actions.decision import Message
from actions.triage import triage
from bot.learning.content_check import MINIMUM_EXAMPLES, check_content, read_examples
from bot.learning.domain import domain_text
from bot.learning.training import model_sources
from content.bundle import Content
from content.compiler import compile_content
from content.published import PublishedContent, write_bundle
from content.triage_policy import Policy
from contract.turn import Context

TODAY = dt.date(2026, 11, 30)
LIMITS = {"risk": 0.45, "out_of_scope": 0.3, "harmless": 0.6, "understood": 0.4}
ARTICLE = """---
id: red_packet
title: {title}
intents: [red_packet]
locale: {locale}
valid_from: 2026-01-01
owner: content-payments
---
{text}
"""


def insert(path: Path, before: str, line: str) -> None:
    """Put a line before another one, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert before in text, f"{before!r} is not in {path}"
    path.write_text(text.replace(before, f"{line}\n{before}", 1), encoding="utf-8")


def add_intent(root: Path) -> None:
    """An intent with sentences and an article in both languages: `data/` only."""
    insert(
        root / "data/triage.yml",
        "  fees: {route",
        "  red_packet: {route: answer, article: red_packet, zh: 红包, en: Red packets}",
    )
    for locale, title, text in (
        ("zh", "怎么发红包", "1. 打开红包。\n2. 选好友。"),
        ("en", "Red packets", "1. Open it.\n2. Choose."),
    ):
        path = root / f"data/articles/red_packet.{locale}.md"
        path.write_text(ARTICLE.format(title=title, locale=locale, text=text), encoding="utf-8")
    sentences = "".join(f"    - 小红袋第{number}种发法怎么弄\n" for number in range(MINIMUM_EXAMPLES))
    text = f'version: "3.1"\nnlu:\n- intent: red_packet\n  examples: |\n{sentences}'
    (root / "data/nlu/red_packets.yml").write_text(text, encoding="utf-8")


def published(root: Path) -> Content:
    """The content as the running bot reads it, through the bundle."""
    write_bundle(compile_content(root / "data"), "wallet-test", root / "models")
    return PublishedContent(root / "models", Content).content()


def test_a_new_intent_touches_data_only(root: Path) -> None:
    """A newcomer would have to edit `domain.yml` or code, and forget one of them."""
    add_intent(root)
    assert check_content(root) == []
    content = published(root)
    message = Message("小红袋怎么弄", [("red_packet", 0.9)], thresholds=LIMITS)
    (answer,), decision = triage(message, Context(), content, "wallet-test", TODAY)
    assert answer["article"]["id"] == "red_packet"
    assert "打开红包" in answer["text"]
    assert (decision["route"], decision["intent"]) == ("answer", "red_packet")
    (answer,), _ = triage(message, Context(locale="en"), content, "wallet-test", TODAY)
    assert "Open it" in answer["text"]


def test_a_new_intent_is_in_the_domain_and_in_the_training_data(root: Path) -> None:
    """Rasa would ignore the new sentences, because its domain does not know the intent."""
    before = yaml.safe_load(domain_text(compile_content(root / "data").policy))
    add_intent(root)
    domain = yaml.safe_load(domain_text(compile_content(root / "data").policy))
    added = [entry for entry in domain["intents"] if entry not in before["intents"]]
    assert added == [{"red_packet": {"use_entities": []}}]
    assert {**domain, "intents": []} == {**before, "intents": []}
    assert len(read_examples(root / "data/nlu")["red_packet"]) == MINIMUM_EXAMPLES


@pytest.mark.parametrize("forgotten", ["data/articles/red_packet.zh.md", "data/articles/red_packet.en.md"])
def test_a_forgotten_article_is_found(root: Path, forgotten: str) -> None:
    """The check above would prove nothing, because it passes whatever is missing."""
    add_intent(root)
    (root / forgotten).unlink()
    other = forgotten.replace(".zh.", ".en.") if ".zh." in forgotten else forgotten.replace(".en.", ".zh.")
    assert check_content(root) == [], "one language is enough: the other one gets it, too"
    (root / other).unlink()
    (problem,) = check_content(root)
    assert "`red_packet` answers with article `red_packet`, which is not in articles/" in problem


def test_forgotten_sentences_are_found(root: Path) -> None:
    """An intent would be published that the model cannot recognise."""
    add_intent(root)
    (root / "data/nlu/red_packets.yml").unlink()
    (problem,) = check_content(root)
    assert f"`red_packet` has 0 Chinese sentences, needs {MINIMUM_EXAMPLES}" in problem


def add_reason(root: Path) -> None:
    """A reason, and an intent that has it: `data/` only."""
    triage_file = root / "data/triage.yml"
    insert(triage_file, "  identity_check: {priority", "  travel: {priority: high, stays_open: true, zh: 出行, en: Travel}")
    text = triage_file.read_text(encoding="utf-8")
    fees = "  account_restricted: {route: escalate, reason: identity_check,"
    assert fees in text
    triage_file.write_text(text.replace(fees, fees.replace("identity_check", "travel")), encoding="utf-8")


def test_a_new_reason_touches_data_only(root: Path) -> None:
    """A newcomer would have to find each list of reasons in code."""
    add_reason(root)
    (problem,) = check_content(root)
    assert "texts.zh.handoff has no words for travel" in problem, "the customer would read the words of another reason"
    desk = root / "data/desk.yml"
    text = desk.read_text(encoding="utf-8").replace("      user_request:", "      travel: 出行。\n      user_request:")
    desk.write_text(text, encoding="utf-8")
    assert check_content(root) == []
    message = Message("瞧一瞧", [("account_restricted", 0.9)], thresholds=LIMITS)
    messages, decision = triage(message, Context(), published(root), "wallet-test", TODAY)
    assert messages == []
    assert (decision["route"], decision["reason"], decision["priority"]) == ("escalate", "travel", "high")


def test_the_reasons_that_code_gives_cannot_be_removed(root: Path) -> None:
    """The customer's button, or a bot that does not answer, would hand over for a reason without priority and words."""
    path = root / "data/triage.yml"
    text = path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines(keepends=True) if line.startswith("  bot_unavailable: {"))
    path.write_text(text.replace(line, ""), encoding="utf-8")
    (problem,) = check_content(root)
    assert "reasons: the code hands over for bot_unavailable: add them" in problem


def test_the_code_that_reads_the_policy_is_no_part_of_a_model(policy: Policy) -> None:
    """A change of the loader would cost every editor a training; a new intent would find the old model."""
    assert not [path for path in model_sources().values() if path.parts[0] in ("content", "actions")]
    assert list(yaml.safe_load(domain_text(policy))["intents"][0]) == [next(iter(policy.intents))]
