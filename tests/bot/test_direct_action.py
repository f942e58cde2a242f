"""The custom action in Rasa's own process: the same answers as an action server gives, without one."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import inspect
import json
import os
import socket
import sys
import types
from pathlib import Path
from typing import Any, AsyncIterator, Dict, List, Mapping

import aiohttp
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig, read_endpoint_config

from bot.serving import direct_action
from bot.serving.direct_action import NoActionError, action_of, is_direct
from content.compiler import compile_content
from content.published import write_bundle
from contract.turn import Context, TurnRequest

ROOT = Path(__file__).parents[2]
DOMAIN = Domain.from_dict({"intents": ["fees"], "actions": ["action_triage", "action_other"]})
MODULE = "actions_of_the_tests"
PAYLOAD = {"messages": [{"text": "您好"}], "decision": {"route": "chat"}}
TURN = TurnRequest("c", "c.1", "手续费多少", context=Context(locale="zh"))


class Echo:
    """An action that remembers what it was given."""

    made = 0

    def __init__(self) -> None:
        Echo.made += 1
        self.given: List[Any] = []

    def name(self) -> str:
        return "action_triage"

    async def react(self, parse: Mapping[str, Any], metadata: Mapping[str, Any]) -> Dict[str, Any]:
        self.given.append((parse, metadata))
        return PAYLOAD


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> EndpointConfig:
    """An endpoint without an address, whose module has `Echo`."""
    module = types.ModuleType(MODULE)
    module.make_action = Echo  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, MODULE, module)
    monkeypatch.setattr(Echo, "made", 0)
    direct_action._made.cache_clear()
    return EndpointConfig("", actions_module=MODULE)


def tracker_of(text: str, metadata: Mapping[str, Any]) -> DialogueStateTracker:
    """A conversation in which the customer has just said something, as Rasa hands it to an action."""
    parse = {
        "text": text,
        "intent": {"name": "fees", "confidence": 0.97},
        "intent_ranking": [{"name": "fees", "confidence": 0.97}, {"name": "account_stolen", "confidence": 0.01}],
        "entities": [],
        "thresholds": {"risk": 0.3, "out_of_scope": 0.9, "harmless": 0.9, "understood": 0.6, "tentative": 0.4},
    }
    said = UserUttered(text, parse["intent"], [], parse, input_channel="desk", metadata=dict(metadata))
    return DialogueStateTracker.from_events("c.1", [ActionExecuted("action_listen"), said], domain=DOMAIN)


async def payloads(endpoint: EndpointConfig, tracker: DialogueStateTracker, name: str = "action_triage") -> List[Any]:
    """What Rasa would send for the action."""
    nlg, output = TemplatedNaturalLanguageGenerator({}), CollectingOutputChannel()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RemoteAction, "run", direct_action.run)
        events = await RemoteAction(name, endpoint).run(output, nlg, tracker, DOMAIN)
    for event in events:
        assert isinstance(event, BotUttered)
        await output.send_response("c.1", event.message())
    return [message["custom"] for message in output.messages]


async def test_any_channel_of_rasa_reaches_the_action(endpoint: EndpointConfig) -> None:
    """Only the desk's channel would have answers, and Rasa's dialogue on any other would look for a server."""
    tracker = tracker_of("手续费多少", {"turn": TURN.as_json()})
    assert await payloads(endpoint, tracker) == [PAYLOAD]
    ((parse, metadata),) = action_of(endpoint).given  # type: ignore[attr-defined]
    assert (parse["text"], parse["thresholds"]["risk"]) == ("手续费多少", 0.3)
    assert metadata == {"turn": TURN.as_json()}


async def test_another_action_is_not_the_one_that_is_here(endpoint: EndpointConfig) -> None:
    """A misspelt action would pass for the decision."""
    with pytest.raises(NoActionError, match="action_other"):
        await payloads(endpoint, tracker_of("你好", {}), "action_other")


def test_the_action_is_made_once(endpoint: EndpointConfig) -> None:
    """Each model that is swapped in would load all content anew, in a customer's time."""
    again = EndpointConfig("", actions_module=MODULE)
    assert action_of(endpoint) is action_of(endpoint) is action_of(again)
    assert Echo.made == 1


def test_an_endpoint_that_names_no_action_says_what_to_do() -> None:
    """The bot would fail each turn with words that help nobody."""
    with pytest.raises(NoActionError, match="actions_module"):
        action_of(EndpointConfig(""))


@pytest.mark.parametrize(("url", "direct"), [("", True), ("http://127.0.0.1:5055/webhook", False)])
def test_the_address_decides(url: str, direct: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """ACTION_URL would be without effect, or its absence an error."""
    monkeypatch.setenv("ACTION_URL", url)
    endpoint = read_endpoint_config(str(ROOT / "endpoints.yml"), "action_endpoint")
    assert endpoint is not None
    assert is_direct(endpoint) is direct
    assert endpoint.kwargs["actions_module"] == "actions.triage"
    assert is_direct(None) is False


def test_installing_replaces_the_method_once_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa would look for a server that does not run; or each install would wrap the one before."""
    monkeypatch.setattr(RemoteAction, "run", direct_action.RASAS_RUN)
    for _ in range(2):
        direct_action.install()
        assert RemoteAction.run is direct_action.run


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of `data/`, published without a model."""
    folder = tmp_path_factory.mktemp("models")
    write_bundle(compile_content(ROOT / "data"), "wallet-1", folder)
    return folder


@contextlib.asynccontextmanager
async def action_server(models: Path) -> AsyncIterator[str]:
    """A real action server with our action: its address."""
    port = free_port()
    environment = {**os.environ, "SANIC_HOST": "127.0.0.1", "LOG_LEVEL": "WARNING", "MODELS_DIR": str(models), "DESK_URL": ""}
    command = ["-W", "ignore", "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT, env=environment)
    try:
        await asyncio.wait_for(_answers(f"http://127.0.0.1:{port}/health", process), 90)
        yield f"http://127.0.0.1:{port}/webhook"
    finally:
        process.terminate()
        await process.wait()


async def _answers(url: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as http:
        while True:
            assert process.returncode is None
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with http.get(url) as answer:
                    assert answer.status == 200
                    return
            await asyncio.sleep(0.1)


async def test_an_action_server_decides_the_same(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`rasa run actions` with ACTION_URL would not work any more, or would answer otherwise than the bot by itself."""
    monkeypatch.setenv("MODELS_DIR", str(models))
    monkeypatch.delenv("DESK_URL", raising=False)
    direct_action._made.cache_clear()
    direct = EndpointConfig("", actions_module="actions.triage")
    async with action_server(models) as url:
        remote = EndpointConfig(url, enable_selective_domain=True)
        for text, route in (("手续费多少", "answer"), ("我要转人工", "escalate"), ("我的账号被盗了", "escalate")):
            turn = TurnRequest("c", "c.1", text)
            tracker = tracker_of(text, {"turn": turn.as_json(), "replies_to_desk": True})
            (here,) = await payloads(direct, tracker)
            assert await payloads(remote, tracker) == [json.loads(json.dumps(here))]
            assert here["decision"]["route"] == route
    direct_action._made.cache_clear()


#: Of rasa 3.6.21. If it differs, read Rasa's new method, fix bot/serving/direct_action.py, and put its hash here.
RUN_HASH = "ccabf6f1160d527a"


def test_rasas_method_is_the_one_that_was_replaced() -> None:
    """A new Rasa would run actions otherwise, and nobody would notice."""
    assert hashlib.sha256(inspect.getsource(direct_action.RASAS_RUN).encode()).hexdigest()[:16] == RUN_HASH
