"""The input of the rules: a message with the figures from the model, the entities and the policy, and the trace."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from actions.amounts import largest_amount_cny, largest_unrated_amount
from actions.decision import RANKING_LENGTH, Message, Part
from actions.short_reply import SOCIAL, short_replies_of
from content.lookups import StatedQuestion
from content.triage_policy import Policy
from contract.decision import Decision, Step
from contract.turn import Context
from contract.understanding import SOCIAL_INTENTS
from language.normalization import normalize

#: Routes of the topics that the bot may offer as buttons.
OFFERED_ROUTES = ("answer", "escalate")
#: Topics under a question back.
CLARIFYING_TOPICS = 3
#: Kinds of words that name a thing and say nothing about it.
NAMING = frozenset({"noun", "fragment", "filler"})
#: Characters of a reply besides its amount. A longer reply has a meaning of its own.
BARE_AMOUNT_LENGTH = 16


class Assessment:
    """One message, its context and the policy; the rules are functions of it (actions/decide.py).

    Attributes: `ranking`: the known intents with their probabilities, likeliest first; `top`, `confidence`: its first entry;
    `reading`: what the lists of words make of the text; `limits`: the model's thresholds; `foreign`: the probability that the
    message is out of scope; `amount`: the largest amount in CNY; `unrated`: the largest number in a currency without a rate;
    `doors`: the intents of the offered doors by the letters of their labels; `topics`: the intents offered last;
    `questions`: by intent, the questions of known words; `trace`.
    """

    def __init__(
        self,
        message: Message,
        context: Context,
        policy: Policy,
        has_article: Callable[[str], bool],
        doors: Mapping[str, str],
        questions: Mapping[str, StatedQuestion] = MappingProxyType({}),
    ) -> None:
        self.questions = questions
        self.message, self.context, self.policy, self.has_article = message, context, policy, has_article
        self.doors = {letters_of(label): intent for label, intent in doors.items() if self.is_door(intent)}
        # A number must not select another topic because an offered topic before it was removed from the policy.
        self.topics = tuple(context.topics) if all(topic in policy.intents for topic in context.topics) else ()
        self.trace: List[Step] = []
        self.short_replies = short_replies_of(policy)
        self.reading = self.short_replies.read(message.text)
        self.ranking = self.known(self.matter())
        self.top: Optional[str] = self.ranking[0][0] if self.ranking else None
        self.confidence = self.ranking[0][1] if self.ranking else 0.0
        self.probability: Dict[str, float] = dict(self.ranking)
        self.limits = message.thresholds
        self.foreign = self.mass(policy.intents_of_route("reject"))
        self.amount = largest_amount_cny(message.entities, policy.large_transaction.rates)
        self.unrated = largest_unrated_amount(message.entities, policy.large_transaction.rates)

    def is_door(self, intent: str) -> bool:
        """Whether the intent was offered as a door under the last answer, and still leads to a handoff."""
        policy = self.policy.intents.get(intent)
        return intent in self.context.doors and policy is not None and policy.route == "escalate"

    def known(self, ranking: Sequence[Tuple[str, float]]) -> List[Tuple[str, float]]:
        """The ranking, likeliest first, without intents that the policy lacks: after a swap a model may briefly know others."""
        return sorted((pair for pair in ranking if pair[0] in self.policy.intents), key=lambda pair: -pair[1])

    def matter(self) -> Sequence[Tuple[str, float]]:
        """The ranking that counts: that of the only clause with a matter, if the others are social, else the message's."""
        matters = self.matters()
        return matters[0].ranking if len(matters) == 1 and len(self.message.parts) > 1 else self.message.ranking

    def matters(self) -> List[Part]:
        """The clauses of the message that are not only social words."""
        return [part for part in self.message.parts if not self.is_social(part.text)]

    def is_social(self, text: str) -> bool:
        """Whether all words of a text are known and social."""
        reading = self.short_replies.read(text)
        return reading.is_complete and SOCIAL.issuperset(reading.kinds)

    def mass(self, intents: Sequence[str]) -> float:
        """The total probability of the intents."""
        return sum(self.probability.get(intent, 0.0) for intent in intents)

    def note(self, rule: str, fired: bool, detail: str) -> bool:
        """Add a line to the trace and return whether the rule fired.

        Agents read details in two languages, so a detail has only names, figures and quotations, no sentences.
        """
        self.trace.append(Step(rule, fired, detail))
        return fired

    def decision(self, route: Any, rule: str, intent: Optional[str] = None, **fields: Any) -> Decision:
        """A decision with the fields that all decisions have."""
        reason, priority = fields.pop("reason", None), fields.pop("priority", None)
        intent = intent or self.top
        # A second topic stays open until it is answered.
        still_open = () if route == "escalate" else tuple(topic for topic in self.open_topics() if topic != intent)
        confidence = fields.pop("confidence", self.probability.get(intent or "", 0.0))
        return Decision(
            route=route,
            rule=rule,
            intent=intent,
            confidence=confidence,
            reason=reason,
            priority=(priority or self.priority(reason)) if reason else None,
            ranking=self.ranking[:RANKING_LENGTH],
            entities=self.message.entities,
            amount_cny=self.amount,
            scores={"risk": self.mass(self.policy.risk_intents()), "out_of_scope": self.foreign},
            thresholds=self.limits,
            trace=tuple(self.trace),
            open_topics=fields.pop("open_topics", still_open),
            lane=self.lane(route, intent),
            **fields,
        )

    def lane(self, route: str, intent: Optional[str]) -> Optional[str]:
        """The policy's lane of an escalated intent."""
        policy = self.policy.intents.get(intent or "")
        return policy.lane if policy and route == "escalate" else None

    def priority(self, reason: str) -> str:
        """The reason's priority, raised to that of a large transaction where the amount is one (rule 1)."""
        reasons = [reason]
        if self.is_large_transaction():
            reasons.append("large_transaction")
        return self.policy.priority_of(self.policy.graver(reasons))

    def amount_against_threshold(self) -> str:
        """The largest amount with its threshold, and the largest amount without a rate with its own, for the trace."""
        large = self.policy.large_transaction
        parts = [] if self.amount is None else [f"{against(self.amount, large.threshold_cny, '.0f')} CNY"]
        if self.unrated is not None:
            parts.append(f"{against(self.unrated, large.without_rate, 'g')} ?")
        return ", ".join(parts)

    def states_large_amount(self) -> bool:
        """Whether an amount reaches the threshold. A currency without a rate has its own threshold."""
        large = self.policy.large_transaction
        in_cny = self.amount is not None and self.amount >= large.threshold_cny
        return in_cny or (self.unrated is not None and self.unrated >= large.without_rate)

    def is_large_transaction(self) -> bool:
        """Whether the message states an amount at or above the threshold for a transaction of the customer."""
        large = self.policy.large_transaction
        if not self.states_large_amount():
            return False
        own = bool(self.policy.floor.own_transaction.search(self.message.text))
        harmless = self.policy.harmless_intents()
        if self.top is None or self.top not in harmless:
            return True
        # Rules 1 and 2: an amount in a mere question does not count, but in doubt it does.
        doubtful = self.mass(harmless) < self.limits["harmless"]
        return (own and doubtful) if self.top in large.information_only else (own or doubtful)

    def open_topics(self) -> List[str]:
        """The topics that the customer named before and that are not answered yet, without topics that the policy lacks."""
        routes = {name: intent.route for name, intent in self.policy.intents.items()}
        return [topic for topic in self.context.open_topics if routes.get(topic) in OFFERED_ROUTES]

    def states_nothing(self) -> bool:
        """Whether all words are known, and none of them can be about an emergency."""
        return self.reading.is_complete and not self.reading.has("not_solved", "trouble", "anger")

    def is_foreign(self) -> bool:
        """Whether the probability of out of scope reaches the model's threshold; never for social intents."""
        return self.top not in SOCIAL_INTENTS and self.foreign >= self.limits["out_of_scope"]

    def foreignness(self) -> str:
        """The probability of out of scope with its threshold, for the trace."""
        return f"out_of_scope {against(self.foreign, self.limits['out_of_scope'])}"

    def take_route(self, intent: str, confidence: float, rule: str) -> Decision:
        """The route of the policy for an intent. An answer without a valid article becomes a handoff."""
        policy = self.policy.intents[intent]
        if policy.route == "answer" and policy.article is not None:
            if not self.has_article(policy.article):
                self.note("article", False, policy.article)
                return self.decision("escalate", "article", intent, confidence=confidence, reason="unresolved")
            return self.decision("answer", rule, intent, confidence=confidence, asks="solved")
        return self.decision(policy.route, rule, intent, confidence=confidence, reason=policy.reason)


def against(value: float, threshold: float, form: str = ".2f") -> str:
    sign = "≥" if value >= threshold else "<"
    return f"{value:{form}} {sign} {threshold:{form}}"


def letters_of(text: str) -> str:
    """The letters and digits of a text, normalised. Buttons' labels and typed words are compared in this form."""
    return re.sub(r"[\W_]+", "", normalize(text))


def has_words(text: str) -> bool:
    """Whether a text has letters, digits or symbols (emoji), and not only punctuation."""
    return any(unicodedata.category(character)[0] in "LNS" for character in text)
