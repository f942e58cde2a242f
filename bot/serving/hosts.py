"""Rejects requests of browsers to Rasa and the action server, which only the desk and these two servers call.

A malicious page can send requests to this machine in two ways: under its own name that resolves to this machine (DNS
rebinding), or from its own site (rasa-sdk allows every origin by CORS). The first has a foreign name in `Host`, the second an
`Origin` header, which the desk and Rasa do not send.
"""

from __future__ import annotations

import ipaddress
import os
import re
from typing import FrozenSet, Optional

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::[0-9]{1,5})?")


def names_from_environment() -> FrozenSet[str]:
    """BOT_HOSTS: additional names, besides loopback names, of Rasa and the action server, separated by commas."""
    return frozenset(name.strip().lower() for name in os.environ.get("BOT_HOSTS", "").split(",") if name.strip())


def is_allowed(host: str, names: FrozenSet[str], local: Optional[str]) -> bool:
    """Whether a `Host` header names this server: a loopback name, the address of the connection itself, or one of `names`."""
    found = _HOST.fullmatch(host.lower())
    if found is None:
        return False
    name = found[1]
    if name == "localhost" or name in names:
        return True
    try:
        address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return address.is_loopback or (local is not None and address == ipaddress.ip_address(local))


def keep_browsers_away(app: Sanic, names: Optional[FrozenSet[str]] = None) -> None:
    """Reject foreign `Host` names (421) and every request with an `Origin` (403) on all routes of a server.

    `names`: the allowed names; by default those of BOT_HOSTS.
    """
    allowed = names_from_environment() if names is None else names

    async def check(request: Request) -> Optional[HTTPResponse]:
        hosts = request.headers.getall("host", [])
        if len(hosts) != 1 or not is_allowed(hosts[0], allowed, _local_address(request)):
            return _refusal(421, "wrong_host", "this is not a name of this server (BOT_HOSTS)")
        if "origin" in request.headers:
            return _refusal(403, "wrong_origin", "not for pages in a browser")
        return None

    app.register_middleware(check, "request")


def _local_address(request: Request) -> Optional[str]:
    """The local address of the connection; None for a Unix socket."""
    found = request.transport.get_extra_info("sockname") if request.transport is not None else None
    return str(found[0]) if isinstance(found, tuple) else None


def _refusal(status: int, code: str, message: str) -> HTTPResponse:
    return json({"error": {"code": code, "message": message}}, status=status)
