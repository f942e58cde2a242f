"""The context of the bot's next turn, folded from the log, so that the bot keeps no state."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contract.decision import known_fields
from contract.lookup import offered_transactions
from contract.routes import ANSWER, CHAT, CLARIFY, REJECT
from contract.turn import Closed, Context, SignedIn
from handoff.conversations.events import Event, Triage
from handoff.conversations.state import Conversation
from handoff.conversations.values import Status

_NOT_UNDERSTOOD = (REJECT, CLARIFY)
#: The bot's rule for a piece of a sentence. It does not change the context, and the next message is read together with it.
FRAGMENT_RULE = "context.fragment"
#: The bot's rule for asking about the second topic of a message. Its route is `clarify`, although the message was understood.
OPEN_TOPIC_RULE = "context.open_topic"
#: Pieces that are further apart than this are two messages.
FRAGMENT_TIME = dt.timedelta(seconds=60)
#: What the bot asks a waiting customer who wants to wait no longer.
ASKS_CANCEL_WAIT = "cancel_wait"


@dataclass(frozen=True)
class _Logged:
    """The decision of an earlier turn, from the log. A field that is missing or wrong in an older log is None."""

    route: str | None
    rule: str | None
    asks: str | None
    article: dict[str, Any] | None
    topics: list[str] | None
    open_topics: list[str] | None
    doors: list[str] | None
    intent: str | None
    tentative: bool | None
    lookup: dict[str, Any] | None

    @classmethod
    def of(cls, triage: Triage) -> _Logged:
        return cls(**known_fields(triage.decision, *_FOLDED))


_FOLDED = tuple(each.name for each in dataclasses.fields(_Logged))


def fold_context(conversation: Conversation, events: Iterable[Event]) -> Context:
    """The bot channel's `context` (docs/contracts.md) from the triage events of the bot's present stretch, oldest first.

    Social moves change nothing: "thanks" between an answer and "still not working" is not a new topic, and does not reset the
    count of messages that were not understood. Pieces of a sentence change nothing either.
    """
    is_waiting = conversation.status is Status.QUEUED
    context = Context(
        status=conversation.status.value,
        locale=conversation.locale,
        priority=conversation.case.priority if is_waiting else None,
        closed=_closed_case(conversation),
    )
    for event in events:
        triage = event.body
        if not isinstance(triage, Triage) or event.seq <= conversation.stretch_seq:
            continue
        decision = _Logged.of(triage)
        if triage.silent:
            if is_waiting:
                context = replace(context, asked=ASKS_CANCEL_WAIT if decision.asks == ASKS_CANCEL_WAIT else None)
        elif decision.route not in (CHAT, None) and decision.rule != FRAGMENT_RULE:
            context = _after(context, decision)
    return context


def _after(context: Context, decision: _Logged) -> Context:
    tentative = bool(decision.tentative)
    # A guess counts, too: after two of them, or a guess and a question, the third must be a person.
    is_riddle = tentative or (decision.route in _NOT_UNDERSTOOD and decision.rule != OPEN_TOPIC_RULE)
    return replace(
        context,
        last_route=decision.route,
        asked=decision.asks,
        last_article=decision.article["id"] if decision.article else None,
        topics=tuple(decision.topics or ()),
        open_topics=tuple(decision.open_topics or ()),
        doors=tuple(decision.doors or ()),
        transactions=offered_transactions(decision.lookup),
        tentative=tentative,
        not_understood=context.not_understood + 1 if is_riddle else 0,
        topic=decision.intent if decision.route == ANSWER else context.topic,
    )


def _closed_case(conversation: Conversation) -> Closed | None:
    earlier = conversation.earlier
    if earlier is None or not earlier.is_recent or conversation.status is not Status.WITH_BOT:
        return None
    return Closed(earlier.by, earlier.reason, earlier.priority, earlier.intent)


def signed_in(conversation: Conversation, now: dt.datetime) -> SignedIn | None:
    """Who the customer is, as the wallet's app signed it, with the assurance that counts now; None for an anonymous one.

    It is not part of `fold_context`, because the assurance depends on the time. Decisions depend only on whether it is None: a
    replay takes the logged look-up, and asks nobody.
    """
    identity = conversation.care.identity
    return SignedIn(identity.subject, identity.assurance_at(now)) if identity else None


def first_piece(events: Sequence[Event], now: dt.datetime) -> int | None:
    """Where the sentence begins of which the last messages are pieces; None when the last message was not a piece.

    `events`: the triage events of the bot's present stretch, oldest first.
    """
    first: int | None = None
    later = now
    for event in reversed(events):
        triage = event.body
        if not isinstance(triage, Triage) or later - event.at > FRAGMENT_TIME:
            break
        if known_fields(triage.decision, "rule")["rule"] != FRAGMENT_RULE:
            break
        first, later = triage.first_seq or triage.message_seq, event.at
    return first
