"""The channel by which the desk talks to Rasa: typed, authenticated, and never silent (docs/contracts.md).

Where the custom action runs in this process (`bot/serving/direct_action.py`), a turn is a parse and the action: Rasa's dialogue
would make a tracker, predict the one action that there is (`bot/serving/dialogue_policy.py`), and forget all of it.
With an action server a turn goes through Rasa's dialogue.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import traceback
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional, Tuple

import aiohttp
import structlog
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.serving import direct_action, graph_runner, remote_action
from bot.serving.article_finder import ArticleFinder, intent_model_of
from bot.serving.hosts import keep_browsers_away
from bot.serving.meaning_coder import MeaningCoder
from bot.serving.model_loading import ModelLoader, ModelRefused, model_name
from content.bundle import Content
from content.published import PublishedContent
from content.sources import ContentError
from contract.errors import ContractError
from contract.found_articles import is_limit
from contract.meaning_codes import as_json, is_texts
from contract.turn import TEXT_LIMIT, TurnRequest

logger = structlog.get_logger()

#: How long the action server may take to say that it is there.
HEALTH_SECONDS = 1.0
_USUAL_ARTICLES = 10


class TurnError(Exception):
    """A turn that cannot be answered: an HTTP status, a stable code, and a message for the log."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def as_response(self) -> HTTPResponse:
        """The contract's error shape."""
        return response.json({"error": {"code": self.code, "message": self.message}}, status=self.status)


def read_turn(body: Any) -> TurnRequest:
    """Check a request's body. Raises TurnError 400 with the names of the wrong fields."""
    try:
        return TurnRequest.from_json(body)
    except ContractError as error:
        raise TurnError(400, error.code, f"missing or wrong: {error}") from error


def read_reply(messages: List[Dict[str, Any]]) -> Dict[str, Any]:
    """The action's payload among what the output channel collected. Raises TurnError 502 without one: silence is an error."""
    payloads = [message["custom"] for message in messages if "decision" in (message.get("custom") or {})]
    if len(payloads) != 1:
        raise TurnError(502, "no_decision", f"the bot decided {len(payloads)} times in one turn")
    return dict(payloads[0])


def read_article_query(body: Any) -> Tuple[str, int]:
    """A text, and how many articles at most. Raises TurnError 400."""
    given = body if isinstance(body, dict) else {}
    text, most = given.get("text"), given.get("most", _USUAL_ARTICLES)
    if not isinstance(text, str) or not is_limit(most):
        raise TurnError(400, "bad_request", "missing or wrong: text, most")
    if not text.strip():
        raise TurnError(400, "empty_text", "the text is blank")
    if len(text) > TEXT_LIMIT:
        raise TurnError(400, "text_too_long", f"more than {TEXT_LIMIT} characters")
    return text, most


def read_texts(body: Any) -> List[str]:
    """The texts of a request for codes. Raises TurnError 400."""
    texts = body.get("texts") if isinstance(body, dict) else None
    if not is_texts(texts):
        raise TurnError(400, "bad_request", "missing or wrong: texts")
    if any(len(text) > TEXT_LIMIT for text in texts or ()):
        raise TurnError(400, "text_too_long", f"more than {TEXT_LIMIT} characters")
    return list(texts or ())


async def _missing_action(agent: Any) -> Optional[str]:
    """Why the custom action, without which no turn can be answered, cannot run: "no_action", "no_action_server", or None."""
    if direct_action.is_direct(agent.action_endpoint):
        try:
            direct_action.action_of(agent.action_endpoint)
        except Exception as error:
            logger.error("action.not_loaded", error=type(error).__name__, exc_info=True)
            return "no_action"
        return None
    address = agent.action_endpoint.url.rsplit("/", 1)[0] + "/health"
    timeout = aiohttp.ClientTimeout(HEALTH_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(address) as answer:
            return None if answer.status == 200 else "no_action_server"
    except (aiohttp.ClientError, asyncio.TimeoutError):
        return "no_action_server"


class DeskInput(InputChannel):
    """`POST /webhooks/desk/webhook` with a bearer token; one turn in, messages and a decision out."""

    @classmethod
    def name(cls) -> str:
        """The channel's part of the address."""
        return "desk"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> InputChannel:
        """`credentials.yml` must give the shared token."""
        token = (credentials or {}).get("token")
        if not token:
            cls.raise_missing_credentials_exception()
        return cls(str(token))

    def __init__(self, token: str) -> None:
        self._token = token
        self._warm_processor: Any = None
        self._articles = ArticleFinder()
        self._loader = ModelLoader()
        self._coder = MeaningCoder()
        self._published = PublishedContent(Path(os.environ.get("MODELS_DIR", "models")), Content)
        remote_action.install()
        direct_action.install()
        graph_runner.install()

    def _is_authorized(self, request: Request) -> bool:
        given = request.headers.get("Authorization", "")
        # Sanic hands over bytes that are not UTF-8 as surrogates.
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), f"Bearer {self._token}".encode())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Sanic's routes of the channel."""
        routes = Blueprint("desk_channel", __name__)

        @routes.listener("before_server_start")
        async def protect(app: Any, loop: Any) -> None:
            keep_browsers_away(app)  # all of Rasa's routes, not the channel's alone

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            """Whether a model is loaded and warm, and the custom action can run. Open to all."""
            agent = request.app.ctx.agent
            missing = "no_model" if not await self._is_ready(agent) else await _missing_action(agent)
            return response.json({"status": missing or "ok"}, status=503 if missing else 200)

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            try:
                body = self._body(request)
                agent = request.app.ctx.agent
                return response.json(await self._answer(read_turn(body), agent, on_new_message))
            except TurnError as error:
                logger.warning("turn.refused", code=error.code, status=error.status)
                return error.as_response()

        @routes.route("/model", methods=["GET", "PUT"])
        async def model(request: Request) -> HTTPResponse:
            """The model that runs, and loading another one beside it."""
            try:
                self._check_token(request)
                if request.method == "PUT":
                    await self._load(request)
                name = model_name(request.app.ctx.agent)
                return response.json({"model_file": f"{name}.tar.gz" if name else None})
            except TurnError as error:
                logger.warning("model.not_changed", code=error.code, status=error.status)
                return error.as_response()

        @routes.route("/articles", methods=["POST"])
        async def articles(request: Request) -> HTTPResponse:
            """Articles by meaning, for an agent's search."""
            try:
                body = self._body(request)
                return response.json(await self._find_articles(*read_article_query(body), request.app.ctx.agent))
            except TurnError as error:
                logger.warning("articles.refused", code=error.code, status=error.status)
                return error.as_response()

        @routes.route("/codes", methods=["POST"])
        async def codes(request: Request) -> HTTPResponse:
            """Codes of meaning, for the desk's scan of waves."""
            try:
                body = self._body(request)
                return response.json(as_json(await self._coder.codes(read_texts(body))))
            except TurnError as error:
                logger.warning("codes.refused", code=error.code, status=error.status)
                return error.as_response()

        return routes

    def _check_token(self, request: Request) -> None:
        if not self._is_authorized(request):
            raise TurnError(401, "unauthorized", "the channel's token is missing or wrong")

    def _body(self, request: Request) -> Any:
        """The JSON of a caller with the token. Raises TurnError."""
        self._check_token(request)
        try:
            return request.json
        except Exception as error:
            raise TurnError(400, "bad_request", "the body is not JSON") from error

    async def _load(self, request: Request) -> None:
        try:
            path = request.json["model_file"]
        except Exception as error:
            raise TurnError(400, "bad_request", "missing or wrong: model_file") from error
        if not isinstance(path, str):
            raise TurnError(400, "bad_request", "missing or wrong: model_file")
        try:
            await self._loader.load(request.app, Path(path))
        except ModelRefused as error:
            raise TurnError(409, "model_refused", f"the model cannot be loaded: {error}") from error
        self._warm_processor = request.app.ctx.agent.processor

    async def _find_articles(self, text: str, most: int, agent: Any) -> Dict[str, Any]:
        if agent is None or not agent.is_ready():
            raise TurnError(503, "no_model", "the bot has no model")
        try:
            content = self._published.content()
        except ContentError as error:
            raise TurnError(503, "no_content", "the bot has no published content") from error
        found = await self._articles.find(text, content, intent_model_of(agent.processor), most)
        return {"articles": [article.as_json() for article in found], "revision": content.revision}

    async def _is_ready(self, agent: Any) -> bool:
        if agent is None or not agent.is_ready():
            return False
        if agent.processor is not self._warm_processor:
            # The first parse of a model takes most of a second. No customer must wait for it.
            await agent.parse_message("预热")
            self._warm_processor = agent.processor
        return True

    async def _answer(
        self, turn: TurnRequest, agent: Any, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Dict[str, Any]:
        try:
            if agent is not None and direct_action.is_direct(agent.action_endpoint):
                return await self._answer_directly(turn, agent)
            return await self._answer_by_dialogue(turn, on_new_message, model_name(agent))
        except TurnError:
            raise
        except Exception as error:
            # The customer must hear the truth and get a person, so no failure may look like an answer. The log gets the type
            # and the place only: an exception's text can hold the customer's words.
            place = traceback.extract_tb(error.__traceback__)[-1]
            at = f"{place.filename}:{place.lineno}"
            logger.error("turn.failed", turn_id=turn.turn_id, error=type(error).__name__, at=at)
            raise TurnError(502, "turn_failed", f"the bot failed with {type(error).__name__}") from error

    async def _answer_directly(self, turn: TurnRequest, agent: Any) -> Dict[str, Any]:
        if not agent.is_ready():
            raise TurnError(502, "no_decision", "the bot has no model")
        message = UserMessage(turn.text, sender_id=turn.turn_id, input_channel=self.name())
        parse = graph_runner.parse(agent.processor, message)
        action = direct_action.action_of(agent.action_endpoint)
        return await action.react(parse, {"turn": turn, "replies_to_desk": True, "model": model_name(agent)})

    async def _answer_by_dialogue(
        self, turn: TurnRequest, on_new_message: Callable[[UserMessage], Awaitable[Any]], model: str
    ) -> Dict[str, Any]:
        collector = CollectingOutputChannel()
        message = UserMessage(
            turn.text,
            collector,
            # The turn, not the conversation: Rasa keeps nothing between turns, and a turn that is asked again after a
            # fault must not wait for the lock of the first asking.
            sender_id=turn.turn_id,
            input_channel=self.name(),
            # The turn keeps the text as it came. The pipeline simplifies traditional Chinese in Rasa's text.
            metadata={"turn": turn.as_json(), "replies_to_desk": True, "model": model},
        )
        await on_new_message(message)
        return read_reply(collector.messages)
