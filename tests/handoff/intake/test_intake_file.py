"""The checks of data/intake.yml: each mistake is one sentence with its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from content.facts import load_facts
from content.intake import Intake, load_intake
from content.sources import ContentError
from content.triage_policy import load_policy
from tests.handoff.conftest import DATA


def load(path: Path) -> Intake:
    """The file, checked with the editors' facts and policy."""
    return load_intake(path, load_facts(DATA / "facts.yml"), load_policy(DATA / "triage.yml"))


def when(question: str, *options: str) -> dict[str, Any]:
    """A condition."""
    return {"when": {"question": question, "options": list(options)}}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda q, f: (q["scam_money"].update(when("scam_contact", "phone")),
                       q["scam_contact"].update(when("scam_money", "sent"))),
         r"questions\.scam_contact\.when: scam_contact -> scam_money -> scam_contact is a circle"),
        (lambda q, f: q["scam_money"].update(when("scam_money", "sent")), r"scam_money -> scam_money is a circle"),
        (lambda q, f: q["scam_when"].update(when("scam_monye", "sent")), r"there is no question `scam_monye`"),
        (lambda q, f: q["scam_when"].update(when("scam_money", "gone")), r"`scam_money` has no option `gone`"),
        (lambda q, f: q["scam_when"].update(when("scam_money")), r"name the options after which"),
        (lambda q, f: f["scam"]["questions"].reverse(), r"`scam_payee` depends on `scam_money`, which must stand before it"),
        (lambda q, f: f["scam"]["questions"].append("nothing"), r"`nothing` is not in this file"),
        (lambda q, f: f["scam"]["questions"].append("scam_money"), r"`scam_money` stands here twice"),
        (lambda q, f: f["scam"].update(intents=["scam"]), r"forms\.scam\.intents\.0: `scam` is not in triage\.yml"),
        (lambda q, f: f["scam"].update(lanes=["fast"]), r"`fast` is not in the code"),
        (lambda q, f: f["lost"].update(reasons=["dispute"]), r"`dispute` belongs to the form `lost`, too"),
        (lambda q, f: f["lost"].pop("intents"), r"forms\.lost: name `intents`, `lanes` or `reasons`"),
        (lambda q, f: f["lost"].update(questions=[]), r"the form asks nothing"),
        (lambda q, f: q.update(more=q["theft_amount"]), r"questions\.more: no form asks this question"),
        (lambda q, f: q["theft_amount"].update(kind="sum"), r"questions\.theft_amount\.kind: unexpected value"),
        (lambda q, f: q["theft_amount"].update(options={"a": {"zh": "一", "en": "A"}}), r"kind amount has no options"),
        (lambda q, f: q["theft_phone"].update(options={}), r"a choice needs two options at least"),
        (lambda q, f: q["theft_phone"]["options"].update(skip={"zh": "略", "en": "Pass"}), r"`skip` is a button of the desk"),
        (lambda q, f: q["theft_phone"]["options"].update(two={"zh": "都在", "en": "Two"}), r"two options read “都在”"),
        (lambda q, f: q["theft_amount"].update(accepts="("), r"not a regular expression"),
        (lambda q, f: q["theft_amount"].update(ask={"zh": "多少", "en": "{{ amount }}?"}), r"'amount' is undefined"),
        (lambda q, f: q["theft_amount"].update(ask={"zh": "请把验证码发给我们", "en": "How much?"}), r"asks for a secret"),
        (lambda q, f: f["scam"].update(opening={"zh": "您好", "en": "Please send us your password."}), r"asks for a secret"),
        (lambda q, f: f["scam"]["closing"].update(after_seconds=1), r"must be at least 10"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(tmp_path: Path, change: Callable[[Any, Any], object], problem: str) -> None:
    """A form that asks for a code, or that ends in a circle, would go to customers."""
    document = yaml.safe_load((DATA / "intake.yml").read_text(encoding="utf-8"))
    change(document["questions"], document["forms"])
    path = tmp_path / "intake.yml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(ContentError, match=problem) as caught:
        load(path)
    assert re.search(r"intake\.yml:\d+: ", str(caught.value))


@pytest.mark.parametrize(
    ("case", "form"),
    [
        (("security", "scam_in_progress", "money_moving"), "scam"),
        (("security", "account_stolen", "money_moving"), "scam"),
        (("security", "account_stolen", None), "security"),
        (("security", "device_lost", None), "lost"),
        (("dispute", "wrong_transfer", None), "wrong_transfer"),
        (("dispute", "bill_dispute", None), "dispute"),
        (("bot_unavailable", None, None), None),
        (("a_reason_of_tomorrow", None, None), None),
    ],
)
def test_the_form_of_a_case(case: tuple[str, str | None, str | None], form: str | None) -> None:
    """A victim of a lost phone would be asked which transaction they dispute."""
    assert load(DATA / "intake.yml").form_of(*case) == form
