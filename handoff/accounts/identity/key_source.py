"""Where the keys come from: a file, or an address. Both may change while the desk runs (rotation of keys).

A proof with an unknown key id makes the desk look again, but an address is asked at most once in `_ASK_AGAIN_SECONDS`, however
many such proofs arrive: strangers cannot make the desk flood the address. Only the operator's setting names what is read,
nothing in a proof does.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
import structlog

from handoff.accounts.identity.keys import MOST_BYTES, KeySetError, VerificationKey, read_key_set
from handoff.runtime.errors import Unavailable

logger = structlog.get_logger(__name__)

#: Seconds between two requests to the address that proofs with unknown keys cause.
_ASK_AGAIN_SECONDS = 30.0
#: Seconds between two regular requests, so that new keys are known before they are used.
_REFRESH_SECONDS = 300.0
#: Keys that could not be read again for so long do not count any more: one of them may have been withdrawn.
_LONGEST = dt.timedelta(hours=24)
_TIMEOUT = aiohttp.ClientTimeout(total=5, connect=2)

_Keys = Mapping[str, VerificationKey]


class KeySource(Protocol):
    """The keys that count now."""

    async def key(self, key_id: str) -> VerificationKey | None:
        """The key with this id, or None. Raises Unavailable while no keys could be read."""

    async def run(self) -> None:
        """Keep the keys fresh, until cancelled."""


class NoKeys:
    """No keys are configured: no proof is valid."""

    async def key(self, key_id: str) -> VerificationKey | None:
        """None."""
        return None

    async def run(self) -> None:
        """Nothing to do."""


class FixedKeys:
    """Keys that do not change, for demo mode."""

    def __init__(self, keys: _Keys) -> None:
        self._keys = keys

    async def key(self, key_id: str) -> VerificationKey | None:
        """The key with this id, or None."""
        return self._keys.get(key_id)

    async def run(self) -> None:
        """Nothing to do."""


class KeyFile:
    """A JWKS in a file, read again when it changes. While it is missing or damaged, the keys that were read last count."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: _Keys | None = None
        self._seen: tuple[int, int, int] | None = None
        self._fault: str | None = None

    async def key(self, key_id: str) -> VerificationKey | None:
        """The key with this id, or None. Raises Unavailable while the file was never readable."""
        self._read_if_changed()
        if self._keys is None:
            raise _unavailable()
        return self._keys.get(key_id)

    async def run(self) -> None:
        """Report a file that cannot be used when the desk starts."""
        self._read_if_changed()

    def _read_if_changed(self) -> None:
        try:
            about = os.stat(self._path)
            seen = (about.st_mtime_ns, about.st_size, about.st_ino)
            if seen == self._seen:
                return
            with self._path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
            keys = read_key_set(content)
        except OSError as error:
            self._report(error.strerror or type(error).__name__)
            return
        except KeySetError as error:
            self._report(str(error))
            return
        self._keys, self._seen, self._fault = keys, seen, None
        logger.info("identity.keys_read", keys=len(keys))

    def _report(self, fault: str) -> None:
        self._seen = None
        if fault != self._fault:
            logger.error("identity.keys_refused", why=fault, kept=len(self._keys or ()))
        self._fault = fault


class KeyAddress:
    """A JWKS at an address. Redirects are not followed."""

    def __init__(self, address: str, http: aiohttp.ClientSession, now: Callable[[], dt.datetime]) -> None:
        self._address, self._http, self._now = address, http, now
        self._keys: _Keys = {}
        self._read_at: dt.datetime | None = None
        self._asked_at: dt.datetime | None = None
        self._asking = asyncio.Lock()

    async def key(self, key_id: str) -> VerificationKey | None:
        """The key with this id, or None. Raises Unavailable while no keys, or only outdated ones, could be read."""
        if not self._counts() or key_id not in self._keys:
            await self._refresh(_ASK_AGAIN_SECONDS)
        if not self._counts():
            raise _unavailable()
        return self._keys.get(key_id)

    async def run(self) -> None:
        """Read the keys now and then, until cancelled."""
        where = urlsplit(self._address)
        if where.scheme == "http" and where.hostname not in ("localhost", "127.0.0.1", "::1"):
            logger.warning("identity.insecure_address")
        while True:
            await self._refresh(_ASK_AGAIN_SECONDS)
            await asyncio.sleep(_REFRESH_SECONDS if self._counts() else _ASK_AGAIN_SECONDS)

    def _counts(self) -> bool:
        return self._read_at is not None and self._now() - self._read_at < _LONGEST

    def _may_ask(self, after_seconds: float) -> bool:
        return self._asked_at is None or self._now() - self._asked_at >= dt.timedelta(seconds=after_seconds)

    async def _refresh(self, after_seconds: float) -> None:
        """Ask the address, unless somebody did lately. Whoever comes meanwhile waits for the same answer."""
        if not self._may_ask(after_seconds) and not self._asking.locked():
            return
        async with self._asking:
            if not self._may_ask(after_seconds):
                return
            self._asked_at = self._now()
            try:
                keys = read_key_set(await self._ask())
            except KeySetError as error:
                logger.error("identity.keys_refused", why=str(error), kept=len(self._keys))
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                logger.error("identity.keys_unreachable", why=type(error).__name__, kept=len(self._keys))
            else:
                if keys.keys() != self._keys.keys():
                    logger.info("identity.keys_read", keys=len(keys))
                self._keys, self._read_at = keys, self._now()

    async def _ask(self) -> bytes:
        content = bytearray()
        async with self._http.get(self._address, timeout=_TIMEOUT, allow_redirects=False) as answer:
            if answer.status != 200:
                raise KeySetError(f"the address answered {answer.status}")
            async for chunk in answer.content.iter_any():
                content += chunk
                if len(content) > MOST_BYTES:
                    break  # `read_key_set` says why it is refused
        return bytes(content)


def key_source(where: str, http: aiohttp.ClientSession, now: Callable[[], dt.datetime]) -> KeySource:
    """The keys of the setting IDENTITY_JWKS: an http(s) address, or a file; empty: no keys."""
    if not where:
        return NoKeys()
    if where.startswith(("https://", "http://")):
        return KeyAddress(where, http, now)
    return KeyFile(Path(where))


def _unavailable() -> Unavailable:
    return Unavailable(
        "identity_unavailable",
        "暂时无法核实您的登录身份，请稍后再试，或先不登录直接咨询。",
        "Your sign-in cannot be checked right now. Please try again, or go on without signing in.",
    )
