"""The decision: a pure function from a message, its context and the policy to what happens next.

The order of the rules is the product's promise (docs/deciding.md): the floor, which no training can weaken; replies to what the
bot just asked; risk; what was understood; and at last a question back, a refusal, or a person.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Callable, Mapping, Optional, Sequence

from actions import rules
from actions.assessment import Assessment
from actions.customer_replies import picked, replied
from actions.decision import Context, Decision, Message
from actions.risk import risk
from content.triage_policy import Policy

#: The rules for a typed message, in their order: the first one that decides wins.
RULES: Sequence[Callable[[Assessment], Optional[Decision]]] = (
    rules.floor,
    rules.waiting,
    rules.foreign_language,
    replied,
    rules.named,
    risk,
    picked,
    rules.several,
    rules.understood,
    rules.tentative,
)


def decide(
    message: Message,
    context: Context,
    policy: Policy,
    has_article: Callable[[str], bool] = lambda article: True,
    doors: Mapping[str, str] = MappingProxyType({}),
) -> Decision:
    """Decide what happens with a message.

    `has_article(id)` tells whether an article may be served today. `doors` are the words on the doors of the article just
    shown, with their intents; those of `context.doors` can be typed. The same arguments give the same decision.
    Raises ValueError for a `message.choice` that no button has.
    """
    assessment = Assessment(message, context, policy, has_article, doors)
    for rule in (rules.chosen,) if message.choice is not None else RULES:
        decision = rule(assessment)
        if decision is not None:
            return decision
    return rules.not_understood(assessment)
