"""Edits that the gate must let pass, each as a function on a copy of `data/`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.benchmarks.workshop.edits import Edit, add_sentences, file_of, read, replace, substitute, take_sentences, write

_TRIAGE = "triage.yml"


def nothing(folder: Path) -> None:
    """The same data."""


def reworded_article(folder: Path) -> None:
    replace(
        folder,
        "articles/login_failed.zh.md",
        "先看页面上的提示，多数情况换个网络或登录方式就能进去。",
        "请先看一下页面提示，大多数时候换个网络或换种登录方式就可以了。",
    )


def step_added_in_both_languages(folder: Path) -> None:
    for locale, step in (
        ("zh", "6. 仍然不行，请卸载后重新安装应用。"),
        ("en", "6. Still no luck? Remove the app and install it again."),
    ):
        path = f"articles/app_problem.{locale}.md"
        write(folder, path, read(folder, path).rstrip() + f"\n{step}\n")


def typo_in_english(folder: Path) -> None:
    replace(folder, "articles/invoice.en.md", "we pass it on.", "we pass it on to you.")


def warning_added(folder: Path) -> None:
    path = "articles/refund_status.zh.md"
    write(folder, path, read(folder, path).rstrip() + "\n\n退款不需要您提供密码或验证码，有人索要请不要给。\n")


def english_warning_added(folder: Path) -> None:
    path = "articles/refund_status.en.md"
    write(
        folder,
        path,
        read(folder, path).rstrip() + "\n\nNobody needs your password or a code for a refund: never give them away.\n",
    )


def fact_changed(folder: Path) -> None:
    replace(
        folder, "facts.yml", '{zh: "1-7 个工作日", en: "1-7 business days"}', '{zh: "1-10 个工作日", en: "1-10 business days"}'
    )


def limit_changed(folder: Path) -> None:
    replace(folder, "facts.yml", "cards_max: 15", "cards_max: 20")


def phone_changed(folder: Path) -> None:
    replace(folder, "facts.yml", 'credit_phone: "400-000-5678"', 'credit_phone: "400-000-5679"')


def new_fact_used(folder: Path) -> None:
    replace(folder, "facts.yml", "cards_max: 15", 'cards_max: 15\ncard_scan_wait: {zh: "10 秒", en: "10 seconds"}')
    replace(folder, "articles/bind_card_howto.zh.md", "系统会认出银行。", "系统会认出银行，识别约 {{ card_scan_wait }}。")
    replace(
        folder,
        "articles/bind_card_howto.en.md",
        "the app will recognise the bank.",
        "the app will recognise the bank in {{ card_scan_wait }}.",
    )


def dates_extended(folder: Path) -> None:
    for locale in ("zh", "en"):
        substitute(folder, f"articles/fees.{locale}.md", r"^valid_until: .*$", "valid_until: 2028-12-31")


def owner_changed(folder: Path) -> None:
    substitute(folder, "articles/fees.zh.md", r"^owner: .*$", "owner: content-fees")


def title_changed(folder: Path) -> None:
    substitute(folder, "articles/fees.zh.md", r"^title: .*$", "title: 哪些服务收手续费")


def promise_tightened(folder: Path) -> None:
    """The gate needs the thresholds for it, so it trains."""
    replace(folder, _TRIAGE, "refused_in_scope: 0.003", "refused_in_scope: 0.0025")


def amount_lowered(folder: Path) -> None:
    replace(folder, _TRIAGE, "threshold_cny: 50000", "threshold_cny: 40000")


def rates_updated(folder: Path) -> None:
    replace(folder, _TRIAGE, "USD: 7.1, EUR: 8.2", "USD: 7.05, EUR: 8.3")


def priority_raised(folder: Path) -> None:
    replace(folder, _TRIAGE, "identity_check: {priority: normal", "identity_check: {priority: high")


def floor_pattern_added(folder: Path) -> None:
    replace(
        folder,
        _TRIAGE,
        "        - 上当(了|受骗)",
        "        - (退税|社保补贴)[^，。！？,.!?]{0,8}(转了|付了|交了)(钱|款|费)\n        - 上当(了|受骗)",
    )


def floor_alternative_added(folder: Path) -> None:
    replace(folder, _TRIAGE, "|杀猪盘", "|杀猪盘|杀鱼盘")


def person_pattern_added(folder: Path) -> None:
    replace(
        folder,
        _TRIAGE,
        "      - 转(接|到)?个?(人工|真人|客服)",
        "      - 转(接|到)?个?(人工|真人|客服)\n      - 接线员(在吗|呢|帮)",
    )


def case_added(folder: Path) -> None:
    case = {"text": "有人把我卡里的钱一笔笔转走了", "must": "person", "reason": "security", "by": "editor"}
    write(folder, "cases.jsonl", read(folder, "cases.jsonl") + json.dumps(case, ensure_ascii=False) + "\n")


def article_case_added(folder: Path) -> None:
    case = {"text": "新手机怎么登自己的老账号", "must": "article", "article": "login_failed"}
    write(folder, "cases.jsonl", read(folder, "cases.jsonl") + json.dumps(case, ensure_ascii=False) + "\n")


def comment_added(folder: Path) -> None:
    write(folder, _TRIAGE, "# Reviewed.\n" + read(folder, _TRIAGE))


def intents_reordered(folder: Path) -> None:
    text = read(folder, _TRIAGE)
    first, second = (next(line for line in text.split("\n") if line.startswith(f"  {name}:")) for name in ("fees", "invoice"))
    write(folder, _TRIAGE, text.replace(first, "@").replace(second, first).replace("@", second))


def door_added(folder: Path) -> None:
    for locale, label in (("zh", "卡被别人用了"), ("en", "Someone used my card")):
        substitute(
            folder,
            f"articles/bind_card_failed.{locale}.md",
            r"^(owner: .*)$",
            rf"\1\ndoors:\n- {{intent: unauthorized_transaction, label: {label}}}",
        )


def person_offered(folder: Path) -> None:
    replace(
        folder,
        _TRIAGE,
        "refund_status: {route: answer, article: refund_status,",
        "refund_status: {route: answer, article: refund_status, offer_person: true,",
    )


def canned_reply_added(folder: Path) -> None:
    reply = """  - id: thanks_for_waiting
    shortcut: waited
    title: {zh: 感谢等待, en: Thanks for waiting}
    text:
      zh: "感谢您的耐心等待，我这就为您处理。"
      en: "Thank you for waiting. I will look after this now."
"""
    write(folder, "canned_replies.yml", read(folder, "canned_replies.yml").rstrip() + "\n" + reply)


def desk_text_reworded(folder: Path) -> None:
    replace(folder, "desk.yml", "added: 已补充给客服，还有情况可以继续写。", "added: 已经补充给客服了，还有情况请继续写。")


def figures_of_the_desk_changed(folder: Path) -> None:
    replace(folder, "desk.yml", "minutes_per_conversation: 4 ", "minutes_per_conversation: 5 ")
    replace(folder, "desk.yml", "normal: {first_response_minutes: 30,", "normal: {first_response_minutes: 25,")


def greeting_reworded(folder: Path) -> None:
    replace(folder, "replies.yml", "greet: 您好，我是钱包的智能客服。", "greet: 您好，这里是钱包智能客服。")


def short_reply_added(folder: Path) -> None:
    replace(folder, "short_replies.yml", "    - 嗯, 恩, 嗯嗯,", "    - 嗯, 恩, 嗯嗯, 嗯嗯呐,")


def traditional_word_added(folder: Path) -> None:
    replace(folder, "traditional.yml", "  短信: 簡訊\n", "  短信: 簡訊\n  打印: 列印\n")


def name_of_an_intent_changed(folder: Path) -> None:
    replace(folder, _TRIAGE, "zh: 手续费, en: Fees}", "zh: 各项手续费, en: Fees}")


def article_shared_by_a_new_reason(folder: Path) -> None:
    """A new escalation reason with words at the desk."""
    replace(
        folder,
        _TRIAGE,
        "  user_request: {priority: normal",
        "  business_request: {priority: normal, zh: 商务合作, en: Business}\n  user_request: {priority: normal",
    )
    replace(
        folder,
        "desk.yml",
        "      user_request: 好的，已经为您转人工客服",
        "      business_request: 商务合作由专人接待，您说的情况已经转给同事。\n      user_request: 好的，已经为您转人工客服",
    )
    substitute(
        folder,
        "desk.yml",
        r"^(      user_request: [A-Z].*)$",
        r"      business_request: A colleague for business matters takes over; what you said is passed on.\n\1",
    )


def sentences_added(folder: Path) -> None:
    texts = [
        "想问下小票丢了还能不能让商家开票",
        "抬头写错公司名了能重开吗",
        "发票发到哪个邮箱能改不",
        "invoice still not in my inbox, where do I look",
    ]
    add_sentences(folder, "invoice", texts)


def emergencies_added(folder: Path) -> None:
    texts = [
        "刚被人用我的钱包买了两张点卡，我没动过手机",
        "凌晨账户里少了八百，流水写的商户我不认识",
        "the wallet shows a transfer to someone I have never heard of",
    ]
    add_sentences(folder, "unauthorized_transaction", texts)


def near_misses_added(folder: Path) -> None:
    texts = ["手机没丢，就是屏幕碎了想换个手机登录", "不是被盗，是我自己忘了登录密码", "没人骗我，我就想问问验证码多久过期"]
    for intent, text in zip(("login_failed", "password_reset", "verification_code_not_received"), texts, strict=True):
        add_sentences(folder, intent, [text])


def label_corrected(folder: Path) -> None:
    add_sentences(folder, "payment_howto", take_sentences(folder, "payment_method", 2))


def repeats_removed(folder: Path) -> None:
    take_sentences(folder, "complaint", 3, offset=20)


_PETS_ZH = """到「首页 > 保险 > 宠物」可以投保猫狗医疗险。

1. 填宠物品种、年龄，上传一张正面照片。
2. 选方案并付款，电子保单在「我的 > 保单」。
"""
_PETS_EN = """You can insure cats and dogs under Home > Insurance > Pets.

1. Enter breed and age and upload a photo.
2. Choose a plan and pay. The policy is under Me > Policies.
"""


def intent_and_article_added(folder: Path) -> None:
    line = "  pet_insurance: {route: answer, article: pet_insurance, zh: 宠物保险, en: Pet insurance}\n"
    replace(folder, _TRIAGE, "  invoice: {", f"{line}  invoice: {{")
    for locale, title, text in (("zh", "宠物保险", _PETS_ZH), ("en", "Pet insurance", _PETS_EN)):
        head = f"id: pet_insurance\ntitle: {title}\nintents: [pet_insurance]\nlocale: {locale}\n"
        dates = "valid_from: 2026-01-01\nvalid_until: 2027-12-31\nowner: content-insurance\n"
        write(folder, f"articles/pet_insurance.{locale}.md", f"---\n{head}{dates}---\n{text}")
    who = ["猫", "狗", "金毛", "布偶猫", "泰迪", "柯基", "兔子", "仓鼠"]
    ask = ["的宠物险怎么买", "能上宠物保险吗", "看病宠物医疗险报多少", "投保宠物险要几岁", "的宠物保单在哪里看"]
    training = [f"{each}{asked}" for each in who for asked in ask]
    calibration = ["给家里猫咪买保险从哪进", "狗狗生病了宠物险怎么申请理赔", "宠物保险一年多少钱"]
    for kind, sentences in (("nlu", training), ("calibration", calibration)):
        path = file_of(folder, "invoice", kind)
        block = "- intent: pet_insurance\n  examples: |\n" + "".join(f"    - {sentence}\n" for sentence in sentences)
        write(folder, path, read(folder, path).rstrip() + "\n" + block)


_TRAINS = {
    intents_reordered,  # the model's domain has the intents in their order
    promise_tightened,
    sentences_added,
    emergencies_added,
    near_misses_added,
    label_corrected,
    repeats_removed,
    intent_and_article_added,
}

GOOD_EDITS = [
    Edit(name.replace("_", " "), function, trains=function in _TRAINS)
    for name, function in list(globals().items())
    if callable(function) and getattr(function, "__module__", "") == __name__ and not name.startswith("_")
]
