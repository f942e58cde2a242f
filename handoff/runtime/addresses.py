"""Client addresses."""

from __future__ import annotations

import ipaddress
import time

import structlog
from fastapi import Request

logger = structlog.get_logger(__name__)

#: A provider gives an IPv6 network of this size to one customer, who can use any address in it.
_IPV6_NETWORK = 64
_WARN_SECONDS = 600.0
_warned_at = -_WARN_SECONDS


def network_of(host: str) -> str:
    """The key for rate limits: an IPv4 address, an IPv6 /64, or "unknown" for anything else (a Unix socket)."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
        address = address.ipv4_mapped
    return str(address)


def address_of(request: Request) -> str:
    """The client's address. Uvicorn has applied X-Forwarded-For if the request came from FORWARDED_ALLOW_IPS."""
    host = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for")
    if forwarded is not None and host not in forwarded:
        _warn_of_proxy()
    return network_of(host)


def _warn_of_proxy() -> None:
    """Warn once: behind an untrusted proxy all customers share one address and its limits."""
    global _warned_at
    if time.monotonic() - _warned_at >= _WARN_SECONDS:
        _warned_at = time.monotonic()
        logger.warning("proxy.not_trusted")
