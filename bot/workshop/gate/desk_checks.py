"""What a draft weakens at the desk: how soon a victim is answered, who may be called, and what a victim must be told."""

from __future__ import annotations

import re
from typing import Any, Collection, Dict, Iterable, Iterator, List, Optional, Set, Tuple

from bot.workshop.gate.edition import Edition, TextId
from bot.workshop.gate.figures import shown_facts
from bot.workshop.gate.report import Refusal, quoted
from bot.workshop.gate.safety_topics import NAMES, topics
from content.desk_file import DeskFile
from content.staffing import Level, WorkQueue, parse_interval
from contract.priorities import LANES

#: Facts that name whom to call. The police lines are public numbers, which no editor sets.
PHONES = ("service_phone", "police_phone", "antifraud_phone", "service_phone_abroad")
_PUBLIC = ("police_phone", "antifraud_phone")
#: Parts of `texts` whose entries tell a victim what to do.
_ADVICE = ("lanes.", "advice.", "handoff.", "urgent", "nobody_online_urgent", "still_waiting.call", "nobody_online")
#: The same in the other files: the strip for emergencies, the steps of a report, the words around the questions.
_ADVICE_OF = {"desk": _ADVICE, "help": ("texts.sos_", "texts.report_"), "intake": ("forms.",)}
_DAY = 24 * 60
_MINUTES = ("first_response_minutes", "next_response_minutes", "resolution_minutes")


def desk_refusals(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Each weakening of `desk.yml` and of the texts for victims."""
    yield from _levels(old, new)
    yield from _figures(old, new)
    yield from _people(old, new)
    yield from _queues(old, new)
    yield from _advice(old, new)
    yield from _phones(old, new)


def _grave_priorities(edition: Edition) -> Set[str]:
    policy = edition.bundle.policy
    return {policy.priority_of(reason) for reason in policy.risk_reasons}


def _levels(old: Edition, new: Edition) -> Iterator[Refusal]:
    for priority in sorted(_grave_priorities(old)):
        was, now = (edition.bundle.desk.levels.get(priority) for edition in (old, new))  # type: ignore[call-overload]
        if was is None or now is None:
            continue  # a missing level does not compile
        for name in _MINUTES:
            if getattr(now, name) > getattr(was, name):
                yield Refusal(
                    "service_level_loosened",
                    f"levels.{priority}.{name} was loosened from {getattr(was, name):g} to {getattr(now, name):g} minutes.",
                    f"服务标准 levels.{priority}.{name} 从 {getattr(was, name):g} 分钟放宽到 {getattr(now, name):g} 分钟。",
                )
        pauses = [name for name in now.pauses if name not in was.pauses]
        if pauses:
            yield Refusal(
                "service_level_loosened",
                f"levels.{priority}.pauses has {quoted(pauses)} now: these clocks would stop for victims who are silent.",
                f"服务标准 levels.{priority}.pauses 增加了 {quoted(pauses)}：客户不说话时这些时限会停走。",
            )
    for lane in sorted(LANES):
        before, after = (_level_of_lane(edition.bundle.desk, lane) for edition in (old, new))
        for name in _MINUTES:
            if getattr(after, name) > getattr(before, name):
                yield Refusal(
                    "service_level_loosened",
                    f"{name} of the lane `{lane}` was loosened: {getattr(before, name):g} -> {getattr(after, name):g} minutes.",
                    f"通道 `{lane}` 的 {name} 从 {getattr(before, name):g} 分钟放宽到 {getattr(after, name):g} 分钟。",
                )


def _level_of_lane(desk: DeskFile, lane: str) -> Level:
    """The service level of a lane's cases: that of its queue, else of urgent cases."""
    own = next((queue.level for queue in desk.queues.values() if lane in queue.lanes), None)
    return own or desk.levels["urgent"]


#: Figures of `desk.yml` that protect a customer, and whether more is worse. A change by more than the factor is a slip.
_FIGURES: Tuple[Tuple[str, bool, float], ...] = (
    ("turns.deadline_seconds", True, 2),
    ("routing.accept_within_seconds", True, 2),
    ("routing.ageing_minutes", True, 2),
    ("routing.known_within_minutes", True, 5),
    ("routing.widen_after_minutes", True, 3),
    ("agents.gone_after_seconds", True, 3),
    ("queue.same_address", False, 2),
    ("idle.with_bot_minutes", False, 3),
    ("idle.assigned_minutes", False, 3),
    ("limits.per_address.handoffs.at_once", False, 3),
    ("limits.per_address.handoffs.per_minute", False, 3),
    ("limits.per_address.messages.at_once", False, 3),
    ("limits.per_address.messages.per_minute", False, 3),
    ("limits.per_conversation.messages.at_once", False, 3),
    ("limits.per_conversation.messages.per_minute", False, 3),
)


def _figures(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Figures that decide how long a customer is alone, changed at once by so much that it must be a slip."""
    for path, more_is_worse, factor in _FIGURES:
        was, now = _at(old.bundle.desk, path), _at(new.bundle.desk, path)
        if (now > was * factor) if more_is_worse else (now * factor < was):
            yield Refusal(
                "figure_loosened",
                f"{path} went from {was:g} to {now:g}: customers would be left alone. Change it in smaller steps.",
                f"{path} 从 {was:g} 改成 {now:g}：客户会长时间没人管。确需调整请分几次改。",
            )
    if old.bundle.desk.routing.push and not new.bundle.desk.routing.push:
        yield Refusal(
            "figure_loosened",
            "routing.push was switched off: waiting customers would no longer be offered to agents.",
            "routing.push 被关闭：等待的客户不再自动派给客服。",
        )


def _at(node: Any, path: str) -> float:
    for name in path.split("."):
        node = getattr(node, name)
    return float(node)


def _people(old: Edition, new: Edition) -> Iterator[Refusal]:
    """The second person of a publication, and the promise of the reviews."""
    was, now = old.bundle.desk, new.bundle.desk
    if was.publish.needs_second_person and not now.publish.needs_second_person:
        yield Refusal(
            "second_person_removed",
            "publish.needs_second_person was switched off: one stolen session could publish.",
            "publish.needs_second_person 被关闭：一个被盗的账号就能发布。",
        )
    if now.reviews.bound > was.reviews.bound or now.reviews.certainty < was.reviews.certainty:
        yield Refusal(
            "promise_loosened",
            f"reviews: the bound on missed emergencies was loosened from {was.reviews.bound:g} ({was.reviews.certainty:g}) to "
            f"{now.reviews.bound:g} ({now.reviews.certainty:g}).",
            f"抽查承诺从 {was.reviews.bound:g}（{was.reviews.certainty:g}）放宽到 {now.reviews.bound:g}"
            f"（{now.reviews.certainty:g}）。",
        )


def _queue_of(desk: DeskFile, reason: str) -> Optional[WorkQueue]:
    """The queue of a reason, or of a lane."""
    fitting = [queue for queue in desk.queues.values() if reason in queue.reasons or reason in queue.lanes]
    return fitting[0] if fitting else next((queue for queue in desk.queues.values() if queue.is_default), None)


def _open_minutes(desk: DeskFile, queue: WorkQueue) -> Tuple[int, int]:
    """Minutes a week in which a queue is open, and minutes of a holiday."""
    hours = desk.hours[queue.hours]
    week = sum(_minutes(day) for day in hours.week.values())
    return week, _minutes(hours.holidays) if hours.calendar else _DAY


def _minutes(intervals: Iterable[str]) -> int:
    return sum(end - start for start, end in map(parse_interval, intervals))


def _queues(old: Edition, new: Edition) -> Iterator[Refusal]:
    shortened_hours: Set[str] = set()
    for reason in (*old.bundle.policy.risk_reasons, *sorted(LANES)):
        is_urgent = reason in LANES or old.bundle.policy.priority_of(reason) == "urgent"
        was, now = _queue_of(old.bundle.desk, reason), _queue_of(new.bundle.desk, reason)
        if was is None or now is None:
            continue
        (before, holiday), (after, holiday_now) = _open_minutes(old.bundle.desk, was), _open_minutes(new.bundle.desk, now)
        # Office hours may change; the queue of victims may not close. Hours that queues share are named once.
        is_urgent, shortened = is_urgent and was.hours not in shortened_hours, after < before or holiday_now < holiday
        if is_urgent and shortened:
            shortened_hours.add(was.hours)
        if after < before and is_urgent:
            yield Refusal(
                "hours_shortened",
                f"The queue of `{reason}` is open {after / 60:g} hours a week, {before / 60:g} before.",
                f"原因 `{reason}` 的队列每周开放 {after / 60:g} 小时，原来是 {before / 60:g} 小时。",
            )
        if holiday_now < holiday and is_urgent:
            yield Refusal(
                "hours_shortened",
                f"The queue of `{reason}` is open {holiday_now / 60:g} hours on a holiday, {holiday / 60:g} before.",
                f"原因 `{reason}` 的队列节假日每天开放 {holiday_now / 60:g} 小时，原来是 {holiday / 60:g} 小时。",
            )
        # A queue with a skill of its own is staffed by other specialists, which is no loss.
        lost = [skill for skill in was.skills if skill not in now.skills]
        if lost and not set(now.skills) - set(was.skills):
            yield Refusal(
                "skill_no_longer_needed",
                f"The queue of `{reason}` no longer asks for the skills {quoted(lost)}: anybody would get these cases.",
                f"原因 `{reason}` 的队列不再要求技能 {quoted(lost)}：谁都可能接到这类案件。",
            )


def _is_advice(text: TextId) -> bool:
    return text.kind in ("language", "first_aid") or text.name.startswith(_ADVICE_OF.get(text.kind, ()))


def _advice(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Texts for victims that are gone, or no longer say whom to call."""
    gone = [str(text) for text in old.texts if _is_advice(text) and text not in new.texts]
    if gone:
        yield Refusal(
            "advice_removed",
            f"Texts that tell a victim what to do are gone: {', '.join(gone)}.",
            f"给受害客户的提示被删除：{'、'.join(gone)}。",
        )
    for text, template in old.texts.items():
        if text not in new.texts or new.texts[text] == template or not (_is_advice(text) or _is_about_safety(old, text)):
            continue
        lost = topics(template, text.locale) - topics(new.texts[text], text.locale)
        if lost:
            yield Refusal(
                "advice_removed",
                f"{text} no longer tells a victim: {_named(lost, 'en')}. Other words are fine; the advice must stay.",
                f"{text} 不再告诉受害客户：{_named(lost, 'zh')}。可以换说法，不能删。",
            )
    silent: Dict[str, List[str]] = {}
    for text, template in old.texts.items():
        if text not in new.texts or not (_is_advice(text) or _is_about_safety(old, text)):
            continue
        now = shown_facts(new.texts[text])
        for phone in PHONES:
            if phone in shown_facts(template) and phone not in now:
                silent.setdefault(phone, []).append(str(text))
    for phone, texts in silent.items():
        yield Refusal(
            "emergency_number_removed",
            f"{', '.join(texts)}: no longer says whom to call ({{{{ {phone} }}}}).",
            f"{'、'.join(texts)}：不再告诉客户该打哪个电话（{{{{ {phone} }}}}）。",
        )


def _named(lost: Collection[str], locale: str) -> str:
    return ("；" if locale == "zh" else "; ").join(NAMES[locale][topic] for topic in sorted(lost))


def _is_about_safety(edition: Edition, text: TextId) -> bool:
    """An article or canned reply about emergencies: its doors, its intents or its reasons are urgent."""
    policy = edition.bundle.policy
    urgent = {name for name, reason in policy.reasons.items() if reason.priority == "urgent"}
    if text.kind == "article":
        headers = [article.header for article in edition.bundle.articles if article.header.id == text.name]
        doors = [policy.intents[door.intent].reason for header in headers for door in header.doors]
        offers = any(
            policy.intents[name].offer_person for header in headers for name in header.intents if name in policy.intents
        )
        return bool(doors) and (offers or all(reason in urgent for reason in doors))
    if text.kind == "canned":
        reply = next((reply for reply in edition.bundle.canned_replies if reply.id == text.name), None)
        if reply is None:
            return False
        reasons = {*reply.reasons, *(policy.intents[name].reason for name in reply.intents if name in policy.intents)}
        return bool(reasons & urgent)
    return False


_MOBILE = re.compile(r"^(?:\+?86)?1[3-9]\d{9}$")


def _phones(old: Edition, new: Edition) -> Iterator[Refusal]:
    private = [
        name
        for name in PHONES
        for locale in ("zh", "en")
        if _MOBILE.match(re.sub(r"[^\d+]", "", str(new.bundle.facts[locale].get(name, ""))))
        and old.bundle.facts[locale].get(name) != new.bundle.facts[locale].get(name)
    ]
    if private:
        yield Refusal(
            "private_number",
            f"{quoted(sorted(set(private)))}: a mobile phone is no line of the wallet.",
            f"{quoted(sorted(set(private)))}：手机号不是钱包的客服电话。",
        )
    changed = [
        name
        for name in _PUBLIC
        for locale in ("zh", "en")
        if name in old.bundle.facts[locale] and old.bundle.facts[locale][name] != new.bundle.facts[locale].get(name)
    ]
    if changed:
        yield Refusal(
            "public_number_changed",
            f"{quoted(sorted(set(changed)))}: the police's public number is another than before.",
            f"{quoted(sorted(set(changed)))}：警方的公开号码与原来不同。",
        )
