"""Weakenings of the triage policy are refused, and improvements are not."""

from __future__ import annotations

from typing import Any, Callable, Dict

import msgspec
import pytest

from bot.workshop.gate.desk_checks import desk_refusals
from bot.workshop.gate.edition import Edition
from bot.workshop.gate.policy_checks import policy_refusals, promise_refusals
from tests.bot.workshop.gate.conftest import with_bundle, with_policy

Plain = Dict[str, Any]


def _set(*path: str, to: Any) -> Callable[[Plain], None]:
    def change(policy: Plain) -> None:
        node = policy
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = to

    return change


def _drop(*path: str) -> Callable[[Plain], None]:
    def change(policy: Plain) -> None:
        node = policy
        for key in path[:-1]:
            node = node[key]
        del node[path[-1]]

    return change


def _deleted(name: str) -> Callable[[Plain], None]:
    def change(policy: Plain) -> None:
        del policy["intents"][name]
        policy["floor"]["incidents"] = [each for each in policy["floor"]["incidents"] if each["intent"] != name]
        policy["required_doors"] = {k: [d for d in v if d != name] for k, v in policy["required_doors"].items()}

    return change


def _swap(policy: Plain, field: str, first: str, second: str) -> None:
    one, other = policy["intents"][first], policy["intents"][second]
    one[field], other[field] = other[field], one[field]


WEAKER = {
    "safety_intent_removed": _deleted("account_locked"),
    "intent_removed": _deleted("greet"),
    "route_weakened": _set(
        "intents", "account_locked", to={"route": "answer", "article": "login_failed", "zh": "锁", "en": "l"}
    ),
    "escalation_weakened": _set("intents", "bill_dispute", "reason", to="complex_technical"),
    "person_no_longer_offered": _set("intents", "suspicious_contact", "offer_person", to=False),
    "priority_lowered": _set("reasons", "security", "priority", to="high"),
    "case_no_longer_stays_open": _set("reasons", "dispute", "stays_open", to=False),
    "promise_loosened": _set("promises", "wrong_answer", to=0.05),
    "amount_raised": _set("large_transaction", "threshold_cny", to=50001),
    "amount_not_weighed": lambda p: p["large_transaction"]["information_only"].append("transfer_howto"),
    "rate_implausible": _set("large_transaction", "rates", "JPY", to=0.00047),
    "required_door_removed": _drop("required_doors", "fees"),
    "risk_reason_removed": lambda p: (p["risk_reasons"].remove("dispute"), p["promises"]["missed_emergency"].pop("dispute")),
    "near_risk_raised": _set("near_risk", to=0.9),
    "article_of_another_intent": lambda p: _swap(p, "article", "top_up_howto", "withdraw_howto"),
    "names_exchanged": lambda p: _swap(p, "zh", "top_up_howto", "withdraw_howto"),
}
MORE = {
    "lane": ("escalation_weakened", _drop("intents", "scam_in_progress", "lane")),
    "certainty": ("promise_loosened", _set("promises", "certainty", to=0.9)),
    "missed": ("promise_loosened", _set("promises", "missed_emergency", "security", to=0.0051)),
    "without_rate": ("amount_raised", _set("large_transaction", "without_rate", to=100000)),
    "topics": ("amount_not_weighed", lambda p: p["large_transaction"]["topics"].remove("transfer_howto")),
    "reason": ("reason_removed", lambda p: p["reasons"].pop("identity_check")),
    "large rate": ("rate_implausible", _set("large_transaction", "rates", "USD", to=710)),
    "halved rate": ("rate_implausible", _set("large_transaction", "rates", "USD", to=3.6)),
}
BETTER = {
    "a comment": lambda p: None,
    "higher priority": _set("reasons", "identity_check", "priority", to="high"),
    "stricter promise": _set("promises", "wrong_answer", to=0.004),
    "more certainty": _set("promises", "certainty", to=0.97),
    "lower amount": _set("large_transaction", "threshold_cny", to=20000),
    "new rate": _set("large_transaction", "rates", "USD", to=7.3),
    "answer becomes a person": _set(
        "intents", "suspicious_contact", to={"route": "escalate", "reason": "security", "zh": "可疑信息", "en": "Suspicious"}
    ),
    "new lane": _set("intents", "account_stolen", "lane", to="money_moving"),
    "new name": _set("intents", "fees", "zh", to="各种手续费"),
    "new door": lambda p: p["required_doors"].setdefault("invoice", ["bill_dispute"]),
    "less near risk": _set("near_risk", to=0.3),
    "renamed article": _set("intents", "fees", "article", to="all_fees"),
}


@pytest.mark.parametrize(("kind", "change"), [*WEAKER.items(), *MORE.values()], ids=[*WEAKER, *MORE])
def test_a_weakening_is_refused(live: Edition, kind: str, change: Callable[[Plain], Any]) -> None:
    """A policy that protects customers less could be published."""
    if kind == "reason_removed":  # the intents that have it go to another reason
        remove = change

        def change(policy: Plain) -> None:
            remove(policy)
            for intent in policy["intents"].values():
                if intent.get("reason") == "identity_check":
                    intent["reason"] = "complex_technical"

    kinds = {refusal.kind for refusal in policy_refusals(live, with_policy(live, change))}
    assert kind in kinds


@pytest.mark.parametrize(
    ("path", "rate"),
    [
        (("promises", "missed_emergency", "large_transaction"), 0.0001),
        (("promises", "refused_in_scope"), 0.0001),
        (("promises", "wrong_answer"), 0.0001),
    ],
)
def test_a_promise_that_no_model_could_keep_is_refused_before_training(live: Edition, path: Any, rate: float) -> None:
    """The editor would wait a minute for a training that must fail."""
    assert list(promise_refusals(live)) == []
    draft = with_policy(live, _set(*path, to=rate))
    assert {refusal.kind for refusal in promise_refusals(draft)} == {"promise_not_kept"}


@pytest.mark.parametrize("change", BETTER.values(), ids=BETTER)
def test_an_improvement_is_not_refused(live: Edition, change: Callable[[Plain], Any]) -> None:
    """Editors could not make the policy stricter."""
    assert [refusal.kind for refusal in policy_refusals(live, with_policy(live, change))] == []


def test_clocks_of_victims_the_second_person_and_the_reviews_stay_as_strict(live: Edition) -> None:
    """A tired editor could switch off what protects customers from tired editors."""
    desk = live.bundle.desk
    urgent = msgspec.structs.replace(desk.levels["urgent"], pauses=("first_response", "resolution"))
    drafts = {
        "service_level_loosened": msgspec.structs.replace(desk, levels={**desk.levels, "urgent": urgent}),
        "second_person_removed": msgspec.structs.replace(
            desk, publish=msgspec.structs.replace(desk.publish, needs_second_person=False)
        ),
        "figure_loosened": msgspec.structs.replace(desk, turns=msgspec.structs.replace(desk.turns, deadline_seconds=60)),
        "hours_shortened": msgspec.structs.replace(
            desk,
            hours={
                **desk.hours,
                "always": msgspec.structs.replace(desk.hours["always"], calendar="china", holidays=("09:00-12:00",)),
            },
        ),
        "promise_loosened": msgspec.structs.replace(desk, reviews=msgspec.structs.replace(desk.reviews, bound=0.1)),
    }
    for kind, changed in drafts.items():
        assert [refusal.kind for refusal in desk_refusals(live, with_bundle(live, desk=changed))] == [kind]


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("routing", "accept_within_seconds", 3000),
        ("routing", "widen_after_minutes", 600),
        ("routing", "push", False),
        ("agents", "gone_after_seconds", 36000),
        ("idle", "with_bot_minutes", 5),
        ("queue", "same_address", 1),
    ],
)
def test_a_figure_that_leaves_customers_alone_is_a_slip(live: Edition, part: str, name: str, value: Any) -> None:
    """Ten times too long a figure would be published, and customers would wait for nobody."""
    desk = live.bundle.desk
    changed = msgspec.structs.replace(desk, **{part: msgspec.structs.replace(getattr(desk, part), **{name: value})})
    assert [refusal.kind for refusal in desk_refusals(live, with_bundle(live, desk=changed))] == ["figure_loosened"]


def test_large_transactions_may_get_specialists_of_their_own(live: Edition) -> None:
    """A queue with a skill of its own would be refused as a loss of specialists."""
    desk = live.bundle.desk
    disputes = desk.queues["disputes"]
    own = msgspec.structs.replace(disputes, reasons=("large_transaction",), skills=("large",))
    queues = {"large": own, **desk.queues, "disputes": msgspec.structs.replace(disputes, reasons=("dispute",))}
    changed = msgspec.structs.replace(desk, queues=queues)
    assert list(desk_refusals(live, with_bundle(live, desk=changed))) == []


def test_feedback_is_not_turned_away(live: Edition) -> None:
    """A complaint would be answered as if it were foreign to the wallet."""

    def reject(policy: Dict[str, Any]) -> None:
        policy["intents"]["feedback"]["route"] = "reject"

    assert [refusal.kind for refusal in policy_refusals(live, with_policy(live, reject))] == ["route_weakened"]
