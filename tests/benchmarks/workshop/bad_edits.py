"""Edits that must never reach customers, each as a function on a copy of `data/`."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from tests.benchmarks.workshop.edits import Edit, add_sentences, file_of, read, replace, substitute, take_sentences, write

_TRIAGE = "triage.yml"


def _move(folder: Path, intent: str, to: str, count: int, kind: str = "nlu") -> None:
    add_sentences(folder, to, take_sentences(folder, intent, count, kind=kind), kind)


def few_mislabelled(folder: Path) -> None:
    _move(folder, "unauthorized_transaction", "payment_howto", 3)


def many_mislabelled(folder: Path) -> None:
    _move(folder, "scam_in_progress", "security_advice", 120)


def new_mislabelled(folder: Path) -> None:
    texts = [
        "有人刚刚用我的钱包刷走了六百块",
        "卡里的钱正在一笔一笔往外跑，不是我",
        "手机昨晚被人偷了，里面绑着卡",
        "骗子让我念验证码，我刚念完",
        "somebody emptied my wallet while I was asleep",
    ]
    add_sentences(folder, "fees", texts)


def renamed_block(folder: Path) -> None:
    replace(folder, file_of(folder, "device_lost"), "- intent: device_lost\n", "- intent: security_advice\n")


def calibration_moved(folder: Path) -> None:
    _move(folder, "account_stolen", "login_failed", 30, "calibration")


def emergencies_deleted(folder: Path) -> None:
    take_sentences(folder, "wrong_transfer", 150)


def safety_intent_deleted(folder: Path) -> None:
    substitute(folder, _TRIAGE, r"^  device_lost: .*\n", "")
    for file in ("unbind_card.zh.md", "unbind_card.en.md"):
        substitute(folder, f"articles/{file}", r"^- \{intent: device_lost.*\n", "")
    substitute(folder, _TRIAGE, r"^    - intent: device_lost\n(?:      .*\n)+?(?=    - intent)", "")
    for path in [*(folder / "nlu").rglob("*.yml"), *(folder / "calibration").rglob("*.yml")]:
        path.write_text(
            path.read_text(encoding="utf-8").replace("intent: device_lost\n", "intent: scam_report\n"), encoding="utf-8"
        )
    replies = read(folder, "canned_replies.yml")
    write(folder, "canned_replies.yml", replies.replace("intents: [device_lost]", "intents: [scam_report]"))
    desk = read(folder, "desk.yml")
    write(folder, "desk.yml", "\n".join(line for line in desk.split("\n") if not line.strip().startswith("device_lost:")))
    cases = [line for line in read(folder, "cases.jsonl").split("\n") if "device_lost" not in line]
    write(folder, "cases.jsonl", "\n".join(cases))


def routes_swapped(folder: Path) -> None:
    replace(folder, _TRIAGE, "bill_dispute: {route: escalate, reason: dispute,", "bill_dispute: {route: answer, article: fees,")
    for article in ("fees", "auto_payment", "transaction_history", "balance_inquiry", "notifications"):
        for locale in ("zh", "en"):
            text = read(folder, f"articles/{article}.{locale}.md")
            write(folder, f"articles/{article}.{locale}.md", "\n".join(x for x in text.split("\n") if "bill_dispute" not in x))
    substitute(folder, _TRIAGE, r"bill_dispute, unauthorized_transaction\]", "unauthorized_transaction]", 3)


def articles_of_intents_swapped(folder: Path) -> None:
    replace(
        folder,
        _TRIAGE,
        "bind_card_howto: {route: answer, article: bind_card_howto",
        "bind_card_howto: {route: answer, article: unbind_card",
    )
    replace(
        folder,
        _TRIAGE,
        "unbind_card: {route: answer, article: unbind_card",
        "unbind_card: {route: answer, article: bind_card_howto",
    )
    for locale in ("zh", "en"):
        replace(folder, f"articles/bind_card_howto.{locale}.md", "intents: [bind_card_howto]", "intents: [unbind_card]")
        replace(folder, f"articles/unbind_card.{locale}.md", "intents: [unbind_card]", "intents: [bind_card_howto]")


def article_texts_exchanged(folder: Path) -> None:
    first, second = (read(folder, f"articles/{name}.zh.md").split("---\n") for name in ("top_up_howto", "withdraw_howto"))
    write(folder, "articles/top_up_howto.zh.md", "---\n".join([*first[:2], second[2]]))
    write(folder, "articles/withdraw_howto.zh.md", "---\n".join([*second[:2], first[2]]))


def article_without_dates(folder: Path) -> None:
    substitute(folder, "articles/refund_status.zh.md", r"^valid_(from|until): .*\n", "", 2)


def article_without_end(folder: Path) -> None:
    substitute(folder, "articles/refund_status.en.md", r"^valid_until: .*\n", "")


def article_expired(folder: Path) -> None:
    yesterday = dt.date.today() - dt.timedelta(days=1)
    for locale in ("zh", "en"):
        substitute(folder, f"articles/refund_status.{locale}.md", r"^valid_until: .*$", f"valid_until: {yesterday}")


def article_not_yet_valid(folder: Path) -> None:
    substitute(folder, "articles/fees.zh.md", r"^valid_from: .*$", f"valid_from: {dt.date.today() + dt.timedelta(days=7)}")


def example_copied(folder: Path) -> None:
    (text,) = take_sentences(folder, "unbind_card", 1)
    add_sentences(folder, "unbind_card", [text])
    add_sentences(folder, "bind_card_howto", [text])


def example_copied_with_a_mark(folder: Path) -> None:
    (text,) = take_sentences(folder, "transfer_delay", 1)
    add_sentences(folder, "transfer_delay", [text])
    add_sentences(folder, "withdraw_howto", [f"{text}！！"])


def promise_loosened(folder: Path) -> None:
    replace(folder, _TRIAGE, "missed_emergency: {security: 0.005", "missed_emergency: {security: 0.05")


def certainty_lowered(folder: Path) -> None:
    replace(folder, _TRIAGE, "  certainty: 0.95", "  certainty: 0.6")


def promise_too_strict(folder: Path) -> None:
    replace(folder, _TRIAGE, "large_transaction: 0.02}", "large_transaction: 0.0001}")


def floor_pattern_removed(folder: Path) -> None:
    substitute(folder, _TRIAGE, r"^        - 上当\(了\|受骗\).*\n", "")


def floor_alternative_removed(folder: Path) -> None:
    replace(folder, _TRIAGE, "|杀猪盘", "")


def floor_reach_shortened(folder: Path) -> None:
    replace(folder, _TRIAGE, "(款|钱|租|费)打错", "^(款|钱|租|费)打错$")


def floor_guard_widened(folder: Path) -> None:
    replace(folder, _TRIAGE, "hypothesis: (建议|如果|", "hypothesis: (建议|如果|我|")


def floor_incident_removed(folder: Path) -> None:
    substitute(folder, _TRIAGE, r"^    - intent: complaint\n      patterns:\n(?:        - .*\n)+", "")


def risk_reason_removed(folder: Path) -> None:
    replace(
        folder, _TRIAGE, "risk_reasons: [security, dispute, large_transaction]", "risk_reasons: [security, large_transaction]"
    )
    replace(folder, _TRIAGE, "dispute: 0.007, ", "")


def fact_in_one_language(folder: Path) -> None:
    replace(folder, "facts.yml", 'refund_card_arrival: {zh: "1-7 个工作日"', 'refund_card_arrival: {zh: "1-15 个工作日"')


def fact_typed_in_one_article(folder: Path) -> None:
    replace(folder, "articles/refund_status.zh.md", "{{ refund_card_arrival }}", "99 天")


def fact_contradicted_in_a_new_sentence(folder: Path) -> None:
    path = "articles/withdraw_howto.en.md"
    write(folder, path, read(folder, path).rstrip() + "\n\nA withdrawal takes 10 days at most.\n")


def fact_typed_in_a_canned_reply(folder: Path) -> None:
    replace(folder, "canned_replies.yml", "安全团队会在 {{ security_review }}内", "安全团队会在 72 小时内")


def fact_exchanged(folder: Path) -> None:
    replace(folder, "articles/transfer_delay.zh.md", "转银行卡 {{ transfer_card_arrival }}内", "转银行卡 {{ bill_arrival }}内")


def secret_asked(folder: Path) -> None:
    path = "articles/refund_status.zh.md"
    write(folder, path, read(folder, path).rstrip() + "\n\n请把您的支付密码发给我们核实。\n")


def secret_asked_with_tricks(folder: Path) -> None:
    path = "articles/login_failed.zh.md"
    write(folder, path, read(folder, path).rstrip() + "\n\n没有收到回复的，请把短信里的 6 位数字发到本对话，我们马上处理。\n")


def secret_asked_in_english(folder: Path) -> None:
    replace(
        folder, "replies.yml", "Please tell me what it is about.", "Please tell me what it is about, and reply with your PIN."
    )


def canned_reply_asks_for_a_code(folder: Path) -> None:
    replace(folder, "canned_replies.yml", "请不要发密码、验证码或完整卡号", "再把短信验证码也发给我")


def desk_text_asks_for_a_password(folder: Path) -> None:
    replace(
        folder,
        "desk.yml",
        "assigned: 人工客服 {{ agent_name }} 已接入，正在查看您的情况。",
        "assigned: 人工客服 {{ agent_name }} 已接入，请提供登录密码以便核实。",
    )


def negation_flipped(folder: Path) -> None:
    replace(folder, "articles/suspicious_contact.en.md", "**do not tell anyone a code**", "**do tell anyone a code**")


def negation_flipped_in_chinese(folder: Path) -> None:
    replace(folder, "articles/contact_channels.zh.md", "我们不会向您要密码和验证码", "我们会向您要密码和验证码")


def foreign_link(folder: Path) -> None:
    replace(folder, "articles/app_download.zh.md", "{{ download_site }}", "www.qianbao-app.top")


def foreign_number(folder: Path) -> None:
    path = "articles/contact_channels.en.md"
    write(folder, path, read(folder, path).rstrip() + "\n\nOur fastest line is 0900-555-7788.\n")


def site_moved(folder: Path) -> None:
    replace(folder, "facts.yml", 'download_site: "www.wallet.example"', 'download_site: "www.wallet-example.shop"')


def door_removed(folder: Path) -> None:
    for locale in ("zh", "en"):
        substitute(folder, f"articles/top_up_howto.{locale}.md", r"^- \{intent: scam_in_progress.*\n", "")


def priority_lowered(folder: Path) -> None:
    replace(folder, _TRIAGE, "dispute: {priority: high", "dispute: {priority: normal")


def lane_removed(folder: Path) -> None:
    replace(folder, _TRIAGE, "reason: security, lane: money_moving", "reason: security")


def amount_raised(folder: Path) -> None:
    replace(folder, _TRIAGE, "threshold_cny: 50000", "threshold_cny: 500000")


def rate_wrong(folder: Path) -> None:
    replace(folder, _TRIAGE, "USD: 7.1,", "USD: 0.071,")


def reason_renamed(folder: Path) -> None:
    for file in (_TRIAGE, "desk.yml", "canned_replies.yml", "cases.jsonl"):
        word = "reasons: [identity_check]" if file == "canned_replies.yml" else "identity_check"
        write(folder, file, read(folder, file).replace(word, word.replace("identity_check", "identity_review_needed")))


def test_sentence_added(folder: Path) -> None:
    line = json.loads(Path("tests/evaluation/development/real.jsonl").read_text(encoding="utf-8").split("\n")[0])
    add_sentences(folder, line["intent"], [f"请问{line['text']}呢"])


def short_reply_closes_emergencies(folder: Path) -> None:
    replace(folder, "short_replies.yml", "    - 嗯, 恩, 嗯嗯,", "    - 被骗了, 被盗了, 钱没了, 嗯, 恩, 嗯嗯,")


def police_number_changed(folder: Path) -> None:
    replace(folder, "facts.yml", 'antifraud_phone: "96110"', 'antifraud_phone: "95511"')


def emergency_number_dropped(folder: Path) -> None:
    replace(
        folder,
        "desk.yml",
        "先停下来，马上拨打 {{ service_phone }} 要求止付，并拨打 {{ police_phone }} 报警：",
        "先停下来，不要着急：",
    )


def case_removed(folder: Path) -> None:
    write(folder, "cases.jsonl", "\n".join(read(folder, "cases.jsonl").split("\n")[3:]))


def yaml_broken(folder: Path) -> None:
    replace(folder, _TRIAGE, "promises:\n", "promises\n")


def head_broken(folder: Path) -> None:
    replace(folder, "articles/fees.zh.md", "locale: zh", "local: zh")


def script_in_article(folder: Path) -> None:
    replace(folder, "articles/fees.en.md", "The fee is always shown", "<script>fetch('//x')</script> The fee is always shown")


def english_removed(folder: Path) -> None:
    (folder / "articles/refund_status.en.md").unlink()


def person_not_offered(folder: Path) -> None:
    replace(
        folder,
        _TRIAGE,
        "suspicious_contact: {route: answer, article: suspicious_contact, offer_person: true",
        "suspicious_contact: {route: answer, article: suspicious_contact",
    )


def urgent_level_loosened(folder: Path) -> None:
    replace(folder, "desk.yml", "urgent: {first_response_minutes: 2,", "urgent: {first_response_minutes: 45,")


def victims_queue_closes(folder: Path) -> None:
    replace(folder, "desk.yml", "skills: [security], hours: always}", "skills: [security], hours: service}")


BAD_EDITS = [
    Edit(name.replace("_", " "), function)
    for name, function in list(globals().items())
    if callable(function) and getattr(function, "__module__", "") == __name__ and not name.startswith("_")
]
