"""`GET /demo/identity`: a proof of identity for any customer, in demo mode only."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from handoff.accounts.identity.demo_signer import DemoSigner
from handoff.runtime.addresses import address_of
from handoff.runtime.errors import NotFound
from handoff.runtime.limits.limits import Limits

router = APIRouter()


class DemoIdentityServices(Protocol):
    """The services that this route uses."""

    @property
    def demo_signer(self) -> DemoSigner | None:
        """Signs proofs in demo mode; None otherwise."""

    @property
    def limits(self) -> Limits:
        """Rate limits."""


async def _services(request: Request) -> Any:
    return request.app.state.services


@router.get("/demo/identity")
async def demo_identity(
    request: Request,
    services: Annotated[DemoIdentityServices, Depends(_services)],
    subject: Annotated[str, Query(max_length=100)] = "u-1001",
    assurance: Annotated[int, Query(ge=0, le=3)] = 2,
    seconds: Annotated[int, Query(ge=1, le=86_400)] = 3600,
    name: Annotated[str | None, Query(max_length=60)] = None,
    phone_last: Annotated[str | None, Query(pattern="^[0-9]{2,4}$")] = None,
    lang: Annotated[str | None, Query(max_length=20)] = None,
) -> JSONResponse:
    """A proof, as the wallet's app would sign it."""
    signer = services.demo_signer
    if signer is None:
        raise NotFound("not_found", "没有这个地址。", "There is nothing at this address.")
    await services.limits.identify(address_of(request))
    identity = signer.sign(subject, assurance, seconds, name, phone_last, lang)
    return JSONResponse({"identity": identity}, headers={"Cache-Control": "no-store"})
