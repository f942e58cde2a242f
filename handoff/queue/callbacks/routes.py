"""The routes of call-backs (docs/contracts.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from handoff.accounts.security import ConversationAgent, customer_token
from handoff.conversations.routes import given_back_to_strangers, limit_writing
from handoff.queue.callbacks.desk import CallbackDesk
from handoff.queue.callbacks.numbers import phone_number
from handoff.runtime.addresses import address_of
from handoff.runtime.limits.limits import Limits
from handoff.runtime.schemas import Body, Text

router = APIRouter(prefix="/api")

CallbackId = Annotated[str, Path(max_length=32, pattern=r"^[0-9a-f]+$")]


class RequestCallback(Body):
    """`POST .../callback`. `slot`: the id of an offered slot."""

    phone: Annotated[Text, Field(max_length=40)]
    slot: Annotated[Text, Field(max_length=40)]


class ConfirmCallback(Body):
    """`POST .../callback/confirm`."""

    code: Annotated[Text, Field(max_length=20)]


class ShowPhone(Body):
    """`POST /api/callbacks/{id}/phone`."""

    reason: Annotated[Text, Field(min_length=2, max_length=200)]


class EndCallback(Body):
    """`POST /api/callbacks/{id}/end`."""

    how: Literal["done", "missed"]


class CallbackServices(Protocol):
    """The services that these routes use."""

    @property
    def callbacks(self) -> CallbackDesk:
        """Call-backs."""

    @property
    def limits(self) -> Limits:
        """Rate limits."""


async def _services(request: Request) -> Any:
    return request.app.state.services


Services = Annotated[CallbackServices, Depends(_services)]


@router.get("/conversations/{conversation_id}/callback-slots")
async def read_slots(conversation_id: str, request: Request, services: Services) -> dict[str, Any]:
    """The times at which a customer can be called."""
    return await services.callbacks.slots(conversation_id, customer_token(request))


@router.post("/conversations/{conversation_id}/callback", status_code=202)
async def request_callback(conversation_id: str, body: RequestCallback, request: Request, services: Services) -> JSONResponse:
    """Send a code to the customer's number."""
    token = customer_token(request)
    await limit_writing(request, conversation_id)
    number = phone_number(body.phone)
    with given_back_to_strangers(request, "messages"):
        await services.callbacks.check_offer(conversation_id, token, body.slot)
        await services.limits.send_code(address_of(request), number)
        answer = await services.callbacks.request(conversation_id, token, number, body.slot)
    return JSONResponse(answer, status_code=202, headers={"Cache-Control": "no-store"})


@router.post("/conversations/{conversation_id}/callback/confirm")
async def confirm_callback(conversation_id: str, body: ConfirmCallback, request: Request, services: Services) -> dict[str, Any]:
    """The code came: book the call-back."""
    token = customer_token(request)
    await limit_writing(request, conversation_id)
    with given_back_to_strangers(request, "messages"):
        return await services.callbacks.confirm(conversation_id, token, body.code.strip())


@router.post("/conversations/{conversation_id}/callback/cancel", status_code=204)
async def cancel_callback(conversation_id: str, request: Request, services: Services) -> Response:
    """No call-back any more."""
    token = customer_token(request)
    await limit_writing(request, conversation_id)
    with given_back_to_strangers(request, "messages"):
        await services.callbacks.cancel(conversation_id, token)
    return Response(status_code=204)


@router.get("/callbacks")
async def list_callbacks(agent: ConversationAgent, services: Services) -> dict[str, Any]:
    """The call-backs that are owed."""
    return {"callbacks": await services.callbacks.owed()}


@router.post("/callbacks/{callback_id}/phone")
async def show_phone(callback_id: CallbackId, body: ShowPhone, agent: ConversationAgent, services: Services) -> JSONResponse:
    """The whole number, for a reason that stands in the log."""
    phone = await services.callbacks.show_phone(agent, callback_id, body.reason)
    return JSONResponse({"phone": phone}, headers={"Cache-Control": "no-store"})


@router.post("/callbacks/{callback_id}/end", status_code=204)
async def end_callback(callback_id: CallbackId, body: EndCallback, agent: ConversationAgent, services: Services) -> Response:
    """The agent called."""
    await services.callbacks.end(agent, callback_id, body.how)
    return Response(status_code=204)
