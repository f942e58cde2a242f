"""What a draft weakens in the care for customers: first aid, the first questions, clocks of cases, promises, look-ups."""

from __future__ import annotations

import re
from typing import Dict, Iterator, List, Mapping, Optional, Tuple

from bot.workshop.gate.edition import Edition, TextId
from bot.workshop.gate.figures import shown_facts
from bot.workshop.gate.report import Refusal, quoted
from content.duties import Approver, DutyClock, Extension
from content.promises import words_of

#: Minutes of one of a unit at most: a business day stands for 7/5 of a calendar day.
_UNITS: Mapping[str, float] = {
    "minutes": 1,
    "hours": 60,
    "calendar_days": 1440,
    "business_days": 1440 * 7 / 5,
    "end_of_next_business_day": 1440 * 7 / 5,
}
_APPROVERS: Tuple[Approver, ...] = ("agent", "supervisor", "second_person")
_FACT = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_FREEZE = "freeze_payments"
_Matter = Tuple[Optional[str], Optional[str], Optional[str]]


def care_refusals(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Each weakening of first_aid.yml, intake.yml, lookups.yml, promises.yml, the duties, and `duties` of desk.yml."""
    yield from _offers(old, new)
    yield from _assurance(old, new)
    yield from _questions(old, new)
    yield from _active_duties(old, new)
    yield from _clocks(old, new)
    yield from _explanations(old, new)
    yield from _promises(old, new)


def _matters(edition: Edition) -> Dict[str, _Matter]:
    """Every matter of the policy: its name, and its reason, lane and intent."""
    found: Dict[str, _Matter] = {name: (each.reason, each.lane, name) for name, each in edition.bundle.policy.intents.items()}
    found.update({reason: (reason, None, None) for reason in edition.bundle.policy.reasons})
    found.update({lane: (None, lane, None) for offer in edition.bundle.first_aid.offers for lane in offer.lanes})
    return found


def _offers(old: Edition, new: Edition) -> Iterator[Refusal]:
    before, after = old.bundle.first_aid, new.bundle.first_aid
    lost: Dict[str, List[str]] = {}
    later: List[str] = []
    for name, matter in _matters(old).items():
        was, now = before.offered(*matter), after.offered(*matter)
        for action in was:
            if action not in now:
                lost.setdefault(action, []).append(name)
        if was[:1] == (_FREEZE,) and _FREEZE in now and now[0] != _FREEZE:
            later.append(name)
    for action in before.always:
        if action not in after.always:
            lost.setdefault(action, []).append("always")
    for action, names in lost.items():
        yield Refusal(
            "first_aid_removed",
            f"first_aid.yml: `{action}` is no longer offered for {quoted(names)}: a victim could not act at once.",
            f"first_aid.yml：{quoted(names)} 不再提供 `{action}`：受害客户不能马上自己止损。",
        )
    if later:
        yield Refusal(
            "first_aid_reordered",
            f"first_aid.yml: `{_FREEZE}` no longer stands first for {quoted(later)}.",
            f"first_aid.yml：{quoted(later)} 的第一项不再是 `{_FREEZE}`（冻结付款）。",
        )


def _assurance(old: Edition, new: Edition) -> Iterator[Refusal]:
    """How sure the wallet must be of the customer, and which actions of agents need a second person."""
    actions, looked = old.bundle.first_aid.actions, old.bundle.lookups.lookups
    levels = {f"first_aid.yml: actions.{name}": each.assurance for name, each in actions.items()}
    levels.update({f"lookups.yml: lookups.{name}": each.assurance for name, each in looked.items()})
    now = {f"first_aid.yml: actions.{name}": each.assurance for name, each in new.bundle.first_aid.actions.items()}
    now.update({f"lookups.yml: lookups.{name}": each.assurance for name, each in new.bundle.lookups.lookups.items()})
    for place, level in levels.items():
        if now.get(place, level) < level:
            yield Refusal(
                "assurance_lowered",
                f"{place}.assurance was lowered from {level} to {now[place]}: somebody else with the phone could use it.",
                f"{place}.assurance 从 {level} 降到 {now[place]}：拿到手机的人都能用。",
            )
    light = [
        name
        for name, each in actions.items()
        if each.is_heavy and name in new.bundle.first_aid.actions and not new.bundle.first_aid.actions[name].is_heavy
    ]
    if light:
        yield Refusal(
            "second_person_removed",
            f"first_aid.yml: {quoted(light)} is no longer heavy: one agent alone could do it.",
            f"first_aid.yml：{quoted(light)} 不再需要第二个人：一个客服就能办。",
        )


#: The first questions of a form for a lane say what a person must do first.
_FIRST_QUESTIONS = 2


def _questions(old: Edition, new: Edition) -> Iterator[Refusal]:
    """The first questions to somebody in a lane, and their options."""
    before, after = old.bundle.intake, new.bundle.intake
    matters = [matter for matter in _matters(old).values() if matter[1] is not None]
    lost: List[str] = []
    for matter in matters:
        was, now = before.form_of(matter[0], matter[2], matter[1]), after.form_of(matter[0], matter[2], matter[1])
        for question in before.forms[was].questions[:_FIRST_QUESTIONS] if was else ():
            if now is None or question not in after.forms[now].questions:
                lost.append(question)
                continue
            options = after.questions[question].options
            lost += [f"{question}.{option}" for option in before.questions[question].options if option not in options]
    if lost:
        names = list(dict.fromkeys(lost))
        yield Refusal(
            "intake_question_removed",
            f"intake.yml: {quoted(names)} is no longer asked in an emergency: the agent would not know what to stop first.",
            f"intake.yml：紧急情况下不再问 {quoted(names)}：客服接通时不知道先拦什么。",
        )


def _active_duties(old: Edition, new: Edition) -> Iterator[Refusal]:
    before, after = old.bundle.desk.duties, new.bundle.desk.duties
    gone = [f"active.{name}" for name in before.active if name not in after.active]
    gone += [f"reasons.{name}" for name in before.reasons if name not in after.reasons]
    for name in before.active:
        was, now = old.bundle.duties.get(name), new.bundle.duties.get(name)
        if was is not None and now is not None:
            gone += [f"{name}.reasons.{reason}" for reason in was.reasons if reason not in now.reasons]
            if was.no_judge_in_own_case and not now.no_judge_in_own_case:
                gone.append(f"{name}.no_judge_in_own_case")
    if gone:
        yield Refusal(
            "duty_deactivated",
            f"duties: {quoted(gone)} no longer counts: cases would lose their clocks.",
            f"duties：{quoted(gone)} 不再有效：案件会失去时限。",
        )


def _clocks(old: Edition, new: Edition) -> Iterator[Refusal]:
    removed, looser = [], []
    for name, duty in old.bundle.duties.items():
        now = new.bundle.duties.get(name)
        for clock, was in duty.clocks.items():
            other = None if now is None else now.clocks.get(clock)
            if other is None:
                removed.append(f"{name}.{clock}")
            else:
                looser += [f"{name}.{clock}.{field}" for field in _looser(was, other)]
    if removed:
        yield Refusal(
            "clock_removed",
            f"duties: the clocks {quoted(removed)} are gone.",
            f"duties：时限 {quoted(removed)} 被删除。",
        )
    if looser:
        yield Refusal(
            "clock_lengthened",
            f"duties: {quoted(looser)} gives customers less than before.",
            f"duties：{quoted(looser)} 比原来放宽，客户要等更久。",
        )


def _looser(was: DutyClock, now: DutyClock) -> Iterator[str]:
    """The fields of a clock that leave a customer waiting longer. A clock that counts backwards may not be shorter."""
    old_unit, new_unit = _UNITS[was.unit], _UNITS[now.unit]

    def longer(before: float, after: float) -> bool:
        return after * new_unit < before * old_unit if was.is_before else after * new_unit > before * old_unit

    if longer(was.within, now.within):
        yield "within"
    variants = {variant.when: variant.within for variant in was.variants}
    if any(longer(variants.get(variant.when, was.within), variant.within) for variant in now.variants):
        yield "variants"
    for name, extension in now.extensions.items():
        before = was.extensions.get(name)
        if before is None or longer(before.to, extension.to) or _is_easier(before, extension):
            yield f"extensions.{name}"
    if now.pausing and (was.pausing is None or longer(was.pausing.latest, now.pausing.latest)):
        yield "pausing"
    if set(now.met_by) - set(was.met_by):
        yield "met_by"
    for field in ("lifted_by", "needs"):
        if getattr(now, field) not in (None, getattr(was, field)):
            yield field
    if now.starts != was.starts:
        yield "starts"
    if now.is_before != was.is_before:
        yield "is_before"
    if was.shown and not now.shown:
        yield "shown"


def _is_easier(was: Extension, now: Extension) -> bool:
    return (
        _APPROVERS.index(now.approver) < _APPROVERS.index(was.approver)
        or (was.holding_reply and not now.holding_reply)
        or (was.after is not None and now.after != was.after)
    )


def _explanations(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Sentences that explain a due date and no longer say what they said."""
    lost = []
    for text, template in old.texts.items():
        if text.kind == "duties" and text.name.startswith("explanations."):
            now = new.texts.get(text, "")
            if (not now.strip() and template.strip()) or shown_facts(template) - shown_facts(now):
                lost.append(str(text))
    if lost:
        yield Refusal(
            "explanation_removed",
            f"{', '.join(lost)}: no longer explains how a due date comes about.",
            f"{'、'.join(lost)}：不再说明截止时间是怎么算出来的。",
        )


def _declared(edition: Edition) -> Dict[TextId, int]:
    """How many promises each text declares."""
    found: Dict[TextId, int] = {}
    for reply in edition.bundle.canned_replies:
        for locale in ("zh", "en"):
            found[TextId("canned", reply.id, locale)] = len(reply.promise)
    for article in edition.bundle.articles:
        found[TextId("article", article.header.id, article.header.locale)] = len(article.header.promise)
    for place, promises in edition.bundle.promises.texts.items():
        for text in edition.texts:
            if place in _places(text):
                found[text] = len(promises)
    return found


def _places(text: TextId) -> Tuple[str, ...]:
    """The names of a text in promises.yml."""
    below = f"{text.name}.{text.locale}"
    if text.kind == "desk":
        return (f"desk.yml: texts.{text.locale}.{text.name}",)
    if text.kind == "duties":
        part, _, rest = text.name.partition(".")
        return (f"desk.yml: duties.{part}.{text.locale}.{rest}",)
    return (f"{text.kind}.yml: {below}",)


def _promises(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Texts that still say what was a promise, and no longer declare it: nobody would be reminded."""
    words, now = words_of(old.bundle.promises), _declared(new)
    silent = []
    for text, count in _declared(old).items():
        template = new.texts.get(text)
        if template is None or now.get(text, 0) >= count:
            continue
        facts = new.bundle.facts[text.locale]
        filled = _FACT.sub(lambda match, known=facts: str(known.get(match[1], match[0])), template)  # type: ignore[misc]
        if template == old.texts.get(text) or len(words.find(filled)) > now.get(text, 0):
            silent.append(str(text))
    if silent:
        yield Refusal(
            "promise_silenced",
            f"{', '.join(silent)}: still promises, and the desk would no longer be reminded of it.",
            f"{'、'.join(silent)}：仍然向客户承诺了时间，但系统不再提醒客服兑现。",
        )
