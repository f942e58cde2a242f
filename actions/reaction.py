"""The reaction to a short reply: a table by the bot's question and the kind of the reply (docs/deciding.md).

If all words are known, they decide alone. If the reply has unknown words, the model also counts: a yes needs a sure model, a no
does not, because an unnecessary handoff costs less than a matter that is closed unsolved.
"""

from __future__ import annotations

from typing import Literal, Mapping, Optional, Sequence

from actions.short_reply import QUESTIONS, Reading, Rejected
from contract.turn import Context

#: `solved`, `closed`: the conversation ends. `unresolved`: a handoff, because the bot did not solve the matter. `person`: the
#: offered handoff. `reopened`: a handoff with the reason of the closed case. `topic`: the single offered topic. `article`: the
#: last article again. `alternatives`: the question which alternative of a tentative answer is right. All others are a friendly
#: word, and the conversation stays open.
Reaction = Literal[
    "solved", "closed", "unresolved", "person", "reopened", "topic", "article", "alternatives",
    "in_progress", "fragment", "question", "thanks", "deny", "affirm",
]  # fmt: skip
Situation = Literal["solved", "tentative", "topic", "offer_person", "closed_by_agent", "closed_by_bot", "nothing"]

_AFTER_ANSWER: Mapping[str, Reaction] = {
    "whether": "question", "hypothesis": "question", "question": "article", "doubt": "question", "filler": "question",
    "not_solved": "unresolved", "trouble": "unresolved", "anger": "unresolved", "refusal": "unresolved",
    "in_progress": "in_progress", "fragment": "fragment", "punctuation": "fragment",
    "solved": "solved", "agreement": "solved", "assent": "closed", "content": "closed", "thanks": "closed", "bye": "closed",
}  # fmt: skip
_AFTER_ANSWER_BY_INTENT: Mapping[str, Reaction] = {
    "affirm": "solved", "thanks": "closed", "goodbye": "closed", "deny": "unresolved", "unresolved": "unresolved",
}  # fmt: skip

#: By the bot's question (or the end of the last episode), then by the kind of the reply. The next rules decide about a kind
#: that is missing.
REACTIONS: Mapping[Situation, Mapping[str, Reaction]] = {
    "solved": _AFTER_ANSWER,
    # A "no" after a guess rejects the guess, not the content of the article. A bare "yes" to "not this?" is ambiguous.
    "tentative": {**_AFTER_ANSWER, "refusal": "alternatives", "agreement": "question"},
    "topic": {
        "whether": "question", "hypothesis": "question", "question": "question", "doubt": "question",
        "not_solved": "unresolved", "anger": "unresolved", "refusal": "deny",
        "in_progress": "in_progress", "fragment": "fragment", "punctuation": "fragment", "filler": "fragment",
        "agreement": "topic", "assent": "topic", "solved": "solved", "content": "closed", "thanks": "thanks", "bye": "closed",
    },
    "offer_person": {
        "whether": "question", "hypothesis": "question", "question": "question", "doubt": "question", "filler": "question",
        "not_solved": "person", "anger": "person", "refusal": "deny",
        "in_progress": "in_progress", "fragment": "fragment", "punctuation": "fragment",
        "agreement": "person", "assent": "person", "solved": "closed", "content": "closed", "thanks": "thanks", "bye": "closed",
    },
    "closed_by_agent": {
        "whether": "question", "hypothesis": "question", "question": "question", "doubt": "question",
        "not_solved": "reopened", "trouble": "reopened", "anger": "reopened", "refusal": "reopened",
        "in_progress": "in_progress", "fragment": "fragment", "punctuation": "fragment",
        "agreement": "closed", "assent": "closed", "solved": "closed", "content": "closed", "thanks": "closed", "bye": "closed",
        "filler": "closed",
    },
    "closed_by_bot": {
        "whether": "question", "hypothesis": "question", "question": "question", "doubt": "question", "refusal": "question",
        "not_solved": "unresolved", "anger": "unresolved",
        "in_progress": "in_progress", "fragment": "fragment", "punctuation": "fragment",
        "agreement": "closed", "assent": "closed", "solved": "closed", "content": "closed", "thanks": "closed", "bye": "closed",
        "filler": "closed",
    },
    "nothing": {"in_progress": "in_progress", "fragment": "fragment", "solved": "affirm"},
}  # fmt: skip

#: The same for a text with unknown words, by the likeliest intent.
_BY_INTENT: Mapping[Situation, Mapping[str, Reaction]] = {
    "solved": _AFTER_ANSWER_BY_INTENT,
    "tentative": {**_AFTER_ANSWER_BY_INTENT, "deny": "alternatives"},
    "topic": {"affirm": "topic"},
    "offer_person": {"affirm": "person"},
    "closed_by_agent": {
        "affirm": "closed", "thanks": "closed", "goodbye": "closed", "deny": "reopened", "unresolved": "reopened",
    },
    "closed_by_bot": {"affirm": "closed", "thanks": "closed", "goodbye": "closed", "unresolved": "unresolved"},
    "nothing": {},
}  # fmt: skip
_NO = ("deny", "unresolved")
_SOCIAL_INTENTS = ("greet", "goodbye", "thanks", "affirm", "deny", "unresolved")


def situation_of(context: Context) -> Situation:
    """The question of the bot's last message, or the end of the last episode."""
    if context.asked == "solved" and context.tentative:
        return "tentative"
    if context.asked in ("solved", "topic", "offer_person"):
        return context.asked  # type: ignore[return-value]
    if context.last_route == "answer":
        return "solved"
    if context.closed:
        return "closed_by_agent" if context.closed.by == "agent" else "closed_by_bot"
    return "nothing"


def reaction_to(
    situation: Situation,
    reading: Reading,
    clauses: Sequence[Reading],
    top: Optional[str],
    is_sure: bool,
    is_new_matter: bool,
    rejected: Optional[Rejected] = None,
) -> Optional[Reaction]:
    """The reaction to a reply; None if the next rules decide.

    `top`: the likeliest intent. `is_sure`: its probability reaches the threshold for acting. `is_new_matter`: it is sure, and
    it is an article or an escalation other than the current one. `rejected`: what a reply to a tentative answer rejects.
    """
    reactions: Mapping[str, Reaction] = REACTIONS[situation]
    complains = reading.has("not_solved", "anger") and not reading.has("whether", "hypothesis")
    is_asking = reading.has(*QUESTIONS)
    if rejected and not is_asking and ((reading.is_complete and not reading.has("noun")) or top in _SOCIAL_INTENTS):
        return "alternatives" if rejected == "article" else "unresolved"
    if reading.is_complete:
        if reading.has("noun"):
            return _about_a_thing(situation, reading, is_new_matter)
        return reactions.get(_kind_that_counts(situation, reading, clauses))
    if situation == "nothing":
        return None
    if any(clause.kind in ("not_solved", "anger") for clause in clauses) and not reading.has("whether", "hypothesis"):
        return reactions["not_solved"]
    if complains and (situation == "closed_by_agent" or not is_new_matter):
        return reactions["not_solved"]
    # The floor has already handled an explicit request for a person.
    if reading.has("in_progress") and (top in (*_SOCIAL_INTENTS, "human_agent") or not is_sure):
        return "in_progress"
    leaning = _BY_INTENT[situation].get(top or "")
    says_yes = reading.has("solved", "agreement", "assent") or not reading.has("fragment", "refusal")
    is_trusted = is_sure and not reading.is_long and (leaning != "solved" or says_yes)
    if leaning and not is_asking and (top in _NO or is_trusted):
        return leaning
    if is_sure and top not in _SOCIAL_INTENTS:
        return None
    if situation in ("topic", "offer_person") and reading.has("content", "thanks", "bye") and not is_asking and not complains:
        return "deny"
    return reactions["question"] if is_asking else None


def _kind_that_counts(situation: Situation, reading: Reading, clauses: Sequence[Reading]) -> str:
    """The first kind, except: "no, that is all" is content, "did it, it works" is solved, "OK, thanks" is less than "OK"."""
    kind = reading.kinds[0]
    if kind == "in_progress" and clauses and clauses[-1].kind == "solved":
        return "solved"
    if kind == "refusal" and reading.has("content"):
        return "content"
    if kind == "agreement" and situation in ("solved", "tentative") and reading.has("assent", "content", "thanks", "bye"):
        return "content"
    return kind


def _about_a_thing(situation: Situation, reading: Reading, is_new_matter: bool) -> Optional[Reaction]:
    """The reaction to a reply that names a thing, which may belong to the current matter or to a new one."""
    kind = reading.kinds[0]
    if kind in ("noun", "fragment", "filler", "trouble"):
        return None
    if is_new_matter and (kind in QUESTIONS or (kind == "not_solved" and situation != "closed_by_agent")):
        return None
    return REACTIONS[situation].get(kind)
