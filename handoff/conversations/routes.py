"""The customer's API (docs/contracts.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from handoff.accounts.agents import Agent, check_takes_conversations
from handoff.accounts.security import bearer_token, customer_token, origin_of, proof_of_identity, signed_in
from handoff.conversations.schemas import (
    Cancel,
    ChooseLanguage,
    HasRead,
    OpenConversation,
    PostMessage,
    ProveIdentity,
    Rate,
    Typing,
)
from handoff.conversations.services import ConversationServices, CustomerServices, services_of
from handoff.conversations.state import CHOICE_HUMAN
from handoff.conversations.streams import long_poll, stream_conversation
from handoff.runtime.addresses import address_of
from handoff.runtime.errors import BadInput, NotAllowed, NotFound, TooMany
from handoff.runtime.limits.limits import Streams
from handoff.runtime.streams import resume_after, wants_stream

router = APIRouter(prefix="/api/conversations")

MAX_WAIT_SECONDS = 30.0
#: PostgreSQL's bigint.
Seq = Annotated[int, Query(ge=0, le=2**63 - 1)]


@router.post("", status_code=201)
async def open_conversation(
    request: Request, services: CustomerServices, body: OpenConversation | None = None
) -> dict[str, Any]:
    """A new conversation, and the token for everything that follows. With a proof of identity it is that customer's."""
    await services.limits.open_conversation(address_of(request))
    proof = proof_of_identity(request, body.identity if body else None)
    signed = await services.proofs.check(proof) if proof is not None else None
    conversation_id, token = await services.customers.open_conversation(
        body.locale if body else None, body.channel if body else None, origin_of(request), signed
    )
    services.limits.opened_conversation(conversation_id, token)
    opened: dict[str, Any] = {"id": conversation_id, "token": token}
    if signed is not None:
        opened["identity"] = {"subject": signed.subject, "assurance": signed.assurance}
    return opened


@router.post("/{conversation_id}/identity")
async def prove_identity(
    conversation_id: str, body: ProveIdentity, request: Request, services: CustomerServices
) -> dict[str, Any]:
    """Join the conversation to the customer of a proof, or renew the proof."""
    token = customer_token(request)
    await limit_writing(request, conversation_id)
    with given_back_to_strangers(request, "messages"):
        signed = await services.proofs.check(body.identity)
        await services.customers.identify(conversation_id, token, signed)
    return {"identity": {"subject": signed.subject, "assurance": signed.assurance}}


@router.post("/{conversation_id}/messages")
async def post_message(conversation_id: str, body: PostMessage, request: Request, services: CustomerServices) -> JSONResponse:
    """A customer's message (bearer token) or an agent's (session): 201 when stored, 200 when it was stored before."""
    token = bearer_token(request)
    if token is None and request.cookies:
        seq, is_new = await _post_as_agent(conversation_id, body, await signed_in(request), services)
    else:
        token = customer_token(request)
        await limit_writing(request, conversation_id)
        if body.choice == CHOICE_HUMAN:
            await services.limits.request_handoff(address_of(request))
        with given_back_to_strangers(request, "messages"):
            seq, is_new = await services.customers.write(
                conversation_id, token, body.client_message_id, body.text, body.choice, is_suggested=body.suggested
            )
    return JSONResponse({"seq": seq}, status_code=201 if is_new else 200)


async def limit_writing(request: Request, conversation_id: str) -> None:
    """For everything that adds to a conversation's log. Raises TooMany; NotAllowed without a token.

    A customer who waits for a person or talks to one can write although others have used up the limit of the address.
    """
    services, token = services_of(request), customer_token(request)
    try:
        await services.limits.write(address_of(request), conversation_id, token)
    except TooMany:
        if not await services.customers.waits_for_people(conversation_id, token):
            raise
        await services.limits.write_in_need(conversation_id, token)


@contextmanager
def given_back_to_strangers(request: Request, what: str) -> Iterator[None]:
    """Give the room of the address back when the conversation is unknown or the token wrong."""
    try:
        yield
    except (NotAllowed, NotFound):
        services_of(request).limits.give_back(address_of(request), what)
        raise


async def _post_as_agent(
    conversation_id: str, body: PostMessage, agent: Agent, services: ConversationServices
) -> tuple[int, bool]:
    check_takes_conversations(agent)
    if body.text is None:
        raise BadInput("empty_text", "请输入内容。", "The message is empty.")
    return await services.agent_desk.write(agent, conversation_id, body.client_message_id, body.text, body.seen_seq)


@router.get("/{conversation_id}/events")
async def read_events(
    conversation_id: str,
    request: Request,
    services: CustomerServices,
    after: Seq = 0,
    wait: Annotated[float, Query(ge=0, allow_inf_nan=False)] = 0,
) -> Response:
    """The log after a sequence number: at once, after waiting for something, or as a stream."""
    token, after = customer_token(request), resume_after(request, after)
    is_stream = wants_stream(request)
    if is_stream or wait > 0:
        streams = await services.limits.open_stream(address_of(request), conversation_id, token)
    else:
        streams = Streams(lambda: None)
    try:
        if is_stream:
            await services.customers.status(conversation_id, token)  # refuse before the stream begins
            return stream_conversation(services, conversation_id, token, after, streams)
        events = await long_poll(services, conversation_id, token, after, min(wait, MAX_WAIT_SECONDS))
    except BaseException:
        streams.close()
        raise
    streams.close()
    return JSONResponse({"events": events}, headers={"Cache-Control": "no-store"})


@router.get("/{conversation_id}")
async def read_status(conversation_id: str, request: Request, services: CustomerServices) -> dict[str, Any]:
    """Where the conversation stands."""
    return await services.customers.status(conversation_id, customer_token(request))


@router.post("/{conversation_id}/handoff")
async def request_handoff(conversation_id: str, request: Request, services: CustomerServices) -> dict[str, Any]:
    """Bring me a person."""
    await services.limits.request_handoff(address_of(request))
    with given_back_to_strangers(request, "handoffs"):
        return await services.customers.request_handoff(conversation_id, customer_token(request))


@router.post("/{conversation_id}/cancel")
async def cancel_handoff(
    conversation_id: str, request: Request, services: CustomerServices, body: Cancel | None = None
) -> dict[str, Any]:
    """No person after all."""
    await limit_writing(request, conversation_id)
    is_confirmed = body.confirm if body else False
    return await services.customers.cancel_handoff(conversation_id, customer_token(request), is_confirmed=is_confirmed)


@router.post("/{conversation_id}/cancel/undo")
async def undo_cancel(conversation_id: str, request: Request, services: CustomerServices) -> dict[str, Any]:
    """A person all the same, at the old place."""
    await services.limits.request_handoff(address_of(request))
    with given_back_to_strangers(request, "handoffs"):
        return await services.customers.undo_cancel(conversation_id, customer_token(request))


@router.post("/{conversation_id}/rating", status_code=201)
async def rate(conversation_id: str, body: Rate, request: Request, services: CustomerServices) -> dict[str, int]:
    """How it was, from 1 to 5."""
    await limit_writing(request, conversation_id)
    return {"seq": await services.customers.rate(conversation_id, customer_token(request), body.score, body.comment)}


@router.put("/{conversation_id}/locale")
async def choose_language(
    conversation_id: str, body: ChooseLanguage, request: Request, services: CustomerServices
) -> dict[str, Any]:
    """Continue in another language."""
    await limit_writing(request, conversation_id)
    return await services.customers.choose_language(conversation_id, customer_token(request), body.locale)


@router.post("/{conversation_id}/typing", status_code=204)
async def types(conversation_id: str, body: Typing, request: Request, services: CustomerServices) -> None:
    """The customer types, or stopped. The page repeats it every 5 seconds while keys are pressed."""
    token = customer_token(request)
    await services.limits.sign(address_of(request), conversation_id, token)
    await services.customers.types(conversation_id, token, is_typing=body.is_typing)


@router.post("/{conversation_id}/read", status_code=204)
async def has_read(conversation_id: str, body: HasRead, request: Request, services: CustomerServices) -> None:
    """The customer has the log on the screen, up to a sequence number."""
    token = customer_token(request)
    await services.limits.sign(address_of(request), conversation_id, token)
    await services.customers.has_read(conversation_id, token, body.seq)
