"""The bot's client of the wallet's own systems (docs/wallet.md): reads only, off the event loop, within a few seconds.

WalletError
├── WalletAway       nobody can tell now: not reached, too late, 5xx, or the circuit is open
├── WalletNonsense   the answer breaks the contract: no JSON, a wrong shape, too large, a redirect, another customer's
└── WalletUnknown    404: no such customer
"""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, List, NoReturn, Tuple, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter

from contract.circuit_breaker import CircuitBreaker
from contract.errors import ContractError
from contract.wallet import (
    Account,
    Benefits,
    Limits,
    Refund,
    Transaction,
    is_id,
    read_refunds,
    read_transactions,
)

logger = logging.getLogger(__name__)
Shape = TypeVar("Shape")

#: Seconds to connect, and for a whole look-up. A turn has 8 seconds (`turns.deadline_seconds` in data/desk.yml).
CONNECT_SECONDS, WHOLE_SECONDS = 1.0, 3.0
#: No answer of a wallet is larger.
LIMIT_BYTES = 1024 * 1024
_PIECE_BYTES = 64 * 1024
#: Look-ups that run at once. A slow wallet must not use up the threads of others.
_THREADS = 16
_TRANSACTIONS = 50
#: Statuses of a system in front of the wallet, or of a wallet that restarts: a second GET may be answered.
_PASSING = frozenset({502, 503, 504})
_NOT_NOW = frozenset({408, 425, 429})


class WalletError(Exception):
    """The wallet gave no usable answer; `code` is for the log and the trace."""

    def __init__(self, code: str, *, is_passing: bool = False) -> None:
        super().__init__(code)
        self.code, self.is_passing = code, is_passing


class WalletAway(WalletError):
    """Nobody can tell now."""


class WalletNonsense(WalletError):
    """The wallet's answer breaks the contract."""


class WalletUnknown(WalletError):
    """The wallet does not know the customer."""


class WalletClient:
    """Asks one wallet. Each method raises WalletError within the given seconds, `WHOLE_SECONDS` at most."""

    def __init__(self, url: str, key: str, breaker: CircuitBreaker | None = None) -> None:
        self._url = url.rstrip("/")
        self.breaker = breaker or CircuitBreaker()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="wallet")
        self._session = requests.Session()
        self._session.headers.update(
            {"Authorization": f"Bearer {key}", "Accept": "application/json", "Accept-Encoding": "identity"}
        )
        self._session.trust_env = False  # no proxy of the environment, and no other credentials of a .netrc file
        self._session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        self._session.mount(self._url, HTTPAdapter(pool_maxsize=_THREADS, max_retries=0))

    async def account(self, subject: str, seconds: float = WHOLE_SECONDS) -> Account:
        """The standing of a customer."""
        return await self._look_up(subject, "account", Account.from_json, seconds)

    async def transactions(self, subject: str, seconds: float = WHOLE_SECONDS) -> List[Transaction]:
        """The recent transactions, the newest first."""
        found: Tuple[Transaction, ...] = await self._look_up(
            subject, f"transactions?limit={_TRANSACTIONS}", read_transactions, seconds
        )
        return sorted(found, key=lambda each: each.at, reverse=True)

    async def refunds(self, subject: str, seconds: float = WHOLE_SECONDS) -> List[Refund]:
        """The refunds, the newest first."""
        found: Tuple[Refund, ...] = await self._look_up(subject, "refunds", read_refunds, seconds)
        return sorted(found, key=lambda each: each.at, reverse=True)

    async def benefits(self, subject: str, seconds: float = WHOLE_SECONDS) -> Benefits:
        """Coupons and points."""
        return await self._look_up(subject, "coupons", Benefits.from_json, seconds)

    async def limits(self, subject: str, seconds: float = WHOLE_SECONDS) -> Limits:
        """The payment limits."""
        return await self._look_up(subject, "limits", Limits.from_json, seconds)

    async def _look_up(self, subject: str, path: str, read: Callable[[Any, str], Shape], seconds: float) -> Shape:
        if not is_id(subject):
            raise WalletUnknown("bad_id")
        if not self.breaker.allows():
            raise WalletAway("circuit_open")
        deadline = time.monotonic() + min(seconds, WHOLE_SECONDS)
        loop = asyncio.get_running_loop()
        # Cancelled while it waits for a thread, it never starts; a running one ends itself at the deadline.
        running = loop.run_in_executor(self._threads, self._get, f"{self._url}/v1/customers/{subject}/{path}", deadline)
        try:
            body = await asyncio.wait_for(running, deadline - time.monotonic() + 0.1)
        except asyncio.TimeoutError:
            self._failed("too_slow", subject)
            raise WalletAway("too_slow") from None
        except WalletAway as error:
            self._failed(error.code, subject if error.code == "too_slow" or error.code.startswith("status_") else None)
            raise
        except WalletError as error:
            self.breaker.succeeded()  # it is there, and answers
            if isinstance(error, WalletNonsense):
                logger.warning("wallet answered nonsense: %s", error.code)
            raise
        self.breaker.succeeded()
        try:
            return read(body, subject)
        except ContractError as error:
            logger.warning("wallet answered nonsense: wrong or missing %s", error)
            raise WalletNonsense("wrong_shape") from None

    def _failed(self, code: str, matter: str | None) -> None:
        logger.warning("wallet away: %s", code)
        if self.breaker.failed(matter):
            logger.error("wallet away: nothing is asked for a while")

    def _get(self, address: str, deadline: float) -> Any:
        """The JSON of an answer 200, in a thread. A GET whose connection broke is repeated once."""
        try:
            return self._get_once(address, deadline)
        except WalletAway as error:
            if not error.is_passing:
                raise
        return self._get_once(address, deadline)

    def _get_once(self, address: str, deadline: float) -> Any:
        left = deadline - time.monotonic()
        if left <= 0:
            raise WalletAway("too_slow")
        try:
            with self._session.get(
                address, timeout=(min(CONNECT_SECONDS, left), left), stream=True, allow_redirects=False
            ) as answer:
                content = _whole(answer, deadline)
                _check_status(answer.status_code)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise WalletAway("too_slow") from None
        except (requests.ConnectionError, urllib3.exceptions.ProtocolError, OSError):
            raise WalletAway("not_reached", is_passing=True) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError):
            raise WalletNonsense("no_http") from None
        try:
            return json.loads(content, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise WalletNonsense("no_json") from None


def _whole(answer: requests.Response, deadline: float) -> bytes:
    """The answer's bytes. Raises WalletNonsense when there are more than any answer can have, and WalletAway at the deadline.

    A read returns with what has come so far: a wallet that sends a byte now and then must not hold the thread.
    """
    content = bytearray()
    while True:
        piece = answer.raw.read1(_PIECE_BYTES)
        if not piece:
            return bytes(content)
        content += piece
        if len(content) > LIMIT_BYTES:
            raise WalletNonsense("too_large")
        if time.monotonic() > deadline:
            raise WalletAway("too_slow")


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status == 404:
        raise WalletUnknown("unknown")
    if status >= 500 or status in _NOT_NOW:
        raise WalletAway(f"status_{status}", is_passing=status in _PASSING)
    if status in (401, 403):
        raise WalletAway("key_refused")
    raise WalletNonsense(f"status_{status}")


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity, which Python reads and no database holds
