"""The channel between desk and bot: typed, authenticated, and never silent."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, AsyncIterator, Dict, Iterator, List, Optional, Tuple

import aiohttp
import pytest
import pytest_asyncio
from rasa.core.channels.channel import UserMessage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic
from sanic.response import HTTPResponse, empty

from bot.serving import direct_action
from bot.serving.channel import DeskInput, TurnError, read_reply, read_turn
from contract.turn import TEXT_LIMIT, Closed, Context, TurnRequest

TURN = {"conversation_id": "c-1", "turn_id": "t-1", "text": "转账没到"}
PAYLOAD = {"messages": [{"text": "您好"}], "decision": {"route": "chat"}}
WITHOUT = object()


def turn(**changes: Any) -> Dict[str, Any]:
    """A good turn with something changed or taken away."""
    return {name: value for name, value in {**TURN, **changes}.items() if value is not WITHOUT}


#: Of the episode that ended, on the wire.
CLOSED = {"by": "agent", "reason": "dispute", "priority": "high", "intent": None}
ACCEPTED: List[Tuple[Dict[str, Any], Dict[str, Any]]] = [
    # body, and what is read beside the ids and the text
    (turn(), {}),
    (turn(context={}), {}),
    (turn(context=None), {}),
    (turn(context={"status": "queued", "something newer": 1}), {"context": Context(status="queued")}),
    (turn(context={"closed": CLOSED, "topics": ["fees"]}), {"context": Context(closed=Closed(**CLOSED), topics=("fees",))}),
    (turn(context={"closed": None, "topic": None, "topics": []}), {}),
    (turn(choice=None), {}),
    (turn(choice="solved"), {"choice": "solved"}),
    (turn(channel="web"), {"channel": "web"}),
    (turn(suggested=True), {"suggested": True}),
    (turn(suggested=None), {}),
    (turn(text="x" * TEXT_LIMIT), {"text": "x" * TEXT_LIMIT}),
    (turn(text="/restart"), {"text": "/restart"}),
    (turn(more="ignored"), {}),
]
REFUSED = [
    # body, code
    (None, "bad_request"),
    ([], "bad_request"),
    ("text", "bad_request"),
    ({}, "bad_request"),
    (turn(conversation_id=WITHOUT), "bad_request"),
    (turn(conversation_id=""), "bad_request"),
    (turn(conversation_id=7), "bad_request"),
    (turn(turn_id=WITHOUT), "bad_request"),
    (turn(turn_id=None), "bad_request"),
    (turn(suggested="yes"), "bad_request"),
    (turn(text=WITHOUT), "empty_text"),
    (turn(text=""), "empty_text"),
    (turn(text=" \n\t"), "empty_text"),
    (turn(text=5), "empty_text"),
    (turn(text="x" * (TEXT_LIMIT + 1)), "text_too_long"),
    (turn(context=[]), "bad_request"),
    (turn(context="x"), "bad_request"),
    (turn(context=0), "bad_request"),
    (turn(context={"not_understood": "2"}), "bad_request"),
    (turn(context={"topics": "fees"}), "bad_request"),
    (turn(context={"topics": [1]}), "bad_request"),
    (turn(context={"locale": 1}), "bad_request"),
    (turn(context={"closed": "agent"}), "bad_request"),
    (turn(context={"closed": {"reason": "dispute"}}), "bad_request"),
    (turn(choice=1), "bad_request"),
    (turn(choice={}), "bad_request"),
]


@pytest.mark.parametrize(("body", "more"), ACCEPTED)
def test_a_good_turn_is_read_as_it_is(body: Dict[str, Any], more: Dict[str, Any]) -> None:
    """The desk's turns would be refused, or the bot would forget what came before."""
    read = read_turn(body)
    assert read == TurnRequest(**{**TURN, **more})
    assert TurnRequest.from_json(read.as_json()) == read


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_a_bad_turn_is_refused_with_a_code(body: Any, code: str) -> None:
    """Something that is no turn would reach Rasa, which answers 200 to anything."""
    with pytest.raises(TurnError) as caught:
        read_turn(body)
    assert (caught.value.status, caught.value.code) == (400, code)
    assert caught.value.message


def test_the_one_payload_is_the_reply() -> None:
    """The bot's answer would be lost among other messages."""
    assert read_reply([{"text": "by the way"}, {"custom": PAYLOAD}, {"custom": None}]) == PAYLOAD


@pytest.mark.parametrize("messages", [[], [{"text": "x"}], [{"custom": {}}], [{"custom": PAYLOAD}, {"custom": PAYLOAD}]])
def test_silence_and_two_decisions_are_errors(messages: List[Dict[str, Any]]) -> None:
    """The customer would wait for an answer that never comes, or get two."""
    with pytest.raises(TurnError) as caught:
        read_reply(messages)
    assert (caught.value.status, caught.value.code) == (502, "no_decision")


@pytest.mark.parametrize("credentials", [None, {}, {"token": ""}, {"token": None}])
def test_no_token_no_channel(credentials: Optional[Dict[str, Any]]) -> None:
    """A forgotten token would open the bot to everyone on the machine."""
    with pytest.raises(RasaException, match="credentials"):
        DeskInput.from_credentials(credentials)


# --- the blueprint in a real Sanic ----------------------------------------------------------------------------------


class FakeAgent:
    """Rasa behind the channel: does with a message what the test says, and remembers it."""

    def __init__(self) -> None:
        self.messages: List[UserMessage] = []
        self.parsed: List[str] = []
        self.replies: List[Any] = [PAYLOAD]
        self.error: Optional[Exception] = None
        self.ready = True
        self.processor: Any = SimpleNamespace(model_filename="wallet-1.tar.gz")
        self.action_endpoint: Any = SimpleNamespace(url="")

    def is_ready(self) -> bool:
        return self.ready

    async def parse_message(self, text: str) -> Dict[str, Any]:
        self.parsed.append(text)
        return {}

    def load_model(self, path: Path) -> None:
        if path.read_bytes() != b"model":
            raise ValueError("我的密码")
        time.sleep(0.3)
        self.processor = Processor(path.name)

    async def handle(self, message: UserMessage) -> None:
        self.messages.append(message)
        if self.error:
            raise self.error
        for reply in self.replies:
            await message.output_channel.send_custom_json("c-1", reply)


class Bot(SimpleNamespace):
    """A running channel: its address, an HTTP client, and the agent behind it."""

    agent: FakeAgent
    url: str
    http: aiohttp.ClientSession

    async def post(self, body: Any, token: Optional[str] = "secret", path: str = "/webhooks/desk/webhook") -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        async with self.http.post(self.url + path, data=data, headers=headers) as answer:
            return answer.status, await answer.json()

    async def health(self) -> tuple[int, Any]:
        async with self.http.get(self.url + "/webhooks/desk/") as answer:
            return answer.status, await answer.json()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running() -> AsyncIterator[Bot]:
    """The channel's blueprint in a Sanic server on a free port."""
    bot = Bot(agent=FakeAgent())
    app = Sanic("test_channel", configure_logging=False)

    async def handle(message: UserMessage) -> None:
        await bot.agent.handle(message)

    @app.get("/health")
    async def action_server(request: Any) -> HTTPResponse:
        return empty(200)

    app.blueprint(DeskInput.from_credentials({"token": "secret"}).blueprint(handle), url_prefix="/webhooks/desk")
    listener = socket.create_server(("127.0.0.1", 0))
    server = await app.create_server(sock=listener, return_asyncio_server=True, asyncio_server_kwargs={"start_serving": False})
    assert server is not None
    await server.startup()
    await server.before_start()
    await server.start_serving()
    bot.app, bot.url = app, f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with aiohttp.ClientSession() as session:
        bot.http = session
        yield bot
    server.close()


@pytest.fixture
def bot(running: Bot) -> Bot:
    """The running channel with a fresh agent behind it."""
    running.agent = FakeAgent()
    running.agent.action_endpoint.url = f"{running.url}/webhook"
    running.app.ctx.agent = running.agent
    return running


async def test_a_turn_brings_the_payload_back(bot: Bot) -> None:
    """The desk would not get what the action decided."""
    assert await bot.post(turn(context={"status": "queued"}, choice="solved", channel="web")) == (200, PAYLOAD)
    (message,) = bot.agent.messages
    assert message.text == "转账没到"
    assert message.sender_id == "t-1"
    assert message.input_channel == "desk"
    sent = TurnRequest("c-1", "t-1", "转账没到", choice="solved", context=Context(status="queued"), channel="web")
    assert message.metadata == {"turn": sent.as_json(), "replies_to_desk": True, "model": "wallet-1"}


@pytest.mark.parametrize("token", [None, "", "wrong", "secret2", "Secret", "sécret"])
async def test_a_missing_or_wrong_token_is_refused(bot: Bot, token: Optional[str]) -> None:
    """Anyone on the machine could talk to the bot in a customer's name."""
    status, body = await bot.post(turn(), token=token)
    assert (status, body["error"]["code"]) == (401, "unauthorized")
    assert bot.agent.messages == []


async def test_a_token_of_odd_bytes_is_refused_too(bot: Bot) -> None:
    """A crafted header would be an unhandled error, which is no refusal."""
    host, port = bot.url[len("http://") :].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /webhooks/desk/webhook HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\xfe\r\n"
        b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
    )
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert answer.split(b"\r\n", 1)[0] == b"HTTP/1.1 401 Unauthorized"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_request"),
        (b"{", "bad_request"),
        (b"\xff", "bad_request"),
        (b"null", "bad_request"),
        (turn(text=" "), "empty_text"),
        (turn(text="x" * (TEXT_LIMIT + 1)), "text_too_long"),
    ],
)
async def test_a_body_that_is_no_turn_is_refused_in_the_contracts_shape(bot: Bot, body: Any, code: str) -> None:
    """The desk could not tell its own mistake from a bot that is down."""
    status, answer = await bot.post(body)
    assert (status, answer["error"]["code"]) == (400, code)
    assert bot.agent.messages == []


@pytest.mark.parametrize("replies", [[], [{"other": 1}], [PAYLOAD, PAYLOAD]])
async def test_silence_is_an_error(bot: Bot, replies: List[Any]) -> None:
    """A turn without a decision would look like an answer, and the customer would wait for ever."""
    bot.agent.replies = replies
    status, answer = await bot.post(turn())
    assert (status, answer["error"]["code"]) == (502, "no_decision")


async def test_a_failure_is_an_error_that_tells_nobodys_words(bot: Bot) -> None:
    """A crash in Rasa would come back as an empty success, or carry the customer's words into the desk's log."""
    bot.agent.error = KeyError("转账没到 13800138000")
    status, answer = await bot.post(turn())
    assert (status, answer["error"]["code"]) == (502, "turn_failed")
    assert answer["error"]["message"] == "the bot failed with KeyError"


async def test_turns_of_different_customers_run_side_by_side(bot: Bot) -> None:
    """One slow turn would hold up everyone."""
    arrived, go = [], asyncio.Event()

    async def wait_for_the_other(message: UserMessage) -> None:
        arrived.append(message.sender_id)
        if len(arrived) == 2:
            go.set()
        await go.wait()
        await message.output_channel.send_custom_json("x", PAYLOAD)

    bot.agent.handle = wait_for_the_other  # type: ignore[method-assign]
    answers = await asyncio.wait_for(asyncio.gather(bot.post(turn(turn_id="a")), bot.post(turn(turn_id="b"))), 10)
    assert [status for status, _ in answers] == [200, 200]


async def test_health_says_when_no_model_is_there(bot: Bot) -> None:
    """The desk would send customers to a bot that cannot answer."""
    assert await bot.health() == (200, {"status": "ok"})
    bot.agent.ready = False
    assert await bot.health() == (503, {"status": "no_model"})
    bot.app.ctx.agent = None
    assert await bot.health() == (503, {"status": "no_model"})


async def test_health_says_when_the_action_server_is_gone(bot: Bot) -> None:
    """The desk would go on sending customers to a bot that fails every turn."""
    bot.agent.action_endpoint.url = "http://127.0.0.1:1/webhook"
    assert await bot.health() == (503, {"status": "no_action_server"})


# --- with the custom action in the bot's own process -----------------------------------------------------------------


class Processor:
    """Rasa's processor, with a pipeline that finds nothing."""

    model_metadata = SimpleNamespace(nlu_target="pipeline")

    def __init__(self, model_filename: str = "wallet-1.tar.gz") -> None:
        self.graph_runner, self.model_filename = self, model_filename

    def run(self, inputs: Dict[str, Any], targets: List[str]) -> Dict[str, Any]:
        (message,) = inputs["__message__"]
        return {"pipeline": [Message({"text": message.text})]}


class Action:
    """An action that does what the test says, and remembers what it was given."""

    def __init__(self) -> None:
        self.given: List[Any] = []
        self.error: Optional[Exception] = None

    def name(self) -> str:
        return "action_triage"

    async def react(self, parse: Any, metadata: Any) -> Dict[str, Any]:
        self.given.append((parse, metadata))
        if self.error:
            raise self.error
        return PAYLOAD


@pytest.fixture
def action(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Action]:
    """The bot runs this action itself."""
    action, module = Action(), ModuleType("action_of_the_tests")
    module.make_action = lambda: action  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    bot.agent.action_endpoint = EndpointConfig("", actions_module=module.__name__)
    bot.agent.processor = Processor()
    direct_action._made.cache_clear()
    yield action
    direct_action._made.cache_clear()


async def test_a_direct_turn_is_a_parse_and_the_action(bot: Bot, action: Action) -> None:
    """Each turn would pay for a tracker and a dialogue that are thrown away, or the action would miss the turn."""
    assert await bot.post(turn(context={"status": "queued"}, choice="solved")) == (200, PAYLOAD)
    ((parse, metadata),) = action.given
    assert parse["text"] == "转账没到"
    asked = TurnRequest("c-1", "t-1", "转账没到", choice="solved", context=Context(status="queued"))
    assert metadata == {"turn": asked, "replies_to_desk": True, "model": "wallet-1"}
    assert bot.agent.messages == []


async def test_a_direct_failure_is_an_error_that_tells_nobodys_words(bot: Bot, action: Action) -> None:
    """A crash of the action would carry the customer's words into the desk's log."""
    action.error = KeyError("转账没到 13800138000")
    status, answer = await bot.post(turn())
    assert (status, answer["error"]["code"]) == (502, "turn_failed")
    assert answer["error"]["message"] == "the bot failed with KeyError"


async def test_a_direct_turn_without_a_model_is_an_error(bot: Bot, action: Action) -> None:
    """A bot that is just starting would look like one that has nothing to say."""
    bot.agent.ready = False
    status, answer = await bot.post(turn())
    assert (status, answer["error"]["code"]) == (502, "no_decision")


async def test_health_without_an_action_server(bot: Bot, action: Action) -> None:
    """A bot that needs no action server would never be asked; or one whose action cannot be loaded would be."""
    assert await bot.health() == (200, {"status": "ok"})
    bot.agent.action_endpoint = EndpointConfig("", actions_module="no_such_module")
    direct_action._made.cache_clear()
    assert await bot.health() == (503, {"status": "no_action"})


async def test_a_model_is_warmed_up_once(bot: Bot) -> None:
    """The first customer after a swap would wait for the model, or every health check would cost a parse."""
    for _ in range(3):
        await bot.health()
    assert len(bot.agent.parsed) == 1
    bot.agent.processor = object()
    await bot.health()
    assert len(bot.agent.parsed) == 2


# --- another model ----------------------------------------------------------------------------------------------------


async def put_model(bot: Bot, body: Any, token: str = "secret") -> tuple[int, Any]:
    """Bring a model."""
    headers = {"Authorization": f"Bearer {token}"}
    async with bot.http.put(f"{bot.url}/webhooks/desk/model", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_model_is_loaded_beside_the_one_that_answers(bot: Bot, action: Action, tmp_path: Path) -> None:
    """Customers would wait for seconds while a model is loaded, and their messages would go to a person."""
    path = tmp_path / "wallet-2.tar.gz"
    path.write_bytes(b"model")
    loading = asyncio.create_task(put_model(bot, {"model_file": str(path)}))
    await asyncio.sleep(0.05)
    for _ in range(3):
        assert await bot.post(turn()) == (200, PAYLOAD)
    assert not loading.done()
    assert await loading == (200, {"model_file": "wallet-2.tar.gz"})
    assert await bot.post(turn()) == (200, PAYLOAD)
    assert [metadata["model"] for _, metadata in action.given] == ["wallet-1"] * 3 + ["wallet-2"]
    before = bot.app.ctx.agent
    assert await put_model(bot, {"model_file": str(path)}) == (200, {"model_file": "wallet-2.tar.gz"})
    assert bot.app.ctx.agent is before


async def test_two_models_at_once_come_one_after_the_other(bot: Bot, action: Action, tmp_path: Path) -> None:
    """Of two publishers one would be told that its model runs while the other's does."""
    paths = [tmp_path / f"wallet-{number}.tar.gz" for number in (2, 3)]
    for path in paths:
        path.write_bytes(b"model")
    answers = await asyncio.gather(*(put_model(bot, {"model_file": str(path)}) for path in paths))
    assert [status for status, _ in answers] == [200, 200]
    assert bot.app.ctx.agent.processor.model_filename == "wallet-3.tar.gz"


@pytest.mark.parametrize(
    ("body", "token", "status", "code"),
    [
        ({"model_file": "nothing/here.tar.gz"}, "secret", 409, "model_refused"),
        ({"model_file": "damaged"}, "secret", 409, "model_refused"),
        ({"model_file": 1}, "secret", 400, "bad_request"),
        ([], "secret", 400, "bad_request"),
        ({"model_file": "damaged"}, "wrong", 401, "unauthorized"),
    ],
)
async def test_a_refused_model_leaves_the_one_that_answers(
    bot: Bot, action: Action, tmp_path: Path, body: Any, token: str, status: int, code: str
) -> None:
    """A damaged archive would take the bot down, or anybody could change its model."""
    if body == {"model_file": "damaged"}:
        body = {"model_file": str(tmp_path / "wallet-2.tar.gz")}
        (tmp_path / "wallet-2.tar.gz").write_bytes(b"half a mod")
    found, answer = await put_model(bot, body, token)
    assert (found, answer["error"]["code"]) == (status, code)
    assert "密码" not in json.dumps(answer, ensure_ascii=False)
    assert bot.app.ctx.agent is bot.agent
    assert await bot.post(turn()) == (200, PAYLOAD)


@pytest.mark.parametrize("path", ["/webhooks/desk/", "/webhooks/desk/webhook", "/health", "/nothing/here"])
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Host": "evil.example"}, 421, "wrong_host"),
        ({"Host": "evil.example", "Authorization": "Bearer secret"}, 421, "wrong_host"),
        ({"Origin": "http://evil.example"}, 403, "wrong_origin"),
        ({"Origin": "null", "Authorization": "Bearer secret"}, 403, "wrong_origin"),
    ],
)
async def test_browsers_do_not_reach_any_route_of_rasa(
    bot: Bot, path: str, headers: Dict[str, str], status: int, code: str
) -> None:
    """A page could read Rasa's answers or try its token, from inside a visitor's browser."""
    method = "POST" if path.endswith("/webhook") else "GET"
    async with bot.http.request(method, bot.url + path, headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (status, code)
    assert bot.agent.messages == []
