"""A case file as JSON for agents: composed of the care and the log, so that nothing is stored twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from content.bundle import DeskContent
from handoff.cases.case_transactions import transactions_of
from handoff.cases.clock_words import explanation
from handoff.cases.clocks import clock_state, facts_of
from handoff.cases.promise_json import promise_json
from handoff.conversations.care.case_values import CaseClock, CaseFile
from handoff.conversations.events import Event, Message
from handoff.conversations.state import Conversation

#: Messages of the desk that tell the customer of something: their kinds.
_NOTICES = ("notice", "incident", "first_aid", "follow_up")
_FIRST_AID = ("first_aid_requested", "first_aid_result")
Json = dict[str, Any]


def case_json(
    conversation: Conversation, case: CaseFile, events: Sequence[Event] | None, content: DeskContent, now: dt.datetime
) -> Json:
    """The file. `events`: the whole log of its conversation; None: only what the list shows."""
    decision = case.decision
    names = content.desk.duties.decisions
    body: Json = {
        "id": case.id,
        "conversation_id": conversation.id,
        "state": case.state,
        "reason": case.reason,
        "intent": case.topic,
        "amount_cny": case.amount_cny,
        "opened_at": case.opened_at.isoformat(),
        "t0": {"seq": case.t0_seq, "at": case.t0_at.isoformat(), "words": case.words},
        "counts_from": case.counts_from.isoformat(),
        "due_at": _moment(case.due_at),
        "closed_at": _moment(case.closed_at),
        "agent": conversation.agent,
        "agent_name": conversation.agent_name,
        "status": conversation.status.value,
        "clocks": [clock_json(clock, case, content, now) for clock in case.clocks],
        "facts": facts_of(case),
        "decision": None
        if decision is None
        else {
            "decision": decision.decision,
            "name": _named(names.get(decision.decision), decision.decision),
            "reasons": decision.reasons,
            "login": decision.login,
            "by": decision.name,
            "at": decision.at.isoformat(),
        },
        "links": [{"case": link.case_id, "conversation": link.conversation_id, "same": link.is_same} for link in case.links],
        "promises": [promise_json(each, now) for each in conversation.care.obligations],
    }
    return body if events is None else {**body, **_from_log(conversation, case, events, content)}


def clock_json(clock: CaseClock, case: CaseFile, content: DeskContent, now: dt.datetime) -> Json:
    """One clock, with how its due time comes about in both languages."""
    duty = content.duties.get(clock.duty)
    definition = duty.clocks.get(clock.name) if duty else None
    used = [] if clock.extended is None else [clock.extended.id]
    asked = [each for each in case.asked if (each.duty, each.clock) == clock.key]
    return {
        "duty": clock.duty,
        "name": clock.name,
        "label": {"zh": clock.zh, "en": clock.en},
        "duty_label": {"zh": clock.duty_zh, "en": clock.duty_en},
        "due_at": _moment(clock.due_at),
        "started_at": _moment(clock.started_at),
        "met_at": _moment(clock.met_at),
        "met_with": clock.met_with,
        "state": clock_state(clock, now, content.desk.duties.near_share, is_open=case.is_open),
        "why": explanation(clock, content),
        "unknown_years": list(clock.unknown_years),
        "source": duty.source if duty else None,
        "is_confirmed": duty.confirmed if duty else False,
        "can_pause": clock.latest is not None,
        "is_paused": clock.is_paused,
        "extension": used[0] if used else None,
        "asked": [
            {"extension": each.extension, "why": each.why, "login": each.login, "at": each.at.isoformat()} for each in asked
        ],
        "extensions": [
            {
                "id": name,
                "zh": extension.zh,
                "en": extension.en,
                "approver": extension.approver,
                "holding_reply": extension.holding_reply,
            }
            for name, extension in (definition.extensions.items() if definition else ())
            if extension.to > clock.within and extension.after == (used[0] if used else None)
        ],
    }


def _from_log(conversation: Conversation, case: CaseFile, events: Sequence[Event], content: DeskContent) -> Json:
    identity = conversation.care.identity
    own = [event for event in events if getattr(event.body, "case_id", None) == case.id]
    return {
        "identity": None
        if identity is None
        else {
            "subject": identity.subject,
            "name": identity.name,
            "phone_last": identity.phone_last,
            "assurance": identity.assurance,
            "proven_until": identity.proven_until.isoformat(),
        },
        "transactions": transactions_of(case, events),
        "vulnerabilities": list(case.values("vulnerable")),
        "evidence": [*_kind(events, ("attached",)), *({"text": text} for text in case.values("evidence"))],
        "first_aid": _kind(events, _FIRST_AID),
        "intake": _kind(events, ("intake_answered", "intake_skipped")),
        "notices": _notices(events),
        "articles": _articles(events),
        "history": [event.as_json(for_customer=False) for event in own],
        "rules": _rules(case, content),
        "flags": _flags(case, content),
        "earlier": [each.id for each in conversation.care.cases if each.id != case.id],
        "duty_revision": case.duty_revision,
    }


def _kind(events: Sequence[Event], types: tuple[str, ...]) -> list[Json]:
    return [event.as_json(for_customer=False) for event in events if event.type in types]


def _notices(events: Sequence[Event]) -> list[Json]:
    """What the desk told the customer by itself."""
    return [
        {"seq": event.seq, "at": event.at.isoformat(), "kind": event.body.kind, "text": event.body.text}
        for event in events
        if isinstance(event.body, Message) and event.by.kind == "system" and event.body.kind in _NOTICES
    ]


def _articles(events: Sequence[Event]) -> list[Json]:
    """The articles that the customer was shown, with their revisions."""
    return [
        {"seq": event.seq, "at": event.at.isoformat(), **event.body.article}
        for event in events
        if isinstance(event.body, Message) and event.by.kind == "bot" and event.body.article
    ]


def _rules(case: CaseFile, content: DeskContent) -> list[Json]:
    duties = [content.duties[name] for name in dict.fromkeys(clock.duty for clock in case.clocks) if name in content.duties]
    return [{"zh": rule.zh, "en": rule.en} for duty in duties for rule in duty.rules]


def _flags(case: CaseFile, content: DeskContent) -> list[Json]:
    """The facts that may change the clocks of this case: `yes`, `no` or `unknown`."""
    duties = [content.duties[name] for name in content.desk.duties.active if case.reason in content.duties[name].reasons]
    flags = {flag: name for duty in duties for flag, name in duty.flags.items()}
    return [{"name": flag, "zh": name.zh, "en": name.en} for flag, name in flags.items()]


def _named(name: Any, otherwise: str) -> Json:
    return {"zh": name.zh, "en": name.en} if name is not None else {"zh": otherwise, "en": otherwise}


def _moment(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
