"""The check of an action server's answers: faster than Rasa's, with the same verdict."""

from __future__ import annotations

import hashlib
import inspect
import json
from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction

from bot import remote_action

RASAS_OWN = RemoteAction._validate_action_result

GOOD = [
    {},
    {"events": [], "responses": []},
    {"responses": [{"custom": {"messages": [], "decision": {"route": "chat"}}}]},
    {"events": [{"event": "slot", "name": "a", "value": 1}]},
    {"events": [{"event": "slot", "name": "a", "value": None, "timestamp": None}], "more": True},
]
BAD: list[Any] = [
    None,
    [],
    "text",
    {"responses": {}},
    {"responses": ["text"]},
    {"events": {}},
    {"events": ["text"]},
    {"events": [{"event": "no such event"}]},
    {"events": [{"event": 1}]},
    {"responses": [{}, None], "events": 5},
]


def verdict(check: Any, result: Any) -> tuple[str, list[Any], str]:
    """What a check says of a result: the message, where, and which rule was broken."""
    action = RemoteAction("action_triage", None)
    try:
        assert check(action, result) is True
    except ValidationError as error:
        return error.message, list(error.absolute_path), str(error.validator)
    return "", [], ""


@pytest.mark.parametrize("result", GOOD)
def test_good_answers_pass_as_they_do_with_rasa(result: Any) -> None:
    """A turn that Rasa accepts would fail."""
    assert verdict(remote_action.validate_action_result, result) == verdict(RASAS_OWN, result) == ("", [], "")


@pytest.mark.parametrize("result", BAD)
def test_bad_answers_fail_with_the_same_words(result: Any) -> None:
    """An answer that Rasa refuses would slip through, or its error would mislead."""
    ours = verdict(remote_action.validate_action_result, result)
    assert ours == verdict(RASAS_OWN, result)
    assert "Failed to validate Action server response" in ours[0]


def test_the_same_answer_is_judged_the_same_each_time() -> None:
    """The kept validator would remember an earlier answer."""
    for _ in range(2):
        assert verdict(remote_action.validate_action_result, {"responses": 1})[2] == "type"
        assert verdict(remote_action.validate_action_result, {}) == ("", [], "")


def test_installing_replaces_the_method_once_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa would go on compiling the schema at every turn."""
    monkeypatch.setattr(RemoteAction, "_validate_action_result", RASAS_OWN)
    for _ in range(2):
        remote_action.install()
        assert RemoteAction._validate_action_result is remote_action.validate_action_result


#: Of rasa 3.6.21. If one differs, read Rasa's new method and schema, mend bot/remote_action.py, and put the new hash here.
METHOD_HASH = "f8cdb4be68123961"
SCHEMA_HASH = "fb650e99afd82f1c"


def test_rasas_method_is_the_one_that_was_replaced() -> None:
    """A new Rasa would check more, or otherwise, and nobody would notice."""
    assert hashlib.sha256(inspect.getsource(RASAS_OWN).encode()).hexdigest()[:16] == METHOD_HASH


def test_rasas_schema_is_the_one_that_was_compiled() -> None:
    """A new Rasa would send or expect other events, and nobody would notice."""
    schema = json.dumps(RemoteAction.action_response_format_spec(), sort_keys=True)
    assert hashlib.sha256(schema.encode()).hexdigest()[:16] == SCHEMA_HASH
