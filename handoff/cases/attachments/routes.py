"""The API of pictures (docs/contracts.md)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import TypeAdapter, ValidationError

from handoff.accounts.security import ConversationAgent, customer_token
from handoff.cases.attachments.services import DeskServices
from handoff.cases.attachments.store import StoredPicture
from handoff.cases.attachments.upload import uploaded
from handoff.conversations.schemas import MessageId
from handoff.runtime.addresses import address_of
from handoff.runtime.errors import BadInput

router = APIRouter(prefix="/api")

_MESSAGE_ID: TypeAdapter[str] = TypeAdapter(MessageId)
_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg"}
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@router.post("/conversations/{conversation_id}/attachments", status_code=201)
async def attach(conversation_id: str, request: Request, services: DeskServices) -> JSONResponse:
    """One picture as a form with one file: 201 when stored, 200 when the same `client_attachment_id` stored it before."""
    token = customer_token(request)
    # Who sends, and whether there is room, is known before the first byte of the file is read.
    await services.attachments.check(conversation_id, token)
    await services.limits.attach(address_of(request), conversation_id, token)
    async with uploaded(request, services.policy.attachments.megabytes) as upload:
        client_id = _checked(upload.fields.get("client_attachment_id"))
        attachment_id, is_new = await services.attachments.add(conversation_id, token, upload.file, client_id)
    return JSONResponse({"attachment_id": attachment_id}, status_code=201 if is_new else 200)


@router.get("/conversations/{conversation_id}/attachments/{attachment_id}")
async def read_own(conversation_id: str, attachment_id: str, request: Request, services: DeskServices) -> Response:
    """The customer's own picture."""
    return _shown(await services.attachments.for_customer(conversation_id, customer_token(request), attachment_id))


@router.get("/attachments/{attachment_id}")
async def read_for_agent(attachment_id: str, agent: ConversationAgent, services: DeskServices) -> Response:
    """A picture of a conversation that the agent may read."""
    return _shown(await services.attachments.for_agent(agent, attachment_id))


def _checked(client_id: str | None) -> str | None:
    try:
        return None if client_id is None else _MESSAGE_ID.validate_python(client_id)
    except ValidationError as error:
        zh, en = "请求不正确：client_attachment_id。", "client_attachment_id is not an id."
        raise BadInput("bad_request", zh, en, field="client_attachment_id") from error


def _shown(picture: StoredPicture) -> Response:
    """Never a page of this site: a browser saves it, or shows it inside of a page that asks for a picture."""
    name = f"picture-{picture.attachment_id}.{_SUFFIXES[picture.media_type]}"
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(picture.body, media_type=picture.media_type, headers=headers)
