"""The rules for a message that replies to the bot: to a question, an article, offered topics, or the end of an episode."""

from __future__ import annotations

import re
from typing import Optional, Sequence

from actions.amounts import longest_amount
from actions.assessment import (
    BARE_AMOUNT_LENGTH,
    NAMING,
    OFFERED_ROUTES,
    Assessment,
    has_words,
    letters_of,
)
from actions.ordinals import number_chosen, step_named
from actions.reaction import Reaction, Situation, reaction_to, situation_of
from actions.risk import emergency, risk
from actions.short_reply import QUESTIONS
from actions.topics import article_again, friendly, solved, topics_are_offered, transaction_may_be_chosen
from contract.decision import Decision
from contract.turn import Closed
from contract.understanding import SOCIAL_INTENTS
from language.normalization import normalize

#: Stands for the closed case where there is none.
_NOT_CLOSED = Closed(by="")
#: Kinds of words that are a fragment of a sentence: the customer is still typing the rest.
_PIECES = frozenset({"fragment", "filler"})
#: Reactions after which no rule and no person looks at the message soon.
_LETS_GO = ("solved", "closed", "fragment", "unresolved", "alternatives", "reopened", "thanks", "deny", "affirm")
#: Probability of an emergency from which the model overrides the lists of words.
_GRAVE = 0.8
#: The customer gave something away, or something did not belong to the customer.
_GAVE_AWAY = re.compile(r"[转给付汇]了?(他|她|他们|对方|人家|出去|过去)?了|^不是我$")
#: The model picks an offered topic if the topic has this share of the probability of all offered topics, and at least this
#: probability. The limit is low, because the bot just asked which topic it is.
_PICKED_SHARE, _PICKED_LEAST = 2 / 3, 0.05
#: Characters of a reply that only names one of several transactions, and words for it.
_NAMES_TRANSACTION = 24
_THAT_ONE = re.compile(r"那[个笔一条]|这[个笔一条]|给.{1,8}的|^.{2,4}的$|\bthe one\b|\bto [a-z]+\b")
#: No article has more steps.
_MOST_STEPS = 12


def replied(assessment: Assessment) -> Optional[Decision]:
    """A reply to the bot's last question, or to the end of the last episode."""
    context, text = assessment.context, assessment.message.text
    if context.status == "queued":
        return None
    door = assessment.doors.get(letters_of(text))
    if door is not None:  # the typed label of a door equals a press on it, whatever the words mean without the article
        assessment.note("context.choice", True, f"door {door} ({context.last_article})")
        return assessment.take_route(door, 1.0, "context.choice")
    if transaction_named(assessment):
        grave = emergency(assessment, assessment.limits["risk"])
        if grave is not None:
            return grave
        assessment.note("context.transaction", True, context.topic or "")
        return assessment.take_route(context.topic or "", 1.0, "context.transaction")
    topic = offered_topic(assessment)
    if topic is not None:
        assessment.note("context.topic", True, topic)
        return assessment.take_route(topic, assessment.probability.get(topic, 0.0), "context.topic")
    situation = situation_of(context)
    step = step_asked(assessment, situation)
    if step is not None:
        return article_again(assessment, step)
    reaction = "fragment" if situation != "nothing" and not has_words(text) else reaction_to_message(assessment, situation)
    detail = f"{situation}? → {'+'.join(assessment.reading.kinds) or assessment.top} → {reaction}"
    grave = hidden_emergency(assessment, reaction)
    if grave is not None:
        return grave
    done = done_as_told(assessment, situation)
    if done is not None:
        return done
    if still_fails(assessment, situation):
        assessment.note("context.reply", True, f"{situation}? → {assessment.top} → unresolved")
        return react(assessment, "unresolved")
    if assessment.note("context.reply", reaction is not None, detail if situation != "nothing" or reaction else ""):
        return react(assessment, reaction)
    amount = longest_amount(assessment.message.entities)
    if amount is not None and context.topic in assessment.policy.large_transaction.topics:
        # An amount written as words alone is longer than that: "two hundred thousand dollars".
        bare = len(text) - amount <= BARE_AMOUNT_LENGTH
        detail = f"{context.topic}: {assessment.amount_against_threshold()}"
        if assessment.note("context.amount", bare and assessment.states_large_amount(), detail):
            return assessment.decision("escalate", "context.amount", context.topic, reason="large_transaction")
    return None


def transaction_named(assessment: Assessment) -> bool:
    """Whether a reply to "which transaction?" names one: by number or position, by its amount, or in a few words.

    Which one that is, the look-up finds out: only it knows the transactions. Words that say no, or that it is solved, and a new
    matter keep their meaning.
    """
    if not transaction_may_be_chosen(assessment):
        return False
    text, offered, reading = assessment.message.text, len(assessment.context.transactions), assessment.reading
    if number_chosen(assessment.short_replies.spelled(text), offered) is not None:
        return True
    if len(text) > _NAMES_TRANSACTION or reading.has(*QUESTIONS, "not_solved", "trouble", "anger", "refusal", "solved"):
        return False
    top, is_sure = assessment.top, assessment.confidence >= assessment.limits["understood"]
    if is_sure and top not in (None, assessment.context.topic) and assessment.policy.intents[top or ""].route in OFFERED_ROUTES:
        return False
    return longest_amount(assessment.message.entities) is not None or bool(_THAT_ONE.search(text))


def picked(assessment: Assessment) -> Optional[Decision]:
    """The offered topic that a reply in other words means: it is far likelier than the other offered topics."""
    top, reading = assessment.top, assessment.reading
    if not topics_are_offered(assessment) or top is None or reading.has(*QUESTIONS) or assessment.states_nothing():
        return None
    offered = {topic: assessment.probability.get(topic, 0.0) for topic in assessment.topics}
    if not offered:
        return None
    likeliest = max(offered, key=lambda topic: offered[topic])
    share = offered[likeliest] / (sum(offered.values()) or 1.0)
    # After a guess the customer may continue with a new matter, because the bot did not ask which topic it is.
    is_sure = assessment.confidence >= assessment.limits["understood"]
    may_be_new = assessment.context.tentative or top in SOCIAL_INTENTS or is_sure
    is_other = top not in offered and may_be_new
    fits = not is_other and not assessment.is_foreign() and share >= _PICKED_SHARE and offered[likeliest] >= _PICKED_LEAST
    if assessment.note("context.topic", fits, f"{likeliest} {offered[likeliest]:.2f}"):
        return assessment.take_route(likeliest, assessment.confidence, "context.topic")
    return None


def hidden_emergency(assessment: Assessment, reaction: Optional[Reaction]) -> Optional[Decision]:
    """An emergency that the model sees in a reply of known words, which would otherwise end the matter.

    "He told me to go on" sounds like progress and "I have shown it to him" like success: if another person acts, the ordinary
    threshold counts.
    """
    if reaction is None or _PIECES.issuperset(assessment.reading.kinds):
        return None
    if assessment.short_replies.names_somebody_else(assessment.message.text):
        return emergency(assessment, assessment.limits["risk"])
    return emergency(assessment, _GRAVE) if reaction in _LETS_GO and may_tell_of_a_loss(assessment) else None


def may_tell_of_a_loss(assessment: Assessment) -> bool:
    """Whether known words can report a loss: a thing with "gone", or that something was sent or given.

    In Chinese "the money is gone" and "no more questions" end with the same word, and "I sent it" looks like a yes.
    """
    if not assessment.reading.is_complete:
        return False
    names_a_thing = assessment.reading.has("noun") and not NAMING.issuperset(assessment.reading.kinds)
    return names_a_thing or bool(_GAVE_AWAY.search(assessment.message.text))


def done_as_told(assessment: Assessment, situation: Situation) -> Optional[Decision]:
    """A handoff if the customer has done what a stranger asked for: "filled in" after the article on strange messages."""
    if situation not in ("solved", "tentative") or assessment.context.topic is None:
        return None
    intent = assessment.short_replies.follow_up(assessment.context.topic, assessment.message.text)
    if intent is None or not assessment.note("context.follow_up", True, f"{assessment.context.topic} → {intent}"):
        return None
    return assessment.decision("escalate", "context.follow_up", intent, reason=assessment.policy.intents[intent].reason)


def still_fails(assessment: Assessment, situation: Situation) -> bool:
    """Whether the reply says that the matter of the last article continues: the same article would be sent again."""
    if situation not in ("solved", "tentative") or assessment.top is None or assessment.top != assessment.context.topic:
        return False
    return assessment.short_replies.says_still(assessment.message.text) and not assessment.reading.has(*QUESTIONS)


def reaction_to_message(assessment: Assessment, situation: Situation) -> Optional[Reaction]:
    """The reaction to the reply (actions/reaction.py)."""
    top, policy, text = assessment.top, assessment.policy, assessment.message.text
    sure = top is not None and assessment.confidence >= assessment.limits["understood"] and not assessment.is_foreign()
    new = sure and top != assessment.context.topic and policy.intents[top or ""].route in OFFERED_ROUTES
    rejected = assessment.short_replies.rejects(text) if situation == "tentative" else None
    return reaction_to(situation, assessment.reading, assessment.short_replies.clauses(text), top, sure, new, rejected)


def offered_topic(assessment: Assessment) -> Optional[str]:
    """The offered topic that the text names by number, position or name."""
    if not topics_are_offered(assessment) or not assessment.topics:
        return None
    if assessment.context.tentative:
        # A number names a step of the article, and a sentence with a topic's name may be about a new matter.
        return named_topic(assessment, assessment.topics, whole=True)
    number = number_chosen(assessment.short_replies.spelled(assessment.message.text), len(assessment.topics))
    if number is not None:
        return assessment.topics[number - 1]
    return None if assessment.reading.has(*QUESTIONS) else named_topic(assessment, assessment.topics)


def named_topic(assessment: Assessment, topics: Sequence[str], whole: bool = False) -> Optional[str]:
    """The only topic whose name contains the text or, unless `whole`, is contained in the text."""
    said = assessment.message.text.strip(" ,，。.!！~")
    names = {
        topic: [normalize(assessment.policy.intents[topic].zh), normalize(assessment.policy.intents[topic].en)]
        for topic in topics
    }
    found = [
        topic
        for topic in topics
        if any((name in said and not whole) or (len(said) > 1 and said in name) for name in names[topic])
    ]
    return found[0] if len(found) == 1 else None


def step_asked(assessment: Assessment, situation: Situation) -> Optional[int]:
    """The step of the last article that the text names, unless the text says that the step fails or is done."""
    if (
        situation not in ("solved", "tentative")
        or assessment.reading.is_long
        or assessment.reading.has("not_solved", "trouble", "anger", "solved", "in_progress")
    ):
        return None
    text = assessment.short_replies.spelled(assessment.message.text)
    return step_named(text) or number_chosen(text, _MOST_STEPS)


def react(assessment: Assessment, reaction: Optional[Reaction]) -> Optional[Decision]:
    """The decision for a reaction. If some words are unknown, an emergency that the model sees comes first."""
    closed = assessment.context.closed or _NOT_CLOSED
    if not assessment.reading.is_complete:
        risky = risk(assessment)
        if risky is not None:
            return risky
    if reaction == "solved":
        return solved(assessment, "context.reply", assessment.confidence)
    if reaction == "unresolved":
        return assessment.decision("escalate", "context.reply", closed.intent or assessment.context.topic, reason="unresolved")
    if reaction == "person":
        return assessment.decision("escalate", "context.reply", "human_agent", reason="user_request")
    if reaction == "reopened":
        reason = closed.reason
        reason = reason if reason in assessment.policy.reasons else "unresolved"
        return assessment.decision("escalate", "context.reopened", closed.intent, reason=reason, priority=closed.priority)
    if reaction == "alternatives":
        return alternatives(assessment)
    if reaction == "deny" and assessment.context.asked == "topic" and assessment.context.not_understood >= 2:
        # The guess and its alternatives were wrong.
        return assessment.decision("escalate", "context.reply", assessment.context.topic, reason="unresolved")
    if reaction == "topic" and len(assessment.topics) == 1:
        return assessment.take_route(assessment.topics[0], assessment.confidence, "context.topic")
    if reaction == "article":
        return article_again(assessment, None)
    return friendly(assessment, "fragment" if reaction == "topic" else reaction)


def alternatives(assessment: Assessment) -> Decision:
    """The question which alternative is right, after "not this" to a tentative answer; a handoff after the second miss."""
    if not assessment.topics or assessment.context.not_understood >= 2:
        return assessment.decision("escalate", "context.reply", assessment.context.topic, reason="unresolved")
    assessment.note("context.alternatives", True, ", ".join(assessment.topics))
    return assessment.decision("clarify", "context.alternatives", "deny", asks="topic", topics=assessment.topics)
