"""What a draft weakens in the triage policy: everything that a customer in trouble was promised is at least as good as before.

No waiver exists (docs/decisions/048-the-gate-has-no-waiver.md).
"""

from __future__ import annotations

from typing import Callable, Dict, Iterator, List, Mapping, Tuple

import numpy as np
from numpy.typing import NDArray

from bot.learning.calibration import TooFewExamples, lower_threshold, proven_threshold
from bot.workshop.gate.edition import Edition
from bot.workshop.gate.report import Refusal, quoted
from content.triage_policy import LargeTransaction, Policy, Promises
from contract.priorities import PRIORITY_RANK

#: A currency's rate that changes by more than this factor at once is a slip of the decimal point.
_RATE_FACTOR = 1.5


def policy_refusals(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Each weakening of `triage.yml`, and articles, reasons or names that changed places."""
    before, after = old.bundle.policy, new.bundle.policy
    yield from _intents(old, new)
    yield from _reasons(before, after)
    yield from _promises(before.promises, after.promises)
    yield from _amounts(before, after)
    yield from _doors(before, after)
    yield from _swapped(before, after)
    lost = [name for name in before.risk_reasons if name not in after.risk_reasons]
    if lost:
        yield Refusal(
            "risk_reason_removed",
            f"risk_reasons lost {quoted(lost)}: emergencies of this kind would no longer be weighed. Put it back.",
            f"risk_reasons 少了 {quoted(lost)}：这类紧急情况将不再被识别。请恢复。",
        )
    if after.near_risk > before.near_risk:
        yield Refusal(
            "near_risk_raised",
            f"near_risk rose from {before.near_risk:g} to {after.near_risk:g}: the bot would guess nearer to an emergency.",
            f"near_risk 从 {before.near_risk:g} 升到 {after.near_risk:g}：机器人会在更接近紧急情况时猜答案。",
        )


def _intents(old: Edition, new: Edition) -> Iterator[Refusal]:
    before, after = old.bundle.policy, new.bundle.policy
    removed = [name for name in before.intents if name not in after.intents]
    grave = [name for name in removed if before.intents[name].route == "escalate"]
    for names, kind, what, what_zh in (
        (grave, "safety_intent_removed", "lead to a person", "转人工的"),
        ([name for name in removed if name not in grave], "intent_removed", "customers ask about", "客户会问到的"),
    ):
        if names:
            yield Refusal(
                kind,
                f"The draft has no longer the intents {quoted(names)}, which {what}. Put them back, with their sentences.",
                f"草稿里少了{what_zh}意图 {quoted(names)}。请连同句子一起恢复。",
            )
    for name in before.intents:
        if name not in after.intents:
            continue
        was, now = before.intents[name], after.intents[name]
        if was.route == "escalate" and now.route != "escalate":
            yield Refusal(
                "route_weakened",
                f"`{name}` went to a person ({was.reason}) and now has route `{now.route}`.",
                f"“{was.zh}”（{name}）原来转人工（{was.reason}），现在变成 `{now.route}`。",
            )
        elif new.gravity(name) < old.gravity(name):
            yield Refusal(
                "escalation_weakened",
                f"`{name}` comes later than before: reason {was.reason} ({_urgency(before, name)}) became {now.reason} "
                f"({_urgency(after, name)}).",
                f"“{was.zh}”（{name}）的排队比以前靠后：原因从 {was.reason}（{_urgency(before, name)}）变为 {now.reason}"
                f"（{_urgency(after, name)}）。",
            )
        elif was.route == "escalate" and was.reason in before.risk_reasons and now.reason not in after.risk_reasons:
            yield Refusal(
                "escalation_weakened",
                f"`{name}` had the risk reason {was.reason}; {now.reason} is none.",
                f"“{was.zh}”（{name}）原来属于风险原因 {was.reason}，{now.reason} 不是。",
            )
        elif was.route == "answer" and now.route != "answer" and now.route != "escalate":
            yield Refusal(
                "route_weakened",
                f"`{name}` was answered with the article `{was.article}` and now has route `{now.route}`.",
                f"“{was.zh}”（{name}）原来用文章 `{was.article}` 回答，现在变成 `{now.route}`。",
            )
        elif was.route in ("feedback", "chat", "clarify") and now.route == "reject":
            yield Refusal(
                "route_weakened",
                f"`{name}` had route `{was.route}` and is rejected now as foreign to the wallet.",
                f"“{was.zh}”（{name}）原来是 `{was.route}`，现在会被当作与钱包无关而拒绝。",
            )
        if was.offer_person and not now.offer_person and now.route == "answer":
            yield Refusal(
                "person_no_longer_offered",
                f"The answer to `{name}` no longer offers a person (offer_person).",
                f"“{was.zh}”（{name}）的回答不再提供转人工按钮（offer_person）。",
            )


def _urgency(policy: Policy, intent: str) -> str:
    entry = policy.intents[intent]
    priority = policy.priority_of(entry.reason) if entry.reason else "-"
    return f"{priority}, {entry.lane}" if entry.lane else priority


def _reasons(before: Policy, after: Policy) -> Iterator[Refusal]:
    for name, was in before.reasons.items():
        now = after.reasons.get(name)
        if now is None:
            yield Refusal(
                "reason_removed",
                f"The escalation reason `{name}` is gone or has another name: logs, queues and figures know it by this name.",
                f"转人工原因 `{name}` 被删除或改名：日志、队列和统计都用这个名字。",
            )
        elif PRIORITY_RANK[now.priority] > PRIORITY_RANK[was.priority]:
            yield Refusal(
                "priority_lowered",
                f"The priority of `{name}` fell from {was.priority} to {now.priority}.",
                f"原因“{was.zh}”（{name}）的优先级从 {was.priority} 降到 {now.priority}。",
            )
        elif was.stays_open and not now.stays_open:
            yield Refusal(
                "case_no_longer_stays_open",
                f"Cases of `{name}` would end when the customer is silent (stays_open was removed).",
                f"原因“{was.zh}”（{name}）的案件会在客户不说话时关闭（去掉了 stays_open）。",
            )


def _promises(before: Promises, after: Promises) -> Iterator[Refusal]:
    was: Dict[str, float] = {f"missed_emergency.{name}": rate for name, rate in before.missed_emergency.items()}
    now: Dict[str, float] = {f"missed_emergency.{name}": rate for name, rate in after.missed_emergency.items()}
    for name in ("wrong_answer", "wrong_tentative_answer", "refused_in_scope"):
        was[name], now[name] = getattr(before, name), getattr(after, name)
    # A certainty is better when it is higher.
    was["certainty"], now["certainty"] = -before.certainty, -after.certainty
    for name, rate in was.items():
        if name not in now:
            continue  # the reason is gone, which is a refusal of its own
        if now[name] > rate:
            yield Refusal(
                "promise_loosened",
                f"promises.{name} was loosened from {abs(rate):g} to {abs(now[name]):g}.",
                f"承诺 promises.{name} 从 {abs(rate):g} 放宽到 {abs(now[name]):g}。",
            )


def promise_refusals(edition: Edition) -> Iterator[Refusal]:
    """Promises for which there are too few calibration sentences, whatever the model: a training would fail."""
    policy = edition.bundle.policy
    intents = [one.intent for one in edition.calibration if one.intent in policy.intents]
    for reason in policy.risk_reasons:
        count = sum(policy.intents[name].reason == reason for name in intents)
        yield from _unkept(lower_threshold, count, policy.promises.missed_emergency[reason], f"missed_emergency, {reason}")
    ours = sum(policy.intents[name].route != "reject" for name in intents)
    yield from _unkept(lower_threshold, ours, policy.promises.refused_in_scope, "refused_in_scope")

    def proven(scores: NDArray[np.float64], rate: float, what: str) -> float:
        return proven_threshold(scores, scores > 0, rate, policy.promises.certainty, what)

    for name in ("wrong_answer", "wrong_tentative_answer"):
        yield from _unkept(proven, len(intents), getattr(policy.promises, name), name)


def _unkept(
    threshold: Callable[[NDArray[np.float64], float, str], float], count: int, rate: float, what: str
) -> Iterator[Refusal]:
    try:
        threshold(np.zeros(count), rate, what)
    except TooFewExamples as error:
        yield Refusal("promise_not_kept", f"{error}.", f"承诺无法兑现（校准句太少）：{error}。")


def _amounts(before: Policy, after: Policy) -> Iterator[Refusal]:
    was, now = before.large_transaction, after.large_transaction
    for name in ("threshold_cny", "without_rate"):
        old, new = getattr(was, name), getattr(now, name)
        if new > old:
            yield Refusal(
                "amount_raised",
                f"large_transaction.{name} rose from {old:g} to {new:g}: transactions between them would not be checked.",
                f"大额门槛 large_transaction.{name} 从 {old:g} 升到 {new:g}：中间的交易不再有人核对。",
            )
    yield from _rates(was, now)
    added = [name for name in now.information_only if name in before.intents and name not in was.information_only]
    if added:
        yield Refusal(
            "amount_not_weighed",
            f"information_only has the existing intents {quoted(added)} now: their large amounts would reach nobody.",
            f"information_only 增加了已有的意图 {quoted(added)}：其中的大额交易将没有人核对。",
        )
    lost = [name for name in was.topics if name in after.intents and name not in now.topics]
    if lost:
        yield Refusal(
            "amount_not_weighed",
            f"large_transaction.topics lost {quoted(lost)}: a bare amount after them would not be checked.",
            f"large_transaction.topics 少了 {quoted(lost)}：客户随后只说金额时将没有人核对。",
        )


def _rates(was: LargeTransaction, now: LargeTransaction) -> Iterator[Refusal]:
    wrong: List[str] = []
    for currency, rate in was.rates.items():
        new = now.rates.get(currency)
        if new is not None and not 1 / _RATE_FACTOR <= new / rate <= _RATE_FACTOR:
            wrong.append(f"{currency} {rate:g} -> {new:g}")
    if wrong:
        changes = ", ".join(wrong)
        yield Refusal(
            "rate_implausible",
            f"Rates changed by more than the factor {_RATE_FACTOR:g} at once: {changes}. Check the decimal point.",
            f"汇率一次变化超过 {_RATE_FACTOR:g} 倍：{changes}。请检查小数点。",
        )


def _doors(before: Policy, after: Policy) -> Iterator[Refusal]:
    for article, doors in before.required_doors.items():
        lost = [door for door in doors if door not in after.required_doors.get(article, ())]
        if lost:
            yield Refusal(
                "required_door_removed",
                f"required_doors of `{article}` lost {quoted(lost)}.",
                f"文章 `{article}` 的必备入口（required_doors）少了 {quoted(lost)}。",
            )


def _swapped(before: Policy, after: Policy) -> Iterator[Refusal]:
    """Intents that answer with an article of others, and names that two entries exchanged."""
    owner: Dict[str, List[str]] = {}
    for name, intent in before.intents.items():
        if intent.article is not None:
            owner.setdefault(intent.article, []).append(name)
    still_used = {intent.article for intent in after.intents.values()}
    for name, intent in after.intents.items():
        was = before.intents.get(name)
        if was is None or was.article is None or intent.article in (None, was.article):
            continue
        if intent.article in owner and was.article in still_used:
            yield Refusal(
                "article_of_another_intent",
                f"`{name}` answered with `{was.article}` and now answers with `{intent.article}`, the article of "
                f"{quoted(owner[intent.article])}.",
                f"“{was.zh}”（{name}）原来用文章 `{was.article}`，现在用的是 {quoted(owner[intent.article])} 的文章"
                f" `{intent.article}`。",
            )
    for kind, entries in (
        ("intents", _names(before.intents, after.intents)),
        ("reasons", _names(before.reasons, after.reasons)),
    ):
        for first, second in entries:
            yield Refusal(
                "names_exchanged",
                f"{kind}: `{first}` has the name that `{second}` had before: buttons and agents would say the wrong thing.",
                f"{kind}：`{first}` 用了 `{second}` 原来的名称：按钮和坐席看到的会是错的。",
            )


def _names(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Tuple[str, str]]:
    for locale in ("zh", "en"):
        owner = {getattr(entry, locale): name for name, entry in before.items()}
        for name, entry in after.items():
            other = owner.get(getattr(entry, locale))
            if other is None or other == name or other not in after or name not in before:
                continue
            if getattr(after[other], locale) != getattr(before[other], locale):
                yield name, other
