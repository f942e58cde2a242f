"""Asks the bots (docs/contracts.md, "Bot channel"): any of a list of addresses. Healthy bots are tried first."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar

import aiohttp
import structlog

from contract.decision import KNOWN
from contract.errors import ContractError, SilenceError
from contract.found_articles import FoundArticle, found_articles
from contract.meaning_codes import read_codes
from contract.reply import Reply
from contract.turn import TurnRequest
from handoff.runtime.metrics import Metrics

logger = structlog.get_logger(__name__)
T = TypeVar("T")

#: Shorter than the 5 s after which Rasa's server (Sanic) closes a connection that nobody uses: a turn must not meet that.
KEEP_SECONDS = 2.0
#: How long a bot that failed is left alone, and how many errors in a row make it so.
_REST_SECONDS = 5.0
_ERRORS_IN_A_ROW = 3
_CHECK_SECONDS = 2.0
_HEALTH_SECONDS = 2.0

#: No answer of the bot is larger: a few articles and buttons, and a decision with its trace.
_ANSWER_LIMIT_BYTES = 512 * 1024
#: The codes of the bot's own failures. Another word could be anything, a customer's words included, and is not logged.
_CODES = frozenset("unauthorized bad_request empty_text text_too_long no_decision turn_failed".split())


@dataclass
class _Use:
    """Of one request: whether it went out on a connection that had been used before."""

    is_reused: bool = False


def open_session() -> aiohttp.ClientSession:
    """The HTTP client for the bots: drops idle connections before a bot closes them, and knows which ones it used again."""

    async def note(session: aiohttp.ClientSession, context: SimpleNamespace, parameters: object) -> None:
        if isinstance(context.trace_request_ctx, _Use):
            context.trace_request_ctx.is_reused = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_reuseconn.append(note)
    connector = aiohttp.TCPConnector(keepalive_timeout=KEEP_SECONDS)
    return aiohttp.ClientSession(connector=connector, trace_configs=[trace])


class BotError(Exception):
    """The bot did not answer as the contract says; `code` is for the log and the agents."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Bot:
    """One bot: its address, the result of its last health check, its recent failures, and until when it gets no turn."""

    url: str
    is_healthy: bool = True
    failures: int = 0
    rests_until: float = 0.0

    def is_ready(self) -> bool:
        """Whether it should get a turn."""
        return self.is_healthy and time.monotonic() >= self.rests_until

    def failed(self, *, at_once: bool) -> None:
        """Send it no turns for a while: at once when it cannot be reached or hangs, else after a few errors in a row.

        One error may be the message's fault, and the same message must not put all bots to rest.
        """
        self.failures += 1
        if at_once or self.failures >= _ERRORS_IN_A_ROW:
            self.rests_until = time.monotonic() + _REST_SECONDS

    def answered(self) -> None:
        """The bot answered: forget its failures."""
        self.failures, self.rests_until = 0, 0.0


class BotPool:
    """Spreads turns over the bots, in rotation. Bots that failed or are unhealthy are asked last."""

    def __init__(self, urls: list[str], token: str, http: aiohttp.ClientSession, metrics: Metrics | None = None) -> None:
        self.bots = [Bot(url) for url in urls]
        self._http, self._next = http, 0
        self._metrics = metrics or Metrics()
        self._headers = {"Authorization": f"Bearer {token}"}

    async def turn(self, request: TurnRequest, seconds: float) -> Reply:
        """One turn, from whichever bot answers within the time. Raises BotError.

        A bot that hangs must not use up the time of the others: each gets an equal part of the remaining time.
        """
        deadline = time.monotonic() + seconds
        error = BotError("bot_unreachable")
        asked = self._in_turn()
        for i, bot in enumerate(asked):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                with self._metrics.bot_seconds.labels(bot.url).time():
                    reply = await self._ask(bot, request, left / (len(asked) - i))
            except BotError as failed:
                error = failed
                self._metrics.bot_failures.labels(bot.url, failed.code).inc()
                bot.failed(at_once=failed.code in ("bot_unreachable", "bot_too_slow"))
                logger.warning("bot.failed", turn_id=request.turn_id, bot=bot.url, code=failed.code)
            else:
                bot.answered()
                return reply
        raise error

    async def articles(self, text: str, most: int, seconds: float) -> list[FoundArticle] | None:
        """The articles nearest to a text, the nearest first; None if no bot answers within the time."""
        return await self._look_up("articles", {"text": text, "most": most}, found_articles, seconds, "articles.by_words_only")

    async def codes(self, texts: list[str], seconds: float) -> list[int] | None:
        """The codes of meaning of texts, at most `MOST_TEXTS`; None if no bot answers within the time."""
        body = {"texts": texts}
        return await self._look_up("codes", body, lambda answer: read_codes(answer, len(texts)), seconds, "waves.no_codes")

    async def _look_up(self, path: str, body: object, read: Callable[[Any], T], seconds: float, event: str) -> T | None:
        """What a bot's other routes answer; None if no bot answers within the time, logged as `event`.

        One bot after the other, healthy ones first. A failure does not count against a bot: its turns may go well.
        """
        deadline = time.monotonic() + seconds
        for bot in self._in_turn():
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                async with self._http.post(
                    f"{bot.url}/webhooks/desk/{path}",
                    json=body,
                    headers=self._headers,
                    timeout=aiohttp.ClientTimeout(total=left),
                ) as answer:
                    content = await _whole(answer)
                if answer.status == 200:
                    return read(json.loads(content, parse_constant=_no_number))
                code = f"bot_status_{answer.status}"
            except TimeoutError:
                code = "bot_too_slow"
            except aiohttp.ClientError:
                code = "bot_unreachable"
            except (ValueError, RecursionError, ContractError, BotError):
                code = "bot_broke_contract"
            logger.warning(event, bot=bot.url, code=code)
        return None

    def _in_turn(self) -> list[Bot]:
        self._next = (self._next + 1) % len(self.bots)
        in_turn = self.bots[self._next :] + self.bots[: self._next]
        return sorted(in_turn, key=lambda bot: not bot.is_ready())

    async def _ask(self, bot: Bot, request: TurnRequest, seconds: float) -> Reply:
        deadline = time.monotonic() + seconds
        while True:
            use = _Use()
            try:
                return await self._post(bot, request, deadline - time.monotonic(), use)
            except TimeoutError:
                raise BotError("bot_too_slow") from None
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                # The bot closed an idle connection in the moment in which it was used again. Any other loss is the bot's fault.
                if not use.is_reused or time.monotonic() >= deadline:
                    raise BotError("bot_unreachable") from None
            except aiohttp.ClientError:
                raise BotError("bot_unreachable") from None

    async def _post(self, bot: Bot, request: TurnRequest, seconds: float, use: _Use) -> Reply:
        async with self._http.post(
            f"{bot.url}/webhooks/desk/webhook",
            json=request.as_json(),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=seconds),
            trace_request_ctx=use,
        ) as answer:
            return _read(answer.status, await _whole(answer))

    async def watch(self) -> None:
        """Check the health of all bots every few seconds, until cancelled."""
        while True:
            await asyncio.gather(*(self._check(bot) for bot in self.bots))
            await asyncio.sleep(_CHECK_SECONDS)

    async def ping(self) -> bool:
        """Whether at least one bot answers, has a model, and can run its action."""
        return any(await asyncio.gather(*(self._check(bot) for bot in self.bots)))

    async def _check(self, bot: Bot) -> bool:
        try:
            timeout = aiohttp.ClientTimeout(total=_HEALTH_SECONDS)
            async with self._http.get(f"{bot.url}/webhooks/desk/", timeout=timeout) as answer:
                is_healthy = answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            is_healthy = False
        if is_healthy != bot.is_healthy:
            logger.warning("bot.healthy_again" if is_healthy else "bot.unhealthy", bot=bot.url)
        bot.is_healthy = is_healthy
        return is_healthy


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    """The answer's bytes. Raises BotError when there are more than any answer can have."""
    try:
        await answer.content.readexactly(_ANSWER_LIMIT_BYTES + 1)
    except asyncio.IncompleteReadError as all_of_it:
        return all_of_it.partial
    raise BotError("bot_said_too_much")


def _no_number(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity, which Python reads and no database holds


def _read(status: int, content: bytes) -> Reply:
    """The bot's answer. Raises BotError, with a code that tells what is wrong."""
    try:
        body = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BotError("bot_spoke_no_json") from None
    if status != 200:
        error = body.get("error") if isinstance(body, dict) else None
        code = error.get("code") if isinstance(error, dict) else None
        raise BotError(code if isinstance(code, str) and code in _CODES else f"bot_status_{status}")
    try:
        reply = Reply.from_json(body)
    except SilenceError:
        raise BotError("bot_said_nothing") from None
    except ContractError as error:
        logger.warning("bot.broke_contract", fields=error.fields)
        raise BotError("bot_broke_contract") from None
    if reply.decision.dropped:
        logger.warning("bot.decision_trimmed", fields=[name for name in reply.decision.dropped if name in KNOWN])
    return reply
