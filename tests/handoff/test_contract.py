"""The JSON of the contract: reading returns what was written, and invalid input is rejected on arrival."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.compiler import load_desk_content
from contract.decision import KNOWN, Decision, Rank, Step
from contract.errors import ContractError, SilenceError
from contract.priorities import PRIORITIES, PRIORITY_RANK, Priority
from contract.reasons import VAGUE_REASONS
from contract.reply import ArticleReference, Button, Message, Reply
from contract.routes import ROUTES, Route
from contract.turn import Closed, Context, TurnRequest
from tests.handoff.desk_process import ROOT
from tests.handoff.fake_bot import ARTICLE, BUTTONS, DOORS, decision

NAMES = st.text("abcxyz_0123 语", min_size=1, max_size=20).filter(lambda name: not name.isspace())
PROBABILITIES = st.floats(0, 1).map(lambda number: round(number, 4))
DECISIONS = st.builds(
    Decision,
    route=st.sampled_from(ROUTES),
    rule=st.none() | NAMES,
    intent=st.none() | NAMES,
    confidence=st.none() | PROBABILITIES,
    reason=NAMES,
    priority=st.sampled_from(PRIORITIES),
    ranking=st.lists(st.builds(Rank, NAMES, PROBABILITIES), max_size=5).map(tuple),
    amount_cny=st.none() | st.floats(0, 1e12),
    topics=st.lists(NAMES, max_size=3).map(tuple),
    step=st.none() | st.integers(1, 12),
    tentative=st.booleans(),
    trace=st.lists(st.builds(Step, NAMES, st.booleans(), st.text(max_size=5)), max_size=3).map(tuple),
    versions=st.dictionaries(NAMES, NAMES, max_size=2),
).filter(lambda decision: all(step.detail.isprintable() for step in decision.trace))


@given(DECISIONS)
def test_a_decision_is_read_as_it_was_decided(decided: Decision) -> None:
    """The desk would act on another decision than the bot's."""
    read = Decision.from_json(json.loads(json.dumps(decided.as_json())))
    assert read == decided
    assert read.as_json() == decided.as_json()


def test_the_contract_and_the_decision_know_the_same_fields() -> None:
    """A field would be sent and never checked, or checked and never sent."""
    assert set(Decision("chat").as_json()) == set(KNOWN)


def test_a_newer_bots_decision_is_logged_whole() -> None:
    """Editors would not find a newer bot's additional fields of its decision in the log."""
    given = decision("answer", ranking=[{"intent": "fees", "confidence": 0.9, "of_tomorrow": 1}], of_tomorrow={"x": [1]})
    assert Decision.from_json(given).as_json() == given


@given(
    st.builds(
        TurnRequest,
        NAMES,
        NAMES,
        st.text("你好ab", min_size=1),
        st.none() | NAMES,
        st.builds(
            Context,
            status=NAMES,
            locale=NAMES,
            asked=st.none() | NAMES,
            not_understood=st.integers(0, 9),
            topics=st.lists(NAMES, max_size=3).map(tuple),
            closed=st.none() | st.builds(Closed, NAMES, st.none() | NAMES, st.none() | NAMES, st.none() | NAMES),
            tentative=st.booleans(),
        ),
        st.none() | NAMES,
        st.booleans(),
    )
)
def test_a_turn_is_read_as_it_was_asked(asked: TurnRequest) -> None:
    """The bot would answer another message, or forget the earlier ones."""
    assert TurnRequest.from_json(json.loads(json.dumps(asked.as_json()))) == asked


def test_a_reply_is_read_with_its_buttons_and_its_article() -> None:
    """The customer would not see the buttons, or the page could not tell a door from an answer."""
    messages = [{"text": "两小时", "article": ARTICLE}, {"text": "解决了吗？", "buttons": [*BUTTONS, *DOORS]}]
    reply = Reply.from_json({"messages": messages, "decision": decision("answer")})
    assert reply.messages == (
        Message("两小时", article=ArticleReference("transfer_delay", "到账延迟", "r1")),
        Message(
            "解决了吗？",
            (
                Button("solved", "解决了"),
                Button("unsolved", "没有解决"),
                Button("topic:wrong_transfer", "转错了", "door"),
                Button("topic:scam_in_progress", "感觉被骗", "door"),
            ),
        ),
    )
    assert [message.as_json() for message in reply.messages] == messages


def test_an_escalation_has_no_messages() -> None:
    """The bot would send texts about the queue in addition to the desk's."""
    escalation = decision("escalate", reason="dispute", priority="high")
    assert Reply.from_json({"messages": [{"text": "好"}, 5], "decision": escalation}).messages == ()


OK = {"text": "好"}
BROKEN: list[tuple[Any, type[ContractError]]] = [
    (None, ContractError),
    ([], ContractError),
    ({"messages": [OK]}, ContractError),
    ({"decision": decision("chat")}, ContractError),
    ({"messages": {}, "decision": decision("chat")}, ContractError),
    ({"messages": [OK] * 21, "decision": decision("chat")}, ContractError),
    *(
        ({"messages": [message], "decision": decision("chat")}, ContractError)
        for message in (
            5,
            {"text": "a\x00"},
            {"text": "\ud800"},
            {"text": "x" * 20_001},
            {**OK, "buttons": {}},
            {**OK, "buttons": [5]},
            {**OK, "buttons": [{"choice": "a"}]},
            {**OK, "buttons": [{"choice": "a", "label": ["x"]}]},
            {**OK, "buttons": [{"choice": "a", "label": "b", "kind": {}}]},
            {**OK, "buttons": [BUTTONS[0]] * 21},
            {**OK, "article": []},
            {**OK, "article": {"title": "x"}},
            {**OK, "article": {"id": "x", "title": 5}},
        )
    ),
    *(
        ({"messages": messages, "decision": decision("chat")}, SilenceError)
        for messages in ([], [{}], [{"text": None}], [{"text": 5}], [{"text": " \u200b"}], [OK, {"text": ""}])
    ),
]


@pytest.mark.parametrize(("body", "error"), BROKEN)
def test_a_malformed_reply_stops_at_the_door(body: Any, error: type[ContractError]) -> None:
    """It would fail inside the transaction that commits the turn."""
    with pytest.raises(ContractError) as broken:
        Reply.from_json(body)
    assert type(broken.value) is error
    assert broken.value.fields


def test_names_stand_once() -> None:
    """The type checker would know a route or a priority that the checks do not, or the reverse."""
    assert get_args(Route) == ROUTES
    assert get_args(Priority) == PRIORITIES == tuple(sorted(PRIORITY_RANK, key=PRIORITY_RANK.__getitem__))
    assert not load_desk_content(ROOT / "data").lasting_reasons & VAGUE_REASONS


def test_the_contract_needs_the_standard_library_only() -> None:
    """One of the two environments could not import it, or would have to load a library for it."""
    modules = ", ".join(f"contract.{path.stem}" for path in sorted((ROOT / "contract").glob("[a-z]*.py")))
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {modules}"
    found = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
