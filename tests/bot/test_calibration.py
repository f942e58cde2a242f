"""Thresholds: the promised rates hold for messages that the calibration has not seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from numpy.typing import NDArray

from bot.learning.calibration import (
    TooFewExamples,
    gravest_parts,
    lower_threshold,
    mass,
    policy_facts,
    proven_threshold,
    temperature,
    thresholds,
    upper_threshold,
)
from bot.nlu.network import log_softmax
from content.triage_policy import Policy, load_policy
from contract.understanding import THRESHOLDS, risk_of


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The project's policy."""
    return load_policy(Path("data/triage.yml"))


def test_the_conformal_threshold_is_the_kth_smallest_score() -> None:
    """A formula off by one would break the promise, or waste sentences: k = floor(rate (n + 1))."""
    scores = np.arange(1.0, 20.0)  # 19 scores, so (n + 1) = 20
    assert lower_threshold(scores, 0.05, "x") == 1.0
    assert lower_threshold(scores, 0.1, "x") == 2.0
    assert lower_threshold(scores[::-1].copy(), 0.149, "x") == 2.0
    assert upper_threshold(scores, 0.1, "x") == np.nextafter(18.0, np.inf), "a score of 18 itself stays below"


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.1])
def test_the_promised_rate_of_misses_holds_on_new_messages(rate: float) -> None:
    """More emergencies would be missed than the operator stated: the mean over many calibrations stays within the rate."""
    generator = np.random.default_rng(0)
    missed = []
    for _ in range(400):
        scores = generator.beta(2, 1, 120)
        threshold = lower_threshold(scores, rate, "x")
        missed.append(threshold**2)  # P(beta(2, 1) < t) = t squared
    assert np.mean(missed) <= rate * 1.05
    assert np.mean(missed) >= rate * 0.5, "far too strict a threshold would send everybody to a person"


def test_the_proven_threshold_keeps_its_rate_with_its_certainty() -> None:
    """Wrong answers would be more frequent than stated in more than one training of twenty."""
    generator = np.random.default_rng(1)
    broken = 0
    for _ in range(200):
        confidence = generator.uniform(size=400)
        wrong = generator.uniform(size=400) < 0.4 * (1 - confidence)
        threshold = proven_threshold(confidence, wrong, 0.05, 0.95, "x")
        broken += 0.4 * (1 - threshold) ** 2 / 2 > 0.05  # the true rate beyond a threshold
    assert broken <= 200 * 0.05 + 6  # two standard deviations of a binomial


def test_too_few_sentences_are_refused_with_the_number_that_would_do() -> None:
    """A promise would be kept in name only."""
    with pytest.raises(TooFewExamples, match=r"a rate of 0.01 cannot be promised from 50 sentences; write 49 more"):
        lower_threshold(np.linspace(0, 1, 50), 0.01, "missed_emergency, security")
    assert lower_threshold(np.linspace(0, 1, 99), 0.01, "x") == 0.0
    with pytest.raises(TooFewExamples, match="cannot be shown with 20 sentences"):
        proven_threshold(np.full(20, 0.9), np.zeros(20, dtype=bool), 0.01, 0.95, "wrong_answer")


@given(st.lists(st.floats(0, 1), min_size=20, max_size=60), st.floats(0.05, 0.5))
def test_a_stricter_promise_never_raises_the_threshold(scores: list[float], rate: float) -> None:
    """Asking for fewer misses would let more emergencies pass."""
    values = np.array(scores)
    assert lower_threshold(values, rate, "x") <= lower_threshold(values, min(0.9, rate * 1.5), "x")


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_mends_over_and_under_confidence(factor: float) -> None:
    """Probabilities would mean nothing, and so would every threshold on them."""
    generator = np.random.default_rng(2)
    logits = generator.normal(0, 2, (4000, 5)).astype(np.float32)
    shares = np.exp(log_softmax(logits))
    classes = np.array([generator.choice(5, p=row / row.sum()) for row in shares])
    assert temperature(log_softmax(logits * factor), classes) == pytest.approx(factor, rel=0.1)


def predictions(policy: Policy, each: int) -> tuple[NDArray[Any], NDArray[Any], list[str]]:
    """Held-out probabilities for `each` sentences of every intent: mostly right, some not."""
    generator = np.random.default_rng(3)
    intents = sorted(policy.intents)
    classes = np.repeat(np.arange(len(intents)), each)
    logits = generator.normal(0, 1, (len(classes), len(intents)))
    logits[np.arange(len(classes)), classes] += 6
    return np.exp(log_softmax(logits.astype(np.float32))), classes, intents


def test_every_threshold_is_computed_and_keeps_its_promise(policy: Policy) -> None:
    """The model package would lack a threshold, or one that lets more pass than was promised, for some reason of risk."""
    probabilities, classes, intents = predictions(policy, 120)
    limits = thresholds(probabilities, probabilities, classes, intents, policy)
    assert tuple(limits) == THRESHOLDS
    assert all(0 <= limit <= 1 for limit in limits.values())
    risk, true = mass(probabilities, intents, policy.risk_intents()), np.array(intents)[classes]
    for reason in policy.risk_reasons:
        of_reason = [name for name, intent in policy.intents.items() if intent.reason == reason]
        assert np.mean(risk[np.isin(true, of_reason)] < limits["risk"]) <= policy.promises.missed_emergency[reason]
    foreign = mass(probabilities, intents, policy.intents_of_route("reject"))
    assert np.mean(foreign[true != "out_of_scope"] >= limits["out_of_scope"]) <= policy.promises.refused_in_scope + 0.001


def wrong_guesses(probabilities: NDArray[Any], true: NDArray[Any], names: NDArray[Any], policy: Policy, limits: Any) -> float:
    """The share of all messages that get a wrong article as a guess."""
    likeliest, confidence = names[probabilities.argmax(axis=1)], probabilities.max(axis=1)
    escalated = mass(probabilities, list(names), policy.intents_of_route("escalate"))
    guessed = (confidence >= limits["tentative"]) & (confidence < limits["understood"])
    guessed &= np.isin(likeliest, policy.intents_of_route("answer")) & (escalated < policy.near_risk * limits["risk"])
    return float(np.mean(guessed & (likeliest != true)))


@pytest.mark.parametrize("rate", [0.003, 0.004])
def test_guesses_keep_their_own_promise(policy: Policy, rate: float) -> None:
    """Wrong guesses would be more frequent than stated, or sure answers use up their share."""
    generator = np.random.default_rng(4)
    probabilities, classes, intents = predictions(policy, 120)
    # A third of the sentences are as hard as those that are asked back: less sure, and often wrong.
    hard = generator.uniform(size=len(classes)) < 1 / 3
    logits = generator.normal(0, 1.5, (int(hard.sum()), len(intents)))
    logits[np.arange(len(logits)), classes[hard]] += 4
    probabilities[hard] = np.exp(log_softmax(logits.astype(np.float32)))
    names, true = np.array(intents), np.array(intents)[classes]
    promises = replace(
        policy.promises,
        missed_emergency=dict.fromkeys(policy.risk_reasons, 0.13),
        wrong_answer=0.05,
        wrong_tentative_answer=rate,
    )
    limits = thresholds(probabilities, probabilities, classes, intents, replace(policy, promises=promises))
    assert limits["tentative"] < limits["understood"]
    assert wrong_guesses(probabilities, true, names, policy, limits) <= rate
    looser = replace(promises, wrong_tentative_answer=min(0.5, 3 * rate))
    freer = thresholds(probabilities, probabilities, classes, intents, replace(policy, promises=looser))
    assert freer["tentative"] < limits["tentative"]
    assert {name: freer[name] for name in freer if name != "tentative"} == {n: limits[n] for n in limits if n != "tentative"}


def test_thin_data_and_missing_intents_are_refused(policy: Policy) -> None:
    """A model would be published whose thresholds promise what nobody has shown."""
    probabilities, classes, intents = predictions(policy, 2)
    with pytest.raises(TooFewExamples, match="missed_emergency"):
        thresholds(probabilities, probabilities, classes, intents, policy)


def test_the_gravest_sentence_counts_beside_the_whole_message(policy: Policy) -> None:
    """A grave sentence in a long story would be averaged away, or one that only sounds grave would decide alone."""
    intents = sorted(policy.intents)
    stolen, fees, code = (intents.index(name) for name in ("account_stolen", "fees", "verification_code_not_received"))
    whole, parts = np.zeros((2, len(intents))), np.zeros((3, len(intents)))
    whole[0, fees] = whole[1, code] = 1.0
    parts[0, code] = parts[1, stolen] = parts[2, fees] = 1.0
    gravest = gravest_parts(whole, parts, [0, 0, 0], intents, policy)
    assert gravest[0, stolen] == 1.0
    assert np.array_equal(gravest[1], whole[1]), "a message of one sentence is its own gravest"
    assert risk_of(0.2, 0.99) > 0.4
    assert risk_of(0.0, 1.0) < 0.05
    assert risk_of(0.7, 0.7) == pytest.approx(0.7)


def test_a_model_depends_on_promises_and_routes_only(policy: Policy) -> None:
    """A changed promise would leave the old thresholds in place, or a changed name would cost a training."""
    rates = {**policy.promises.missed_emergency, "security": 0.01}
    stricter = replace(policy, promises=replace(policy.promises, missed_emergency=rates))
    assert policy_facts(stricter) != policy_facts(policy)
    bolder = replace(policy, promises=replace(policy.promises, wrong_tentative_answer=0.1))
    nearer = replace(policy, near_risk=0.9)
    assert policy_facts(policy) not in (policy_facts(bolder), policy_facts(nearer))
    renamed = replace(policy, version_hash="another")
    assert policy_facts(renamed) == policy_facts(policy)
