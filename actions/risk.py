"""The risk of a message: the probability that it reports an emergency of any kind, and the reason that weighs most."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from actions.assessment import Assessment, against
from content.triage_policy import Policy
from contract.decision import Decision
from contract.understanding import risk_of

#: An intent with a lane wins over the likeliest intent of its reason if it has at least this share of its probability, and at
#: least this probability.
_LANE_SHARE, _LANE_LEAST = 0.2, 0.05


def risk(assessment: Assessment) -> Optional[Decision]:
    """A handoff if the message, or a clause of it, is probably an emergency of any kind, even if an answer is likelier."""
    return None if assessment.states_nothing() or assessment.top is None else emergency(assessment, assessment.limits["risk"])


def emergency(assessment: Assessment, limit: float, *, in_scope: bool = False) -> Optional[Decision]:
    """A handoff if the probability of an emergency reaches the limit; `in_scope`: its share without rejected intents."""
    if assessment.top is None:
        return None
    ranking = ranking_in_scope(assessment.policy, assessment.ranking) if in_scope else assessment.ranking
    gravest = gravest_sentence(assessment, in_scope=in_scope)
    whole = total_risk(assessment.policy, ranking)
    total = whole if gravest is None else risk_of(whole, total_risk(assessment.policy, gravest))
    if not assessment.note("risk", total >= limit, against(total, limit)):
        return None
    graver: Sequence[Tuple[str, float]] = ranking
    reason = heaviest_reason(assessment.policy, ranking)
    if gravest is not None:
        of_sentence = heaviest_reason(assessment.policy, gravest)
        # A piece of a sentence ("10,0000" is cut in two) must not change the reason that the whole message gives.
        if whole < limit or assessment.policy.is_more_urgent(of_sentence, reason):
            graver, reason = gravest, of_sentence
    likeliest = next((intent for intent, _ in graver if assessment.policy.intents[intent].reason == reason), assessment.top)
    return assessment.decision("escalate", "risk", ahead(assessment, likeliest, graver), reason=reason)


def gravest_sentence(assessment: Assessment, *, in_scope: bool = False) -> Optional[Sequence[Tuple[str, float]]]:
    """The ranking of the sentence or clause with the most probable emergency; None for a message of one sentence."""
    rankings = [assessment.known(part.ranking) for part in (*assessment.message.sentences, *assessment.matters())]
    if in_scope:
        rankings = [ranking_in_scope(assessment.policy, ranking) for ranking in rankings]
    totals = [total_risk(assessment.policy, ranking) for ranking in rankings]
    return rankings[totals.index(max(totals))] if rankings else None


def escalated(assessment: Assessment) -> float:
    """The highest probability of an escalation of any reason in the message and in its gravest sentence."""
    needed = assessment.policy.intents_of_route("escalate")
    looked_at = [assessment.ranking, gravest_sentence(assessment) or ()]
    return max(sum(probability for intent, probability in ranking if intent in needed) for ranking in looked_at)


def ahead(assessment: Assessment, intent: str, ranking: Sequence[Tuple[str, float]]) -> str:
    """The intent, or an intent of the same reason that has a lane and is not much less likely."""
    probability, reason = dict(ranking), assessment.policy.intents[intent].reason
    for other, share in ranking:
        is_near = share >= _LANE_SHARE * probability.get(intent, 0.0) and share >= _LANE_LEAST
        if is_near and assessment.policy.intents[other].reason == reason and assessment.lane("escalate", other):
            return other
    return intent


def heaviest_reason(policy: Policy, ranking: Sequence[Tuple[str, float]]) -> str:
    """The reason with the highest probability of an emergency in a ranking."""
    mass = risks(policy, ranking)
    return max(mass, key=lambda name: mass[name])


def total_risk(policy: Policy, ranking: Sequence[Tuple[str, float]]) -> float:
    """The probability of an emergency of any kind in a ranking."""
    return sum(risks(policy, ranking).values())


def risks(policy: Policy, ranking: Sequence[Tuple[str, float]]) -> Dict[str, float]:
    """The probability of an emergency in a ranking, by its reason."""
    mass = dict.fromkeys(policy.risk_reasons, 0.0)
    for intent, probability in ranking:
        reason = policy.intents[intent].reason
        if reason in mass:
            mass[reason] += probability
    return mass


def ranking_in_scope(policy: Policy, ranking: Sequence[Tuple[str, float]]) -> List[Tuple[str, float]]:
    """The ranking of the intents that are not rejected, normalised to a sum of 1; empty without such an intent."""
    rejected = policy.intents_of_route("reject")
    kept = [(intent, probability) for intent, probability in ranking if intent not in rejected]
    whole = sum(probability for _, probability in kept)
    return [(intent, probability / whole) for intent, probability in kept] if whole else []
