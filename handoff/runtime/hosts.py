"""Host names that the desk accepts.

A malicious page whose name resolves to this machine (DNS rebinding) could call the desk from a visitor's browser. Its
requests carry the attacker's name in `Host`; they are rejected before any other code reads them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from handoff.runtime.errors import NotAllowed
from handoff.runtime.http_errors import error_response

logger = structlog.get_logger(__name__)

_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::([0-9]{1,5}))?")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class HostNameError(ValueError):
    """An invalid name in DESK_HOSTS."""


def _address(name: str) -> _Address | None:
    try:
        return ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return None


def is_loopback(name: str) -> bool:
    """Whether a host name or address always means this machine: `localhost`, 127.0.0.0/8, `::1`."""
    address = _address(name)
    return name.lower() == "localhost" if address is None else address.is_loopback


class AllowedHosts:
    """Loopback names, the address on which the desk listens, and the operator's names.

    `listen`: DESK_HOST. `names`: DESK_HOSTS, each `name`, `name:port` or `*.name` (all subdomains). Raises HostNameError.
    """

    def __init__(self, listen: str, names: Iterable[str] = ()) -> None:
        self._names: set[tuple[str, str | None]] = set()
        self._below: set[tuple[str, str | None]] = set()
        address = _address(listen)
        if address is None or not address.is_unspecified:
            names = [*names, f"[{listen}]" if ":" in listen else listen]
        for name in names:
            given = name.strip().lower()
            if not given:
                continue
            found = _HOST.fullmatch(given.removeprefix("*."))
            if found is None:
                raise HostNameError(f"{name!r} is no host name, name:port or *.name")
            (self._below if given.startswith("*.") else self._names).add((found[1], found[2]))

    def allows(self, host: str, local: str | None = None) -> bool:
        """Whether a `Host` header is accepted. `local`: the address at which the connection arrived.

        That address is accepted too: health checks of a pod send it, and a rebinding page always sends a name.
        """
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return False
        name, port = found[1], found[2]
        if is_loopback(name):
            return True
        address = _address(name)
        if address is not None and local is not None and address == _address(local):
            return True
        if (name, None) in self._names or (name, port) in self._names:
            return True
        parents = [name[dot + 1 :] for dot, character in enumerate(name) if character == "."]
        return any((parent, each) in self._below for parent in parents for each in (None, port))


class HostCheck:
    """Rejects foreign host names with 421 on every route."""

    def __init__(self, app: ASGIApp, allowed: AllowedHosts) -> None:
        self._app, self._allowed = app, allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if its `Host` is accepted."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        hosts = Headers(scope=scope).getlist("host")
        local = scope.get("server")
        if len(hosts) == 1 and self._allowed.allows(hosts[0], local[0] if local else None):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        refused = NotAllowed("wrong_host", "请求的主机名不正确。", "This is not a name of this server.", status=421)
        logger.warning("request.refused", code=refused.code, method=scope["method"], route="none")
        await error_response(Request(scope), refused)(scope, receive, send)
