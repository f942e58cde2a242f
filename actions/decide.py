"""The decision: a pure function from a message, its context and the policy to what happens next.

The order of the rules is the product's promise (docs/deciding.md): the floor, which no training can weaken; answers to what
the bot just asked; risk; what was understood; and at last a question back, a refusal, or a person.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from actions.decision import RANKING_LENGTH, Context, Decision, Message, Step
from actions.floor import asked_for_person, stated_incidents
from actions.policy import Policy

#: Buttons, by the ids that the desk sends back: fixed ones, and one for each topic.
CHOICE_SOLVED, CHOICE_UNSOLVED, CHOICE_HUMAN, CHOICE_TOPIC = "solved", "unsolved", "human", "topic:"

_SOCIAL = ("greet", "goodbye", "thanks", "affirm", "deny", "bot_challenge")
_CLARIFYING_TOPICS = 3
_OFFERED_ROUTES = ("answer", "escalate")
#: Characters of a reply beside its amount; a longer one says something of its own.
_BARE_AMOUNT_LENGTH = 16


class _Triage:
    """One run of the rules: collects the trace, and knows what every decision carries."""

    def __init__(self, message: Message, context: Context, policy: Policy, has_article: Callable[[str], bool]) -> None:
        self.message, self.context, self.policy, self.has_article = message, context, policy, has_article
        self.trace: List[Step] = []
        # A model may know intents that the policy no longer has, between a model's swap and its content's.
        known = [pair for pair in message.ranking if pair[0] in policy.intents]
        self.ranking = sorted(known, key=lambda pair: -pair[1])
        self.top: Optional[str] = self.ranking[0][0] if self.ranking else None
        self.confidence = self.ranking[0][1] if self.ranking else 0.0
        self.probability: Dict[str, float] = dict(self.ranking)
        self.limits = message.thresholds
        self.foreign = self.mass(policy.intents_of_route("reject"))
        self.amount = largest_amount_cny(message.entities, policy.large_transaction.rates)
        self.unrated = largest_unrated_amount(message.entities, policy.large_transaction.rates)

    def mass(self, intents: Sequence[str]) -> float:
        """The probability on some intents together."""
        return sum(self.probability.get(intent, 0.0) for intent in intents)

    def note(self, rule: str, fired: bool, detail: str) -> bool:
        """Add a line to the trace and hand back whether the rule fired.

        Details are read by agents in two languages: names, figures and quotations only, no sentences.
        """
        self.trace.append(Step(rule, fired, detail))
        return fired

    def decision(self, route: Any, rule: str, intent: Optional[str] = None, **fields: Any) -> Decision:
        """A decision with everything that all decisions carry."""
        reason = fields.pop("reason", None)
        intent = intent or self.top
        confidence = fields.pop("confidence", self.probability.get(intent or "", 0.0))
        return Decision(
            route=route,
            rule=rule,
            intent=intent,
            confidence=confidence,
            reason=reason,
            priority=self.priority(reason) if reason else None,
            ranking=self.ranking[:RANKING_LENGTH],
            entities=self.message.entities,
            amount_cny=self.amount,
            scores={"risk": self.mass(self.policy.risk_intents()), "out_of_scope": self.foreign},
            thresholds=self.limits,
            trace=tuple(self.trace),
            **fields,
        )

    def priority(self, reason: str) -> str:
        """The reason's priority, raised to that of a large transaction where the amount is one (rule 1)."""
        reasons = [reason]
        if self.is_large_transaction():
            reasons.append("large_transaction")
        return self.policy.priority_of(self.policy.graver(reasons))

    def amount_against_threshold(self) -> str:
        """The largest amount beside the threshold, and the largest one without a rate beside its own, for the trace."""
        large = self.policy.large_transaction
        parts = [] if self.amount is None else [f"{_against(self.amount, large.threshold_cny, '.0f')} CNY"]
        if self.unrated is not None:
            parts.append(f"{_against(self.unrated, large.without_rate, 'g')} ?")
        return ", ".join(parts)

    def states_large_amount(self) -> bool:
        """Whether an amount reaches the threshold; one in a currency without a rate has a threshold of its own."""
        large = self.policy.large_transaction
        in_cny = self.amount is not None and self.amount >= large.threshold_cny
        return in_cny or (self.unrated is not None and self.unrated >= large.without_rate)

    def is_large_transaction(self) -> bool:
        """Whether the message states an amount at or above the threshold for a transaction of the customer's own."""
        large = self.policy.large_transaction
        if not self.states_large_amount():
            return False
        own = bool(self.policy.floor.own_transaction.search(self.message.text))
        harmless = self.policy.harmless_intents()
        if self.top is None or self.top not in harmless:
            return True
        # Rule 1 and 2: an amount in a mere question counts for nothing, but in doubt it does.
        doubtful = self.mass(harmless) < self.limits["harmless"]
        return (own and doubtful) if self.top in large.information_only else (own or doubtful)

    # --- the rules, in their order -----------------------------------------------------------------------------------

    def floor(self) -> Optional[Decision]:
        """What the message states in so many words."""
        text, policy = self.message.text, self.policy
        intents: List[str] = []
        for incident in stated_incidents(text, policy.floor):
            self.note("floor.incident", True, f"{incident.intent}: “{incident.words}”")
            intents.append(incident.intent)
        if not intents:
            self.note("floor.incident", False, "")
        large = self.is_large_transaction()
        self.note("floor.amount", large, self.amount_against_threshold())
        person = asked_for_person(text, policy.floor)
        self.note("floor.human", person is not None, f"“{person.words}”" if person else "")

        # Rule 6: of two reasons the higher priority wins. What the model sees beside the stated can only raise it.
        risky = self.risk() if intents or large or person else None
        if intents:
            stated = policy.graver([policy.intents[intent].reason or "" for intent in intents])
            if risky and risky.reason and policy.is_more_urgent(risky.reason, stated):
                return risky
            named = next(intent for intent in intents if policy.intents[intent].reason == stated)
            likelier = self.top if self.top and policy.intents[self.top].reason == stated else named
            return self.decision("escalate", "floor.incident", likelier, reason=stated)
        if large:
            # The message's own route keeps its reason if it is an escalation already; the priority is the higher one.
            if risky:
                return self.decision("escalate", "floor.amount", risky.intent, reason=risky.reason)
            own = policy.intents[self.top].reason if self.top and self.confidence >= self.limits["understood"] else None
            reason = own if own and own not in ("user_request", "unresolved") else "large_transaction"
            about_money = self.top and policy.intents[self.top].route in ("answer", "escalate")
            return self.decision("escalate", "floor.amount", self.top if about_money else "large_transaction", reason=reason)
        if person:  # a complaint and a request for a person is a complaint
            return risky or self.decision("escalate", "floor.human", person.intent, reason=policy.intents[person.intent].reason)
        return None

    def waiting(self) -> Optional[Decision]:
        """While the customer waits for a person, "never mind" gives the conversation back to the bot (rule 7)."""
        if self.context.status != "queued":
            return None
        called_off = bool(self.policy.floor.never_mind.search(self.message.text))
        if self.note("context.never_mind", called_off, self.context.status):
            return self.decision("chat", "context.never_mind", outcome="never_mind")
        return None

    def chosen(self) -> Optional[Decision]:
        """A button that the bot offered."""
        choice = self.message.choice
        if choice is None:
            return None
        self.note("context.choice", True, choice)
        if choice == CHOICE_HUMAN:
            return self.decision("escalate", "context.choice", "human_agent", confidence=1.0, reason="user_request")
        if choice == CHOICE_UNSOLVED:
            topic = self.context.topic or "unresolved"
            return self.decision("escalate", "context.choice", topic, confidence=1.0, reason="unresolved")
        if choice == CHOICE_SOLVED:
            return self.decision("chat", "context.choice", "affirm", confidence=1.0, outcome="solved")
        topic = choice[len(CHOICE_TOPIC) :] if choice.startswith(CHOICE_TOPIC) else ""
        if topic not in self.policy.intents or self.policy.intents[topic].route not in _OFFERED_ROUTES:
            raise ValueError(f"unknown choice {choice!r}")
        return self.take_route(topic, 1.0, "context.choice")

    def replied(self) -> Optional[Decision]:
        """An answer to what the bot's last message asked."""
        asked, top = self.context.asked, self.top
        if asked is None and self.context.last_route != "answer":
            self.note("context.reply", False, "")
        if asked == "solved" and top == "affirm":
            self.note("context.reply", True, f"{asked}? → {top}")
            return self.decision("chat", "context.reply", outcome="solved")
        if self.context.last_route == "answer" and (top == "unresolved" or (asked == "solved" and top == "deny")):
            self.note("context.reply", True, f"{asked or self.context.last_route}? → {top}")
            return self.decision("escalate", "context.reply", reason="unresolved")
        if asked == "offer_person" and top == "affirm":
            self.note("context.reply", True, f"{asked}? → {top}")
            return self.decision("escalate", "context.reply", "human_agent", reason="user_request")
        stated = self.amount is not None or self.unrated is not None
        if stated and self.context.topic in self.policy.large_transaction.topics:
            # In words an amount alone is longer than that: "two hundred thousand dollars".
            amounts = [entity["end"] - entity["start"] for entity in self.message.entities if entity["entity"] == "amount"]
            bare = len(self.message.text) - max(amounts) <= _BARE_AMOUNT_LENGTH
            detail = f"{self.context.topic}: {self.amount_against_threshold()}"
            if self.note("context.amount", bare and self.states_large_amount(), detail):
                return self.decision("escalate", "context.amount", self.context.topic, reason="large_transaction")
        return None

    def risk(self) -> Optional[Decision]:
        """The probability that this is an emergency of any kind, even if an answer is likelier."""
        policy = self.policy
        mass: Dict[str, float] = {}
        for intent in policy.risk_intents():
            reason = policy.intents[intent].reason or ""
            mass[reason] = mass.get(reason, 0.0) + self.probability.get(intent, 0.0)
        total = sum(mass.values())
        if self.top is None or not self.note("risk", total >= self.limits["risk"], _against(total, self.limits["risk"])):
            return None
        reason = max(mass, key=lambda name: mass[name])
        likeliest = next((intent for intent, _ in self.ranking if policy.intents[intent].reason == reason), self.top)
        return self.decision("escalate", "risk", likeliest, reason=reason)

    def understood(self) -> Optional[Decision]:
        """The likeliest intent's own route, if the classifier is sure enough and the message is not foreign."""
        if self.top is None:
            return None
        if not has_words(self.message.text):
            self.note("understood", False, "")
            return None
        limit = self.limits["understood"]
        detail = f"{self.top} {_against(self.confidence, limit)}, {self.foreignness()}"
        if not self.note("understood", self.confidence >= limit and not self.is_foreign(), detail):
            return None
        if self.policy.intents[self.top].route in ("reject", "clarify"):
            return None
        return self.take_route(self.top, self.confidence, "understood")

    def is_foreign(self) -> bool:
        """Whether the message is likelier out of scope than the model's threshold allows; social moves never are."""
        return self.top not in _SOCIAL and self.foreign >= self.limits["out_of_scope"]

    def foreignness(self) -> str:
        """The probability of foreign matter beside its threshold, for the trace."""
        return f"out_of_scope {_against(self.foreign, self.limits['out_of_scope'])}"

    def take_route(self, intent: str, confidence: float, rule: str) -> Decision:
        """The route that the policy gives an intent; without a valid article an answer goes to a person."""
        policy = self.policy.intents[intent]
        if policy.route == "answer" and policy.article is not None:
            if not self.has_article(policy.article):
                self.note("article", False, policy.article)
                return self.decision("escalate", "article", intent, confidence=confidence, reason="unresolved")
            return self.decision("answer", rule, intent, confidence=confidence, asks="solved")
        return self.decision(policy.route, rule, intent, confidence=confidence, reason=policy.reason)

    def not_understood(self) -> Decision:
        """A question back, or what the bot can help with; a person the second time in a row."""
        if self.context.not_understood >= 1:
            self.note("unresolved", True, f"{self.context.not_understood + 1} ≥ 2")
            return self.decision("escalate", "unresolved", "unresolved", reason="unresolved")
        if self.top is None or not has_words(self.message.text):
            self.note("reject", True, "")
            return self.decision("reject", "reject", "out_of_scope", asks="offer_person")
        foreign = self.is_foreign() or self.policy.intents[self.top].route == "reject"
        if self.note("clarify", not foreign, self.foreignness()):
            topics = [intent for intent, _ in self.ranking if self.policy.intents[intent].route in _OFFERED_ROUTES]
            offered = () if self.top == "unresolved" else tuple(topics[:_CLARIFYING_TOPICS])
            return self.decision("clarify", "clarify", asks="topic", topics=offered)
        self.note("reject", True, self.foreignness())
        return self.decision("reject", "reject", "out_of_scope", asks="offer_person")


def _against(value: float, threshold: float, form: str = ".2f") -> str:
    sign = "≥" if value >= threshold else "<"
    return f"{value:{form}} {sign} {threshold:{form}}"


def has_words(text: str) -> bool:
    """Whether a text has anything that can mean something: letters, digits, symbols (emoji); not punctuation alone."""
    return any(unicodedata.category(character)[0] in "LNS" for character in text)


def largest_amount_cny(entities: Sequence[Mapping[str, Any]], rates: Mapping[str, float]) -> Optional[float]:
    """The largest single amount among the entities, in CNY; None if no amount is in a currency with a rate."""
    amounts = [number * rates[currency] for number, currency in _amounts(entities) if currency in rates]
    return round(max(amounts), 2) if amounts else None


def largest_unrated_amount(entities: Sequence[Mapping[str, Any]], rates: Mapping[str, float]) -> Optional[float]:
    """The largest number among the amounts in currencies without a rate; None if there is no such amount."""
    return max((number for number, currency in _amounts(entities) if currency not in rates), default=None)


def _amounts(entities: Sequence[Mapping[str, Any]]) -> List[Tuple[float, str]]:
    found = [entity["value"] for entity in entities if entity["entity"] == "amount"]
    return [(float(value["number"]), value["currency"]) for value in found]


def decide(
    message: Message, context: Context, policy: Policy, has_article: Callable[[str], bool] = lambda article: True
) -> Decision:
    """Decide what happens with a message.

    `has_article(id)` tells whether an article may be served today. The same arguments give the same decision.
    Raises ValueError for a `message.choice` that no button has.
    """
    triage = _Triage(message, context, policy, has_article)
    rules = (
        (triage.chosen,)
        if message.choice is not None
        else (triage.floor, triage.waiting, triage.replied, triage.risk, triage.understood)
    )
    for rule in rules:
        decision = rule()
        if decision is not None:
            return decision
    return triage.not_understood()
