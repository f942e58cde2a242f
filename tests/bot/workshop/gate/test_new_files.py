"""Weakenings of first aid, intake, duties, promises, look-ups and the help centre are refused, and other edits are not."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

import msgspec
import pytest

from bot.workshop.gate.care_checks import care_refusals
from bot.workshop.gate.desk_checks import desk_refusals
from bot.workshop.gate.edition import Edition, TextId
from bot.workshop.gate.text_checks import text_refusals
from content.sources import decode_custom, encode_custom
from tests.bot.workshop.gate.conftest import with_bundle, with_texts

Plain = Dict[str, Any]
Change = Callable[[Plain], Any]
_PARTS = ("first_aid", "intake", "lookups", "promises", "duties", "desk")


def _changed(live: Edition, change: Change) -> Edition:
    """The edition with changed parts, as plain data in the names of the files."""
    plain = {
        part: msgspec.json.decode(msgspec.json.encode(getattr(live.bundle, part), enc_hook=encode_custom)) for part in _PARTS
    }
    change(plain)
    types = {field.name: field.type for field in msgspec.structs.fields(live.bundle)}
    parts = {part: msgspec.convert(plain[part], types[part], dec_hook=decode_custom) for part in _PARTS}
    return with_bundle(live, **parts)


def _set(*path: Any, to: Any) -> Change:
    def change(plain: Plain) -> None:
        node: Any = plain
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = to

    return change


def _clock(**fields: Any) -> Change:
    return lambda plain: plain["duties"]["cn_complaint"]["clocks"]["decision"].update(fields)


def _silence(plain: Plain) -> None:
    place = "intake.yml: forms.scam.closing.text.zh"
    del plain["promises"]["texts"][place]
    plain["promises"]["statements"][place] = "general"


WEAKER: List[Any] = [
    ("first_aid_removed", _set("first_aid", "offers", 0, "actions", to=["freeze_payments"])),
    ("first_aid_removed", lambda plain: plain["first_aid"]["offers"].pop(1)),
    ("first_aid_removed", _set("first_aid", "always", to=[])),
    ("first_aid_reordered", lambda plain: plain["first_aid"]["offers"][0]["actions"].reverse()),
    ("first_aid_reordered", lambda plain: plain["first_aid"]["offers"][5]["actions"].reverse()),
    ("assurance_lowered", _set("first_aid", "actions", "recall_transfer", "assurance", to=1)),
    ("second_person_removed", _set("first_aid", "actions", "recall_transfer", "heavy", to=False)),
    ("assurance_lowered", _set("lookups", "lookups", "transaction_status", "assurance", to=0)),
    ("intake_question_removed", lambda plain: plain["intake"]["forms"]["scam"]["questions"].remove("scam_contact")),
    ("intake_question_removed", lambda plain: plain["intake"]["forms"].pop("scam")),
    ("intake_question_removed", lambda plain: plain["intake"]["questions"]["scam_money"]["options"].pop("sent")),
    ("duty_deactivated", _set("desk", "duties", "active", to=["cn_complaint"])),
    ("duty_deactivated", _set("desk", "duties", "reasons", to=["security"])),
    ("clock_removed", lambda plain: plain["duties"].pop("us_reg_e", None) or plain["duties"].pop("cn_notice")),
    ("clock_lengthened", _clock(within=16)),
    ("clock_lengthened", _clock(unit="business_days")),
    ("clock_lengthened", _clock(pausing={"latest": 60})),
    ("clock_lengthened", _clock(met_by=["decision", "told"])),
    ("clock_lengthened", _set("duties", "cn_notice", "clocks", "planned_stop", "within", to=4)),
    ("promise_silenced", _silence),
]


@pytest.mark.parametrize(("kind", "change"), WEAKER)
def test_a_weakening_is_refused(live: Edition, kind: str, change: Change) -> None:
    """An editor could leave victims without first aid or a case without its clock."""
    assert kind in {refusal.kind for refusal in care_refusals(live, _changed(live, change))}


HARMLESS: List[Any] = [
    lambda plain: None,
    lambda plain: plain["first_aid"]["offers"][6]["actions"].append("block_payee"),
    _set("first_aid", "actions", "block_payee", "assurance", to=3),
    _set("first_aid", "actions", "block_payee", "heavy", to=True),
    lambda plain: plain["intake"]["forms"]["scam"]["questions"].remove("scam_payee"),
    _set("lookups", "lookups", "transaction_status", "assurance", to=2),
    _clock(within=10),
    _set("duties", "cn_notice", "clocks", "planned_stop", "within", to=6),
    _set("desk", "duties", "active", to=["cn_complaint", "house_security", "cn_records"]),
    lambda plain: plain["promises"]["statements"].update({"articles/fees": "general"}),
]


@pytest.mark.parametrize("change", HARMLESS)
def test_other_edits_pass(live: Edition, change: Change) -> None:
    """Editors would learn to publish around the gate."""
    assert list(care_refusals(live, _changed(live, change))) == []


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        (TextId("help", "texts.sos_lead", "zh"), "请稍候。", "advice_removed"),
        (TextId("help", "texts.report_steps", "zh"), "1. 拨打 {{ police_phone }} 报警。", "emergency_number_removed"),
        (TextId("help", "texts.sos_lead", "en"), None, "advice_removed"),
        (TextId("intake", "forms.scam.closing.text", "zh"), "请保留聊天记录。", "advice_removed"),
        (TextId("intake", "questions.scam_contact.ask", "zh"), "请告诉我们您的支付密码。", "asks_for_a_secret"),
        (TextId("intake", "questions.lost_lock.options.open", "zh"), "请把验证码发给我", "asks_for_a_secret"),
        (TextId("first_aid", "actions.freeze_payments.done", "en"), "Done: https://evil.example/x", "foreign_link"),
        (TextId("lookups", "shared.texts.away", "zh"), "<script>alert(1)</script>", "markup_in_text"),
        (TextId("duties", "explanations.due", "zh"), "尽快。", "explanation_removed"),
    ],
)
def test_texts_of_the_files(live: Edition, text: TextId, words: Any, kind: str) -> None:
    """A text of these files could ask for a secret, or lose what saves a victim."""
    assert text in live.texts
    changed = with_texts(live, {text: words})
    found = [*care_refusals(live, changed), *desk_refusals(live, changed), *text_refusals(live, changed)]
    assert kind in {refusal.kind for refusal in found}


def test_other_words_pass(live: Edition) -> None:
    """A better wording could not be published."""
    words = "请先停下来：不要再付款，也不要告诉任何人验证码。"
    changed = with_texts(live, {TextId("help", "texts.sos_lead", "zh"): words})
    assert [*care_refusals(live, changed), *desk_refusals(live, changed), *text_refusals(live, changed)] == []
