"""The desk's client of the wallet's own systems (docs/wallet.md).

WalletError
├── WalletAway       nobody can tell now: not configured, not reached, too late, 5xx, or the circuit is open
├── WalletNonsense   the answer breaks the contract: no JSON, a wrong shape, too large, a redirect, another customer's
├── WalletUnknown    404: no such customer, transaction or action
└── WalletConflict   409: the key of an action was used for another action
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import aiohttp
import structlog

from contract.circuit_breaker import CircuitBreaker
from contract.errors import ContractError
from contract.wallet import (
    Account,
    Action,
    ActionResult,
    Benefits,
    Limits,
    Refund,
    Transaction,
    is_id,
    read_refunds,
    read_transaction,
    read_transactions,
)

Shape = TypeVar("Shape")
logger = structlog.get_logger(__name__)

#: Seconds to connect, and for a whole request with its second attempt.
CONNECT_SECONDS, WHOLE_SECONDS = 2.0, 4.0
#: No answer of a wallet is larger.
LIMIT_BYTES = 1024 * 1024
#: Shorter than the time after which servers usually close a connection that nobody uses.
_KEEP_SECONDS = 2.0
_RECENT_TRANSACTIONS = 20
#: Statuses of a system in front of the wallet, or of a wallet that restarts: a second GET may be answered.
_PASSING = frozenset({502, 503, 504})
#: The wallet did not take the request: too many requests, or too early.
_NOT_NOW = frozenset({408, 425, 429})


class WalletError(Exception):
    """The wallet gave no usable answer; `code` is for the log and the agents."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class WalletAway(WalletError):
    """Nobody can tell now.

    `may_have_acted`: whether an action may have reached the wallet all the same. `is_passing`: a second try may be answered.
    """

    def __init__(self, code: str, *, may_have_acted: bool = True, is_passing: bool = False) -> None:
        super().__init__(code)
        self.may_have_acted, self.is_passing = may_have_acted, is_passing


class WalletNonsense(WalletError):
    """The wallet's answer breaks the contract. An action may have been done."""


class WalletUnknown(WalletError):
    """The wallet does not know the customer, the transaction or the action."""


class WalletConflict(WalletError):
    """The key of an action was used for another action."""


def open_wallet_session() -> aiohttp.ClientSession:
    """The HTTP client for the wallet: no cookies, no proxy of the environment."""
    connector = aiohttp.TCPConnector(keepalive_timeout=_KEEP_SECONDS, limit=20)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)


class Wallet:
    """Asks one wallet. Each method raises WalletError; an id that cannot stand in an address is WalletUnknown.

    `url`: None where no wallet is connected; every method then raises WalletAway.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str | None,
        key: str = "",
        breaker: CircuitBreaker | None = None,
        seconds: float = WHOLE_SECONDS,
    ) -> None:
        self._http, self._url = http, url.rstrip("/") if url else None
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json", "Accept-Encoding": "identity"}
        self.breaker = breaker or CircuitBreaker()
        self._seconds = seconds

    @property
    def is_connected(self) -> bool:
        """Whether a wallet is configured. It may be away all the same."""
        return self._url is not None

    async def account(self, subject: str) -> Account:
        """The standing of a customer."""
        return _read(Account.from_json, await self._get(subject, "account"), subject)

    async def transactions(self, subject: str, limit: int = _RECENT_TRANSACTIONS) -> tuple[Transaction, ...]:
        """The recent transactions, the newest first."""
        found = _read(read_transactions, await self._get(subject, "transactions", limit=limit), subject)
        return tuple(sorted(found, key=lambda each: each.at, reverse=True))

    async def transaction(self, subject: str, transaction: str) -> Transaction:
        """One transaction of the customer."""
        return _read(read_transaction, await self._get(subject, "transactions", transaction), subject, transaction)

    async def refunds(self, subject: str) -> tuple[Refund, ...]:
        """The refunds of the customer."""
        return _read(read_refunds, await self._get(subject, "refunds"), subject)

    async def benefits(self, subject: str) -> Benefits:
        """Coupons and points."""
        return _read(Benefits.from_json, await self._get(subject, "coupons"), subject)

    async def limits(self, subject: str) -> Limits:
        """The payment limits."""
        return _read(Limits.from_json, await self._get(subject, "limits"), subject)

    async def act(self, subject: str, action: Action) -> ActionResult:
        """Ask for an action, once: a lost answer is not asked for again here. `action(subject, key)` tells what became of it.

        WalletAway with `may_have_acted`, and WalletNonsense, leave open whether it was done.
        """
        body = await self._ask("POST", (subject, "actions"), body=action.as_json())
        return _read(ActionResult.from_json, body, subject, action.key, action.action)

    async def action(self, subject: str, key: str) -> ActionResult:
        """What became of an action. WalletUnknown: it never arrived."""
        return _read(ActionResult.from_json, await self._get(subject, "actions", key), subject, key)

    async def _get(self, *path: str, limit: int | None = None) -> Any:
        return await self._ask("GET", path, query={} if limit is None else {"limit": str(limit)})

    async def _ask(self, method: str, path: Sequence[str], query: Mapping[str, str] | None = None, body: object = None) -> Any:
        """The JSON of an answer 200. A GET whose connection broke is repeated once within the time."""
        if not all(is_id(part) for part in path):
            raise WalletUnknown("bad_id")
        if self._url is None:
            raise WalletAway("not_connected", may_have_acted=False)
        if not self.breaker.allows():
            raise WalletAway("circuit_open", may_have_acted=False)
        address = "/".join([f"{self._url}/v1/customers", *path])
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._send(method, address, query, body)
        except TimeoutError:
            self._failed("too_slow", path[0])
            raise WalletAway("too_slow") from None
        except WalletAway as error:
            self._failed(error.code, path[0] if error.code.startswith("status_") else None)
            raise
        except WalletError as error:
            # It is there, and answers: the circuit stays closed.
            self.breaker.succeeded()
            if isinstance(error, WalletNonsense):
                logger.warning("wallet.nonsense", code=error.code)
            raise
        self.breaker.succeeded()
        return answer

    def _failed(self, code: str, matter: str | None) -> None:
        logger.warning("wallet.away", code=code)
        if self.breaker.failed(matter):
            logger.error("wallet.circuit_opened")

    async def _send(self, method: str, address: str, query: Mapping[str, str] | None, body: object) -> Any:
        try:
            return await self._send_once(method, address, query, body)
        except WalletAway as error:
            if method != "GET" or not error.is_passing:
                raise
        return await self._send_once(method, address, query, body)

    async def _send_once(self, method: str, address: str, query: Mapping[str, str] | None, body: object) -> Any:
        timeout = aiohttp.ClientTimeout(total=self._seconds, sock_connect=CONNECT_SECONDS)
        try:
            async with self._http.request(
                method, address, params=query, json=body, headers=self._headers, timeout=timeout, allow_redirects=False
            ) as answer:
                content = await _whole(answer)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise WalletAway("not_reached", may_have_acted=False, is_passing=True) from None
        except aiohttp.ClientPayloadError:
            raise WalletAway("cut_off", is_passing=True) from None
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            raise WalletAway("connection_lost", is_passing=True) from None
        except (aiohttp.ClientError, ValueError):
            raise WalletNonsense("no_http") from None
        _check_status(answer.status)
        try:
            return json.loads(content, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise WalletNonsense("no_json") from None


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status == 404:
        raise WalletUnknown("unknown")
    if status == 409:
        raise WalletConflict("key_reused")
    if status >= 500 or status in _NOT_NOW:
        raise WalletAway(f"status_{status}", may_have_acted=status not in _NOT_NOW, is_passing=status in _PASSING)
    if status in (401, 403):
        raise WalletAway("key_refused", may_have_acted=False)
    raise WalletNonsense(f"status_{status}")


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    """The answer's bytes. Raises WalletNonsense when there are more than any answer can have."""
    try:
        await answer.content.readexactly(LIMIT_BYTES + 1)
    except asyncio.IncompleteReadError as all_of_it:
        return all_of_it.partial
    answer.close()  # not released: the rest of a huge answer must not be read
    raise WalletNonsense("too_large")


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity, which Python reads and no database holds


def _read(read: Callable[..., Shape], body: Any, *expected: str) -> Shape:
    """The shape of an answer. Raises WalletNonsense."""
    try:
        return read(body, *expected)
    except ContractError as error:
        logger.warning("wallet.nonsense", code="wrong_shape", fields=error.fields)
        raise WalletNonsense("wrong_shape") from None
