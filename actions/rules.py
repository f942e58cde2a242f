"""The rules that do not depend on the bot's last question. Each returns a decision, or None for the next rule.

actions/decide.py has their order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, List, Optional

from actions.amounts import longest_amount
from actions.assessment import (
    BARE_AMOUNT_LENGTH,
    CLARIFYING_TOPICS,
    NAMING,
    OFFERED_ROUTES,
    Assessment,
    against,
    has_words,
)
from actions.choices import (
    CHOICE_CANCEL_WAIT,
    CHOICE_HUMAN,
    CHOICE_KEEP_WAITING,
    CHOICE_SOLVED,
    CHOICE_TOPIC,
    CHOICE_UNSOLVED,
)
from actions.floor import asked_for_person, stated_incidents
from actions.risk import ahead, emergency, escalated, risk
from actions.topics import friendly, solved, transaction_may_be_chosen
from contract.decision import Decision
from contract.lookup import CHOICE_TRANSACTION
from language.recognition import is_foreign

#: Alternatives under a tentative answer.
_ALTERNATIVES = 2


def floor(assessment: Assessment) -> Optional[Decision]:
    """What the message states explicitly: incidents, large amounts, a request for a person."""
    text, policy, top = assessment.message.text, assessment.policy, assessment.top
    intents: List[str] = []
    for incident in stated_incidents(text, policy.floor):
        assessment.note("floor.incident", True, f"{incident.intent}: “{incident.words}”")
        intents.append(incident.intent)
    if not intents:
        assessment.note("floor.incident", False, "")
    large = assessment.is_large_transaction()
    assessment.note("floor.amount", large, assessment.amount_against_threshold())
    leaves = assessment.context.status == "queued" and assessment.short_replies.leaves_the_wait(text)
    person = None if leaves else asked_for_person(text, policy.floor)
    assessment.note("floor.human", person is not None, f"“{person.words}”" if person else "")

    # Rule 6: of two reasons the higher priority wins. The model can only raise the priority of what is stated.
    risky = risk(assessment) if intents or large or person else None
    in_lane = next((intent for intent in intents if assessment.lane("escalate", intent)), None)
    if in_lane:  # rule 9: before every other intent
        return assessment.decision("escalate", "floor.incident", in_lane, reason=policy.intents[in_lane].reason)
    if intents:
        stated = policy.graver([policy.intents[intent].reason or "" for intent in intents])
        if risky and risky.reason and policy.is_more_urgent(risky.reason, stated):
            return risky
        named = next(intent for intent in intents if policy.intents[intent].reason == stated)
        likelier = top if top and policy.intents[top].reason == stated else named
        return assessment.decision("escalate", "floor.incident", ahead(assessment, likelier, assessment.ranking), reason=stated)
    if large:
        # If the message is already an escalation, it keeps its reason and gets the higher priority.
        if risky:
            return assessment.decision("escalate", "floor.amount", risky.intent, reason=risky.reason)
        own = policy.intents[top].reason if top and assessment.confidence >= assessment.limits["understood"] else None
        reason = own if own and own not in ("user_request", "unresolved") else "large_transaction"
        about_money = top and policy.intents[top].route in ("answer", "escalate")
        return assessment.decision("escalate", "floor.amount", top if about_money else "large_transaction", reason=reason)
    if person:  # a complaint together with a request for a person is a complaint
        requested = policy.intents[person.intent].reason
        return risky or assessment.decision("escalate", "floor.human", person.intent, reason=requested)
    return None


def waiting(assessment: Assessment) -> Optional[Decision]:
    """While the customer waits for a person, "never mind" returns the conversation to the bot (rule 7).

    In an urgent or high case the bot asks once more before that.
    """
    if assessment.context.status != "queued":
        return None
    asked_again = assessment.context.asked == "cancel_wait"
    called_off = assessment.short_replies.leaves_the_wait(assessment.message.text, confirming=asked_again)
    if not assessment.note("context.never_mind", called_off, f"{assessment.context.status}, {assessment.context.priority}"):
        return None
    if assessment.context.priority in ("urgent", "high") and not asked_again:
        return assessment.decision("chat", "context.never_mind", "deny", asks="cancel_wait")
    return assessment.decision("chat", "context.never_mind", "deny", outcome="never_mind")


def chosen(assessment: Assessment) -> Optional[Decision]:
    """The decision for a pressed button."""
    choice = assessment.message.choice
    if choice is None:
        return None
    topic = choice[len(CHOICE_TOPIC) :] if choice.startswith(CHOICE_TOPIC) else ""
    is_door = topic in assessment.context.doors
    assessment.note("context.choice", True, f"door {topic} ({assessment.context.last_article})" if is_door else choice)
    if choice == CHOICE_HUMAN:
        return assessment.decision("escalate", "context.choice", "human_agent", confidence=1.0, reason="user_request")
    if choice == CHOICE_UNSOLVED:
        topic = assessment.context.topic or "unresolved"
        return assessment.decision("escalate", "context.choice", topic, confidence=1.0, reason="unresolved")
    if choice == CHOICE_SOLVED:
        return solved(assessment, "context.choice", 1.0)
    if choice == CHOICE_CANCEL_WAIT:
        return assessment.decision("chat", "context.choice", "deny", confidence=1.0, outcome="never_mind")
    if choice == CHOICE_KEEP_WAITING:
        return assessment.decision("chat", "context.choice", "affirm", confidence=1.0)
    if choice.startswith(CHOICE_TRANSACTION) and transaction_may_be_chosen(assessment):
        return assessment.take_route(assessment.context.topic or "", 1.0, "context.choice")
    if topic not in assessment.policy.intents or assessment.policy.intents[topic].route not in OFFERED_ROUTES:
        raise ValueError(f"unknown choice {choice!r}")
    return assessment.take_route(topic, 1.0, "context.choice")


def foreign_language(assessment: Assessment) -> Optional[Decision]:
    """A handoff for a sentence in a language that the bot does not write, because word lists and model do not cover it.

    Short words and codes are not such a sentence (language/recognition.py). A message that the model sees as risky keeps its
    reason.
    """
    if not assessment.note("language", is_foreign(assessment.message.language), assessment.message.language or ""):
        return None
    # The sentence encoder knows many languages and often recognises a theft in Spanish (decision 024). But it gives every
    # foreign sentence a high probability of out of scope, so only the distribution among the other intents counts.
    grave = emergency(assessment, assessment.limits["risk"], in_scope=True)
    if grave is not None:
        return replace(grave, rule="language")
    return assessment.decision("escalate", "language", "unresolved", reason="unresolved")


def named(assessment: Assessment) -> Optional[Decision]:
    """The name of a thing alone ("phone") states nothing, even if the model is sure: the bot asks back (rule 3)."""
    bare = assessment.reading.is_complete and assessment.reading.has("noun") and NAMING.issuperset(assessment.reading.kinds)
    bare = bare or is_bare_amount(assessment)
    if not assessment.note("noun", bare, "+".join(assessment.reading.kinds) if bare else ""):
        return None
    if assessment.context.not_understood >= 1:
        return friendly(assessment, "fragment")
    topics = [intent for intent, _ in assessment.ranking if assessment.policy.intents[intent].route in OFFERED_ROUTES]
    return assessment.decision("clarify", "noun", asks="topic", topics=tuple(topics[:CLARIFYING_TOPICS]))


def is_bare_amount(assessment: Assessment) -> bool:
    """Whether the text is only a sum of money, without a matter."""
    amount = longest_amount(assessment.message.entities)
    letters = sum(character.isalnum() for character in assessment.message.text)
    return amount is not None and letters <= amount and len(assessment.message.text) <= BARE_AMOUNT_LENGTH + amount


def several(assessment: Assessment) -> Optional[Decision]:
    """Clauses about different matters: an escalation wins, else the first topic is answered and the others stay open."""
    found: Dict[str, float] = {}
    for part in assessment.matters():
        ranking = assessment.known(part.ranking)
        foreign = sum(probability for intent, probability in ranking if assessment.policy.intents[intent].route == "reject")
        if not ranking or ranking[0][1] < assessment.limits["understood"] or foreign >= assessment.limits["out_of_scope"]:
            continue
        if assessment.policy.intents[ranking[0][0]].route in OFFERED_ROUTES:
            found.setdefault(*ranking[0])
    if not assessment.note("parts", len(found) > 1, ", ".join(found)):
        return None
    reasons = [
        assessment.policy.intents[intent].reason or ""
        for intent in found
        if assessment.policy.intents[intent].route == "escalate"
    ]
    if reasons:
        gravest = assessment.policy.graver(reasons)
        grave = next(intent for intent in found if assessment.policy.intents[intent].reason == gravest)
        return assessment.take_route(grave, found[grave], "parts")
    first, *others = found
    decision = assessment.take_route(first, found[first], "parts")
    if decision.route != "answer":
        return decision
    return replace(decision, open_topics=(*others, *(topic for topic in decision.open_topics if topic not in found)))


def understood(assessment: Assessment) -> Optional[Decision]:
    """The route of the likeliest intent, if the model is sure enough and the message is in scope."""
    if assessment.top is None:
        return None
    if not has_words(assessment.message.text):
        assessment.note("understood", False, "")
        return None
    limit = assessment.limits["understood"]
    detail = f"{assessment.top} {against(assessment.confidence, limit)}, {assessment.foreignness()}"
    if not assessment.note("understood", assessment.confidence >= limit and not assessment.is_foreign(), detail):
        return None
    if assessment.policy.intents[assessment.top].route in ("reject", "clarify"):
        return None
    return assessment.take_route(assessment.top, assessment.confidence, "understood")


def tentative(assessment: Assessment) -> Optional[Decision]:
    """The likeliest article as a guess with alternatives, if it is likely but not sure, and an escalation is unlikely."""
    limit = assessment.limits.get("tentative")  # a model of an earlier version has none
    if limit is None or assessment.top is None or assessment.policy.intents[assessment.top].route != "answer":
        return None
    near = assessment.policy.near_risk * assessment.limits["risk"]
    needs_person = escalated(assessment)
    detail = f"{assessment.top} {against(assessment.confidence, limit)}, escalate {against(needs_person, near)}"
    detail = f"{detail}, {assessment.foreignness()}"
    likely = assessment.confidence >= limit and needs_person < near and not assessment.is_foreign()
    if not assessment.note("tentative", likely and says_something(assessment) and may_guess(assessment), detail):
        return None
    decision = assessment.take_route(assessment.top, assessment.confidence, "tentative")
    if decision.route != "answer":
        return decision
    others = [intent for intent, _ in assessment.ranking if intent != assessment.top]
    offered = [intent for intent in others if assessment.policy.intents[intent].route in OFFERED_ROUTES]
    return replace(decision, tentative=True, topics=tuple(offered[:_ALTERNATIVES]))


def says_something(assessment: Assessment) -> bool:
    """Whether the text has unknown words or names a thing. The model's guess for a bare "and then?" is meaningless."""
    return has_words(assessment.message.text) and (not assessment.reading.is_complete or assessment.reading.has("noun"))


def may_guess(assessment: Assessment) -> bool:
    """Whether this is the first guess, or the second guess about another matter. Later the customer gets a person."""
    context, missed = assessment.context, assessment.context.not_understood
    is_other = context.tentative and assessment.top != context.topic and assessment.top not in assessment.topics
    return missed == 0 or (missed == 1 and is_other)


def not_understood(assessment: Assessment) -> Decision:
    """A question back, or a list of what the bot can do; a handoff the second time in a row."""
    if assessment.context.not_understood >= 1:
        assessment.note("unresolved", True, f"{assessment.context.not_understood + 1} ≥ 2")
        return assessment.decision("escalate", "unresolved", "unresolved", reason="unresolved")
    if assessment.top is None or not has_words(assessment.message.text):
        assessment.note("reject", True, "")
        return assessment.decision("reject", "reject", "out_of_scope", asks="offer_person")
    foreign = assessment.is_foreign() or assessment.policy.intents[assessment.top].route == "reject"
    if assessment.note("clarify", not foreign, assessment.foreignness()):
        topics = [intent for intent, _ in assessment.ranking if assessment.policy.intents[intent].route in OFFERED_ROUTES]
        offered = () if assessment.top == "unresolved" else tuple(topics[:CLARIFYING_TOPICS])
        return assessment.decision("clarify", "clarify", asks="topic", topics=offered)
    assessment.note("reject", True, assessment.foreignness())
    return assessment.decision("reject", "reject", "out_of_scope", asks="offer_person")
