"""Messages and contexts made by hand, for the tests of the decision."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from actions.decision import Message
from contract.decision import Decision
from contract.turn import Context
from language.normalization import normalize

#: What was said by whom does not matter here: rankings are made by hand, and this text states nothing by itself.
PLAIN = "麻烦瞧一瞧"


FRESH = Context()


#: Thresholds that stay as they are when a model's real ones are computed anew.
LIMITS = {"risk": 0.45, "out_of_scope": 0.3, "harmless": 0.6, "understood": 0.4}


def amount(number: float, currency: str = "CNY") -> Dict[str, Any]:
    """An amount as the pipeline finds it."""
    value = {"number": number, "currency": currency}
    return {"entity": "amount", "text": f"{number}{currency}", "value": value, "start": 0, "end": 1}


def said(text: str = PLAIN, *amounts: Mapping[str, Any], **ranking: float) -> Message:
    """A message with a hand-made ranking; the intents that are not named share nothing. The text gets normalised."""
    return Message(normalize(text), sorted(ranking.items(), key=lambda pair: -pair[1]), amounts, LIMITS)


def outcome(decision: Decision) -> tuple[str, Optional[str], Optional[str]]:
    return decision.route, decision.reason, decision.priority


ANSWER = ("answer", None, None)


ANSWERED = Context(last_route="answer", last_article="top_up_howto", asked="solved", topic="top_up_howto")


OFFERED = Context(last_route="reject", asked="offer_person", not_understood=1)


WAITING = Context(status="queued", last_route="escalate", topic="transfer_delay")
