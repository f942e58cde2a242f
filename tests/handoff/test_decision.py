"""Which decisions of the bot the desk accepts, and how it handles invalid ones."""

from __future__ import annotations

from typing import Any

import pytest

from contract.decision import KNOWN, Decision, known_fields
from contract.errors import ContractError
from tests.handoff.fake_bot import decision
from tests.handoff.test_context import told

DEEP: Any = 1
for _ in range(20):
    DEEP = [DEEP]

LOOKUP = {
    "name": "points",
    "state": "found",
    "subject": "u-1",
    "assurance": 2,
    "needs": 1,
    "at": "2026-11-30T06:30:00Z",
    "facts": {},
}

#: A field, and invalid values of it.
WRONG: list[tuple[str, list[Any]]] = [
    ("route", [None, "guess", ["answer"], {}, 1]),
    ("reason", ["", " ", ["dispute"], 5, "r" * 101, "\x00", "\ud800"]),
    ("priority", ["very", ["high"], {}, 0]),
    ("intent", ["", {"name": "x"}, ["x"], True, "i" * 101, "a\x00"]),
    ("confidence", ["0.9", True, -0.1, 1.1, float("nan"), float("inf"), [0.9]]),
    ("ranking", ["x", {}, ["x"], [{"intent": 5, "confidence": 0.5}], [{"intent": "x", "confidence": "y"}], [{}] * 51]),
    ("entities", ["x", {}, ["x"], [5]]),
    ("amount_cny", ["五万", True, -1, 1e300, 10**400, float("inf"), [1], {}]),
    ("rule", [5, {}, ["x"], ""]),
    ("trace", ["x", {}, ["x"]]),
    ("scores", ["x", [], 5]),
    ("thresholds", ["x", [], 5]),
    ("article", ["x", [], {}, {"id": 5}, {"id": None}, {"id": "a", "revision": 5}]),
    ("incident", ["x", [], {}, {"id": "I2345678"}, {"id": 5, "version": 1}, {"id": "I2345678", "version": "1"}]),
    ("outcome", [5, {}, ["solved"], True]),
    ("asks", [5, {}, ["solved"], True]),
    ("topics", ["x", {}, [5], [None], [["x"]], ["x"] * 51]),
    ("open_topics", ["x", {}, [5], [None], [["x"]], ["x"] * 51]),
    ("step", ["x", -1, 1.5, True, [], 1001]),
    ("tentative", ["x", 1, [], {}]),
    ("doors", ["x", {}, [5], [None], [["x"]], ["x"] * 51]),
    ("lane", [5, {}, ["money_moving"], True, ""]),
    ("language", [5, {}, ["en"], True, ""]),
    (
        "lookup",
        ["x", [], {}, {**LOOKUP, "state": "perhaps"}, {**LOOKUP, "assurance": 4}, {**LOOKUP, "facts": []}, {**LOOKUP, "at": 5}],
    ),
    ("model", [5, {}, "m" * 101]),
    ("policy", [5, {}, "p" * 101]),
    ("versions", ["x", []]),
    ("a_field_of_tomorrow", ["\x00", {"x": ["\ud800"]}, {"\x00": 1}, float("nan"), DEEP]),
]
ROWS = [(field, value) for field, values in WRONG for value in values]
IDS = [f"{field}-{n}" for field, values in WRONG for n in range(len(values))]


def test_the_table_has_every_field_of_the_contract() -> None:
    """A field added later would never be checked."""
    assert {field for field, _ in WRONG} - {"a_field_of_tomorrow"} == set(KNOWN)


@pytest.mark.parametrize(("field", "value"), ROWS, ids=IDS)
def test_an_answer_with_a_wrong_field_is_refused(field: str, value: Any) -> None:
    """A wrong answer costs more than "let me get someone", and a logged decision is read in every later turn."""
    with pytest.raises(ContractError) as refused:
        Decision.from_json({**decision("answer"), field: value})
    assert refused.value.fields in ((field,), ("decision",))


@pytest.mark.parametrize(("field", "value"), ROWS, ids=IDS)
def test_an_escalation_with_a_wrong_field_keeps_its_person(field: str, value: Any) -> None:
    """A missed emergency costs more than a short talk with a person."""
    given = {**decision("escalate", "account_stolen", reason="security", priority="urgent"), field: value}
    if field in ("route", "reason", "priority"):
        with pytest.raises(ContractError):
            Decision.from_json(given)
    else:
        read = Decision.from_json(given)
        assert read.as_json() == {name: each for name, each in given.items() if name != field}
        assert (read.reason, read.priority, read.dropped) == ("security", "urgent", (field,))


@pytest.mark.parametrize(
    "given",
    [
        decision("answer"),
        {"route": "chat"},
        decision("escalate", None, reason="a_reason_of_tomorrow", priority="normal", amount_cny=12_345_678.9),
        decision("clarify", topics=["fees"], open_topics=["refund"], asks="cancel_wait", outcome="closed", tomorrow={"x": [1]}),
        decision("answer", lookup=LOOKUP),
        decision("answer", article=None, ranking=[{"intent": "x", "confidence": 1}], confidence=0),
    ],
)
def test_what_is_right_stays_as_it_is(given: dict[str, Any]) -> None:
    """A newer bot's values would cost customers their answers, or the log would lack the data to understand a decision."""
    read = Decision.from_json(given)
    assert read.as_json() == given
    assert read.dropped == ()


@pytest.mark.parametrize("given", [None, [], "answer", 5, {}, {"intent": "x"}])
def test_what_is_no_decision_is_refused(given: Any) -> None:
    """The desk would act on an empty decision."""
    with pytest.raises(ContractError):
        Decision.from_json(given)


@pytest.mark.parametrize(("field", "value"), [row for row in ROWS if row[0] in KNOWN], ids=IDS[: -len(WRONG[-1][1])])
def test_an_older_log_is_read_without_its_wrong_fields(field: str, value: Any) -> None:
    """A conversation with a wrong field in its log could never have a turn again."""
    logged = {**decision("answer"), field: value}
    assert known_fields(logged, field) == {field: None}
    context = told([logged])
    assert context["last_route"] in ("answer", None)
    assert context["topic"] in ("transfer_delay", None)
    assert told([logged, decision("answer", "fees")])["topic"] == "fees"


@pytest.mark.parametrize("logged", [None, [], "x", 5])
def test_a_log_without_a_decision(logged: Any) -> None:
    """A conversation with a decision event that holds no decision could never have a turn again."""
    assert told([logged])["last_route"] is None
