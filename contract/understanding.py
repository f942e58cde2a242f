"""What the model and the decision agree on: the thresholds' names, the social intents, and the formula of a message's risk."""

from __future__ import annotations

import math

#: Intents that move a conversation along and are about no matter.
SOCIAL_INTENTS = ("greet", "goodbye", "thanks", "affirm", "deny", "bot_challenge")

#: Where the model may be trusted; computed with it, for the promises in the policy (bot/learning/calibration.py).
#: `risk`: probability of an emergency from which a person is fetched. `out_of_scope`: probability of foreign matter from which
#: a message is refused. `harmless`: probability of mere questions from which a large amount is no transaction.
#: `understood`: confidence from which the likeliest intent is acted on. `tentative`: confidence from which its article is
#: sent as a guess.
THRESHOLDS = ("risk", "out_of_scope", "harmless", "understood", "tentative")

#: The weight of the whole message in its risk. Its gravest sentence has the rest (docs/deciding.md).
WHOLE_SHARE = 0.8
#: Probabilities are bounded this far from 0 and 1 before the odds: one sentence without meaning must not outweigh all others.
_LEAST_PROBABILITY = 1e-3


def risk_of(whole: float, gravest: float) -> float:
    """The risk of a message from the probabilities of an emergency in the whole and in its gravest sentence, all 0 to 1.

    The weighted mean of their log-odds: a sentence that only sounds grave alone does not outweigh a whole that is surely
    harmless.
    """
    log_odds = WHOLE_SHARE * _log_odds(whole) + (1 - WHOLE_SHARE) * _log_odds(gravest)
    return 1 / (1 + math.exp(-log_odds))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _LEAST_PROBABILITY), 1 - _LEAST_PROBABILITY)
    return math.log(bounded / (1 - bounded))
