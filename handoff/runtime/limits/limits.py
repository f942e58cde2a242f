"""Limits per address, conversation and login, shared by all desks through the database without delaying messages.

Each desk caches the state of its keys. Far from a limit it decides alone and reports the use to the database a moment
later, many keys in one statement. Near a limit, and for unknown keys, it asks the database: the answer is exact for all
desks. Several desks together can exceed a limit only by what arrives within `_FLUSH_SECONDS`, at most half a limit each.

When the database is away, nothing is limited: the request itself fails on the database.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from content.desk_policy import TOO_MANY, DeskPolicy
from handoff.runtime.errors import TooMany, Unavailable
from handoff.runtime.limits.rules import LimitPolicy, LimitStore, Rate, limit_policy
from handoff.runtime.metrics import Metrics

logger = structlog.get_logger(__name__)

#: Seconds until the use that a desk decided alone is reported to the database.
_FLUSH_SECONDS = 0.25
_CLEAN_SECONDS = 60.0
#: Seconds between republications of all open streams: a crash of the database empties the table.
_REPUBLISH_SECONDS = 30.0
#: Keys in a desk's cache: about 10 MB.
_KEYS = 20_000
#: `Retry-After` of a refused stream; the end of an open stream cannot be predicted.
_STREAM_RETRY_SECONDS = 15.0
_HASH_LENGTH = 32


@dataclass
class _Used:
    """A desk's state of one key: the shared `until`, and the seconds not yet reported to the database."""

    until: float
    owed: float = 0.0
    #: Sent to the database, not yet answered.
    telling: float = 0.0

    def at(self, now: float) -> float:
        """The time at which all requests are paid off, as far as this desk knows."""
        return max(self.until, now) + self.owed + self.telling


class Streams:
    """Open streams of this desk under one or more keys, until `close`."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close: Callable[[], None] | None = close

    def close(self) -> None:
        """Count the streams as ended. A second call has no effect."""
        close, self._close = self._close, None
        if close is not None:
            close()


class Limits:
    """One desk's part of the limits. `desk`: its number. `secret`: the key of the hashes, the same for all desks."""

    def __init__(
        self,
        store: LimitStore,
        policy: DeskPolicy,
        now: Callable[[], dt.datetime],
        desk: int,
        secret: str,
        metrics: Metrics | None = None,
    ) -> None:
        self._store, self._policy, self._now = store, policy, now
        self._desk, self._secret, self._metrics = desk, secret.encode(), metrics or Metrics()
        self._used: OrderedDict[str, _Used] = OrderedDict()
        self._open: dict[str, int] = {}
        self._changed: set[str] = set()
        self._flushing = asyncio.Lock()

    @property
    def _limits(self) -> LimitPolicy:
        return limit_policy(self._policy.limits)

    # --- actions of customers and agents ---------------------------------------------------------------------------------

    async def open_conversation(self, address: str) -> None:
        """A new conversation. Raises TooMany."""
        await self._take("conversations", {self._key("conversations", address): self._limits.per_address.conversations})

    def opened_conversation(self, conversation_id: str, token: str) -> None:
        """Record a new conversation. No other desk can have admitted messages, so its first message needs no query."""
        self._remember(self._key("messages of", conversation_id, token), self._now().timestamp())

    async def write(self, address: str, conversation_id: str, token: str) -> None:
        """A customer's message, or another small change of the conversation. Raises TooMany.

        The token is part of the key: without it nobody can use up a conversation's limit.
        """
        limits = {
            self._key("messages of", conversation_id, token): self._limits.per_conversation.messages,
            self._key("messages", address): self._limits.per_address.messages,
        }
        await self._take("messages", limits)

    async def attach(self, address: str, conversation_id: str, token: str) -> None:
        """An attempt to send a picture. Raises TooMany."""
        limits = {
            self._key("attachments of", conversation_id, token): self._limits.per_conversation.attachments,
            self._key("attachments", address): self._limits.per_address.attachments,
        }
        await self._take("attachments", limits)

    async def sign(self, address: str, conversation_id: str, token: str) -> None:
        """A sign of typing or reading: as often as messages, and without taking their room. Raises TooMany."""
        limits = {
            self._key("signs of", conversation_id, token): self._limits.per_conversation.messages,
            self._key("signs", address): self._limits.per_address.messages,
        }
        await self._take("signs", limits)

    async def read_help(self, address: str) -> None:
        """A search or a vote in the help centre: as often as messages, and without taking their room. Raises TooMany."""
        await self._take("help", {self._key("help", address): self._limits.per_address.messages})

    def give_back(self, address: str, what: str) -> None:
        """Refund a request with an unknown conversation or a wrong token, so that it does not limit the address's customers."""
        rates = {"messages": self._limits.per_address.messages, "handoffs": self._limits.per_address.handoffs}
        self._remember(self._key(what, address), self._now().timestamp()).owed -= rates[what].cost

    async def write_in_need(self, conversation_id: str, token: str) -> None:
        """A message of a customer who waits for a person, independent of the limit of its address. Raises TooMany."""
        key = self._key("messages of", conversation_id, token)
        await self._take("messages", {key: self._limits.per_conversation.messages})

    async def request_handoff(self, address: str) -> None:
        """The customer asks for a person. Raises TooMany."""
        await self._take("handoffs", {self._key("handoffs", address): self._limits.per_address.handoffs})

    async def identify(self, address: str) -> None:
        """A proof of identity is checked for its own sake, not for a message. Raises TooMany."""
        await self._take("identities", {self._key("identities", address): self._limits.per_address.identities})

    async def send_code(self, address: str, phone: str) -> None:
        """A text message with a code: each costs money, and too many are a nuisance to the phone's owner. Raises TooMany."""
        rates = {
            self._key("codes sent", address): self._limits.per_address.codes_sent,
            self._key("codes to", phone): self._limits.codes_to_phone,
            self._key("codes sent by all"): self._limits.codes_sent,
        }
        await self._take("codes_sent", rates)

    @asynccontextmanager
    async def try_code(self, address: str) -> AsyncIterator[None]:
        """A try of a code to return by, for the duration of the block. Only a try that ends with an exception is charged.

        All addresses together have a limit too: codes are short, and addresses are cheap. Raises TooMany.
        """
        rates = {
            self._key("wrong codes", address): self._limits.per_address.wrong_codes,
            self._key("wrong codes of all"): self._limits.wrong_codes,
        }
        await self._take("wrong_codes", rates)
        yield
        now = self._now().timestamp()
        for key, rate in rates.items():
            self._remember(key, now).owed -= rate.cost

    async def search(self, login: str, what: str = "conversations") -> None:
        """An agent searches conversations, or "articles". Raises TooMany."""
        await self._take("searches", {self._key("searches of", what, login): self._limits.searches})

    async def open_stream(self, address: str, conversation_id: str, token: str) -> Streams:
        """A stream or long poll of a customer. The caller closes it. Raises TooMany."""
        most = {
            self._key("streams of", conversation_id, token): self._limits.per_conversation.streams,
            self._key("streams", address): self._limits.per_address.streams,
        }
        streams = self._count_streams(list(most))
        try:
            self._check_streams(most, {})  # this desk's own knowledge
            elsewhere = await self._store.streams_elsewhere(self._desk, {key: self._open[key] for key in most})
            self._check_streams(most, elsewhere)
        except Unavailable:
            pass
        except BaseException:
            streams.close()
            raise
        return streams

    @asynccontextmanager
    async def sign_in(self, address: str, login: str) -> AsyncIterator[None]:
        """An attempt to sign in, for the duration of the block. Raises TooMany.

        The attempt counts as failed unless the block ends without an exception. An attempt rejected by a full password queue
        counts too: otherwise an attacker could fill the queue to erase earlier failures.
        """
        await self._take("sign_ins", {self._key("sign-ins", address): self._limits.per_address.sign_ins})
        key = self._key("failures", address, login)
        try:
            wait = await self._store.attempt(key, self._limits.sign_ins, self._now().timestamp())
        except Unavailable:
            wait = 0.0
        if wait:
            raise self._too_many("login", wait)
        yield
        await self._forget_failures(key)

    async def _forget_failures(self, key: str) -> None:
        try:
            await self._store.forget_failures(key)
        except Unavailable as error:
            logger.warning("limits.failed", code=error.code)

    # --- rates -----------------------------------------------------------------------------------------------------------

    def _key(self, kind: str, *names: str) -> str:
        text = "\x00".join((kind, *names)).encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()[:_HASH_LENGTH]

    async def _take(self, what: str, rates: dict[str, Rate]) -> None:
        """Take one request of each rate: either of all or of none. Raises TooMany with the longest wait."""
        now = self._now().timestamp()
        known = {key: self._used.get(key) for key in rates}
        # A refusal that all desks are known to share needs no query.
        self._check(what, rates, {key: used.until for key, used in known.items() if used}, now)
        ask = {}
        for key, rate in rates.items():
            used = known[key]
            if used is None or rate.is_half_used(used.at(now), now):
                ask[key] = rate
        if ask:
            await self._ask(what, ask, now)
        for key in rates.keys() - ask.keys():
            self._remember(key, now).owed += rates[key].cost

    async def _ask(self, what: str, rates: dict[str, Rate], now: float) -> None:
        """Charge the rates in the database; refund all of them when one is exhausted. Raises TooMany."""
        for key, rate in rates.items():
            self._remember(key, now).owed += rate.cost
        before = {key: self._used[key].at(now) - rate.cost for key, rate in rates.items()}
        try:
            untils = await self._tell(list(rates), now)
            before = {key: untils[key] - rate.cost for key, rate in rates.items()}
        except Unavailable:
            pass  # decide by this desk's cache
        try:
            self._check(what, rates, before, now)
        except TooMany:
            for key, rate in rates.items():
                self._remember(key, now).owed -= rate.cost
            raise

    def _check(self, what: str, rates: dict[str, Rate], untils: dict[str, float], now: float) -> None:
        wait = max((rates[key].wait(until, now) for key, until in untils.items()), default=0.0)
        if wait:
            raise self._too_many(what, wait)

    def _remember(self, key: str, now: float) -> _Used:
        used = self._used.get(key)
        if used is None:
            used = self._used[key] = _Used(now)
            while len(self._used) > _KEYS:
                oldest, state = next(iter(self._used.items()))
                if state.owed or state.telling:
                    break  # reported first, at the next flush
                del self._used[oldest]
        self._used.move_to_end(key)
        return used

    async def _tell(self, keys: list[str], now: float) -> dict[str, float]:
        """Report the use of these keys to the database. Returns each key's new `until`. Raises Unavailable."""
        told = {key: self._used[key].owed for key in keys}
        for key, seconds in told.items():
            self._used[key].telling += seconds
            self._used[key].owed -= seconds
        try:
            untils = await self._store.charge(told, now)
        except BaseException:
            for key, seconds in told.items():
                used = self._remember(key, now)
                used.owed += seconds
                used.telling -= seconds
            raise
        for key, until in untils.items():
            used = self._remember(key, now)
            used.until = until
            used.telling -= told[key]
        return untils

    # --- streams ---------------------------------------------------------------------------------------------------------

    def _count_streams(self, keys: list[str]) -> Streams:
        for key in keys:
            self._open[key] = self._open.get(key, 0) + 1

        def close() -> None:
            for key in keys:
                self._open[key] -= 1
                if not self._open[key]:
                    del self._open[key]
                self._changed.add(key)

        return Streams(close)

    def _check_streams(self, most: dict[str, int], elsewhere: dict[str, int]) -> None:
        if any(self._open[key] + elsewhere.get(key, 0) > limit for key, limit in most.items()):
            raise self._too_many("streams", _STREAM_RETRY_SECONDS)

    # --- background work -------------------------------------------------------------------------------------------------

    def _too_many(self, what: str, seconds: float) -> TooMany:
        self._metrics.limited.labels(what).inc()
        zh, en = (self._policy.fill(TOO_MANY[locale], locale) for locale in ("zh", "en"))
        return TooMany("too_many", zh, en, seconds=seconds)

    async def run(self) -> None:
        """Report use to the database and clean up, until cancelled."""
        loop = asyncio.get_running_loop()
        cleaned = published = loop.time()
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            try:
                await self.flush()
                if loop.time() - published > _REPUBLISH_SECONDS:
                    self._changed.update(self._open)
                    published = loop.time()
                if loop.time() - cleaned > _CLEAN_SECONDS:
                    cleaned = loop.time()
                    await self.clean()
            except Unavailable as error:
                logger.warning("limits.failed", code=error.code)
                await asyncio.sleep(1)

    async def flush(self) -> None:
        """Report use to the database now; when it returns, an earlier report has arrived, too. Raises Unavailable."""
        async with self._flushing:
            owing = [key for key, used in self._used.items() if used.owed]
            if owing:
                await self._tell(owing, self._now().timestamp())
            if self._changed:
                changed, self._changed = self._changed, set()
                try:
                    await self._store.publish_streams(self._desk, {key: self._open.get(key, 0) for key in changed})
                except BaseException:
                    self._changed |= changed
                    raise

    async def clean(self) -> None:
        """Delete keys that limit nothing any more, in the cache and in the database. Raises Unavailable."""
        now = self._now().timestamp()
        await self._store.clean(now, self._desk)
        for key, used in list(self._used.items()):
            if used.until < now and not used.owed and not used.telling:
                del self._used[key]
