"""The decision: a pure function from a message, its context and the policy to what happens next.

The order of the rules is the product's promise (docs/deciding.md): the floor, which no training can weaken; answers to what
the bot just asked; risk; what was understood; and at last a question back, a refusal, or a person.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from actions.decision import RANKING_LENGTH, SOCIAL_INTENTS, Message, Part, risk_of
from actions.floor import asked_for_person, stated_incidents
from actions.ordinals import number_chosen, step_named
from actions.reaction import Reaction, Situation, reaction_to, situation_of
from actions.short_reply import QUESTIONS, SOCIAL, short_replies_of
from content.triage_policy import Policy
from contract.decision import Decision, Step
from contract.turn import Closed, Context
from language.normalization import normalize
from language.recognition import is_foreign

#: Buttons, by the ids that the desk sends back: fixed ones, and one for each topic.
CHOICE_SOLVED, CHOICE_UNSOLVED, CHOICE_HUMAN, CHOICE_TOPIC = "solved", "unsolved", "human", "topic:"
CHOICE_CANCEL_WAIT, CHOICE_KEEP_WAITING = "cancel_wait", "keep_waiting"

#: Stands for the closed case where there is none.
_NOT_CLOSED = Closed(by="")
_CLARIFYING_TOPICS = 3
#: Alternatives under a tentative answer.
_ALTERNATIVES = 2
_OFFERED_ROUTES = ("answer", "escalate")
#: Kinds of words that name a thing and say nothing about it.
_NAMING = frozenset({"noun", "fragment", "filler"})
#: Kinds of words that are a piece of a sentence: the rest is still being typed.
_PIECES = frozenset({"fragment", "filler"})
#: Reactions after which nobody looks at the message any more, or nobody soon.
_LETS_GO = ("solved", "closed", "fragment", "unresolved", "alternatives", "reopened", "thanks", "deny", "affirm")
#: So sure the model must be of an emergency to be heard against the lists of words.
_GRAVE = 0.8
#: Something left the customer's hands, or was not theirs.
_GAVE_AWAY = re.compile(r"[转给付汇]了?(他|她|他们|对方|人家|出去|过去)?了|^不是我$")
#: An intent with a lane counts before the likeliest of its reason from this share of its probability on, and at least so much.
_LANE_SHARE, _LANE_LEAST = 0.2, 0.05
#: An offered topic is picked by the model if it has this share of the probability of all offered topics, and at least so much
#: itself. That is little, because the customer was just asked which one it is.
_PICKED_SHARE, _PICKED_LEAST = 2 / 3, 0.05
#: No article has more steps.
_MOST_STEPS = 12
#: Characters of a reply beside its amount; a longer one says something of its own.
_BARE_AMOUNT_LENGTH = 16


class _Triage:
    """One run of the rules: collects the trace, and knows what every decision carries."""

    def __init__(
        self,
        message: Message,
        context: Context,
        policy: Policy,
        has_article: Callable[[str], bool],
        doors: Mapping[str, str],
    ) -> None:
        self.message, self.context, self.policy, self.has_article = message, context, policy, has_article
        self.doors = {_letters(label): intent for label, intent in doors.items() if self.is_door(intent)}
        # A number must not choose another topic because one of those before it is gone from the policy.
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
        """Whether the intent was offered as a door under the last answer, and still leads to a person."""
        policy = self.policy.intents.get(intent)
        return intent in self.context.doors and policy is not None and policy.route == "escalate"

    def known(self, ranking: Sequence[Tuple[str, float]]) -> List[Tuple[str, float]]:
        """A ranking, likeliest first, of the intents that the policy has: a model may know others for a moment after a swap."""
        return sorted((pair for pair in ranking if pair[0] in self.policy.intents), key=lambda pair: -pair[1])

    def matter(self) -> Sequence[Tuple[str, float]]:
        """The ranking that counts: of the one clause with a matter where the others are "thanks" and the like, else of all."""
        matters = self.matters()
        return matters[0].ranking if len(matters) == 1 and len(self.message.parts) > 1 else self.message.ranking

    def matters(self) -> List[Part]:
        """The clauses of the message that are more than "thanks" and the like."""
        return [part for part in self.message.parts if not self.is_social(part.text)]

    def is_social(self, text: str) -> bool:
        """Whether all words of a text are known and speak of no matter."""
        reading = self.short_replies.read(text)
        return reading.is_complete and SOCIAL.issuperset(reading.kinds)

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
        reason, priority = fields.pop("reason", None), fields.pop("priority", None)
        intent = intent or self.top
        # A second topic stays open until it is answered, whatever is said in between.
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
        leaves = self.context.status == "queued" and self.short_replies.leaves_the_wait(text)
        person = None if leaves else asked_for_person(text, policy.floor)
        self.note("floor.human", person is not None, f"“{person.words}”" if person else "")

        # Rule 6: of two reasons the higher priority wins. What the model sees beside the stated can only raise it.
        risky = self.risk() if intents or large or person else None
        in_lane = next((intent for intent in intents if self.lane("escalate", intent)), None)
        if in_lane:  # rule 9: before every other, whatever else is stated or likelier
            return self.decision("escalate", "floor.incident", in_lane, reason=policy.intents[in_lane].reason)
        if intents:
            stated = policy.graver([policy.intents[intent].reason or "" for intent in intents])
            if risky and risky.reason and policy.is_more_urgent(risky.reason, stated):
                return risky
            named = next(intent for intent in intents if policy.intents[intent].reason == stated)
            likelier = self.top if self.top and policy.intents[self.top].reason == stated else named
            return self.decision("escalate", "floor.incident", self.ahead(likelier, self.ranking), reason=stated)
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
        """While the customer waits for a person, "never mind" gives the conversation back to the bot (rule 7).

        An urgent or high case is asked once more before that.
        """
        if self.context.status != "queued":
            return None
        asked_again = self.context.asked == "cancel_wait"
        called_off = self.short_replies.leaves_the_wait(self.message.text, confirming=asked_again)
        if not self.note("context.never_mind", called_off, f"{self.context.status}, {self.context.priority}"):
            return None
        if self.context.priority in ("urgent", "high") and not asked_again:
            return self.decision("chat", "context.never_mind", "deny", asks="cancel_wait")
        return self.decision("chat", "context.never_mind", "deny", outcome="never_mind")

    def chosen(self) -> Optional[Decision]:
        """A button that the bot offered."""
        choice = self.message.choice
        if choice is None:
            return None
        topic = choice[len(CHOICE_TOPIC) :] if choice.startswith(CHOICE_TOPIC) else ""
        is_door = topic in self.context.doors
        self.note("context.choice", True, f"door {topic} ({self.context.last_article})" if is_door else choice)
        if choice == CHOICE_HUMAN:
            return self.decision("escalate", "context.choice", "human_agent", confidence=1.0, reason="user_request")
        if choice == CHOICE_UNSOLVED:
            topic = self.context.topic or "unresolved"
            return self.decision("escalate", "context.choice", topic, confidence=1.0, reason="unresolved")
        if choice == CHOICE_SOLVED:
            return self.solved("context.choice", 1.0)
        if choice == CHOICE_CANCEL_WAIT:
            return self.decision("chat", "context.choice", "deny", confidence=1.0, outcome="never_mind")
        if choice == CHOICE_KEEP_WAITING:
            return self.decision("chat", "context.choice", "affirm", confidence=1.0)
        if topic not in self.policy.intents or self.policy.intents[topic].route not in _OFFERED_ROUTES:
            raise ValueError(f"unknown choice {choice!r}")
        return self.take_route(topic, 1.0, "context.choice")

    def foreign_language(self) -> Optional[Decision]:
        """A sentence in a language that nobody here writes: a person, because lists of words and model were not made for it.

        Short words and codes are no such sentence (language/recognition.py). What the model sees as risky keeps its reason.
        """
        if not self.note("language", is_foreign(self.message.language), self.message.language or ""):
            return None
        # The sentence encoder knows many languages, so that a theft told in Spanish is often seen (decision 024). But to the
        # measure of scope all foreign sentences are alien: its share says nothing about what the rest is.
        grave = self.emergency(self.limits["risk"], in_scope=True)
        if grave is not None:
            return replace(grave, rule="language")
        return self.decision("escalate", "language", "unresolved", reason="unresolved")

    def replied(self) -> Optional[Decision]:
        """An answer to what the bot's last message asked, or to how the last episode ended."""
        context, text = self.context, self.message.text
        if context.status == "queued":
            return None
        door = self.doors.get(_letters(text))
        if door is not None:  # a door's own words are a press on it, however they read without the article
            self.note("context.choice", True, f"door {door} ({context.last_article})")
            return self.take_route(door, 1.0, "context.choice")
        topic = self.offered_topic()
        if topic is not None:
            self.note("context.topic", True, topic)
            return self.take_route(topic, self.probability.get(topic, 0.0), "context.topic")
        situation = situation_of(context)
        step = self.step_asked(situation)
        if step is not None:
            return self.article_again("article", step)
        reaction = "fragment" if situation != "nothing" and not has_words(text) else self.reaction(situation)
        detail = f"{situation}? → {'+'.join(self.reading.kinds) or self.top} → {reaction}"
        grave = self.hidden_emergency(reaction)
        if grave is not None:
            return grave
        done = self.done_as_told(situation)
        if done is not None:
            return done
        if self.still_fails(situation):
            self.note("context.reply", True, f"{situation}? → {self.top} → unresolved")
            return self.react("unresolved")
        if self.note("context.reply", reaction is not None, detail if situation != "nothing" or reaction else ""):
            return self.react(reaction)
        stated = self.amount is not None or self.unrated is not None
        if stated and context.topic in self.policy.large_transaction.topics:
            # In words an amount alone is longer than that: "two hundred thousand dollars".
            amounts = [entity["end"] - entity["start"] for entity in self.message.entities if entity["entity"] == "amount"]
            bare = len(text) - max(amounts) <= _BARE_AMOUNT_LENGTH
            detail = f"{context.topic}: {self.amount_against_threshold()}"
            if self.note("context.amount", bare and self.states_large_amount(), detail):
                return self.decision("escalate", "context.amount", context.topic, reason="large_transaction")
        return None

    def hidden_emergency(self, reaction: Optional[Reaction]) -> Optional[Decision]:
        """An emergency that the model sees in a reply whose words are all known: nobody would look at it any more.

        "He told me to go on" sounds like progress and "I have shown it to him" like success: where somebody else acts, the
        ordinary threshold counts.
        """
        if reaction is None or _PIECES.issuperset(self.reading.kinds):
            return None
        if self.short_replies.names_somebody_else(self.message.text):
            return self.emergency(self.limits["risk"])
        return self.emergency(_GRAVE) if reaction in _LETS_GO and self.may_tell_of_a_loss() else None

    def done_as_told(self, situation: Situation) -> Optional[Decision]:
        """A person, if the customer has done what a stranger asked for: "filled in" after the article on strange messages."""
        if situation not in ("solved", "tentative") or self.context.topic is None:
            return None
        intent = self.short_replies.follow_up(self.context.topic, self.message.text)
        if intent is None or not self.note("context.follow_up", True, f"{self.context.topic} → {intent}"):
            return None
        return self.decision("escalate", "context.follow_up", intent, reason=self.policy.intents[intent].reason)

    def still_fails(self, situation: Situation) -> bool:
        """Whether the reply says that the matter of the article just sent goes on: the article would only come again."""
        if situation not in ("solved", "tentative") or self.top is None or self.top != self.context.topic:
            return False
        return self.short_replies.says_still(self.message.text) and not self.reading.has(*QUESTIONS)

    def reaction(self, situation: Situation) -> Optional[Reaction]:
        """What the reply leads to (actions/reaction.py)."""
        sure = self.top is not None and self.confidence >= self.limits["understood"] and not self.is_foreign()
        new = sure and self.top != self.context.topic and self.policy.intents[self.top or ""].route in _OFFERED_ROUTES
        clauses = self.short_replies.clauses(self.message.text)
        rejected = self.short_replies.rejects(self.message.text) if situation == "tentative" else None
        return reaction_to(situation, self.reading, clauses, self.top, sure, new, rejected)

    def offered_topic(self) -> Optional[str]:
        """The offered topic that the text names by its number, its place or its name."""
        if not self.topics_are_offered() or not self.topics:
            return None
        if self.context.tentative:
            # A number names a step of the article, and a sentence that holds a topic's name may be about something new.
            return self.named_topic(self.topics, whole=True)
        number = number_chosen(self.short_replies.spelled(self.message.text), len(self.topics))
        if number is not None:
            return self.topics[number - 1]
        return None if self.reading.has(*QUESTIONS) else self.named_topic(self.topics)

    def topics_are_offered(self) -> bool:
        """Whether the bot's last message had topics as buttons that an answer in words can pick."""
        return self.context.asked == "topic" or situation_of(self.context) == "tentative"

    def named_topic(self, topics: Sequence[str], whole: bool = False) -> Optional[str]:
        """The one topic whose name holds the text, or, unless the whole text must be a name, stands in it."""
        said = normalize(self.message.text).strip(" ,，。.!！~")
        names = {
            topic: [normalize(self.policy.intents[topic].zh), normalize(self.policy.intents[topic].en)] for topic in topics
        }
        found = [
            topic
            for topic in topics
            if any((name in said and not whole) or (len(said) > 1 and said in name) for name in names[topic])
        ]
        return found[0] if len(found) == 1 else None

    def step_asked(self, situation: Situation) -> Optional[int]:
        """The step of the article just sent that the text names, unless it says that the step fails or is done."""
        if (
            situation not in ("solved", "tentative")
            or self.reading.is_long
            or self.reading.has("not_solved", "trouble", "anger", "solved", "in_progress")
        ):
            return None
        text = self.short_replies.spelled(self.message.text)
        return step_named(text) or number_chosen(text, _MOST_STEPS)

    def react(self, reaction: Optional[Reaction]) -> Optional[Decision]:
        """The decision for a reaction. Words that say nothing of an emergency do not hide one that the model sees."""
        closed = self.context.closed or _NOT_CLOSED
        if not self.reading.is_complete:
            risky = self.risk()
            if risky is not None:
                return risky
        if reaction == "solved":
            return self.solved("context.reply", self.confidence)
        if reaction == "unresolved":
            return self.decision("escalate", "context.reply", closed.intent or self.context.topic, reason="unresolved")
        if reaction == "person":
            return self.decision("escalate", "context.reply", "human_agent", reason="user_request")
        if reaction == "reopened":
            reason = closed.reason
            reason = reason if reason in self.policy.reasons else "unresolved"
            return self.decision("escalate", "context.reopened", closed.intent, reason=reason, priority=closed.priority)
        if reaction == "alternatives":
            return self.alternatives()
        if reaction == "deny" and self.context.asked == "topic" and self.context.not_understood >= 2:
            # The guess was wrong, and so were its alternatives.
            return self.decision("escalate", "context.reply", self.context.topic, reason="unresolved")
        if reaction == "topic" and len(self.topics) == 1:
            return self.take_route(self.topics[0], self.confidence, "context.topic")
        if reaction == "article":
            return self.article_again("article", None)
        return self.friendly("fragment" if reaction == "topic" else reaction)

    def alternatives(self) -> Decision:
        """Which of the alternatives it is, after "not this" to a tentative answer; a person after the second miss."""
        if not self.topics or self.context.not_understood >= 2:
            return self.decision("escalate", "context.reply", self.context.topic, reason="unresolved")
        self.note("context.alternatives", True, ", ".join(self.topics))
        return self.decision("clarify", "context.alternatives", "deny", asks="topic", topics=self.topics)

    def friendly(self, word: Optional[str]) -> Decision:
        """A friendly word that leaves the question open, or closes the conversation kindly."""
        if word == "closed":
            return self.decision("chat", "context.reply", "thanks", outcome="closed")
        if word in ("thanks", "deny", "affirm"):
            return self.decision("chat", "context.reply", word)
        return self.decision("chat", f"context.{word}", topics=self.topics if self.topics_are_offered() else ())

    def solved(self, rule: str, confidence: float) -> Decision:
        """The end; or, if the customer named a second topic before, the question whether to go on with that."""
        still_open = self.open_topics()
        if self.context.asked == "solved" and still_open:
            self.note("context.open_topic", True, ", ".join(still_open))
            return self.decision(
                "clarify", "context.open_topic", still_open[0], asks="topic", topics=tuple(still_open[:_CLARIFYING_TOPICS])
            )
        return self.decision("chat", rule, "affirm", confidence=confidence, outcome="solved")

    def open_topics(self) -> List[str]:
        """The topics that the customer named before and that were not dealt with, as far as the policy has them."""
        routes = {name: intent.route for name, intent in self.policy.intents.items()}
        return [topic for topic in self.context.open_topics if routes.get(topic) in _OFFERED_ROUTES]

    def article_again(self, word: str, step: Optional[int]) -> Decision:
        """The article just sent, or one step of it, once more."""
        topic = self.context.topic or ""
        policy = self.policy.intents.get(topic)
        if policy is None or policy.route != "answer" or not self.has_article(policy.article or ""):
            return self.friendly("question")
        self.note("context.article", True, f"{policy.article} {step or ''}".strip())
        return self.decision("answer", "context.article", topic, asks="solved", step=step)

    def named(self) -> Optional[Decision]:
        """A thing by its name alone ("phone") states nothing, however sure the model is: the bot asks back (rule 3)."""
        bare = self.reading.is_complete and self.reading.has("noun") and _NAMING.issuperset(self.reading.kinds)
        bare = bare or self.is_bare_amount()
        if not self.note("noun", bare, "+".join(self.reading.kinds) if bare else ""):
            return None
        if self.context.not_understood >= 1:
            return self.friendly("fragment")
        topics = [intent for intent, _ in self.ranking if self.policy.intents[intent].route in _OFFERED_ROUTES]
        return self.decision("clarify", "noun", asks="topic", topics=tuple(topics[:_CLARIFYING_TOPICS]))

    def is_bare_amount(self) -> bool:
        """Whether the text is a sum of money and nothing else: it says nothing of what is the matter with it."""
        amounts = [entity["end"] - entity["start"] for entity in self.message.entities if entity["entity"] == "amount"]
        letters = sum(character.isalnum() for character in self.message.text)
        return bool(amounts) and letters <= max(amounts) and len(self.message.text) <= _BARE_AMOUNT_LENGTH + max(amounts)

    def risk(self) -> Optional[Decision]:
        """The probability that this, or a clause of it, is an emergency of any kind, even if an answer is likelier."""
        return None if self.states_nothing() or self.top is None else self.emergency(self.limits["risk"])

    def may_tell_of_a_loss(self) -> bool:
        """Whether known words can tell of something grave: a thing beside "gone", or that something was sent or given.

        "The money is gone" and "no more questions" end with the same word, and "I sent it" looks like a yes.
        """
        if not self.reading.is_complete:
            return False
        names_a_thing = self.reading.has("noun") and not _NAMING.issuperset(self.reading.kinds)
        return names_a_thing or bool(_GAVE_AWAY.search(self.message.text))

    def emergency(self, limit: float, *, in_scope: bool = False) -> Optional[Decision]:
        """A person, if the probability of an emergency reaches the limit; `in_scope`: its share of what is not rejected."""
        if self.top is None:
            return None
        ranking = self.in_scope(self.ranking) if in_scope else self.ranking
        gravest = self.gravest_sentence(in_scope=in_scope)
        whole = self.total_risk(ranking)
        total = whole if gravest is None else risk_of(whole, self.total_risk(gravest))
        if not self.note("risk", total >= limit, _against(total, limit)):
            return None
        graver: Sequence[Tuple[str, float]] = ranking
        reason = self.heaviest_reason(ranking)
        if gravest is not None:
            of_sentence = self.heaviest_reason(gravest)
            # A piece of a sentence ("10,0000" is cut in two) must not change the reason that the whole message gives.
            if whole < limit or self.policy.is_more_urgent(of_sentence, reason):
                graver, reason = gravest, of_sentence
        likeliest = next((intent for intent, _ in graver if self.policy.intents[intent].reason == reason), self.top)
        return self.decision("escalate", "risk", self.ahead(likeliest, graver), reason=reason)

    def ahead(self, intent: str, ranking: Sequence[Tuple[str, float]]) -> str:
        """The intent, or one of the same reason that has a lane and is not much less likely: it goes before all others."""
        probability, reason = dict(ranking), self.policy.intents[intent].reason
        for other, share in ranking:
            is_near = share >= _LANE_SHARE * probability.get(intent, 0.0) and share >= _LANE_LEAST
            if is_near and self.policy.intents[other].reason == reason and self.lane("escalate", other):
                return other
        return intent

    def in_scope(self, ranking: Sequence[Tuple[str, float]]) -> List[Tuple[str, float]]:
        """A ranking of the intents that are not rejected, which sum to 1; empty without any."""
        rejected = self.policy.intents_of_route("reject")
        kept = [(intent, probability) for intent, probability in ranking if intent not in rejected]
        whole = sum(probability for _, probability in kept)
        return [(intent, probability / whole) for intent, probability in kept] if whole else []

    def gravest_sentence(self, *, in_scope: bool = False) -> Optional[Sequence[Tuple[str, float]]]:
        """The ranking of the message's sentence or clause with the most probable emergency; None if it is but one."""
        rankings = [self.known(part.ranking) for part in (*self.message.sentences, *self.matters())]
        if in_scope:
            rankings = [self.in_scope(ranking) for ranking in rankings]
        totals = [self.total_risk(ranking) for ranking in rankings]
        return rankings[totals.index(max(totals))] if rankings else None

    def escalated(self) -> float:
        """The highest probability that the message, or its gravest sentence, needs a person for whatever reason."""
        needed = self.policy.intents_of_route("escalate")
        looked_at = [self.ranking, self.gravest_sentence() or ()]
        return max(sum(probability for intent, probability in ranking if intent in needed) for ranking in looked_at)

    def heaviest_reason(self, ranking: Sequence[Tuple[str, float]]) -> str:
        """The reason with the highest probability of an emergency in a ranking."""
        mass = self.risks(ranking)
        return max(mass, key=lambda name: mass[name])

    def total_risk(self, ranking: Sequence[Tuple[str, float]]) -> float:
        """The probability of an emergency of any kind in a ranking."""
        return sum(self.risks(ranking).values())

    def risks(self, ranking: Sequence[Tuple[str, float]]) -> Dict[str, float]:
        """The probability of an emergency in a ranking, by its reason."""
        mass = dict.fromkeys(self.policy.risk_reasons, 0.0)
        for intent, probability in ranking:
            reason = self.policy.intents[intent].reason
            if reason in mass:
                mass[reason] += probability
        return mass

    def states_nothing(self) -> bool:
        """Whether all of the words are known, and none of them can be about an emergency."""
        return self.reading.is_complete and not self.reading.has("not_solved", "trouble", "anger")

    def picked(self) -> Optional[Decision]:
        """The offered topic that a reply in other words is about: it is far likelier than the other offered ones."""
        if not self.topics_are_offered() or self.top is None or self.reading.has(*QUESTIONS) or self.states_nothing():
            return None
        offered = {topic: self.probability.get(topic, 0.0) for topic in self.topics}
        if not offered:
            return None
        likeliest = max(offered, key=lambda topic: offered[topic])
        share = offered[likeliest] / (sum(offered.values()) or 1.0)
        # After a guess the customer may go on with something new; nobody asked which one it is.
        may_be_new = self.context.tentative or self.top in SOCIAL_INTENTS or self.confidence >= self.limits["understood"]
        is_other = self.top not in offered and may_be_new
        fits = not is_other and not self.is_foreign() and share >= _PICKED_SHARE and offered[likeliest] >= _PICKED_LEAST
        if self.note("context.topic", fits, f"{likeliest} {offered[likeliest]:.2f}"):
            return self.take_route(likeliest, self.confidence, "context.topic")
        return None

    def several(self) -> Optional[Decision]:
        """Clauses about different things: an escalation wins, else the first topic is answered and the others stay open."""
        found: Dict[str, float] = {}
        for part in self.matters():
            ranking = self.known(part.ranking)
            foreign = sum(probability for intent, probability in ranking if self.policy.intents[intent].route == "reject")
            if not ranking or ranking[0][1] < self.limits["understood"] or foreign >= self.limits["out_of_scope"]:
                continue
            if self.policy.intents[ranking[0][0]].route in _OFFERED_ROUTES:
                found.setdefault(*ranking[0])
        if not self.note("parts", len(found) > 1, ", ".join(found)):
            return None
        reasons = [
            self.policy.intents[intent].reason or "" for intent in found if self.policy.intents[intent].route == "escalate"
        ]
        if reasons:
            gravest = self.policy.graver(reasons)
            grave = next(intent for intent in found if self.policy.intents[intent].reason == gravest)
            return self.take_route(grave, found[grave], "parts")
        first, *others = found
        decision = self.take_route(first, found[first], "parts")
        if decision.route != "answer":
            return decision
        return replace(decision, open_topics=(*others, *(topic for topic in decision.open_topics if topic not in found)))

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

    def tentative(self) -> Optional[Decision]:
        """The likeliest article as a guess, with alternatives, where it is likely but not sure, and no escalation is near."""
        limit = self.limits.get("tentative")  # a model of an earlier version has none
        if limit is None or self.top is None or self.policy.intents[self.top].route != "answer":
            return None
        near = self.policy.near_risk * self.limits["risk"]
        escalated = self.escalated()
        detail = f"{self.top} {_against(self.confidence, limit)}, escalate {_against(escalated, near)}, {self.foreignness()}"
        likely = self.confidence >= limit and escalated < near and not self.is_foreign()
        if not self.note("tentative", likely and self.says_something() and self.may_guess(), detail):
            return None
        decision = self.take_route(self.top, self.confidence, "tentative")
        if decision.route != "answer":
            return decision
        others = [intent for intent, _ in self.ranking if intent != self.top]
        offered = [intent for intent in others if self.policy.intents[intent].route in _OFFERED_ROUTES]
        return replace(decision, tentative=True, topics=tuple(offered[:_ALTERNATIVES]))

    def says_something(self) -> bool:
        """Whether the text has words of its own, or names a thing; the model's guess on a bare "and then?" means nothing."""
        return has_words(self.message.text) and (not self.reading.is_complete or self.reading.has("noun"))

    def may_guess(self) -> bool:
        """Whether this would be the first guess, or the second one about another matter; later a person is fetched."""
        missed = self.context.not_understood
        is_other = self.context.tentative and self.top != self.context.topic and self.top not in self.topics
        return missed == 0 or (missed == 1 and is_other)

    def is_foreign(self) -> bool:
        """Whether the message is likelier out of scope than the model's threshold allows; social moves never are."""
        return self.top not in SOCIAL_INTENTS and self.foreign >= self.limits["out_of_scope"]

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


def _letters(text: str) -> str:
    """The letters and digits of a text, normalised: how a button's words and typed words are compared."""
    return re.sub(r"[\W_]+", "", normalize(text))


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
    triage = _Triage(message, context, policy, has_article, doors)
    rules = (
        (triage.chosen,)
        if message.choice is not None
        else (
            triage.floor,
            triage.waiting,
            triage.foreign_language,
            triage.replied,
            triage.named,
            triage.risk,
            triage.picked,
            triage.several,
            triage.understood,
            triage.tentative,
        )
    )
    for rule in rules:
        decision = rule()
        if decision is not None:
            return decision
    return triage.not_understood()
