"""The call of the action server: cheaper than Rasa's, and the same in what is asked and accepted."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
from typing import Any, AsyncIterator, List, Tuple

import pytest
import pytest_asyncio
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic

from bot.serving import remote_action

RASAS_OWN = RemoteAction._validate_action_result
RASAS_FORMAT = RemoteAction._action_call_format

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


def test_installing_replaces_the_methods_once_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa would go on compiling the schema and connecting anew at every turn."""
    monkeypatch.setattr(RemoteAction, "_validate_action_result", RASAS_OWN)
    monkeypatch.setattr(RemoteAction, "_action_call_format", RASAS_FORMAT)
    monkeypatch.setattr(EndpointConfig, "session", remote_action.RASAS_SESSION)
    for _ in range(2):
        remote_action.install()
        assert RemoteAction._validate_action_result is remote_action.validate_action_result
        assert RemoteAction._action_call_format is remote_action.action_call_format
        assert EndpointConfig.session is remote_action.kept_session


def test_the_request_is_rasas_without_events_and_domain() -> None:
    """The action would miss something that Rasa sends, or every turn would carry the message twice."""
    domain = Domain.from_dict({"intents": ["greet"], "entities": ["amount"], "actions": ["action_triage"]})
    parse = {"intent": {"name": "greet", "confidence": 0.9}, "text": "5万", "thresholds": {"risk": 0.1}}
    amount = {"entity": "amount", "value": 5, "start": 0, "end": 2}
    message = UserUttered("5万", parse["intent"], [amount], parse, metadata={"turn": {"turn_id": "c.1"}})
    tracker = DialogueStateTracker.from_events("c.1", [ActionExecuted("action_listen"), message], domain=domain)
    endpoint = EndpointConfig("http://x", enable_selective_domain=True)
    action = RemoteAction("action_triage", endpoint)
    rasas = RASAS_FORMAT(action, tracker, domain)
    assert len(rasas["tracker"]["events"]) == 2
    assert remote_action.action_call_format(action, tracker, domain) == {**rasas, "tracker": {**rasas["tracker"], "events": []}}


@pytest_asyncio.fixture
async def answers() -> AsyncIterator[Tuple[EndpointConfig, List[str]]]:
    """An endpoint that answers, and the connections on which it was asked, one entry a call."""
    connections: List[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readline():
            connections.append(str(writer.get_extra_info("peername")))
            assert head.startswith(b"POST")
            length = 0
            while (line := await reader.readline()) != b"\r\n":
                length = int(line.split()[1]) if line.lower().startswith(b"content-length") else length
            body = await reader.readexactly(length)
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            if b"leave" in body:
                break
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    endpoint = EndpointConfig(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    yield endpoint, connections
    await vars(endpoint)["kept"].close()
    server.close()


async def ask(endpoint: EndpointConfig, body: Any) -> Any:
    """One call with the kept session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EndpointConfig, "session", remote_action.kept_session)
        return await endpoint.request(json=body, compress=False)


async def test_calls_share_a_connection(answers: Tuple[EndpointConfig, List[str]]) -> None:
    """Every turn would open a connection of its own, or an answer would come to the wrong turn."""
    endpoint, connections = answers
    for number in range(5):
        assert await ask(endpoint, {"number": number}) == {"number": number}
    assert len(connections) == 5
    assert len(set(connections)) == 1


async def test_a_connection_that_the_action_server_closed_is_not_used_again(answers: Tuple[EndpointConfig, List[str]]) -> None:
    """The first turn after a restart of the action server would fail."""
    endpoint, connections = answers
    assert await ask(endpoint, {"number": "leave"}) == {"number": "leave"}
    await asyncio.sleep(0.05)  # the closing has to arrive
    assert await ask(endpoint, {"number": 2}) == {"number": 2}
    assert len(set(connections)) == 2


def test_connections_are_left_before_the_action_server_closes_them() -> None:
    """A turn would sometimes meet a connection that is just being closed, and fail."""
    assert remote_action.KEEP_SECONDS < Sanic("test_keep_alive", configure_logging=False).config.KEEP_ALIVE_TIMEOUT


#: Of rasa 3.6.21. If one differs, read Rasa's new method and schema, fix bot/serving/remote_action.py, and put its hash here.
HASHES = [
    # what, its hash
    (RASAS_OWN, "f8cdb4be68123961"),
    (RASAS_FORMAT, "428795b944f22edb"),
    (remote_action.RASAS_SESSION, "e55aa13d9d4fb4bc"),
]
SCHEMA_HASH = "fb650e99afd82f1c"


@pytest.mark.parametrize(("method", "expected"), HASHES)
def test_rasas_methods_are_those_that_were_replaced(method: Any, expected: str) -> None:
    """A new Rasa would check or send more, or otherwise, and nobody would notice."""
    assert hashlib.sha256(inspect.getsource(method).encode()).hexdigest()[:16] == expected


def test_rasas_schema_is_the_one_that_was_compiled() -> None:
    """A new Rasa would send or expect other events, and nobody would notice."""
    schema = json.dumps(RemoteAction.action_response_format_spec(), sort_keys=True)
    assert hashlib.sha256(schema.encode()).hexdigest()[:16] == SCHEMA_HASH
