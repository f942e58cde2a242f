"""The action around the decision: what it takes from a channel, and whether it asks the desk for a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.handoff_client import HandoffError
from actions.triage import ActionTriage, make_action, message_from_parse
from content.compiler import compile_content
from content.published import write_bundle
from contract.decision import Decision
from contract.errors import ContractError
from contract.turn import Context, TurnRequest

PERSON = "我要转人工"
LIMITS = {"risk": 0.3, "out_of_scope": 0.9, "harmless": 0.9, "understood": 0.6, "tentative": 0.4}


class Desk:
    """In the place of HandoffClient: remembers what the action asks for."""

    def __init__(self) -> None:
        self.asked: List[tuple[str, str, str]] = []
        self.error: Optional[HandoffError] = None

    async def request_handoff(self, conversation_id: str, turn_id: str, decision: Mapping[str, Any]) -> Dict[str, Any]:
        self.asked.append((conversation_id, turn_id, decision["route"]))
        if self.error:
            raise self.error
        return {}


@pytest.fixture
def desk() -> Desk:
    """A desk that takes everything."""
    return Desk()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> ActionTriage:
    """The action with the content of `data/`."""
    folder = tmp_path_factory.mktemp("models")
    write_bundle(compile_content(Path("data")), "wallet-1", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELS_DIR", str(folder))
        patch.setenv("DESK_URL", "http://127.0.0.1:1")
        return make_action()


@pytest.fixture
def action(started: ActionTriage, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> ActionTriage:
    """The action, and the desk of the test in the place of its client."""
    monkeypatch.setattr(started, "_handoffs", desk)
    return started


def parsed(text: str) -> Dict[str, Any]:
    """A text as the pipeline hands it on."""
    return {"text": text, "intent_ranking": [{"name": "fees", "confidence": 0.97}], "entities": [], "thresholds": LIMITS}


def metadata(text: str = PERSON, *, status: str = "with_bot", **more: Any) -> Dict[str, Any]:
    """A channel's metadata for a turn."""
    return {"turn": TurnRequest("c", "c.1", text, context=Context(status=status)).as_json(), **more}


ASKED = [
    # metadata, whether the desk is asked
    (metadata(), True),
    (metadata(replies_to_desk=False), True),
    (metadata(replies_to_desk=True), False),
    (metadata(status="queued"), False),
    (metadata(status="assigned"), False),
    ({}, False),
]


@pytest.mark.parametrize(("given", "is_asked"), ASKED)
async def test_the_desk_is_asked_only_where_the_reply_does_not_reach_it(
    action: ActionTriage, desk: Desk, given: Dict[str, Any], is_asked: bool
) -> None:
    """A person would not come on another channel; or every escalation on the desk's own would be sent and stored twice."""
    payload = await action.react(parsed(PERSON), given)
    assert payload["decision"]["route"] == "escalate"
    assert desk.asked == ([("c", "c.1", "escalate")] if is_asked else [])


def test_the_decision_reads_the_text_that_the_model_read() -> None:
    """Each message would be normalised twice; or, without a normaliser first in the pipeline, not at all."""
    components = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))["pipeline"]
    assert components[0]["name"] == "bot.nlu.normalizer.TextNormalizer"
    text = "转账 FAILED"
    assert message_from_parse(parsed(text)).text is text


async def test_an_answer_asks_for_nobody(action: ActionTriage, desk: Desk) -> None:
    """Every answer would fetch a person."""
    payload = await action.react(parsed("手续费多少"), metadata("手续费多少"))
    assert payload["decision"]["route"] == "answer"
    assert desk.asked == []


async def test_a_desk_that_does_not_answer_costs_no_answer(action: ActionTriage, desk: Desk) -> None:
    """The turn would fail although its decision hands over."""
    desk.error = HandoffError("desk unreachable")
    payload = await action.react(parsed(PERSON), metadata())
    assert (payload["decision"]["route"], len(desk.asked)) == ("escalate", 1)


async def test_a_turn_is_read_and_its_json_is_read_alike(action: ActionTriage) -> None:
    """In Rasa's process the channel hands the turn over as it is; an action server gets JSON. They would decide differently."""
    turn = TurnRequest("c", "c.1", "解決咗喇", choice="solved", context=Context(locale="zh-Hant", asked="solved", topic="fees"))
    first = await action.react(parsed("解决了"), {"turn": turn, "replies_to_desk": True})
    again = await action.react(parsed("解决了"), {"turn": turn.as_json(), "replies_to_desk": True})
    assert first == again
    assert (first["decision"]["outcome"], first["decision"]["language"]) == ("solved", "zh-Hant")


async def test_a_malformed_turn_is_an_error(action: ActionTriage) -> None:
    """A channel's mistake would be decided on as if nothing had come before."""
    with pytest.raises(ContractError):
        await action.react(parsed(PERSON), {"turn": {"turn_id": "c.1"}})


async def test_the_payload_keeps_the_contract(action: ActionTriage) -> None:
    """The desk would refuse it, and the customer go to a person without need."""
    for text in (PERSON, "手续费多少", "asdf"):
        payload = json.loads(json.dumps(await action.react(parsed(text), metadata(text, replies_to_desk=True))))
        assert Decision.from_json(payload["decision"]).as_json() == payload["decision"]
        assert payload["decision"]["model"] == "wallet-1"


async def test_an_action_server_utters_the_same_payload(action: ActionTriage) -> None:
    """`rasa run actions` would send something else than the bot by itself."""
    given = metadata(replies_to_desk=True)
    latest = {**parsed(PERSON), "metadata": given}
    dispatcher = CollectingDispatcher()
    assert await action.run(dispatcher, Tracker("c.1", {}, latest, [], False, None, {}, "action_listen"), {}) == []
    (message,) = dispatcher.messages
    assert message["custom"] == await action.react(parsed(PERSON), given)
