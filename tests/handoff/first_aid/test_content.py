"""The editors' file of first aid: what is wrong in it is named with its line before it is published."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from content.compiler import load_desk_content
from content.desk_policy import DeskPolicy
from content.editing.differences import differences
from content.editing.error_words import in_chinese
from content.facts import load_facts
from content.first_aid import FILE, FirstAidPolicy, load_first_aid
from content.sources import ContentError
from content.triage_policy import load_policy
from handoff.cases.first_aid.targets import Target
from handoff.cases.first_aid.words import Words, confirm_choice, read_choice
from tests.handoff.conftest import DATA

Change = Callable[[dict[str, Any]], object]


def load(path: Path) -> FirstAidPolicy:
    """A file, checked with the project's facts and triage policy."""
    return load_first_aid(path, load_facts(DATA / "facts.yml"), load_policy(DATA / "triage.yml"))


BAD: list[tuple[str, Change, str]] = [
    (
        "an action the wallet does not know",
        lambda f: f["actions"].update(x=f["actions"]["freeze_payments"]),
        "actions.x: the wallet",
    ),
    ("an action is missing", lambda f: f["actions"].pop("freeze_payments"), "`freeze_payments` is missing"),
    ("a reversal is missing", lambda f: f["reversals"].pop("unblock_payee"), "`unblock_payee` is missing"),
    ("an offer of nothing", lambda f: f["offers"].append({"actions": [], "reasons": ["security"]}), "an offer needs actions"),
    ("an offer for nobody", lambda f: f["offers"].append({"actions": ["freeze_payments"]}), "lanes, reasons or intents"),
    ("an unknown reason", lambda f: f["offers"][0].update(reasons=["theft"]), "`theft` is not among the reasons"),
    ("an unknown intent", lambda f: f["offers"][0].update(intents=["stolen"]), "`stolen` is not among the intents"),
    ("an unknown lane", lambda f: f["offers"][0].update(lanes=["fast"]), "`fast` is not among the lanes"),
    ("an unknown action in an offer", lambda f: f["offers"][0]["actions"].append("pray"), "`pray` is not among the actions"),
    ("named twice", lambda f: f["always"].append("freeze_payments"), "named twice"),
    ("no language", lambda f: f["texts"]["offer"].pop("en"), "texts.offer.en: field required"),
    ("an empty text", lambda f: f["actions"]["freeze_payments"]["done"].update(zh=" "), "must not be empty"),
    ("an unknown fact", lambda f: f["texts"]["away"].update(zh="{{ no_such_fact }}"), "no_such_fact"),
    ("a broken template", lambda f: f["texts"]["away"].update(en="{{ label"), "texts.away.en"),
    ("no proof needed", lambda f: f["actions"]["freeze_payments"].update(assurance=0), "must be at least 1"),
    ("more proof than there is", lambda f: f["actions"]["freeze_payments"].update(assurance=4), "at most 3"),
    ("no words for a level", lambda f: f["texts"]["raise_assurance"].pop("2"), "raise_assurance"),
    ("no question for several", lambda f: f["actions"]["recall_transfer"].pop("choose"), "needs `choose` and `nothing`"),
    (
        "a question for several of one",
        lambda f: f["actions"]["freeze_payments"].update(choose={"zh": "?", "en": "?"}),
        "remove",
    ),
    ("an unknown zone", lambda f: f.update(zone="Asia/Peking2"), "no time zone"),
    ("a misspelt field", lambda f: f["actions"]["freeze_payments"].update(hevy=True), "extra fields"),
    ("no list", lambda f: f.update(offers="all"), "must be a list"),
]


@pytest.mark.parametrize(("name", "change", "problem"), BAD, ids=[each[0] for each in BAD])
def test_a_wrong_file_is_refused_with_the_place(tmp_path: Path, name: str, change: Change, problem: str) -> None:
    """A mistake would be found by a victim who taps, or a button would never appear."""
    file = yaml.safe_load((DATA / FILE).read_text(encoding="utf-8"))
    change(file)
    path = tmp_path / FILE
    path.write_text(yaml.safe_dump(file, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape(problem)) as refused:
        load(path)
    assert str(refused.value).startswith(str(path))
    assert "原始说明" not in in_chinese(refused.value.problem)


def test_every_text_is_written_for_all_customers() -> None:
    """A victim would read a placeholder, or nothing."""
    content = load_desk_content(DATA)
    policy = DeskPolicy(lambda: content)
    target = Target("t1", "transaction", "李*", "14:02", "¥500.00")
    for locale in ("zh", "zh-Hant", "en"):
        words = Words(policy, locale)
        assert "500.00" in words.question("recall_transfer", [target])[0]
        assert len(words.question("recall_transfer", [target, target])[1]) == 3
        for action in words.first_aid.actions:
            said = [words.instructions([action]), words.too_little(action), words.confirm_line(action), words.label(action)]
            assert all(text.strip() and "{{" not in text for text in said)
    assert "凍結" in Words(policy, "zh-Hant").label("freeze_payments")


def test_a_change_of_the_file_is_told() -> None:
    """Who approves a change would read "the file changed", and not that a transfer needs less proof now."""
    before = (DATA / FILE).read_bytes()
    after = before.replace(b"assurance: 2", b"assurance: 1").replace(
        b"actions: [recall_transfer]\n", b"actions: [block_payee]\n", 1
    )
    told = [(each.kind, each.id, each.before, each.after) for each in differences({FILE: before}, {FILE: after})]
    assert told == [
        ("first_aid", "actions.recall_transfer.assurance", "2", "1"),
        ("first_aid", "offers.7.actions.1", "recall_transfer", "block_payee"),
    ]


def test_a_choice_is_read_as_it_was_written() -> None:
    """A press would act on another transfer."""
    assert read_choice(confirm_choice("recall_transfer", "t:1")) == ("recall_transfer", True, "t:1")
    assert read_choice(confirm_choice("freeze_payments")) == ("freeze_payments", True, None)
    assert read_choice("first_aid:freeze_payments") == ("freeze_payments", False, None)
