"""Thresholds for promised error rates, computed from held-out predictions, each with a bound that holds for finite samples.

Two methods are used; neither makes an assumption about the model. Split conformal prediction, as conformal risk control for the
0-1 loss (Angelopoulos, Bates, Fisch, Lei & Schuster, "Conformal Risk Control", 2022), bounds the rate of misses on average over
calibration sets. Learn-then-Test with a fixed sequence of exact binomial tests (Angelopoulos, Bates, Candès, Jordan & Lei,
"Learn then Test", 2021) bounds the rate with a stated probability. Both assume that a new message is drawn like those of
`data/calibration`, which are unknown to the model. There are two limits: the binomial test treats paraphrases as independent
(it overstates its certainty), and two of the rates depend on the set's mix of intents. The rates that customers experience are
measured, not promised (docs/decisions/026-calibration-set.md).
"""

from __future__ import annotations

import math
from typing import Dict, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import binom

from content.triage_policy import Policy
from contract.understanding import THRESHOLDS, risk_of

#: Candidates for the threshold of `understood`, strictest first.
_CANDIDATES = np.round(np.arange(0.99, 0.0, -0.01), 2)


class TooFewExamples(Exception):
    """There are too few sentences for a promise; the message states which promise, and how many sentences it needs."""


def temperature(log_probabilities: NDArray[np.float64], classes: NDArray[np.int64]) -> float:
    """The divisor of log-probabilities with the least cross-entropy (temperature scaling, Guo et al. 2017).

    `log_probabilities` (messages, classes) are held out, `classes` (messages,) are the true classes.
    """
    rows = np.arange(len(classes))

    def cross_entropy(log_divisor: float) -> float:
        scaled = log_probabilities / math.exp(log_divisor)
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[rows, classes]))

    return math.exp(float(minimize_scalar(cross_entropy, bounds=(-2.0, 2.0), method="bounded").x))


def lower_threshold(scores: NDArray[np.float64], rate: float, what: str) -> float:
    """The largest threshold t with P(score < t) <= rate for a new score drawn like `scores` (conformal risk control).

    t is the k-th smallest score, k = floor(rate * (n + 1)). Raises TooFewExamples when k is 0.
    """
    k = math.floor(rate * (len(scores) + 1))
    if k < 1:
        needed = math.ceil(1 / rate) - 1
        raise TooFewExamples(
            f"{what}: a rate of {rate:g} cannot be promised from {len(scores)} sentences; write {needed - len(scores)} more, "
            "or promise less in data/triage.yml"
        )
    return float(np.partition(scores, k - 1)[k - 1])


def upper_threshold(scores: NDArray[np.float64], rate: float, what: str) -> float:
    """The smallest threshold t with P(score >= t) <= rate for a new score drawn like `scores`; see `lower_threshold`."""
    return float(np.nextafter(-lower_threshold(-scores, rate, what), np.inf))


def proven_threshold(
    confidence: NDArray[np.float64], wrong: NDArray[np.bool_], rate: float, certainty: float, what: str
) -> float:
    """The smallest confidence at which acting is wrong in at most `rate` of all messages, with probability `certainty`.

    `confidence` and `wrong`, shape (messages,): a message counts as an error if it is `wrong` and its confidence reaches the
    threshold. Candidates are tested from the strictest down, until the test of one fails (Learn-then-Test; the fixed sequence
    needs no correction for multiple tests). Raises TooFewExamples if the strictest candidate fails.
    """
    passed = None
    for candidate in _CANDIDATES:
        errors = int(np.sum(wrong & (confidence >= candidate)))
        if binom.cdf(errors, len(wrong), rate) > 1 - certainty:
            break
        passed = float(candidate)
    if passed is None:
        raise TooFewExamples(
            f"{what}: a rate of {rate:g} cannot be shown with {len(wrong)} sentences at a certainty of {certainty:g}; "
            "write more, or promise less in data/triage.yml"
        )
    return passed


def mass(probabilities: NDArray[np.float64], intents: Sequence[str], chosen: Sequence[str]) -> NDArray[np.float64]:
    """The total probability of the chosen intents, shape (messages,); `probabilities` (messages, intents)."""
    return np.asarray(probabilities[:, [name in set(chosen) for name in intents]].sum(axis=1))


def gravest_parts(
    whole: NDArray[np.float64],
    parts: NDArray[np.float64],
    owners: Sequence[int],
    intents: Sequence[str],
    policy: Policy,
) -> NDArray[np.float64]:
    """The probabilities of each message's gravest sentence, or of a message of one sentence. Shape (messages, intents).

    `whole` (messages, intents), `parts` (parts, intents), `owners` (parts,): the message of each part.
    """
    gravest = whole.copy()
    # In this order the gravest sentence of each message comes last, and overwrites the others.
    for row in np.argsort(mass(parts, intents, policy.risk_intents()), kind="stable"):
        gravest[owners[row]] = parts[row]
    return gravest


def thresholds(
    probabilities: NDArray[np.float64],
    gravest: NDArray[np.float64],
    classes: NDArray[np.int64],
    intents: Sequence[str],
    policy: Policy,
) -> Dict[str, float]:
    """Every threshold that the decision uses, for the promises of the policy.

    `probabilities` (messages, intents) belong to messages that are unknown to the model, `gravest` to their gravest sentences
    (`gravest_parts`). `classes` (messages,) are indices into `intents`. The keys are `contract.understanding.THRESHOLDS`.
    Raises TooFewExamples.
    """
    promises = policy.promises
    true = np.array(intents)[classes]
    found: Dict[str, float] = {}

    # The promise is kept for each reason: many easy emergencies of one reason must not outweigh missed ones of another.
    emergencies = policy.risk_intents()
    pairs = zip(mass(probabilities, intents, emergencies), mass(gravest, intents, emergencies))
    risk = np.array([risk_of(message, sentence) for message, sentence in pairs])
    by_reason = {
        reason: lower_threshold(
            risk[np.isin(true, [name for name, intent in policy.intents.items() if intent.reason == reason])],
            promises.missed_emergency[reason],
            f"missed_emergency, {reason}",
        )
        for reason in policy.risk_reasons
    }
    found["risk"] = min(by_reason.values())

    foreign = mass(probabilities, intents, policy.intents_of_route("reject"))
    ours = ~np.isin(true, policy.intents_of_route("reject"))
    found["out_of_scope"] = upper_threshold(foreign[ours], promises.refused_in_scope, "refused_in_scope")

    # A transaction that is taken for a mere question is not escalated for its amount, and is a missed emergency.
    harmless = policy.harmless_intents()
    transactions = ~np.isin(true, harmless)
    found["harmless"] = upper_threshold(
        mass(probabilities, intents, harmless)[transactions],
        max(promises.missed_emergency.values()),
        "missed_emergency, large amounts",
    )

    likeliest = probabilities.argmax(axis=1)
    answers = np.isin(np.array(intents)[likeliest], policy.intents_of_route("answer")) & (risk < found["risk"])
    found["understood"] = proven_threshold(
        probabilities.max(axis=1), answers & (likeliest != classes), promises.wrong_answer, promises.certainty, "wrong_answer"
    )
    # Only guesses count: messages below `understood` without a likely escalation.
    certainty_of_top = probabilities.max(axis=1)
    needed = policy.intents_of_route("escalate")
    escalated = np.maximum(mass(probabilities, intents, needed), mass(gravest, intents, needed))
    is_near = escalated >= policy.near_risk * found["risk"]
    guesses = answers & ~is_near & (certainty_of_top < found["understood"])
    found["tentative"] = proven_threshold(
        certainty_of_top,
        guesses & (likeliest != classes),
        promises.wrong_tentative_answer,
        promises.certainty,
        "wrong_tentative_answer",
    )
    # Rounding keeps the promise: `risk` is rounded down, because more handoffs are safe; the others are rounded up.
    rounded = {name: math.ceil(found[name] * 1e4) / 1e4 for name in THRESHOLDS}
    return {**rounded, "risk": math.floor(found["risk"] * 1e4) / 1e4}


def policy_facts(policy: Policy) -> Mapping[str, object]:
    """The parts of the policy on which the thresholds depend. A change of them makes a new model."""
    return {
        "promises": msgspec.structs.asdict(policy.promises),
        "near_risk": policy.near_risk,
        "routes": {name: [intent.route, intent.reason] for name, intent in policy.intents.items()},
        "risk_reasons": policy.risk_reasons,
        "harmless": policy.harmless_intents(),
    }
