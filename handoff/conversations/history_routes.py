"""The routes by which customers come back (docs/contracts.md)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from handoff.accounts.identity.proof import SignedCustomer, invalid_identity
from handoff.accounts.security import customer_token, proof_of_identity
from handoff.conversations.routes import given_back_to_strangers, limit_writing
from handoff.conversations.schemas import ComeBack
from handoff.conversations.services import CustomerServices, services_of
from handoff.runtime.addresses import address_of

router = APIRouter(prefix="/api")

_NOT_STORED = {"Cache-Control": "no-store"}


async def _signed(request: Request) -> SignedCustomer:
    """The customer of the request's proof. Raises NotAllowed, TooMany, Unavailable."""
    services = services_of(request)
    await services.limits.identify(address_of(request))
    proof = proof_of_identity(request)
    if proof is None:
        raise invalid_identity("authorization")
    return await services.proofs.check(proof)


@router.get("/customer/conversations")
async def read_history(request: Request, services: CustomerServices) -> JSONResponse:
    """The conversations of a signed customer, on whatever device they began."""
    found = await services.histories.of_customer(await _signed(request))
    return JSONResponse({"conversations": found}, headers=_NOT_STORED)


@router.post("/customer/conversations/{conversation_id}/token", status_code=201)
async def join_on_device(conversation_id: str, request: Request, services: CustomerServices) -> JSONResponse:
    """A token for this device; the tokens of other devices go on counting."""
    token = await services.histories.join_on_device(conversation_id, await _signed(request))
    return JSONResponse({"token": token}, status_code=201, headers=_NOT_STORED)


@router.post("/conversations/return")
async def come_back(body: ComeBack, request: Request, services: CustomerServices) -> JSONResponse:
    """The conversation that a code leads back to, and a token for this device."""
    async with services.limits.try_code(address_of(request)):
        conversation_id, token = await services.histories.come_back(body.code)
    return JSONResponse({"id": conversation_id, "token": token}, headers=_NOT_STORED)


@router.post("/conversations/{conversation_id}/return-code", status_code=201)
async def make_return_code(conversation_id: str, request: Request, services: CustomerServices) -> JSONResponse:
    """A code to return by, shown once."""
    token = customer_token(request)
    await limit_writing(request, conversation_id)
    with given_back_to_strangers(request, "messages"):
        code, expires_at = await services.histories.make_return_code(conversation_id, token)
    content: dict[str, Any] = {"code": code, "expires_at": expires_at.isoformat()}
    return JSONResponse(content, status_code=201, headers=_NOT_STORED)
