"""The decision: a pure function of a message, its context and the policy.

The order of the rules is the product's promise (docs/deciding.md): first the floor, which training cannot weaken; then replies
to the bot's last message; risk; what was understood; and at last a question back, a rejection or a handoff.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Callable, Mapping, Optional, Sequence

from actions import rules
from actions.assessment import Assessment
from actions.customer_replies import picked, replied
from actions.decision import Message
from actions.risk import risk
from actions.stated_question import stated_question
from content.lookups import StatedQuestion
from content.triage_policy import Policy
from contract.decision import Decision
from contract.turn import Context

#: The rules for a typed message, in their order: the first one that decides wins.
RULES: Sequence[Callable[[Assessment], Optional[Decision]]] = (
    rules.floor,
    rules.waiting,
    rules.foreign_language,
    replied,
    stated_question,
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
    questions: Mapping[str, StatedQuestion] = MappingProxyType({}),
) -> Decision:
    """Decide what happens with a message.

    `has_article(id)` states whether an article may be served today. `doors` are the labels of the last article's doors with
    their intents; customers can type the labels of `context.doors`. `questions`: what a signed-in customer can
    ask in known words, by intent. The same arguments give the same decision.
    Raises ValueError for a `message.choice` that no button has.
    """
    assessment = Assessment(message, context, policy, has_article, doors, questions)
    for rule in (rules.chosen,) if message.choice is not None else RULES:
        decision = rule(assessment)
        if decision is not None:
            return decision
    return rules.not_understood(assessment)
